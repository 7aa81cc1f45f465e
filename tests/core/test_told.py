"""Of several claims the one with most weight counts, the others are told, and unknown stays unknown."""

import pytest

from harness.core.claims import ClaimCell, Confidence, Service, Topic
from harness.core.told import told
from tests.core.claim_values import ACCEPTED, PARTIAL, REFUSED, UNKNOWN, claim, product, release

CELL = ClaimCell("h264_hp41", "video_endoscopic", Service.STORE)


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        ({"confidence": "high"}, {"confidence": "medium"}),
        ({"confidence": "medium"}, {"confidence": "low"}),
        ({"kind": "measured"}, {"kind": "product-source"}),
        ({"kind": "product-source"}, {"kind": "vendor-document"}),
        ({"kind": "vendor-document"}, {"kind": "second-hand"}),
        ({"kind": "second-hand", "confidence": "medium"}, {"kind": "measured", "confidence": "low"}),
        ({"kind": "second-hand"}, {"kind": "measured", "general": True}),
    ],
)
def test_the_claim_with_more_weight_counts_and_the_other_is_told(stronger, weaker):
    yes, no = claim(ACCEPTED, **stronger), claim(REFUSED, **weaker)
    for claims in ([yes, no], [no, yes]):
        view = told(claims, CELL)
        assert (view.status, view.claim, view.contradicting) == (ACCEPTED, yes, (no,))


def test_equal_claims_that_contradict_leave_the_cell_unknown():
    yes, no = claim(ACCEPTED), claim(REFUSED)
    view = told([yes, no], CELL)
    assert (view.status, view.claim, set(view.contradicting)) == (UNKNOWN, None, {yes, no})
    assert view.why_unknown == "claims of the same weight contradict each other"


def test_equal_claims_that_agree_are_one():
    view = told([claim(ACCEPTED), claim(ACCEPTED)], CELL)
    assert (view.status, view.contradicting, len(view.claims)) == (ACCEPTED, (), 2)


def test_an_unsourced_claim_never_fills_a_cell():
    unsourced = claim(ACCEPTED, kind="source-analysis", confidence="none")
    view = told([unsourced], CELL)
    assert (view.status, view.claims) == (UNKNOWN, (unsourced,))
    assert view.why_unknown == "no source that is trusted enough tells"
    assert told([unsourced], CELL, Confidence.NONE).status is ACCEPTED


def test_an_unsourced_claim_contradicts_all_the_same():
    unsourced = claim(ACCEPTED, kind="source-analysis", confidence="none")
    assert told([unsourced, claim(REFUSED)], CELL).contradicting == (unsourced,)


def test_a_claim_of_status_unknown_decides_nothing():
    assert told([claim(UNKNOWN, confidence="none"), claim(PARTIAL, confidence="low")], CELL).status is PARTIAL


@pytest.mark.parametrize(
    "other",
    [
        claim(ACCEPTED, formats="h264_bd41"),
        claim(ACCEPTED, classes=("us_multiframe",)),
        claim(ACCEPTED, by=(Service.STOW,)),
        claim(ACCEPTED, topic=Topic.PLAYBACK),
    ],
)
def test_a_claim_on_another_cell_says_nothing(other):
    view = told([other], CELL)
    assert (view.status, view.why_unknown) == (UNKNOWN, "no source speaks of it")


@pytest.mark.parametrize("wide", [claim(ACCEPTED, by=None), claim(ACCEPTED, classes=("any",))])
def test_a_claim_that_tells_nothing_apart_speaks_of_all(wide):
    assert told([wide], CELL).status is ACCEPTED


@pytest.mark.parametrize(
    ("name", "version", "counts"),
    [
        ("1.12.7", "1.12.7", True),
        ("1.12.7", "1.12.7+dfsg-4", True),
        ("1.12.7", "1.12.70", False),
        ("1.12.7", "1.12.7.1", False),
        ("1.5.0e", "1.5.0e", True),
        ("1.5.0e", "1.5.0", False),
        ("7.4.2+", "7.4.2", True),
        ("7.4.2+", "7.10", True),
        ("7.4.2+", "7.4.1", False),
        ("6.5+", "6.5+", True),
        ("6.5+", "VB10B", False),
        ("VB10B", "VB10B", True),
        ("VB10B", "VB10A", False),
        ("", "3.0", True),
    ],
)
def test_claims_count_for_their_release(name, version, counts):
    said = claim(ACCEPTED)
    assert product("P", release(name, said)).claims_on(version) == ((said,) if counts else ())


def test_claims_on_another_configuration_do_not_count():
    said = claim(ACCEPTED)
    pacs = product("P", release("1.0", said, configuration="with an option"))
    assert pacs.claims_on("1.0") == ()
    assert pacs.claims_on("1.0", "with an option") == (said,)
