"""Pictures, kinds of streams and jumps are held against what was sent."""

from dataclasses import replace
from fractions import Fraction

import pytest

from harness.core.conformance import kind_differences, picture_description
from harness.core.facts import PictureDistance, Seek, Undecodable
from harness.core.formats import Container, Scan
from harness.core.pictures import distance_seen, kind_changes, picture_differences, seek_differences
from tests.core.test_compare import FORMATS, H264, STREAM, with_attributes
from tests.core.test_compare import SENT as OBJECT

SENT = replace(STREAM, pictures=("aa", "bb", "cc", "dd"))


def test_equal_pictures_have_no_difference():
    assert picture_differences(SENT, SENT) == ()


@pytest.mark.parametrize(
    ("returned", "texts"),
    [
        (
            replace(SENT, pictures=("aa", "bb", "xx", "yy")),
            ("2 of 4 pictures have other samples, the first is frame 3 (xx, sent cc)",),
        ),
        (replace(SENT, pictures=("aa", "bb", "cc")), ("4 pictures were sent, 3 are decoded",)),
        (
            replace(SENT, rows=360, columns=640),
            ("pictures of 1280x720 were sent, 640x360 are decoded",),
        ),
        (Undecodable("broken"), ("does not decode: broken",)),
    ],
)
def test_the_first_differing_picture_is_told(returned, texts):
    assert picture_differences(SENT, returned) == texts


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"container": Container.MPEG_TS}, "the container was mp4, is mpeg-ts"),
        ({"level": 31}, "the level was 41, is 31"),
        ({"full_range": True}, "the range was nominal, is full"),
        ({"scan": Scan.INTERLACED}, "the scan was progressive, is interlaced"),
        ({"sample_aspect": Fraction(4, 3)}, "the sample aspect was 1:1, is 4:3"),
        ({"bit_depth": 10}, "the bit depth was 8, is 10"),
        ({"rows": 480}, "the number of rows was 720, is 480"),
    ],
)
def test_a_stream_of_another_kind_is_told_even_where_its_syntax_allows_it(change, text):
    assert text in kind_changes(H264, SENT, replace(SENT, **change))
    assert kind_changes(H264, SENT, SENT) == ()


def test_a_stream_that_its_syntax_does_not_allow_is_told_although_it_was_sent_so():
    wrong = replace(SENT, level=51)
    assert any("the highest allowed is 41" in text for text in kind_changes(H264, wrong, wrong))


def test_kinds_say_nothing_of_times_sound_and_damage():
    other = replace(SENT, regular_timing=False, problems=("broken",), rate=Fraction(50))
    assert kind_changes(H264, SENT, other) == ()


def jump(frame, found, problem=""):
    return Seek(frame, Fraction(frame, 25), found, problem)


def test_jumps_that_miss_are_told():
    sent = (jump(3, 4), jump(9, 10), jump(20, None, "late"))
    assert seek_differences(sent, sent) == ()
    found = seek_differences(sent, (jump(3, 5), jump(9, None, "no picture follows"), jump(20, None, "late")))
    assert found == (
        "a jump to frame 4 at 0.120 s, which as sent shows picture 4: shows picture 5",
        "a jump to frame 10 at 0.360 s, which as sent shows picture 10: no picture follows",
    )


def test_many_misses_are_counted():
    sent = tuple(jump(n, n + 1) for n in range(8))
    found = seek_differences(sent, tuple(jump(n, None, "late") for n in range(8)))
    assert len(found) == 5
    assert found[-1] == "4 more of 8 jumps go wrong"


def test_a_jump_that_missed_in_what_was_sent_is_no_fault_of_the_target():
    assert seek_differences((jump(3, None, "late"),), (jump(3, 4),)) == ()


def test_distance_is_written_for_people():
    assert "PSNR 42.1 dB (worst 40.0 dB), SSIM 0.9912" in distance_seen(PictureDistance(4, 42.13, 40.0, 0.99123, 0.98))
    assert "PSNR without bound" in distance_seen(PictureDistance(4, None, None, 1.0, 1.0))
    assert "not comparable" in distance_seen(None)


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"Rows": "1088"}, "Rows is '1088'"),
        ({"Columns": None}, "Columns is missing"),
        ({"BitsStored": "10"}, "BitsStored is '10'"),
        ({"PixelAspectRatio": "1\\1"}, "Pixel Aspect Ratio is present"),
        ({"PhotometricInterpretation": "RGB"}, "PhotometricInterpretation is 'RGB'"),
    ],
)
def test_attributes_that_contradict_the_pictures_are_named(changes, text):
    assert picture_description(H264, OBJECT, STREAM) == ()
    (found,) = picture_description(H264, with_attributes(**changes), STREAM)
    assert text in found


@pytest.mark.parametrize("changes", [{"NumberOfFrames": "49"}, {"FrameTime": "33.33"}, {"EffectiveDuration": "3"}])
def test_times_are_another_question(changes):
    assert picture_description(H264, with_attributes(**changes), STREAM) == ()


def test_what_is_wrong_with_the_stream_is_another_question():
    wrong = replace(STREAM, level=51, rows=721, full_range=True)
    assert len(kind_differences(H264, wrong)) >= 2
    (found,) = picture_description(H264, OBJECT, wrong)
    assert "Rows" in found


def test_a_stream_of_another_syntax_is_found():
    assert kind_differences(FORMATS["mpeg2_ml"], STREAM)
