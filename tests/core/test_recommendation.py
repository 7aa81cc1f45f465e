"""Which format to send: computed, seen before claimed, unknown said."""

import pytest

from harness.catalogue.read import load_formats
from harness.core.claims import Service
from harness.core.endpoint import EvidenceClass
from harness.core.recommendation import Chosen, Picture, Taken, carries, is_flat, recommend
from harness.core.side_by_side import compatibility
from tests.core.claim_values import ACCEPTED, PARTIAL, REFUSED, claim, product, release
from tests.core.run_values import REFUSED_THERE, STORED, run, seen

FORMATS = load_formats()
TWO = ("mpeg2_hl", "h264_hp41")


def advise(*products, runs=(), picture=Picture.HD, release="", configuration="", formats=TWO, elsewhere=()):
    claims = {one.id: one for one in products}
    matrix = compatibility([(one, "") for one in runs], claims, FORMATS.values())
    chosen = [Chosen(rows, claims.get(rows.id), release, configuration) for rows in matrix.products]
    return recommend(chosen, [FORMATS[one] for one in formats], picture, dict(elsewhere))


def only(*products, **about):
    (one,) = advise(*products, formats=("h264_hp41",), **about)
    (reason,) = one.reasons
    return reason


def test_what_was_seen_comes_before_what_is_claimed():
    claims = product("Orthanc", release("1.12.7", claim(ACCEPTED)))
    found = only(claims, runs=[run(*REFUSED_THERE)])
    assert found.taken is Taken.REFUSED
    assert "MEASURED" in found.evidence
    assert "run run-1" in found.evidence


@pytest.mark.parametrize("kind", [EvidenceClass.EMULATED, EvidenceClass.SELF_TEST])
def test_only_a_real_product_counts_as_seen(kind):
    claims = product("Orthanc", release("1.12.7", claim(REFUSED)))
    assert only(claims, runs=[run(*STORED, kind=kind)]).taken is Taken.REFUSED


def test_claim_counts_where_nothing_was_seen_and_names_its_source():
    found = only(product("A", release("1", claim(ACCEPTED, date="2024"))))
    assert found.taken is Taken.CLAIMED
    assert "vendor-document" in found.evidence
    assert "2024" in found.evidence


def test_claim_without_a_source_leaves_it_unknown_and_is_told():
    found = only(product("A", release("1", claim(ACCEPTED, confidence="none"))))
    assert found.taken is Taken.UNKNOWN
    assert "only without a source" in found.evidence


def test_nothing_known_is_unknown():
    assert only(product("A", release("1", claim(ACCEPTED, formats="mjpeg")))).taken is Taken.UNKNOWN


@pytest.mark.parametrize(
    ("claims", "taken"),
    [
        ((claim(PARTIAL),), Taken.PARTLY),
        ((claim(REFUSED), claim(ACCEPTED, by=(Service.STOW,))), Taken.PARTLY),
        ((claim(ACCEPTED, by=(Service.STOW,)),), Taken.PARTLY),
        ((claim(REFUSED, by=(Service.STOW,)),), Taken.REFUSED),
    ],
)
def test_what_c_store_does_not_take_without_reserve_is_no_full_answer(claims, taken):
    assert only(product("A", release("1", *claims))).taken is taken


def test_stored_by_the_web_only_is_in_part():
    assert only(runs=[run(*REFUSED_THERE, seen("STO-STOW", "PASS"))]).taken is Taken.PARTLY


def test_accepted_and_not_kept_is_refused():
    lost = (seen("STO-ACK", "PASS", variant="video_endoscopic"), seen("RET-GET", "FAIL"))
    assert only(runs=[run(*STORED), run(*lost, run_id="run-2")]).taken is Taken.REFUSED


def test_newest_release_that_was_measured_counts():
    old = run(*REFUSED_THERE, version="1.9.7", run_id="run-2", target="old")
    assert only(runs=[run(*STORED), old]).taken is Taken.SEEN
    assert only(runs=[run(*STORED), old], release="1.9.7").taken is Taken.REFUSED


def test_newest_dated_release_that_tells_counts_among_claims():
    old, new = release("1", claim(ACCEPTED), date="2015"), release("2", claim(REFUSED), date="2024")
    assert only(product("A", old, new)).taken is Taken.REFUSED
    assert only(product("A", new, old), release="1").taken is Taken.CLAIMED


def test_product_that_is_spoken_of_in_configurations_only_asks_for_one():
    claims = product("A", release("1", claim(ACCEPTED), configuration="+xa"))
    assert "a@1:+xa" in only(claims).evidence
    assert only(claims, release="1", configuration="+xa").taken is Taken.CLAIMED


def test_refusal_by_one_weighs_more_than_unknown_and_unknown_more_than_claimed():
    a = product("A", release("1", claim(ACCEPTED, formats="mpeg2_hl h264_hp41 hevc_main51")))
    b = product("B", release("1", claim(REFUSED, formats="mpeg2_hl"), claim(ACCEPTED, formats="h264_hp41")))
    found = advise(a, b, formats=("mpeg2_hl", "hevc_main51", "h264_hp41"))
    assert [(one.format.id, one.by_all) for one in found] == [
        ("h264_hp41", True),
        ("hevc_main51", False),
        ("mpeg2_hl", False),
    ]


def test_seen_comes_before_claimed_in_the_order():
    claims = product("Orthanc", release("1.12.7", claim(ACCEPTED, formats="mpeg2_hl h264_hp41")))
    assert [one.format.id for one in advise(claims, runs=[run(*STORED)])] == ["h264_hp41", "mpeg2_hl"]


def test_how_many_others_take_it_decides_between_equals():
    claims = product("A", release("1", claim(ACCEPTED, formats="mpeg2_hl h264_hp41")))
    assert advise(claims, elsewhere={"h264_hp41": 3, "mpeg2_hl": 1}.items())[0].format.id == "h264_hp41"
    assert advise(claims, elsewhere={"h264_hp41": 1, "mpeg2_hl": 3}.items())[0].format.id == "mpeg2_hl"


@pytest.mark.parametrize(
    ("format", "pictures"),
    [
        ("mpeg2_ml", {Picture.SD}),
        ("mpeg2_hl", {Picture.HD}),
        ("h264_bd41", {Picture.HD}),
        ("h264_hp41", {Picture.HD, Picture.SD}),
        ("mjpeg", {Picture.HD, Picture.SD}),
    ],
)
def test_legal_pictures_tell_hd_from_sd(format, pictures):
    assert {one for one in Picture if carries(FORMATS[format], one)} == pictures


def test_formats_for_two_views_are_left_out():
    assert {one.twin_of or one.id for one in FORMATS.values() if not is_flat(one)} == {"h264_hp42_3d", "h264_stereo42"}
    claims = product("A", release("1", claim(ACCEPTED, formats="h264_hp42_3d")))
    assert advise(claims, formats=("h264_hp42_3d",)) == ()
