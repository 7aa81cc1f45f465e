"""What a file holds is found out, and damage is told instead of hidden."""

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from harness.core.facts import SoundFacts
from harness.core.formats import Codec, SoundCodec
from harness.errors import MediaError
from harness.media.differences import recipe_differences
from harness.media.encode import encode
from harness.media.examine import examine
from harness.media.frame_times import frame_timing
from harness.targets.embedded import repack

from .conftest import RECIPES, SmallClip, small_recipe
from .test_container import remuxed

IDS = sorted(RECIPES)
STREAMS = [id_ for id_ in IDS if RECIPES[id_].codec is not Codec.MJPEG]


@pytest.mark.parametrize("id_", IDS)
def test_clip_is_what_its_recipe_says(id_: str, small_clip: Callable[[str], SmallClip]) -> None:
    clip = small_clip(id_)
    facts = examine(clip.path, frame_sizes=clip.frame_sizes, rate=clip.recipe.rate)
    assert recipe_differences(clip.recipe, facts) == ()
    assert facts.full_range is (clip.recipe.codec is Codec.MJPEG)
    assert facts.bit_rate > 0


def test_sound_is_found(small_clip: Callable[[str], SmallClip]) -> None:
    assert examine(small_clip("h264_bd41").path).sound == SoundFacts(SoundCodec.AC3, 48000, 2)
    assert examine(small_clip("mpeg2_ml").path).sound == SoundFacts(SoundCodec.MP3, 48000, 2)
    assert examine(small_clip("mjpeg").path).sound is None


@pytest.mark.parametrize("muxer", ["matroska", "mov", "h264", "mpegts"])
def test_other_containers_are_read_too(muxer: str, small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    facts = examine(remuxed(small_clip("h264_hp41"), tmp_path / "other", muxer))
    assert facts.stamps == tuple(range(1, 27))
    assert (facts.codec, facts.profile, facts.level) == (Codec.H264, 100, 41)


def test_unknown_codec_is_named(tmp_path: Path) -> None:
    recipe = replace(small_recipe("h264_hp41"), encoder="mpeg4", options=(), sound=None)
    encode(recipe, tmp_path / "clip")
    facts = examine(tmp_path / "clip")
    assert (facts.codec, facts.frames, facts.rows, facts.columns) == ("mpeg4", 26, 240, 320)
    assert facts.stamps == tuple(range(1, 27))


def test_rate_that_the_time_base_cannot_say_is_found(tmp_path: Path) -> None:
    rate = Fraction(60000, 1001)
    encode(replace(small_recipe("mpeg2_hl"), rate=rate, sound=None), tmp_path / "clip")
    facts = examine(tmp_path / "clip")
    assert (facts.rate, facts.regular_timing) == (rate, True)


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([0, 3600, 7200, 10800], (Fraction(25), True)),
        ([5, 3604, 7206, 10805], (Fraction(25), True)),
        ([0, 3003, 6006, 9009], (Fraction(30000, 1001), True)),
        ([0, 3600, 7203, 10800], (Fraction(25), False)),
        ([0, 3600, 10800, 14400], (Fraction(75, 4), False)),
        ([0, 3600, None, 10800], (Fraction(50, 3), False)),
        ([0, 0, 0], (Fraction(0), False)),
        ([7], (Fraction(25), True)),
        ([], (Fraction(25), True)),
    ],
)
def test_timing_is_regular_within_one_unit(times: list[int | None], expected: tuple[Fraction, bool]) -> None:
    assert frame_timing(times, Fraction(1, 90000), [Fraction(25), Fraction(30000, 1001)]) == expected


def test_changed_frame_times_are_noticed(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    clip = small_clip("mpeg2_ml")
    path = tmp_path / "late.ts"
    with av.open(clip.path) as source, av.open(path, "w", format="mpegts") as output:
        video = source.streams.video[0]
        stream = output.add_stream_from_template(video)
        for number, packet in enumerate(source.demux(video)):
            if packet.dts is None:
                continue
            if number >= 13:
                packet.pts, packet.dts = (packet.pts or 0) + 9000, packet.dts + 9000
            packet.stream = stream
            output.mux(packet)
    facts = examine(path)
    assert facts.frames == 26
    assert not facts.regular_timing


def test_change_of_sequence_parameters_is_noticed(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    first = small_clip("h264_bd41")
    other = replace(small_recipe("h264_bd41"), sound=None, rows=256)
    encode(replace(first.recipe, sound=None), tmp_path / "first")
    encode(other, tmp_path / "other")
    joined = tmp_path / "joined"
    joined.write_bytes((tmp_path / "first").read_bytes() + (tmp_path / "other").read_bytes())
    changes = " ".join(examine(joined).changes)
    assert "sequence parameters change" in changes
    assert "the picture becomes 320x256 at frame 27" in changes


def test_lost_frames_are_noticed(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    clip = small_clip("mjpeg")
    data = clip.path.read_bytes()
    place = sum(clip.frame_sizes[:9])
    path = tmp_path / "short"
    path.write_bytes(data[:place] + data[place + clip.frame_sizes[9] :])
    facts = examine(path)
    assert facts.stamps == (*range(1, 10), *range(11, 27))


@pytest.mark.parametrize("id_", IDS)
@pytest.mark.parametrize("share", [0.5, 0.9])
def test_missing_end_is_noticed(id_: str, share: float, small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    data = small_clip(id_).path.read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(data[: int(len(data) * share)])
    facts = examine(path)
    assert facts.problems
    assert 0 < facts.frames < 26


@pytest.mark.parametrize("id_", STREAMS)
def test_lost_middle_is_noticed(id_: str, small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    data = bytearray(small_clip(id_).path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + len(data) // 8] = bytes(len(data) // 8)
    path = tmp_path / "holed"
    path.write_bytes(data)
    facts = examine(path)
    assert facts.problems or facts.stamps != tuple(range(1, 27))


@pytest.mark.parametrize("id_", [id_ for id_ in STREAMS if RECIPES[id_].codec is Codec.HEVC])
def test_any_changed_bit_of_hevc_pictures_is_noticed(
    id_: str, small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    recipe = replace(small_clip(id_).recipe, sound=None)
    path = tmp_path / "clip"
    encode(recipe, path)
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    generator = random.Random(id_)
    for _ in range(20):
        copy = bytearray(data)
        copy[generator.randrange(start, len(copy))] ^= 1 << generator.randrange(8)
        path.write_bytes(copy)
        assert examine(path).problems


@pytest.mark.parametrize("id_", IDS)
def test_damage_never_crashes_and_never_invents_a_number(
    id_: str, small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    data = small_clip(id_).path.read_bytes()
    generator = random.Random(id_)
    path = tmp_path / "damaged"
    for _ in range(25):
        copy = bytearray(data)
        for _ in range(generator.randrange(1, 8)):
            place = generator.randrange(len(copy))
            length = generator.choice((1, 4, 188, 700))
            copy[place : place + length] = generator.randbytes(min(length, len(copy) - place))
        path.write_bytes(copy)
        try:
            facts = examine(path)
        except MediaError:
            continue
        numbers = [stamp for stamp in facts.stamps if stamp is not None]
        assert set(numbers) <= set(range(1, 27))
        assert len(facts.problems) <= 9


def test_motion_jpeg_is_split_by_its_markers_or_by_sizes(
    small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    clip = small_clip("mjpeg")
    data = clip.path.read_bytes()
    padded = bytearray()
    sizes = []
    place = 0
    for size in clip.frame_sizes:
        picture = data[place : place + size] + b"\0" * (size % 2)
        place += size
        sizes.append(len(picture))
        padded += picture
    path = tmp_path / "padded"
    path.write_bytes(padded)
    assert any(before % 2 for before in clip.frame_sizes)
    whole = examine(clip.path)
    assert whole.problems == ()
    assert examine(path) == replace(whole, bit_rate=examine(path).bit_rate)
    assert examine(path, frame_sizes=tuple(sizes)).stamps == whole.stamps


def test_thumbnail_inside_a_segment_does_not_split_a_picture(
    small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    clip = small_clip("mjpeg")
    data = clip.path.read_bytes()
    picture = data[: clip.frame_sizes[0]]
    segment = b"\xff\xe1" + (len(picture[:9000]) + 2 + 2).to_bytes(2, "big") + picture[:9000] + b"\xff\xd9"
    path = tmp_path / "thumbnails"
    path.write_bytes((picture[:2] + segment + picture[2:]) * 3)
    facts = examine(path)
    assert (facts.stamps, facts.problems) == ((1, 1, 1), ())


def test_frame_sizes_beyond_the_file_are_a_problem(small_clip: Callable[[str], SmallClip]) -> None:
    clip = small_clip("mjpeg")
    facts = examine(clip.path, frame_sizes=(*clip.frame_sizes, 500))
    assert facts.frames == 26
    assert any("frame 27 should have 500 bytes" in problem for problem in facts.problems)


def test_file_of_which_nothing_can_be_known_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "nothing"
    for data in (b"", b"text", b"\xff\xd8\xff", b"\0\0\0\x10ftypisom\0\0\0\0", b"G" * 18800):
        path.write_bytes(data)
        with pytest.raises(MediaError, match="nothing"):
            examine(path)


def test_messages_of_the_library_are_quiet_again_afterwards(small_clip: Callable[[str], SmallClip]) -> None:
    paths = [small_clip("mpeg2_ml").path] * 6
    with ThreadPoolExecutor(3) as pool:
        assert {facts.frames for facts in pool.map(examine, paths)} == {26}
    assert av.logging.get_level() is None


@pytest.mark.parametrize("id_", IDS)
def test_pictures_and_times_are_told(id_: str, small_clip: Callable[[str], SmallClip]) -> None:
    clip = small_clip(id_)
    facts = examine(clip.path, frame_sizes=clip.frame_sizes, rate=clip.recipe.rate)
    assert len(set(facts.pictures)) == len(facts.pictures) == 26
    if id_ == "mjpeg":
        assert facts.times == ()
        assert facts.seconds_at(1) is None
    else:
        found = [facts.seconds_at(number) for number in range(26)]
        assert all(
            one is not None and abs(one - number / clip.recipe.rate) <= facts.time_base
            for number, one in enumerate(found)
        )


def test_equal_pictures_have_equal_hashes_whatever_surrounds_them(
    small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    clip = small_clip("h264_hp41")
    whole = examine(clip.path)
    for muxer in ("matroska", "mov", "mpegts"):
        other = examine(remuxed(clip, tmp_path / muxer, muxer))
        assert other.pictures == whole.pictures


def test_sound_is_hashed_without_its_wrapping(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    clip = small_clip("h264_hp41")
    bare = examine(clip.path).track
    repack.copy(clip.path, tmp_path / "wrapped", 26, muxer="mpegts")
    wrapped = examine(tmp_path / "wrapped").track
    assert bare is not None
    assert wrapped is not None
    assert (wrapped.sha256, wrapped.packets) == (bare.sha256, bare.packets)
    assert abs(wrapped.offset - bare.offset) < Fraction(1, 1000)
    assert abs(bare.seconds - clip.recipe.seconds) < Fraction(1, 20)


def test_lost_and_moved_sound_is_seen(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    clip = small_clip("h264_hp41")
    whole = examine(clip.path).track
    assert whole is not None
    for name, change in (("late", repack.delayed), ("none", None)):
        repack.copy(clip.path, tmp_path / name, 26, sound=change)
    late = examine(tmp_path / "late").track
    assert late is not None
    assert late.sha256 == whole.sha256
    # An edit list counts in milliseconds.
    assert abs(late.offset - whole.offset - repack.SOUND_DELAY) < Fraction(1, 1000)
    assert examine(tmp_path / "none").track is None
