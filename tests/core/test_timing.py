"""Times in attributes and in the stream say the same, and what was sent."""

from dataclasses import replace
from fractions import Fraction

import pytest

from harness.core.conformance import time_description
from harness.core.facts import Undecodable
from harness.core.timing import timing_differences
from tests.core.test_compare import H264, MJPEG, SENT, STREAM, with_attributes

#: 50 frames at 25 Hz, by a clock of 12800 Hz.
TIMED = replace(STREAM, times=tuple(512 * n for n in range(50)), time_base=Fraction(1, 12800))


def differences(returned=SENT, stream=TIMED, sent=SENT):
    return timing_differences(H264, sent, TIMED, returned, stream)


def test_what_is_as_it_was_has_no_difference():
    assert differences() == ((), ())


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"NumberOfFrames": "49"}, "NumberOfFrames is '49', the stream demands '50'"),
        ({"NumberOfFrames": None}, "NumberOfFrames is missing"),
        ({"FrameTime": "33.33"}, "Frame Time is 33.33 ms, the stream plays 40 ms"),
        ({"FrameTime": "40.09"}, "Frame Time is 40.09 ms"),
        ({"FrameTime": None}, "points to FrameTime, which is missing"),
        ({"FrameTime": "x"}, "Frame Time is 'x'"),
        ({"CineRate": "24"}, "CineRate is 24, the stream plays 25 frames a second"),
        ({"RecommendedDisplayFrameRate": "26"}, "RecommendedDisplayFrameRate is 26"),
        ({"EffectiveDuration": "3"}, "Effective Duration is 3 s, the stream plays 2 s"),
        ({"EffectiveDuration": None}, "EffectiveDuration was 2, is gone"),
    ],
)
def test_attributes_that_do_not_tell_the_times_are_named(changes, text):
    wrong, allowed = differences(with_attributes(**changes))
    assert len(wrong) == 1
    assert text in wrong[0]
    assert allowed == ()


@pytest.mark.parametrize(
    ("rate", "written"),
    [
        (Fraction(30000, 1001), {"FrameTime": "33.33", "CineRate": "30", "EffectiveDuration": "1.668"}),
        (Fraction(24000, 1001), {"FrameTime": "41.708", "CineRate": "24", "EffectiveDuration": "2.085"}),
        (Fraction(25, 2), {"FrameTime": "80", "CineRate": "13", "EffectiveDuration": "4"}),
        (Fraction(25, 2), {"FrameTime": "80", "CineRate": "12", "EffectiveDuration": "4"}),
    ],
)
def test_rates_may_be_rounded_as_the_standard_has_it(rate, written):
    assert time_description(H264, with_attributes(**written), replace(STREAM, rate=rate)) == ()


def test_a_rate_cut_off_below_is_not_rounded():
    facts = with_attributes(FrameTime="33.367", CineRate="29", EffectiveDuration="1.668")
    assert len(time_description(H264, facts, replace(STREAM, rate=Fraction(30000, 1001)))) == 1


def test_another_spelling_that_the_stream_bears_out_is_allowed():
    wrong, allowed = differences(with_attributes(FrameTime="40.01"))
    assert wrong == ()
    assert allowed == ("FrameTime was 40.0, is 40.01, which the stream bears out",)


def test_a_frame_that_is_shown_later_is_named():
    times = (*TIMED.times[:20], *(time + 512 for time in TIMED.times[20:]))
    wrong, _ = differences(stream=replace(TIMED, times=times))
    assert wrong == ("frame 21 is shown at 0.840 s, was sent with 0.800 s",)


def test_another_clock_and_another_start_are_no_difference():
    times = tuple(126000 + 3600 * n + n % 2 for n in range(50))
    assert differences(stream=replace(TIMED, times=times, time_base=Fraction(1, 90000))) == ((), ())


def test_times_that_are_gone_are_named():
    wrong, _ = differences(stream=replace(TIMED, times=(*TIMED.times[:3], None, *TIMED.times[4:])))
    assert wrong == ("frame 4 has no presentation time, was sent with 0.120 s",)
    wrong, _ = differences(stream=replace(TIMED, times=TIMED.times[:49]))
    assert wrong == ("50 frames were sent with times, 49 have one",)


def test_irregular_times_break_the_rule_of_frame_time():
    wrong, _ = differences(stream=replace(TIMED, regular_timing=False))
    assert "not equally spaced" in wrong[0]


def test_motion_jpeg_is_judged_by_its_attributes():
    assert timing_differences(MJPEG, SENT, STREAM, SENT, STREAM) == ((), ())


def test_what_does_not_decode_has_no_times():
    assert differences(stream=Undecodable("broken")) == (("does not decode: broken",), ())


def test_a_stream_without_rate_is_named():
    assert time_description(H264, SENT, replace(STREAM, rate=Fraction(0))) == (
        "the stream tells no frame rate (PS3.3 C.7.6.5)",
    )
