"""A jump into a video reaches its frame by the key frames and the index, or says why not."""

from dataclasses import replace
from fractions import Fraction

import pytest

from harness.media.examine import examine
from harness.media.seek import JUMPS, places, seek, wanted_places
from harness.targets.embedded import repack

from .conftest import RECIPES
from .test_container import remuxed

EVERY = [(number, Fraction(number, 25)) for number in range(26)]


def facts_of(clip):
    return examine(clip.path, frame_sizes=clip.frame_sizes, rate=clip.recipe.rate)


@pytest.mark.parametrize("id_", sorted(RECIPES))
def test_every_frame_is_reached(id_, small_clip):
    clip = small_clip(id_)
    facts = facts_of(clip)
    wanted = [(number, number / clip.recipe.rate) for number in range(0, 26, 5)]
    found = seek(clip.path, facts, wanted, frame_sizes=clip.frame_sizes)
    assert [jump.found for jump in found] == [number + 1 for number, _ in wanted]
    assert [jump.problem for jump in found] == [""] * len(wanted)


@pytest.mark.parametrize("muxer", ["mpegts", "mpeg", "matroska"])
def test_frames_are_reached_without_an_index_of_mp4(muxer, small_clip, tmp_path):
    clip = small_clip("mpeg2_ml")
    path = remuxed(clip, tmp_path / "other", muxer)
    found = seek(path, examine(path), EVERY[::4])
    assert [jump.found for jump in found] == [number + 1 for number, _ in EVERY[::4]]


def test_an_index_that_calls_every_picture_a_key_picture_leads_nowhere(small_clip, tmp_path):
    clip = small_clip("h264_hp41")
    repack.copy(clip.path, tmp_path / "lost", 26, picture=repack.as_key)
    facts = examine(tmp_path / "lost")
    assert facts.pictures == facts_of(clip).pictures
    found = seek(tmp_path / "lost", facts, EVERY)
    assert {jump.frame for jump in found if jump.found is None} >= {1, 2, 5, 13, 25}
    assert all(jump.problem for jump in found if jump.found is None)
    assert found[0].found == 1


def test_a_place_behind_the_end_is_told(small_clip):
    clip = small_clip("h264_hp41")
    (jump,) = seek(clip.path, facts_of(clip), [(60, Fraction(60, 25))])
    assert (jump.found, jump.problem) == (None, "no picture follows")


def test_a_lost_fragment_is_told(small_clip):
    clip = small_clip("mjpeg")
    (jump,) = seek(clip.path, facts_of(clip), [(25, Fraction(1))], frame_sizes=clip.frame_sizes[:20])
    assert (jump.found, jump.problem) == (None, "there are 20 frames")


def test_a_damaged_fragment_is_told(small_clip, tmp_path):
    clip = small_clip("mjpeg")
    data = bytearray(clip.path.read_bytes())
    data[: clip.frame_sizes[0] // 2] = bytes(clip.frame_sizes[0] // 2)
    (tmp_path / "damaged").write_bytes(data)
    first, second = seek(tmp_path / "damaged", facts_of(clip), EVERY[:2], frame_sizes=clip.frame_sizes)
    assert first.found is None
    assert first.problem
    assert second.found == 2


def test_a_stream_without_times_cannot_be_jumped_into(small_clip):
    clip = small_clip("h264_hp41")
    (jump,) = seek(clip.path, replace(facts_of(clip), times=()), EVERY[:1])
    assert "no time for its first frame" in jump.problem


def test_places_follow_from_the_seed_alone():
    assert places("a", 48) == places("a", 48)
    assert places("a", 48) != places("b", 48)
    assert len(set(places("a", 48))) == JUMPS
    assert set(places("a", 48)) <= set(range(48))
    assert sorted(places("a", 3)) == [0, 1, 2]


def test_wanted_places_have_their_times(small_clip):
    clip = small_clip("mpeg2_hl")
    facts = facts_of(clip)
    assert all(seconds == frame / facts.rate for frame, seconds in wanted_places(facts, "a"))
    assert all(seconds == frame / facts.rate for frame, seconds in wanted_places(replace(facts, times=()), "a"))
    assert wanted_places(replace(facts, frames=0), "a") == ()
