"""A commitment must be true, and must come."""

from dataclasses import replace

import pytest

from harness.core.commitment import ALL_COMMITTED, FAILURES_EXIST, CommitmentReport
from harness.core.exchange import ContextAnswer, ContextResult, Ending, Exchange
from harness.core.families.transfer_commitment import Asked, CommitmentSeen
from harness.core.results import Outcome
from harness.core.verdicts import judge

STORED, INVENTED = "1.2.3", "1.2.9"
CONTEXT = ContextAnswer(1, "1.2.840.10008.1.20.1", "1.2.840.10008.1.2.1", ContextResult.ACCEPTED)
ANSWERED = Exchange("N-ACTION", Ending.ANSWERED, 0, contexts=(CONTEXT,))
COMMITTED = CommitmentReport("1.5", ALL_COMMITTED, (STORED,), (), called_aet="RCV", waited=0.25)
FAILED = CommitmentReport("1.6", FAILURES_EXIST, (), ((INVENTED, 0x0112),))
GOOD = CommitmentSeen(Asked(STORED, ANSWERED, COMMITTED), Asked(INVENTED, ANSWERED, FAILED), 30.0, "RCV", True)


def stored(**changes: object) -> CommitmentSeen:
    return replace(GOOD, stored=replace(GOOD.stored, **changes), invented=None)


def invented(**changes: object) -> CommitmentSeen:
    return replace(GOOD, invented=replace(GOOD.invented, **changes))  # type: ignore[arg-type]


def test_the_truth_about_both_passes_with_its_ways():
    verdict = judge(GOOD)
    assert verdict.outcome is Outcome.PASS
    assert "no such object instance (0x0112)" in verdict.reason
    assert verdict.notes == (
        "reported after 0.2 s over its own association to RCV",
        "reported after 0.0 s over ours",
    )


@pytest.mark.parametrize(
    "seen",
    [
        stored(report=replace(COMMITTED, committed=(), failed=((STORED, 0x0110),))),
        stored(report=replace(COMMITTED, committed=(STORED,), failed=((STORED, 0x0110),))),
        stored(report=replace(COMMITTED, committed=("1.2.4",))),
        invented(report=replace(COMMITTED, committed=(INVENTED,))),
        invented(report=replace(FAILED, failed=())),
        stored(report=replace(COMMITTED, committed=())),
    ],
)
def test_a_false_or_incomplete_report_fails(seen):
    assert judge(seen).outcome is Outcome.FAIL


def test_a_missing_report_names_the_limit_and_what_came_instead():
    told = judge(stored(report=None, exchange=replace(ANSWERED, detail="reports came for other transactions: 1.7")))
    assert "within 30 s" in told.reason
    assert "other transactions: 1.7" in told.reason


@pytest.mark.parametrize("seen", [stored(report=None), invented(report=None)])
def test_silence_decides_nothing_since_no_limit_is_set(seen):
    verdict = judge(seen)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "PS3.4 J sets no limit" in verdict.reason


def test_silence_where_nothing_reached_us_says_so():
    verdict = judge(stored(report=None, exchange=replace(ANSWERED, reached_receiver=False)))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "nothing reached our receiver RCV" in verdict.reason


def test_silence_of_a_target_that_knows_no_address_of_ours_decides_nothing():
    verdict = judge(replace(stored(report=None), known_receiver=False))
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "told no address of ours" in verdict.reason


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0x0122, Outcome.NOT_APPLICABLE),
        (0x0211, Outcome.NOT_APPLICABLE),
        (0x0110, Outcome.INCONCLUSIVE),
        (0x0124, Outcome.INCONCLUSIVE),
    ],
)
def test_a_request_that_fails_says_what_is_missing(status, outcome):
    verdict = judge(stored(report=None, exchange=replace(ANSWERED, status=status)))
    assert verdict.outcome is outcome
    assert ("most products need RCV configured" in verdict.reason) is (outcome is Outcome.INCONCLUSIVE)


def test_an_invented_instance_may_be_refused_at_once():
    assert judge(invented(report=None, exchange=replace(ANSWERED, status=0x0112))).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("ending", "first", "second"),
    [
        (Ending.REJECTED, Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE),
        (Ending.ABORTED, Outcome.INCONCLUSIVE, Outcome.FAIL),
        (Ending.LOST, Outcome.INCONCLUSIVE, Outcome.FAIL),
        (Ending.TIMED_OUT, Outcome.FAIL, Outcome.FAIL),
    ],
)
def test_an_exchange_without_an_answer_is_judged_by_its_ending(ending, first, second):
    contexts = () if ending is Ending.REJECTED else (CONTEXT,)
    ended = replace(ANSWERED, ending=ending, status=None, contexts=contexts)
    assert judge(stored(report=None, exchange=ended)).outcome is first
    assert judge(invented(report=None, exchange=ended)).outcome is second


def test_a_target_that_breaks_off_before_it_promised_is_told_what_it_may_need():
    ended = replace(ANSWERED, ending=Ending.ABORTED, status=None)
    assert "most products need RCV configured" in judge(stored(report=None, exchange=ended)).reason


def test_a_promise_alone_is_half_an_answer():
    assert judge(replace(GOOD, invented=None)).outcome is Outcome.INCONCLUSIVE
