"""What a size came to, and where the ceiling is and whose."""

from dataclasses import replace

import pytest

from harness.core.endpoint import TargetState
from harness.core.exchange import Ending, Exchange
from harness.core.families.size import CeilingSeen, Cost, Limit, Rung, SizeSeen, limit_met
from harness.core.observations import Payload, PayloadSeen
from harness.core.results import Outcome
from harness.core.sizes import MIB
from harness.core.verdicts import judge

STORED = Exchange("C-STORE", Ending.ANSWERED, status=0, seconds=2.0)
GOT = Exchange("C-GET", Ending.ANSWERED, status=0, seconds=4.0)
SENT = Payload("1.2", "1.2.840.10008.1.2.4.102", 8 * MIB, "aa", "aa", 1)
SEEN = PayloadSeen("C-GET", STORED, GOT, 1, SENT, SENT)
COST = Cost(2.0, 4.0, 32 * MIB, 16 * MIB)
ALIVE = TargetState(alive=True)


def rung(size: int, outcome: Outcome = Outcome.PASS, limit: Limit | None = None) -> Rung:
    return Rung(size * MIB, outcome, "why", limit, COST)


def ceiling(*rungs: Rung) -> CeilingSeen:
    return CeilingSeen("h264_hp41", 256 * MIB, rungs)


def test_a_size_that_survives_tells_what_it_took():
    verdict = judge(SizeSeen(SEEN, COST, None))
    assert verdict.outcome is Outcome.PASS
    assert "stored in 2.0 s (4.0 MiB/s), returned in 4.0 s (2.0 MiB/s)" in verdict.reason
    assert "memory peak of the target 32MiB, of the harness 16MiB" in verdict.reason


def test_a_size_that_comes_back_changed_fails_and_tells_whose_limit_it_was():
    changed = replace(SEEN, returned=replace(SENT, sha256="bb", unpadded_sha256="bb"))
    verdict = judge(SizeSeen(changed, COST, Limit.CONTENT))
    assert verdict.outcome is Outcome.FAIL
    assert "did not keep the content" in verdict.reason


@pytest.mark.parametrize(
    ("stored", "fetched", "state", "limit"),
    [
        (STORED, GOT, TargetState(alive=False, out_of_memory=True), Limit.MEMORY),
        (STORED, GOT, TargetState(alive=False, exit_code=139), Limit.ENDED),
        (replace(STORED, status=0xA700), None, ALIVE, Limit.RESOURCES),
        (Exchange("STOW-RS", Ending.ANSWERED, status=507), None, ALIVE, Limit.RESOURCES),
        (Exchange("STOW-RS", Ending.ANSWERED, status=413), None, ALIVE, Limit.STATED),
        (replace(STORED, status=0xC000), None, ALIVE, Limit.STATED),
        (Exchange("C-STORE", Ending.REFUSED), None, ALIVE, Limit.STATED),
        (Exchange("C-STORE", Ending.TIMED_OUT), None, ALIVE, Limit.TIME),
        (STORED, Exchange("C-GET", Ending.ABORTED), ALIVE, Limit.CONNECTION),
        (STORED, GOT, ALIVE, Limit.CONTENT),
    ],
)
def test_the_limit_is_that_of_who_broke_first(stored, fetched, state, limit):
    assert limit_met(stored, fetched, state) is limit


def test_no_ceiling_below_the_size_asked_for_passes():
    verdict = judge(ceiling(rung(64), rung(128), rung(256)))
    assert verdict.outcome is Outcome.PASS
    assert "no ceiling up to 256MiB" in verdict.reason


def test_an_open_refusal_is_a_ceiling():
    verdict = judge(ceiling(rung(64), rung(128, Outcome.UNSUPPORTED, Limit.STATED), rung(96)))
    assert verdict.outcome is Outcome.PASS
    assert "the largest video that survives has 96MiB; one of 128MiB does not" in verdict.reason
    assert "limit met: a limit of the target, as it says" in verdict.reason


def test_what_was_accepted_and_lost_is_no_ceiling_but_a_failure():
    verdict = judge(ceiling(rung(64), rung(128, Outcome.FAIL, Limit.CONTENT)))
    assert verdict.outcome is Outcome.FAIL
    assert "the largest video that survives has 64MiB" in verdict.reason


@pytest.mark.parametrize(
    "rungs",
    [
        (rung(64), rung(128, Outcome.INCONCLUSIVE, Limit.RESOURCES)),
        (rung(64, Outcome.INCONCLUSIVE, Limit.RESOURCES),),
        (rung(64), rung(128, Outcome.ERROR)),
        (rung(64, Outcome.ERROR),),
    ],
)
def test_want_of_resources_or_an_error_of_ours_decides_nothing(rungs):
    assert judge(ceiling(*rungs)).outcome is Outcome.INCONCLUSIVE


def test_refusal_of_every_size_is_unsupported():
    assert judge(ceiling(rung(64, Outcome.UNSUPPORTED, Limit.STATED))).outcome is Outcome.UNSUPPORTED
