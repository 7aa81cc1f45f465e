"""A record is held against its own observations, and every verdict that does not follow from them is named."""

from dataclasses import replace

import pytest

from harness.core.conclusion import run_verdict
from harness.core.endpoint import EvidenceClass
from harness.core.exchange import Ending, Exchange
from harness.core.observations import Broke, EchoSeen, StoreSeen
from harness.core.plain import to_plain
from harness.core.protocol import make_protocol
from harness.core.requirements import Kind, Level, Requirement
from harness.core.results import Cell, CheckInfo, Outcome, Result, Run, TargetRecord
from harness.core.verdicts import judge
from harness.core.verification.rejudge import Disagreement, disagreements

SEEN = {
    "ASC-ECHO": EchoSeen(Exchange("C-ECHO", Ending.ANSWERED, status=0)),
    "STO-ACK": StoreSeen(Exchange("C-STORE", Ending.ANSWERED, status=0xB000)),
    "STO-LATE": Broke("call", "disk full"),
}


def recorded(check, observation) -> Result:
    verdict = judge(observation)
    return Result(
        Cell("orthanc", check, "mpeg2_ml"),
        verdict.outcome,
        verdict.reason,
        to_plain(observation),
        EvidenceClass.MEASURED,
        "2026-11-22T10:00:00Z",
        1.0,
        verdict.notes,
    )


@pytest.fixture
def run() -> Run:
    results = tuple(recorded(check, seen) for check, seen in SEEN.items())
    target = TargetRecord("orthanc", "Orthanc", "1.12.7", "container", EvidenceClass.MEASURED, "here")
    planned = tuple(one.cell.id for one in results)
    made = Run("run-1", "2026-11-22T10:00:00Z", ("pytest",), planned, {}, {}, {}, (), results=results)
    made = replace(made, targets=(target,), finished="2026-11-22T10:05:00Z")
    return replace(made, conclusion=run_verdict(made).verdict.label)


def with_store(run: Run, **change) -> Run:
    first, store, *rest = run.results
    return replace(run, results=(first, replace(store, **change), *rest))


def test_a_record_follows_from_its_observations(run: Run) -> None:
    assert disagreements(run) == ()


def test_notes_that_come_behind_those_of_the_rule_are_no_disagreement(run: Run) -> None:
    assert disagreements(with_store(run, notes=(*run.results[1].notes, "kept: returned.dcm"))) == ()


CELL = "orthanc--mpeg2_ml--STO-ACK"


@pytest.mark.parametrize(
    ("change", "what", "recorded", "recomputed"),
    [
        ({"outcome": Outcome.INCONCLUSIVE}, "outcome", "INCONCLUSIVE", "PASS"),
        ({"reason": "fine"}, "reason", "fine", "stored, with coercion announced: "),
        ({"notes": ("fine",)}, "notes", "fine", "answered with status 0xB000"),
        ({"evidence_class": EvidenceClass.EMULATED}, "evidence class", "EMULATED", "MEASURED"),
        ({"observation": to_plain(SEEN["STO-LATE"])}, "outcome", "PASS", "ERROR"),
        ({"observation": {"kind": "Smelled"}}, "observation", "'Smelled' is no observation", "can be judged"),
        (
            {"observation": {"kind": "QuerySeen", "exchange": to_plain(SEEN["ASC-ECHO"].exchange)}},
            "observation",
            "observation.level: missing",
            "can be judged",
        ),
    ],
)
def test_what_does_not_follow_is_named_by_its_cell(run: Run, change, what, recorded, recomputed) -> None:
    found = [one for one in disagreements(with_store(run, **change)) if one.what == what]
    assert [one.cell for one in found] == [CELL]
    assert recorded in found[0].recorded
    assert recomputed in found[0].recomputed


def test_an_observation_that_breaks_its_rule_is_named(run: Run) -> None:
    """Such as an expected value that the check always has, and that somebody took away."""
    broken = {
        "kind": "QuerySeen",
        "exchange": to_plain(SEEN["ASC-ECHO"].exchange),
        "level": "STUDY",
        "unique_key": "StudyInstanceUID",
        "expected": [],
        "required": [],
        "answers": [[]],
        "announced": False,
        "tries": 1,
    }
    (one,) = disagreements(with_store(run, observation=broken))
    assert (one.cell, one.recorded) == (CELL, "QuerySeen cannot be judged: KeyError")


def test_the_conclusion_is_held_against_the_results(run: Run) -> None:
    assert disagreements(replace(run, conclusion="MET")) == (Disagreement("", "conclusion", "MET", "NOT SHOWN"),)


REQUIREMENT = Requirement("R-ECHO", "It answers", Level.SHALL, "PS3.4 A.4", Kind.INTERFACE, ("ASC-ECHO",))
CHECK = CheckInfo("ASC-ECHO", "association", "C-ECHO is answered", "success", "SHALL", "PS3.4 A.4", ("R-ECHO",))


def test_the_protocol_is_the_one_of_its_hash(run: Run) -> None:
    protocol = make_protocol("PVT", "1", [CHECK], [REQUIREMENT])
    own = replace(CHECK, id="OWN-1")
    bound = replace(run, protocol=protocol, requirements=(REQUIREMENT,), checks=(CHECK, own))
    assert disagreements(bound) == ()
    for change in (
        {"requirements": (replace(REQUIREMENT, text="It answers soon"),)},
        {"protocol": replace(protocol, rule=("MET: always.",))},
        {"protocol": replace(protocol, sha256="0" * 64)},
    ):
        assert [one.what for one in disagreements(replace(bound, **change))] == ["SHA-256 of the protocol"]
    (one,) = disagreements(replace(bound, checks=(replace(CHECK, level="MAY"),)))
    assert one.what == "check ASC-ECHO"


def test_a_run_that_was_killed_has_no_conclusion(run: Run) -> None:
    assert disagreements(replace(run, finished="", conclusion="")) == ()


def test_a_server_of_ours_is_never_a_product(run: Run) -> None:
    claimed = EvidenceClass.MEASURED
    forged = replace(
        run,
        targets=tuple(replace(one, runtime="embedded", evidence_class=claimed) for one in run.targets),
        results=tuple(replace(one, evidence_class=claimed) for one in run.results),
    )
    assert any(one.recomputed == "SELF_TEST or EMULATED, by its runtime" for one in disagreements(forged))
