"""An invented run with what a report must cope with: every outcome, text that tries to get out, and a lost cell."""

import hashlib
from pathlib import Path

from harness.core.endpoint import EvidenceClass
from harness.core.results import Cell, CheckInfo, Evidence, Outcome, Result, Run, TargetRecord

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
    """The run as a value."""
    said = " ".join(text for _, text in HOSTILE)
    evidence = Evidence("evidence/specimen/server.log", hashlib.sha256(_LOG).hexdigest(), "log", said)
    results = tuple(
        Result(
            Cell("specimen", f"CHK-{outcome}", "h264_hp41"),
            outcome,
            f"{outcome}: {said}",
            {"kind": "Told", "text": said, "frames": [0, 1, 2]},
            EvidenceClass.SELF_TEST,
            _STARTED,
            1.25,
            notes=(said,),
            evidence=(evidence,),
        )
        for outcome in Outcome
    )
    return Run(
        run_id="20260101T000000Z-000000",
        started=_STARTED,
        command=("pytest --pacs=specimen",),
        planned=(*(one.cell.id for one in results), "specimen--h264_hp41--CHK-LOST"),
        environment={"system": "Linux"},
        tools={"harness": {"version": "0"}},
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
        conclusion="NOT MET",
    )


def write_evidence(folder: Path) -> None:
    """Write the files that the run names into its folder."""
    path = folder / "evidence" / "specimen" / "server.log"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_LOG)
