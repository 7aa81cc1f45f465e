"""What a PACS may do with an object that is wrong on purpose, and what it may not."""

from dataclasses import replace

import pytest

from harness.core.exchange import ContextAnswer, ContextResult, Ending, Exchange
from harness.core.families.transfer_labels import LABELS, LabelPath, LabelSeen
from harness.core.observations import Payload
from harness.core.results import Outcome
from harness.core.verdicts import judge

SENT = Payload("1.2.3", "1.2.840.10008.1.2.4.102", 1000, "aa", "aa", 1)
CONTEXT = ContextAnswer(1, "1.2", SENT.transfer_syntax_uid, ContextResult.ACCEPTED)
STORED = Exchange("C-STORE", Ending.ANSWERED, 0, contexts=(CONTEXT,))
ECHO = Exchange("C-ECHO", Ending.ANSWERED, 0)
PATH = LabelPath("C-GET", Exchange("C-GET", Ending.ANSWERED, 0), 1, SENT)
SEEN = LabelSeen(LABELS["number-of-frames"], SENT, STORED, ECHO, (PATH,), before=ECHO, control=STORED)


def ended(ending: Ending, *, accepted: bool = True) -> LabelSeen:
    contexts = (CONTEXT,) if accepted else (replace(CONTEXT, result=ContextResult.TRANSFER_SYNTAXES),)
    return replace(SEEN, stored=replace(STORED, ending=ending, status=None, contexts=contexts), paths=())


def came(**changes: object) -> LabelSeen:
    return replace(SEEN, paths=(replace(PATH, **changes),))


def test_an_object_that_is_kept_as_it_came_passes_and_says_what_is_wrong_with_it():
    verdict = judge(SEEN)
    assert verdict.outcome is Outcome.PASS
    assert verdict.reason == "stored with status 0x0000; C-GET as it came"
    assert verdict.notes[0] == "the object says Number of Frames 1 and holds more (PS3.3 C.7.6.6.1.1)"


def test_a_correction_passes_and_is_told():
    assert "corrected: NumberOfFrames 1 is now 48" in judge(came(corrected=("NumberOfFrames 1 is now 48",))).reason


@pytest.mark.parametrize("status", [0xA900, 0xC000, 0x0110, 0x0122])
def test_a_refusal_by_status_is_a_finding_and_no_fault(status):
    verdict = judge(replace(SEEN, stored=replace(STORED, status=status), paths=()))
    assert verdict.outcome is Outcome.PASS
    assert f"0x{status:04X}" in verdict.reason


REFUSED = replace(STORED, status=0xC000)


@pytest.mark.parametrize(
    ("control", "words"),
    [
        (None, "no right object was sent"),
        (REFUSED, "the right object was refused too"),
        (replace(STORED, ending=Ending.LOST, status=None), "the right object was refused too"),
    ],
)
def test_a_refusal_says_something_only_where_a_right_object_is_taken(control, words):
    for stored in (REFUSED, ended(Ending.ABORTED).stored):
        verdict = judge(replace(SEEN, stored=stored, paths=(), control=control))
        assert verdict.outcome is Outcome.INCONCLUSIVE
        assert words in verdict.reason


def stow(status: int, **more: object) -> LabelSeen:
    stored = Exchange("STOW-RS", Ending.ANSWERED, status, payload_bytes=1000, **more)  # type: ignore[arg-type]
    control = Exchange("STOW-RS", Ending.ANSWERED, 200)
    return replace(SEEN, stored=stored, before=None, after=None, paths=(), control=control)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (stow(400), Outcome.PASS),
        (stow(409), Outcome.PASS),
        (stow(415), Outcome.PASS),
        (stow(409, failure_reason=0xA900), Outcome.PASS),
        (stow(409, failure_reason=0xA700), Outcome.INCONCLUSIVE),
        (stow(409, failure_reason=0x0124), Outcome.INCONCLUSIVE),
        (stow(405), Outcome.NOT_APPLICABLE),
        (stow(501), Outcome.NOT_APPLICABLE),
        (stow(413), Outcome.UNSUPPORTED),
        (stow(500), Outcome.FAIL),
        (stow(503), Outcome.INCONCLUSIVE),
        (replace(stow(0), stored=Exchange("STOW-RS", Ending.REFUSED)), Outcome.NOT_APPLICABLE),
    ],
)
def test_of_http_only_a_refusal_of_the_object_is_one(seen, outcome):
    assert judge(seen).outcome is outcome


def test_a_refusal_for_want_of_resources_says_nothing_of_the_label():
    assert judge(replace(SEEN, stored=replace(STORED, status=0xA700), paths=())).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (ended(Ending.REFUSED, accepted=False), Outcome.UNSUPPORTED),
        (ended(Ending.ABORTED), Outcome.PASS),
        (ended(Ending.LOST), Outcome.PASS),
        (ended(Ending.TIMED_OUT), Outcome.FAIL),
        (ended(Ending.BAD_ANSWER), Outcome.FAIL),
        (ended(Ending.UNREACHABLE, accepted=False), Outcome.INCONCLUSIVE),
    ],
)
def test_an_exchange_without_an_answer(seen, outcome):
    assert judge(seen).outcome is outcome


@pytest.mark.parametrize("ending", [Ending.UNREACHABLE, Ending.TIMED_OUT, Ending.LOST])
def test_a_target_that_answers_no_more_fails_whatever_it_said(ending):
    dead = replace(ECHO, ending=ending, status=None)
    for stored in (STORED, ended(Ending.ABORTED).stored):
        assert judge(replace(SEEN, stored=stored, after=dead)).outcome is Outcome.FAIL
    assert judge(replace(SEEN, after=None, before=None)).outcome is Outcome.PASS


DEAD = replace(ECHO, ending=Ending.TIMED_OUT, status=None)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        # It was so before, or the object never got there.
        (replace(SEEN, before=DEAD, after=DEAD), Outcome.PASS),
        (replace(ended(Ending.ABORTED), before=DEAD, after=DEAD), Outcome.INCONCLUSIVE),
        (replace(ended(Ending.ABORTED), before=None, after=None), Outcome.INCONCLUSIVE),
        (replace(ended(Ending.UNREACHABLE, accepted=False), after=DEAD), Outcome.INCONCLUSIVE),
        (replace(ended(Ending.REJECTED, accepted=False), after=DEAD), Outcome.INCONCLUSIVE),
        (replace(ended(Ending.UNTRUSTED, accepted=False), after=DEAD), Outcome.INCONCLUSIVE),
        (replace(ended(Ending.REFUSED, accepted=False), after=DEAD), Outcome.INCONCLUSIVE),
        # One that refuses Verification serves associations.
        (replace(SEEN, after=replace(DEAD, ending=Ending.REFUSED)), Outcome.PASS),
        (replace(SEEN, before=replace(DEAD, ending=Ending.REFUSED), after=DEAD), Outcome.FAIL),
    ],
)
def test_silence_is_blamed_on_the_object_only_where_it_came_after_it(seen, outcome):
    assert judge(seen).outcome is outcome


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": replace(SENT, length=900)},
        {"payload": replace(SENT, sha256="bb", unpadded_sha256="bb")},
        {"payload": None, "unreadable": "cut off"},
        {"received": 2},
        {"received": 0, "payload": None},
        {"received": 0, "payload": None, "exchange": replace(PATH.exchange, status=0xC000)},
        {"wrong": ("NumberOfFrames was '1', is '2'",)},
    ],
)
def test_what_was_taken_and_then_lost_or_damaged_fails(changes):
    assert judge(came(**changes)).outcome is Outcome.FAIL


def test_what_cannot_be_seen_decides_nothing():
    assert judge(replace(SEEN, paths=())).outcome is Outcome.INCONCLUSIVE
    unknown = replace(PATH, received=0, payload=None, exchange=replace(PATH.exchange, status=0xA801))
    assert judge(replace(SEEN, paths=(unknown,))).outcome is Outcome.INCONCLUSIVE
    noted = judge(replace(SEEN, paths=(unknown, PATH)))
    assert (noted.outcome, "0xA801" in noted.notes[-1]) == (Outcome.PASS, True)
    lost = replace(unknown, exchange=replace(PATH.exchange, status=0xC000))
    assert judge(replace(SEEN, paths=(lost, PATH))).outcome is Outcome.FAIL
