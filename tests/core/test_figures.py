"""A measured figure stands beside a claimed range, with what it was measured on."""

from fractions import Fraction

import pytest

from harness.catalogue.figures import load_figures
from harness.core.figures import FigureClaim, Measure, beside, compression_ratio, gigabytes_per_hour
from tests.core.claim_values import basis

FIGURES = load_figures()


def figure(least, most, measure=Measure.RATIO):
    return FigureClaim("id", measure, ("h264_hp41",), least, most, basis())


@pytest.mark.parametrize(
    ("least", "most", "measured", "inside"),
    [(10, 20, 10, True), (10, 20, 20, True), (10, 20, 21, False), (None, 20, 1, True), (95, None, 94, False)],
)
def test_ends_belong_to_a_range(least, most, measured, inside):
    assert beside(figure(least, most), Fraction(measured), "our clip").inside is inside


def test_a_figure_without_a_basis_is_refused():
    with pytest.raises(ValueError, match="needs the basis"):
        beside(figure(Fraction(1), None), Fraction(2), " ")


def test_an_unsourced_claim_is_told_as_unsourced_beside_its_counterpart():
    seen = beside(FIGURES["hour-mpeg2"], Fraction(9), "1080i at 20 Mbit/s")
    assert seen.text == ("claimed 2.5 to 5 GB/h, unsourced; measured 9 (1080i at 20 Mbit/s), outside the claimed range")


@pytest.mark.parametrize(
    ("least", "most", "measure", "text"),
    [
        (10, 20, Measure.RATIO, "10 to 20:1"),
        (95, None, Measure.SHARE, "at least 95 %"),
        (None, 30, Measure.SHARE, "at most 30 %"),
        (50, 50, Measure.SAVING, "50 %"),
        (Fraction(6, 5), Fraction(5, 2), Measure.GIGABYTES_PER_HOUR, "1.2 to 2.5 GB/h"),
    ],
)
def test_ranges_read_as_people_write_them(least, most, measure, text):
    ends = (None if end is None else Fraction(end) for end in (least, most))
    assert figure(*ends, measure).text == text


def test_an_hour_at_10_megabits_a_second_takes_four_and_a_half_gigabytes():
    assert gigabytes_per_hour(12_500_000, 300, Fraction(30)) == Fraction(9, 2)


def test_the_ratio_depends_on_what_is_called_uncompressed():
    assert compression_ratio(1000, 10, 100, 100, 24) == 300
    assert compression_ratio(1000, 10, 100, 100, 12) == 150
