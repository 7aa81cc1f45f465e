"""What a transfer that was cut, stalled, slowed or damaged came to."""

from dataclasses import replace

import pytest

from harness.core.exchange import Attempt, ContextAnswer, ContextResult, Ending, Exchange
from harness.core.families.interruption import policy_broken
from harness.core.families.interruption_seen import (
    Broken,
    CorruptedSeen,
    CutReturnSeen,
    Found,
    InterruptedSeen,
    Recovery,
    ThrottledSeen,
)
from harness.core.faults import Direction, Fault, FaultKind, Interruption, Place, SideEnd
from harness.core.observations import Payload, PayloadSeen
from harness.core.results import Outcome
from harness.core.verdicts import judge

CONTEXT = ContextAnswer(1, "1.2", "1.3", ContextResult.ACCEPTED, answered_syntax="1.3")
SENT = Payload("1.2.3", "1.3", 1000, "aa", "aa", 1)
OTHER = Payload("1.2.4", "1.3", 1000, "aa", "aa", 1)
HALF = replace(SENT, length=500, sha256="bb", unpadded_sha256="bb")
CHANGED = replace(SENT, sha256="cc", unpadded_sha256="cc")


def store(ending=Ending.ANSWERED, status=None, **more):
    return Exchange("C-STORE", ending, status, contexts=(CONTEXT,), **more)


STORED, LOST = store(status=0), store(Ending.LOST)
FOUND_NOTHING = Exchange("C-FIND", Ending.ANSWERED, 0)
GOT = Exchange("C-GET", Ending.ANSWERED, 0)
NOTHING = Found(FOUND_NOTHING)
WELL = Recovery(Exchange("C-ECHO", Ending.ANSWERED, 0), 1, None, *[Found(FOUND_NOTHING, 1, "", GOT, OTHER)] * 2)


def did(kind=FaultKind.CUT, *, at=600, direction=Direction.TO_TARGET):
    fault = Fault(kind, Place.MIDDLE, 1010, direction)
    return Interruption(fault, True, at, 0.1, 505, 600, 100, 20, 0.2, SideEnd.OPEN, SideEnd.CLOSED)


def broken(exchange=LOST, tried=1, *harms):
    before = (Attempt(Ending.LOST, "", 0.1, accepted=True),) * tried
    return Broken(exchange, before, harms or (did(),) * (tried + 1), tried + 1, 2, 30.0, 60.0)


def came(payload=SENT):
    return PayloadSeen("C-GET", STORED, GOT, int(payload is not None), SENT, payload)


def found(payload):
    return Found(FOUND_NOTHING, 1, "", GOT, payload)


CUT = InterruptedSeen(SENT, broken(), WELL, NOTHING, STORED, came())


def test_cut_that_leaves_nothing_and_can_be_repeated_passes_and_tells_what_was_done():
    verdict = judge(CUT)
    assert verdict.outcome is Outcome.PASS
    assert "cut after 600 bytes, 505 of 1,010 of the data set; the target's side closed" in verdict.notes
    assert any("2 of at most 2 attempts" in note and "is tried again" in note for note in verdict.notes)


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({"found": found(HALF)}, Outcome.FAIL, "passes for the whole: found, and 500 bytes of video came back"),
        ({"found": replace(found(None), unreadable="cut off")}, Outcome.FAIL, "not given back: cut off"),
        ({"found": Found(FOUND_NOTHING, 1)}, Outcome.FAIL, "passes for the whole: found"),
        ({"resent": store(status=0xC000), "returned": None}, Outcome.FAIL, "sent again after a cut at the middle"),
        ({"resent": store(Ending.ABORTED), "returned": None}, Outcome.FAIL, "aborted by the target"),
        ({"resent": store(status=0x0122), "returned": None}, Outcome.FAIL, "SOP class not supported"),
        ({"resent": store(status=0xA700), "returned": None}, Outcome.INCONCLUSIVE, "out of resources"),
        ({"returned": came(HALF)}, Outcome.FAIL, "1,000 bytes of video were sent, 500 came back"),
        ({"returned": came(None)}, Outcome.FAIL, "brought nothing"),
        ({"returned": None}, Outcome.INCONCLUSIVE, "no way to get it back"),
        ({"resent": None, "returned": None}, Outcome.INCONCLUSIVE, "was not sent again"),
        ({"found": Found(None, why_not="not allowed")}, Outcome.INCONCLUSIVE, "is not known: not allowed"),
        ({"found": Found(replace(FOUND_NOTHING, status=0xC000))}, Outcome.INCONCLUSIVE, "with status 0xC000"),
        ({"found": Found(Exchange("C-FIND", Ending.TIMED_OUT))}, Outcome.INCONCLUSIVE, "is not known: C-FIND"),
        ({"found": Found(Exchange("QIDO-RS", Ending.ANSWERED, 500))}, Outcome.INCONCLUSIVE, "HTTP status 500"),
        ({"found": Found(Exchange("QIDO-RS", Ending.ANSWERED, 204))}, Outcome.PASS, "no part of it was found"),
        ({"found": Found(Exchange("QIDO-RS", Ending.ANSWERED, 404))}, Outcome.PASS, "no part of it was found"),
        ({"broken": broken(STORED, 0, did(at=None))}, Outcome.INCONCLUSIVE, "the fault did not happen"),
    ],
)
def test_what_is_left_of_a_cut_store_decides(change, outcome, words):
    verdict = judge(replace(CUT, **change))
    assert verdict.outcome is outcome, verdict
    assert words in verdict.reason


def test_object_that_is_found_whole_is_no_half():
    # It can be: the last attempt may have passed.
    assert judge(replace(CUT, found=found(SENT))).outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"echo": Exchange("C-ECHO", Ending.REJECTED), "echo_tries": 5}, "no new association is served, in 5 tries"),
        ({"after": Found(Exchange("C-FIND", Ending.TIMED_OUT))}, "no query is answered any more"),
        ({"after": NOTHING}, "stored before is not found any more"),
        ({"after": found(HALF)}, "does not come back as it did: 500 bytes"),
        (
            {"after": replace(found(None), fetched=Exchange("C-GET", Ending.LOST, contexts=(CONTEXT,)))},
            "C-GET connection",
        ),
        ({"after": found(None)}, "does not come back as it did"),
    ],
)
def test_pacs_that_does_not_recover_fails(change, words):
    verdict = judge(replace(CUT, recovery=replace(WELL, **change)))
    assert verdict.outcome is Outcome.FAIL
    assert words in verdict.reason


TIMED_OUT = Found(Exchange("C-FIND", Ending.TIMED_OUT))
FAILED = Found(replace(FOUND_NOTHING, status=0xC000))
UNREACHED = Exchange("C-MOVE", Ending.ANSWERED, 0xB000, contexts=(CONTEXT,), reached_receiver=False)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"before": NOTHING, "after": NOTHING}, "the same query did not find an object that was stored"),
        ({"before": TIMED_OUT, "after": TIMED_OUT}, "the same query did not find"),
        ({"before": FAILED, "after": FAILED}, "the same query did not find"),
        ({"after": FAILED}, "what was stored before could not be looked for: C-FIND"),
        ({"after": Found(None, why_not="not offered")}, "could not be looked for: not offered"),
        ({"after": replace(found(None), fetched=UNREACHED)}, "does not come back as it did"),
        ({"after": Found(FOUND_NOTHING, 1, "no way")}, "does not come back as it did: no way"),
    ],
)
def test_what_was_so_before_or_could_not_be_asked_is_not_blamed_on_the_cut(change, words):
    verdict = judge(replace(CUT, recovery=replace(WELL, **change)))
    assert verdict.outcome is Outcome.INCONCLUSIVE, verdict
    assert words in verdict.reason


def test_pacs_that_refuses_verification_serves_associations():
    refused = Exchange("C-ECHO", Ending.REFUSED)
    assert judge(replace(CUT, recovery=replace(WELL, echo=refused, while_held=refused))) == judge(CUT)


def test_slow_recovery_and_waiting_behind_a_stall_are_notes():
    recovery = replace(WELL, echo_tries=3, while_held=Exchange("C-ECHO", Ending.TIMED_OUT))
    stalled = broken(store(Ending.TIMED_OUT), 0, did(FaultKind.STALL))
    verdict = judge(replace(CUT, broken=stalled, recovery=recovery))
    assert verdict.outcome is Outcome.PASS
    assert any("nobody else was served" in note for note in verdict.notes)
    assert "a new association was served at try 3" in verdict.notes
    assert any("is not tried again" in note for note in verdict.notes)


@pytest.mark.parametrize(
    ("exchange", "returned", "outcome"),
    [
        (STORED, came(), Outcome.PASS),
        (STORED, came(HALF), Outcome.FAIL),
        (STORED, None, Outcome.INCONCLUSIVE),
        (store(Ending.ABORTED), None, Outcome.FAIL),
        (store(Ending.TIMED_OUT), None, Outcome.FAIL),
        (store(status=0xA700), None, Outcome.INCONCLUSIVE),
    ],
)
def test_slow_sender_must_be_served_to_the_end(exchange, returned, outcome):
    slowed = broken(exchange, 0, did(FaultKind.THROTTLE))
    assert judge(ThrottledSeen(slowed, 400_000, returned)).outcome is outcome


def test_store_that_was_not_slowed_shows_nothing():
    verdict = judge(ThrottledSeen(broken(STORED, 0, did(FaultKind.THROTTLE, at=None)), 400_000, came()))
    assert verdict.outcome is Outcome.INCONCLUSIVE


CORRUPTED = CorruptedSeen(SENT, broken(STORED, 0, did(FaultKind.CORRUPT)), found(CHANGED), STORED, found(SENT))


@pytest.mark.parametrize(
    ("change", "outcome", "words"),
    [
        ({}, Outcome.PASS, "took the place of the damaged one"),
        ({"second": found(CHANGED)}, Outcome.PASS, "kept the damaged object, and answered success"),
        ({"second": found(CHANGED), "resent": store(status=0x0111)}, Outcome.PASS, "and said so"),
        ({"second": NOTHING}, Outcome.FAIL, "not given back: it is not found"),
        ({"second": found(HALF)}, Outcome.FAIL, "neither the damaged nor the whole"),
        ({"second": Found(None, why_not="not offered")}, Outcome.INCONCLUSIVE, "not offered"),
        ({"resent": store(Ending.ABORTED)}, Outcome.FAIL, "aborted"),
        ({"first": found(SENT)}, Outcome.INCONCLUSIVE, "as if it were whole"),
        ({"first": NOTHING}, Outcome.INCONCLUSIVE, "is not given back"),
        ({"resent": None, "second": None}, Outcome.INCONCLUSIVE, "not sent again"),
    ],
)
def test_changed_byte_must_show_and_what_a_second_store_does_is_told(change, outcome, words):
    verdict = judge(replace(CORRUPTED, **change))
    assert verdict.outcome is outcome, verdict
    assert words in " ".join((verdict.reason, *verdict.notes))


def test_damaged_object_that_is_refused_must_be_taken_when_it_is_whole():
    refused = broken(store(status=0xC000), 0, did(FaultKind.CORRUPT))
    seen = replace(CORRUPTED, broken=refused, first=NOTHING)
    assert judge(seen).outcome is Outcome.PASS
    assert any("not taken" in note for note in judge(seen).notes)
    again = judge(replace(seen, resent=store(status=0xC000), second=NOTHING))
    assert again.outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("recovery", "returned", "outcome"),
    [
        (WELL, came(), Outcome.PASS),
        (WELL, came(HALF), Outcome.FAIL),
        (replace(WELL, echo=Exchange("C-ECHO", Ending.UNREACHABLE)), came(), Outcome.FAIL),
        (replace(WELL, after=Found(replace(FOUND_NOTHING, status=0xC000))), came(), Outcome.INCONCLUSIVE),
    ],
)
def test_cut_retrieve_must_be_repeatable(recovery, returned, outcome):
    cut = broken(Exchange("C-GET", Ending.LOST), 1, *[did(direction=Direction.TO_US)] * 2)
    verdict = judge(CutReturnSeen(cut, 0, recovery, returned))
    assert verdict.outcome is outcome
    assert any("our side left open" in note for note in verdict.notes)


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (broken(), ""),
        (broken(store(Ending.TIMED_OUT), 0), ""),
        (replace(broken(), connections=3), "2 attempts are recorded, and 3 connections were made"),
        (replace(broken(tried=0), attempts=2), "only 1 of 2 attempts"),
        (replace(broken(), tried=(Attempt(Ending.TIMED_OUT, "", 1.0),)), "does not pass by itself"),
    ],
)
def test_attempts_that_contradict_our_own_policy_are_a_defect_of_ours(seen, words):
    if "connections" not in words:
        seen = replace(seen, connections=len(seen.tried) + 1)
    assert (words in policy_broken(seen)) if words else policy_broken(seen) == ""
