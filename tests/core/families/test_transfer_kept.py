"""What is kept of doubled, rich and fallen-back objects, and what that means."""

from dataclasses import replace

import pytest

from harness.core.exchange import ContextAnswer, ContextResult, Ending, Exchange
from harness.core.facts import ObjectFacts
from harness.core.families.transfer_kept import (
    NAMED,
    OTHER,
    SAME,
    Choice,
    FallbackSeen,
    Kept,
    MetadataSeen,
    Round,
    TwiceSeen,
    few,
    lossy_differences,
)
from harness.core.observations import PathDifferences, Payload, PayloadSeen
from harness.core.results import Outcome
from harness.core.verdicts import judge

SYNTAX = "1.2.840.10008.1.2.4.102"
FIRST = Payload("1.2.3", SYNTAX, 1000, "aa", "aa", 1)
SECOND = replace(FIRST, length=2000, sha256="bb", unpadded_sha256="bb")
CONTEXT = ContextAnswer(1, "1.2", SYNTAX, ContextResult.ACCEPTED)
STORED = Exchange("C-STORE", Ending.ANSWERED, 0, contexts=(CONTEXT,))
GOT = Exchange("C-GET", Ending.ANSWERED, 0, contexts=(CONTEXT,))


def kept(payload: Payload | None = FIRST, *, service: str = "C-GET", **values: object) -> Kept:
    """What one path gave; the attributes are those of the payload's own object."""
    mixed = {"as_first": ("Rows",)} if payload == SECOND else {"as_other": ("Rows",)}
    given = {"service": service, "exchange": GOT, "received": 1, "payload": payload, **mixed, **values}
    return Kept(**given)  # type: ignore[arg-type]


def twice(same: Kept, other: Kept, *more: Kept, found: int | None = 1, status: int = 0) -> TwiceSeen:
    answered = replace(STORED, status=status)
    rounds = (Round(SAME, STORED, (same,), 1), Round(OTHER, answered, (other, *more), found))
    return TwiceSeen(FIRST, SECOND, STORED, rounds)


@pytest.mark.parametrize(("payload", "which"), [(FIRST, "the first"), (SECOND, "the other")])
def test_either_content_may_be_kept_and_which_is_told(payload, which):
    verdict = judge(twice(kept(), kept(payload)))
    assert verdict.outcome is Outcome.PASS
    assert f"{OTHER} is answered 0x0000, and {which} content is kept" in verdict.reason


def test_a_success_that_keeps_the_first_is_noted_and_a_refused_duplicate_is_called_one():
    assert "is what is kept" in judge(twice(kept(), kept())).notes[0]
    refused = judge(twice(kept(), kept(), status=0x0111))
    assert refused.outcome is Outcome.PASS
    assert refused.notes == ("a second object under one UID is openly refused as a duplicate (0x0111)",)


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (kept(replace(FIRST, sha256="cc", unpadded_sha256="cc")), "neither the first nor the other content"),
        (kept(None, received=0), "brings nothing of it"),
        (kept(None, unreadable="no DICOM"), "no readable object: no DICOM"),
        (kept(received=2), "brings 2 objects for one UID"),
        (kept(FIRST, as_first=("Rows",)), "attributes of neither object: Rows"),
        (kept(SECOND, as_other=("Rows",), as_first=()), "attributes of neither object: Rows"),
    ],
)
def test_what_is_neither_object_fails(other, told):
    verdict = judge(twice(kept(), other))
    assert verdict.outcome is Outcome.FAIL
    assert told in verdict.reason


def test_a_pad_byte_is_no_other_content():
    padded = replace(FIRST, length=1001, sha256="a0", unpadded_sha256="aa")
    assert judge(twice(kept(), kept(padded))).outcome is Outcome.PASS


def test_paths_that_disagree_and_queries_that_find_two_fail():
    assert "different contents" in judge(twice(kept(), kept(), kept(SECOND, service="C-MOVE"))).reason
    for found in (0, 2):
        verdict = judge(twice(kept(), kept(), found=found))
        assert (verdict.outcome, verdict.reason.split(": ")[-1]) == (
            Outcome.FAIL,
            f"a query for the UID is answered {found} times",
        )
    assert judge(twice(kept(), kept(), found=None)).outcome is Outcome.PASS


def test_content_that_was_not_sent_yet_fails():
    assert "not sent yet" in judge(twice(kept(SECOND), kept())).reason


def test_a_second_store_that_breaks_off_is_judged_by_its_ending():
    broken = replace(STORED, ending=Ending.ABORTED, status=None)
    verdict = judge(TwiceSeen(FIRST, SECOND, STORED, (Round(SAME, broken, (), None),)))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.startswith(SAME)


def test_a_path_that_fails_with_a_cause_of_ours_decides_nothing():
    unknown = replace(GOT, status=0xA801)
    assert judge(twice(kept(), kept(None, received=0, exchange=unknown))).outcome is Outcome.INCONCLUSIVE
    unreached = replace(GOT, service="C-MOVE", status=0xC000, reached_receiver=False)
    assert judge(twice(kept(), kept(None, received=0, exchange=unreached))).outcome is Outcome.INCONCLUSIVE
    for ending, status in ((Ending.ANSWERED, 0xB000), (Ending.TIMED_OUT, None)):
        ended = replace(unreached, ending=ending, status=status)
        assert judge(twice(kept(), kept(None, received=0, exchange=ended))).outcome is Outcome.INCONCLUSIVE
    coerced = twice(kept(), kept(None, received=0), status=0xB000)
    assert "coerced" in judge(coerced).reason


def test_a_path_that_decides_nothing_is_noted_where_another_decides():
    unreached = replace(GOT, service="C-MOVE", status=0xC000, reached_receiver=False)
    silent = kept(None, service="C-MOVE", received=0, exchange=unreached)
    verdict = judge(twice(kept(), kept(SECOND), silent))
    assert verdict.outcome is Outcome.PASS
    assert any("did not reach our receiver" in note for note in verdict.notes)
    lost = kept(None, service="C-MOVE", received=0)
    assert judge(twice(kept(), kept(SECOND), lost)).outcome is Outcome.FAIL


def test_metadata_names_some_differences_and_counts_all():
    wrong = tuple(f"Attribute{n} is gone" for n in range(NAMED + 3))
    seen = MetadataSeen(STORED, 90, (PathDifferences("C-GET", "", wrong, ("Rows was added",)),))
    verdict = judge(seen)
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.startswith(f"{NAMED + 3} differences: C-GET: Attribute0 is gone")
    assert verdict.reason.endswith("and 3 more")
    assert verdict.notes == ("C-GET: Rows was added",)
    assert judge(MetadataSeen(STORED, 90, (PathDifferences("C-GET", "", ()),))).outcome is Outcome.PASS
    assert judge(MetadataSeen(STORED, 90, ())).outcome is Outcome.INCONCLUSIVE
    assert few(["a"]) == "a"


def test_what_a_store_said_that_it_discards_is_openly_missing():
    gone = PathDifferences("C-GET", "", ("(0099,1001) was 'x', is gone",))
    changed = PathDifferences("C-GET", "", ("Rows was '1', is '2'",))
    warned = replace(STORED, status=0xB006)
    assert judge(MetadataSeen(warned, 90, (gone,))).outcome is Outcome.UNSUPPORTED
    assert judge(MetadataSeen(warned, 90, (gone, changed))).outcome is Outcome.FAIL
    assert judge(MetadataSeen(STORED, 90, (gone,))).outcome is Outcome.FAIL


def payload_seen(returned: Payload) -> PayloadSeen:
    return PayloadSeen("C-GET", STORED, GOT, 1, FIRST, returned)


def fallback(*accepted: bool, sent: int | None, seen: PayloadSeen | None = None, exchange: Exchange = STORED):
    choices = tuple(
        Choice(name, yes, "accepted" if yes else "no reason")
        for name, yes in zip(("H.264", "MPEG-2"), accepted, strict=True)
    )
    return judge(FallbackSeen(choices, exchange, sent, seen))


def test_no_fall_back_is_needed_where_the_first_choice_is_taken():
    verdict = fallback(True, False, sent=0, seen=payload_seen(FIRST))
    assert verdict.outcome is Outcome.PASS
    assert verdict.reason.startswith("no fall-back is needed: H.264 was sent, MPEG-2 refused («no reason»)")
    assert "MPEG-2 accepted too" in fallback(True, True, sent=0, seen=payload_seen(FIRST)).reason


def test_a_fall_back_passes_where_it_comes_back_and_only_there():
    assert fallback(False, True, sent=1, seen=payload_seen(FIRST)).reason.startswith("the fall-back works: MPEG-2")
    damaged = fallback(False, True, sent=1, seen=payload_seen(SECOND))
    assert (damaged.outcome, damaged.reason.split(":")[0]) == (Outcome.FAIL, "MPEG-2 was sent")
    failed = fallback(False, True, sent=1, exchange=replace(STORED, status=0xC000))
    assert failed.outcome is Outcome.FAIL
    assert fallback(False, True, sent=1).outcome is Outcome.INCONCLUSIVE


def test_where_both_are_refused_the_refusals_are_the_evidence():
    refused = replace(
        STORED,
        ending=Ending.REFUSED,
        status=None,
        contexts=(replace(CONTEXT, result=ContextResult.NO_REASON),),
    )
    verdict = fallback(False, False, sent=None, exchange=refused)
    assert (verdict.outcome, SYNTAX in verdict.reason) == (Outcome.UNSUPPORTED, True)
    lost = replace(STORED, ending=Ending.UNREACHABLE, status=None, contexts=())
    assert fallback(False, False, sent=None, exchange=lost).outcome is Outcome.INCONCLUSIVE


LOSSY = (
    ("LossyImageCompression", "01"),
    ("LossyImageCompressionRatio", "12.50"),
    ("LossyImageCompressionMethod", "ISO_14496_10"),
)


@pytest.mark.parametrize(
    ("keyword", "value", "told"),
    [
        ("LossyImageCompression", "00", "reset to 00"),
        ("LossyImageCompression", None, "is gone"),
        ("LossyImageCompression", "", "is ''"),
        ("LossyImageCompressionRatio", "12.6", "is '12.6'"),
        ("LossyImageCompressionRatio", "12.5", ""),
        ("LossyImageCompressionMethod", "ISO_10918_1", "is 'ISO_10918_1'"),
    ],
)
def test_lossy_compression_is_kept(keyword, value, told):
    facts = ObjectFacts(*([""] * 3), LOSSY, *([None] * 11))  # type: ignore[arg-type]
    changed = tuple((k, value if k == keyword else v) for k, v in LOSSY if k != keyword or value is not None)
    wrong = lossy_differences(facts, replace(facts, attributes=changed))
    assert len(wrong) == bool(told)
    assert told in "".join(wrong)
