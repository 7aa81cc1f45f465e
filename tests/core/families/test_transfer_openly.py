"""A retrieve that cannot bring a video fails openly, or brings something whole."""

from dataclasses import replace

import pytest

from harness.core.exchange import ContextAnswer, ContextResult, Ending, Exchange, SubOperations
from harness.core.facts import ObjectFacts
from harness.core.families.transfer_openly import Native, OpenlySeen, OpenPath, expected_native_length
from harness.core.observations import Payload
from harness.core.results import Outcome
from harness.core.verdicts import judge

EXPLICIT = "1.2.840.10008.1.2.1"
SENT = Payload("1.2.3", "1.2.840.10008.1.2.4.102", 1000, "aa", "aa", 1)
NATIVE = Payload("1.2.3", EXPLICIT, 6000, "nn", "nn", 0)
CONTEXT = ContextAnswer(1, "1.2", EXPLICIT, ContextResult.ACCEPTED)
WHOLE = Native(6000, 6000, (1, 5, 10), (1, 5, 10))


def exchange(status: int | None, failed: int | None = None, ending: Ending = Ending.ANSWERED) -> Exchange:
    return Exchange("C-GET", ending, status, contexts=(CONTEXT,), sub_operations=SubOperations(0, failed, 0))


NOTHING = OpenPath("C-GET", exchange(0xA702, 1), 0, None, False, "", None)
CAME = replace(NOTHING, exchange=exchange(0), received=1, payload=NATIVE, native=WHOLE)


def verdict(*paths: OpenPath):
    return judge(OpenlySeen(SENT, (EXPLICIT,), paths))


@pytest.mark.parametrize(
    ("status", "failed"),
    [(0xA702, 1), (0xC000, None), (0xA801, None), (0x0122, None), (0xB000, 1), (0x0000, 1)],
)
def test_a_failure_that_is_told_passes(status, failed):
    assert verdict(replace(NOTHING, exchange=exchange(status, failed))).outcome is Outcome.PASS


def test_a_failed_sub_operation_under_a_success_is_noted():
    assert "stands for no failures" in verdict(replace(NOTHING, exchange=exchange(0, 1))).notes[0]


def test_contexts_that_are_refused_pass():
    refused = exchange(None, ending=Ending.REFUSED)
    assert "refused in negotiation" in verdict(replace(NOTHING, exchange=refused)).reason


@pytest.mark.parametrize("failed", [0, None])
def test_success_with_nothing_fails(failed):
    assert verdict(replace(NOTHING, exchange=exchange(0, failed))).outcome is Outcome.FAIL


@pytest.mark.parametrize("ending", [Ending.ABORTED, Ending.LOST, Ending.TIMED_OUT, Ending.BAD_ANSWER])
def test_an_exchange_that_breaks_off_is_no_open_failure(ending):
    assert verdict(replace(NOTHING, exchange=exchange(None, ending=ending))).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, Outcome.PASS),
        ({"payload": replace(NATIVE, length=6001)}, Outcome.PASS),
        ({"encapsulated": True}, Outcome.FAIL),
        ({"payload": replace(NATIVE, length=1000, sha256="aa")}, Outcome.FAIL),
        ({"payload": replace(NATIVE, length=1001, unpadded_sha256="aa")}, Outcome.FAIL),
        ({"payload": replace(NATIVE, length=3000)}, Outcome.FAIL),
        ({"native": None}, Outcome.FAIL),
        ({"native": replace(WHOLE, expected=0)}, Outcome.FAIL),
        ({"native": replace(WHOLE, stamps=(1, 5, 5))}, Outcome.FAIL),
        ({"native": replace(WHOLE, stamps=(1, None, 10))}, Outcome.FAIL),
        ({"native": replace(WHOLE, stamps=(None, None, None))}, Outcome.INCONCLUSIVE),
        ({"payload": None, "unreadable": "cut off"}, Outcome.FAIL),
        ({"received": 2}, Outcome.FAIL),
        ({"payload": SENT}, Outcome.INCONCLUSIVE),
    ],
)
def test_what_comes_must_be_whole_and_be_what_it_says(changes, outcome):
    assert verdict(replace(CAME, **changes)).outcome is outcome


def test_the_worst_path_decides():
    assert verdict(NOTHING, replace(NOTHING, service="C-MOVE", exchange=exchange(0))).outcome is Outcome.FAIL
    assert verdict(NOTHING, replace(CAME, payload=SENT)).outcome is Outcome.INCONCLUSIVE
    assert verdict(NOTHING, CAME).outcome is Outcome.PASS
    assert verdict().outcome is Outcome.NOT_APPLICABLE


@pytest.mark.parametrize(("frames", "length"), [("10", 10 * 20 * 10 * 3), ("", 0), ("x", 0), ("9" * 12, 0)])
def test_the_length_of_native_pixel_data_follows_from_its_attributes(frames, length):
    has = (
        ("Rows", "20"),
        ("Columns", "10"),
        ("SamplesPerPixel", "3"),
        ("BitsAllocated", "8"),
        ("NumberOfFrames", frames),
    )
    assert expected_native_length(ObjectFacts(*([""] * 3), has, *([None] * 11))) == length  # type: ignore[arg-type]
