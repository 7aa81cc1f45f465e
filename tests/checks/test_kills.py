"""No check is trusted until a misbehaving PACS made it fail: the table of checks and the mutants that they catch."""

import os
from collections.abc import Iterator

import pytest

from harness.core.results import Outcome
from harness.plugin.bench import Bench
from harness.plugin.everycheck import every_check
from harness.plugin.qualification.asking import bench_for, verdict_of
from harness.plugin.qualification.needs import NEEDS
from harness.qualification.kills import KILLS
from harness.qualification.kills.association import TLS_KILLS
from harness.targets.embedded.mutants import MUTANTS
from tests.checks.kill_matrix import KILLED, SPARED

#: Checks that need a DICOMweb service, and how that misbehaves (tests/checks/test_kills_web.py).
WEB_KILLS = [
    ("RET-WADO", {"damage": True}),
    ("RET-WADO", {"cut": True}),
    ("RET-WADO", {"forgets": True}),
    ("STO-ACK", {"answer": (500, "text/plain", "")}),
    ("QRY-STUDY", {"forgets": True}),
    ("QRY-IMAGE", {"forgets": True}),
    ("SIZ-LADDER", {"damage": True}),
]


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The embedded PACS as the mutant named by the parameter, or well-behaved."""
    mutant = request.param
    folder = tmp_path_factory.mktemp("run")
    with bench_for(f"kills-{os.getpid()}-{mutant or 'none'}", folder, mutant=mutant) as bench:
        yield bench


@pytest.fixture
def can_be_asked(check_id: str) -> None:
    what, is_here = NEEDS.get(check_id, ("", lambda: True))
    if not is_here():
        pytest.skip(what)


def row_of(check_id: str, mutant: str, format_id: str | None, variant: str | None = None) -> tuple[str | None, ...]:
    return (mutant, check_id, format_id, variant)


@pytest.mark.parametrize(
    ("bench", "check_id", "format_id", "variant"),
    sorted((row_of(*row) for row in KILLS), key=lambda row: str(row[0])),
    indirect=["bench"],
)
@pytest.mark.usefixtures("can_be_asked")
def test_check_fails_on_its_mutant(request, record_property, bench, check_id, format_id, variant):
    verdict = verdict_of(bench, check_id, format_id, variant)
    assert verdict.outcome is Outcome.FAIL, verdict
    record_property(KILLED, f"{check_id} {request.node.callspec.params['bench']}")


@pytest.mark.parametrize(
    ("bench", "check_id", "format_id", "variant"),
    [(None, *row) for row in sorted({row_of(*row)[1:] for row in KILLS}, key=str)],
    indirect=["bench"],
)
@pytest.mark.usefixtures("can_be_asked")
def test_well_behaved_pacs_passes(record_property, bench, check_id, format_id, variant):
    verdict = verdict_of(bench, check_id, format_id, variant)
    assert verdict.outcome is Outcome.PASS, verdict
    assert not any("flaky" in note for note in verdict.notes)
    record_property(SPARED, check_id)


@pytest.mark.parametrize("bench", ["fails-queries"], indirect=True)
def test_query_that_fails_is_no_proof_that_nothing_was_left(bench):
    for asked in (("INT-CUT", None, "middle"), ("INT-STALL", None), ("ASC-ABORT", None)):
        verdict = verdict_of(bench, *asked)
        assert verdict.outcome is Outcome.INCONCLUSIVE, verdict
        assert "0xC000" in verdict.reason


@pytest.mark.parametrize("bench", ["fails-store"], indirect=True)
def test_refusal_of_a_wrong_object_says_nothing_where_a_right_one_is_refused_too(bench):
    verdict = verdict_of(bench, "STO-LABEL", None, "number-of-frames")
    assert verdict.outcome is Outcome.INCONCLUSIVE, verdict
    assert "the right object was refused too" in verdict.reason


def test_every_check_is_in_the_table():
    assert {row[0] for row in (*KILLS, *WEB_KILLS, *TLS_KILLS)} == set(every_check())


def test_every_mutant_is_in_the_table():
    assert {row[1] for row in (*KILLS, *TLS_KILLS)} == {mutant.name for mutant in MUTANTS}
