"""An invented run with what a report must cope with: every outcome, text that tries to get out, and a lost cell."""

import hashlib
from dataclasses import replace
from pathlib import Path

import harness
from harness.core.conclusion import run_verdict
from harness.core.endpoint import EvidenceClass
from harness.core.exchange import Ending, Exchange
from harness.core.observations import Broke, EchoSeen, NotMade, NotOffered, Observation, Refused
from harness.core.plain import to_plain
from harness.core.results import Cell, CheckInfo, Evidence, Outcome, Result, Run, TargetRecord
from harness.core.verdicts import judge

#: Texts of a PACS that must not become more than text, each with what must not be found as it is in a page.
HOSTILE: tuple[tuple[str, str], ...] = (
    ("markup", "<script>alert('pacs')</script>"),
    ("attribute", '"><img src=x onerror=alert(1)>'),
    ("control characters", "\x1b[31m\x07\x00"),
    ("direction", "\u202etxt.exe"),
)
_STARTED, _FINISHED = "2026-01-01T00:00:00.000Z", "2026-01-01T00:05:00.000Z"
_LOG = b"started\nstopped\n"


def specimen() -> Run:
    """The run as a value, each of its results judged as a run does it."""
    said = " ".join(text for _, text in HOSTILE)
    evidence = Evidence("evidence/specimen/server.log", hashlib.sha256(_LOG).hexdigest(), "log", said)
    results = tuple(_result(outcome, seen, said, evidence) for outcome, seen in _observations(said).items())
    run = _run(results, said, evidence)
    return replace(run, conclusion=run_verdict(run).verdict.label)


def _observations(said: str) -> dict[Outcome, Observation]:
    """What comes to each outcome; ``said`` are the words of the PACS."""
    echo = Exchange("C-ECHO", Ending.ANSWERED, status=0)
    return {
        Outcome.PASS: EchoSeen(echo),
        Outcome.FAIL: EchoSeen(replace(echo, status=0xC000, detail=said)),
        Outcome.UNSUPPORTED: Refused(replace(echo, ending=Ending.REFUSED, status=None, detail=said)),
        Outcome.INCONCLUSIVE: EchoSeen(replace(echo, ending=Ending.UNREACHABLE, status=None, detail=said)),
        Outcome.NOT_APPLICABLE: NotOffered(said, replace(echo, ending=Ending.REFUSED, status=None)),
        Outcome.NOT_RUN: NotMade(said),
        Outcome.ERROR: Broke("call", said),
    }


def _result(outcome: Outcome, seen: Observation, said: str, evidence: Evidence) -> Result:
    verdict = judge(seen)
    cell = Cell("specimen", f"CHK-{outcome}", "h264_hp41")
    return Result(
        cell,
        verdict.outcome,
        verdict.reason,
        to_plain(seen),
        EvidenceClass.SELF_TEST,
        _STARTED,
        1.25,
        notes=(*verdict.notes, said),
        evidence=(evidence,),
    )


def _run(results: tuple[Result, ...], said: str, evidence: Evidence) -> Run:
    return Run(
        run_id="20260101T000000Z-000000",
        started=_STARTED,
        command=("pytest --pacs=specimen",),
        planned=(*(one.cell.id for one in results), "specimen--h264_hp41--CHK-LOST"),
        environment={"system": "Linux"},
        tools={"harness": {"version": harness.__version__}},
        formats={"h264_hp41": {"name": "H.264 HP@4.1", "uid": "1.2.840.10008.1.2.4.102", "twin_of": None}},
        checks=tuple(
            CheckInfo(f"CHK-{outcome}", "retrieve", "Is it kept?", "the same bytes", "SHALL", "PS3.4 C.4.3", ())
            for outcome in Outcome
        ),
        results=results,
        targets=(
            TargetRecord(
                "specimen",
                said,
                said,
                "embedded",
                EvidenceClass.SELF_TEST,
                "nowhere",
                details={said: said},
                evidence=(evidence,),
            ),
        ),
        clips={"h264_hp41": {"sha256": "00" * 32, "size": 700123}},
        finished=_FINISHED,
    )


def write_evidence(folder: Path) -> None:
    """Write the files that the run names into its folder."""
    path = folder / "evidence" / "specimen" / "server.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_LOG)
