"""How far pictures are from those that were drawn."""

from dataclasses import replace

import numpy as np
import pytest
from av.video.frame import VideoFrame

from harness.media.distance import DistanceMeter
from harness.media.encode import frames
from harness.media.examine import examine

from .conftest import small_recipe

RECIPE = replace(small_recipe("h264_hp41"), frames=6)


def brighter(frame, steps):
    plane = frame.planes[0]
    samples = np.frombuffer(memoryview(plane), np.uint8)
    plane.update(np.clip(samples.astype(int) + steps, 0, 255).astype(np.uint8).tobytes())
    return frame


def measured(pairs, recipe=RECIPE):
    meter = DistanceMeter(recipe)
    for frame, number in pairs:
        meter.look(frame, number)
    return meter.distance()


def drawn(recipe=RECIPE):
    return [(frame, number) for number, frame in enumerate(frames(recipe), 1)]


def test_drawn_pictures_have_no_distance():
    distance = measured(drawn())
    assert (distance.frames, distance.psnr, distance.psnr_worst, distance.ssim) == (6, None, None, 1.0)


def test_an_error_of_known_size_has_its_ratio():
    """Ten steps in luma, which is two thirds of the samples: mean squared error 100 * 2 / 3, peak 255."""
    distance = measured((brighter(frame, 10), number) for frame, number in drawn())
    assert distance.psnr == pytest.approx(10 * np.log10(255**2 * 3 / 200), abs=0.1)
    assert distance.ssim < 1


def test_the_worst_picture_is_told_apart_from_the_mean():
    distance = measured((brighter(frame, 30 if number == 4 else 0), number) for frame, number in drawn())
    assert distance.psnr_worst == pytest.approx(10 * np.log10(255**2 * 3 / 1800), abs=0.2)
    assert distance.psnr > distance.psnr_worst + 7
    assert distance.ssim_worst < distance.ssim < 1


def test_pictures_are_compared_by_their_number():
    pictures = [pair for pair in drawn() if pair[1] not in (1, 4)]
    distance = measured(pictures)
    assert (distance.frames, distance.psnr) == (4, None)


def test_repeated_and_unreadable_pictures_are_passed_over():
    pairs = drawn()
    distance = measured([pairs[0], pairs[0], (pairs[1][0], None), pairs[2]])
    assert (distance.frames, distance.psnr) == (2, None)


def test_pictures_of_another_size_cannot_be_compared():
    assert measured((frame.reformat(width=160, height=120), number) for frame, number in drawn()) is None
    assert measured([(VideoFrame(320, 240, "rgb24"), 1)]) is None


@pytest.mark.parametrize("id_", ["h264_hp41", "hevc_main10_51", "mjpeg"])
def test_a_clip_is_measured_while_it_is_examined(id_, small_clip):
    clip = small_clip(id_)
    meter = DistanceMeter(clip.recipe)
    with_meter = examine(clip.path, frame_sizes=clip.frame_sizes, rate=clip.recipe.rate, on_frame=meter.look)
    assert with_meter == examine(clip.path, frame_sizes=clip.frame_sizes, rate=clip.recipe.rate)
    distance = meter.distance()
    assert distance.frames == clip.recipe.frames
    assert 30 < distance.psnr_worst <= distance.psnr < 70
    assert 0.9 < distance.ssim_worst <= distance.ssim < 1
