"""What stands beside claims on formats: figures of our own clips with their basis, counts with every name."""

from fractions import Fraction

import pytest

from harness.core.claims import ClaimStatus
from harness.core.counterparts import besides, counts
from harness.core.endpoint import EvidenceClass
from harness.core.figures import FigureClaim, Measure
from harness.core.side_by_side import compatibility
from tests.core.claim_values import ACCEPTED, basis, claim, product, release
from tests.core.run_values import REFUSED_THERE, STORED, run, seen

FACTS = {"frames": 48, "rows": 720, "columns": 1280, "rate": "25", "chroma": "4:2:0", "bit_depth": 8, "sound": {}}
CLIP = {"size": 960_000, "sha256": "aa", "facts": FACTS, "recipe": {"bit_rate": 4_000_000, "encoder": "libx264"}}
SD = {**CLIP, "facts": {**FACTS, "rows": 576, "columns": 720}, "sha256": "bb"}


def figure(measure, least="1", most="2", condition=""):
    against = ("mpeg2_hl",) if measure is Measure.SAVING else ()
    return FigureClaim("id", measure, ("h264_hp41",), Fraction(least), Fraction(most), basis(), condition, against)


def beside(measure, *runs, condition=""):
    matrix = compatibility([(one, "") for one in runs], {}, ())
    (found,) = besides([figure(measure, condition=condition)], runs, counts(matrix, {}))
    return found


def clips(*found):
    return run(*STORED, clips={"h264_hp41": found[0]}) if found else run(*STORED)


def test_gigabytes_per_hour_of_a_clip_name_clip_and_bit_rate():
    (one,) = beside(Measure.GIGABYTES_PER_HOUR, clips(CLIP)).figures
    assert one.measured == Fraction(960_000 * 25 * 3600, 48 * 10**9)
    assert one.inside
    assert "1280x720, 25 frames/s" in one.basis
    assert "4 Mbit/s asked for" in one.basis


def test_ratio_is_told_on_both_bases():
    found = beside(Measure.RATIO, clips(CLIP)).figures
    assert [one.measured for one in found] == [
        Fraction(48 * 720 * 1280 * 24, 8 * 960_000),
        Fraction(48 * 720 * 1280 * 12, 8 * 960_000),
    ]
    assert ["RGB, 24 bits" in found[0].basis, "4:2:0, 12 bits" in found[1].basis] == [True, True]


def test_standard_definition_stands_beside_no_claim_on_hd():
    found = beside(Measure.GIGABYTES_PER_HOUR, clips(SD), condition="HD video")
    assert (found.figures, found.why_none) == ((), "the clip h264_hp41 is 720x576, and the claim is on HD video")
    assert beside(Measure.GIGABYTES_PER_HOUR, clips(CLIP), condition="HD video").figures


def test_same_clip_of_two_runs_counts_once():
    one, other = clips(CLIP), run(*STORED, run_id="run-2", clips={"h264_hp41": CLIP})
    assert len(beside(Measure.GIGABYTES_PER_HOUR, one, other).figures) == 1


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {**CLIP, "size": 0},
        {**CLIP, "facts": None},
        {**CLIP, "facts": {**FACTS, "rate": "1/0"}},
        {**CLIP, "size": "x"},
    ],
)
def test_clip_that_is_not_whole_gives_no_figure(broken):
    assert beside(Measure.RATIO, clips(broken)).why_none == "no clip of these formats is among the runs"


def test_saving_at_the_same_quality_is_not_measured():
    assert "not measured" in beside(Measure.SAVING, clips(CLIP)).why_none


def seen_text(*runs):
    (one,) = counts(compatibility([(each, "") for each in runs], {}, ()), {})
    return one.seen


def test_share_stands_beside_named_dated_releases_and_no_percentage():
    found = beside(Measure.SHARE, run(*STORED))
    assert found.figures == ()
    assert any("1 of 1 named, dated releases" in line for line in found.counts)
    assert "%" not in "".join(found.counts)


def test_count_of_what_was_seen_names_release_and_date():
    other = run(*REFUSED_THERE, version="1.10.1", run_id="run-2", started="2026-11-23T10:00:00Z")
    assert seen_text(run(*STORED), other) == (
        "h264_hp41, storage: seen to be stored by 1 of 2 named, dated releases; "
        "stored: Orthanc 1.12.7 (tested 2026-11-22); refused: Orthanc 1.10.1 (tested 2026-11-23)"
    )


def test_release_counts_once_and_a_run_in_which_it_failed_is_not_forgotten():
    lost = (seen("STO-ACK", "PASS", variant="video_endoscopic"), seen("RET-GET", "FAIL"))
    text = seen_text(run(*STORED), run(*lost, run_id="run-2"))
    assert "0 of 1" in text
    assert "failed: Orthanc 1.12.7" in text


def test_service_that_alone_takes_it_is_named():
    assert "by STOW-RS only" in seen_text(run(*REFUSED_THERE, seen("STO-STOW", "PASS")))


@pytest.mark.parametrize("kind", [EvidenceClass.EMULATED, EvidenceClass.SELF_TEST])
def test_only_real_products_are_counted(kind):
    assert seen_text(run(*STORED, kind=kind)).endswith("no MEASURED run decides")


def test_claims_are_counted_of_the_products_that_are_shown():
    claims = {one.id: one for one in (product("A", release("1", claim(ACCEPTED), date="2024")),)}
    (one,) = counts(compatibility([(run(), "")], claims, ()), claims)
    assert [each.status for each in one.claimed.counted] == [ClaimStatus.ACCEPTED]
