"""How MP4 is built and how sound is coded are read from the bytes."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest

from harness.core.facts import Coding, Packaging
from harness.media import mp4
from harness.media.encode import encode
from harness.media.examine import examine
from harness.media.facts_json import facts_from_plain, facts_to_plain
from harness.media.frame_times import timing_faults

from .conftest import SmallClip, small_recipe
from .test_container import remuxed


def rebuilt(clip: SmallClip, path: Path, **options: str) -> Path:
    """The pictures of a clip in MP4 that was written with other options."""
    with av.open(clip.path) as source, av.open(path, "w", format="mp4", options=options) as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(source.streams.video[0]):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    return path


def test_our_mp4_has_its_index_first(small_clip: Callable[[str], SmallClip]) -> None:
    facts = examine(small_clip("h264_hp41").path)
    assert facts.packaging == Packaging(
        video_tracks=1, sound_tracks=1, brand="isom", index_first=True, sample_entry="avc1", edits=1
    )
    assert facts.measured_bit_rate > 0
    assert facts.sound_detail.bit_rate > 50_000


def test_hevc_of_ours_is_hvc1(small_clip: Callable[[str], SmallClip]) -> None:
    assert examine(small_clip("hevc_main51").path).packaging.sample_entry == "hvc1"


def test_index_behind_the_pictures_and_other_sample_entry_are_told(
    small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    packaging = mp4.packaging(rebuilt(small_clip("hevc_main51"), tmp_path / "late.mp4"))
    assert packaging.index_first is False
    assert packaging.sample_entry == "hev1"
    assert not packaging.fragmented


def test_movie_fragments_are_told(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    path = rebuilt(small_clip("h264_hp41"), tmp_path / "cut.mp4", movflags="frag_keyframe+empty_moov")
    assert mp4.packaging(path).fragmented


def test_quicktime_tells_its_brand(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    assert mp4.packaging(remuxed(small_clip("h264_hp41"), tmp_path / "clip.mov", "mov")).brand == "qt  "


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0\0\0",
        b"\0\0\0\1moov",
        b"\0\0\0\7free",
        b"\0\0\0\0moov" + b"\xff" * 99,
        b"\0\0\0\x10moov\xff\xff\xff\xfftrak",
    ],
)
def test_damaged_boxes_end_the_walk(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged.mp4"
    path.write_bytes(data)
    assert mp4.packaging(path).sample_entry == ""


def test_as_many_boxes_as_bytes_end_the_walk(tmp_path: Path) -> None:
    path = tmp_path / "boxes.mp4"
    path.write_bytes(b"\0\0\0\x08free" * 50_000)
    with path.open("rb") as file:
        assert sum(1 for _ in mp4.boxes(file, 0, 400_000)) < 50_000


def test_tracks_in_a_transport_stream_are_counted(small_clip: Callable[[str], SmallClip]) -> None:
    packaging = examine(small_clip("mpeg2_ml").path).packaging
    assert (packaging.video_tracks, packaging.sound_tracks, packaging.index_first) == (1, 1, None)


def test_headers_tell_aspect_and_colour(small_clip: Callable[[str], SmallClip]) -> None:
    assert examine(small_clip("h264_hp41").path).coding == Coding(
        aspect_code=1, colour=(1, 1, 1), chroma_depth=8, constraint_flags=0
    )
    mpeg2 = examine(small_clip("mpeg2_ml").path).coding
    assert (mpeg2.aspect_code, mpeg2.colour) == (2, (5, 5, 5))
    hevc = examine(small_clip("hevc_main10_51").path).coding
    assert (hevc.compatible_profiles, hevc.chroma_depth) == ((2,), 10)


def test_mpeg1_is_told_from_mpeg2(tmp_path: Path) -> None:
    recipe = replace(small_recipe("mpeg2_ml"), encoder="mpeg1video", options=(), sound=None)
    encode(recipe, tmp_path / "clip")
    assert examine(tmp_path / "clip").codec == "mpeg1video"


def test_varying_bit_rate_of_mp3_is_heard(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    clip = small_clip("mpeg2_ml")
    assert examine(clip.path).sound_detail.constant
    path = tmp_path / "varying.ts"
    with av.open(clip.path) as source, av.open(path, "w", format="mpegts") as output:
        template = source.streams.video[0]
        video = output.add_stream_from_template(template)
        sound = output.add_stream("libmp3lame", rate=48000, options={"compression_level": "0"})
        sound.codec_context.layout = "stereo"
        sound.codec_context.qscale = True
        sound.codec_context.global_quality = 0
        for packet in source.demux(template):
            if packet.dts is not None:
                packet.stream = video
                output.mux(packet)
        silence_then_noise(output, sound)
    assert not examine(path).sound_detail.constant


def silence_then_noise(output, sound) -> None:
    import numpy as np

    noise = np.random.default_rng(1)
    for number in range(60):
        samples = noise.integers(-9000, 9000, (1, 2304)) * (number // 10 % 2)
        frame = av.AudioFrame.from_ndarray(samples.astype(np.int16), format="s16", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = 48000, number * 1152, Fraction(1, 48000)
        for ready in av.AudioResampler("s16p", "stereo", 48000).resample(frame):
            output.mux(sound.encode(ready))
    output.mux(sound.encode(None))


@pytest.mark.parametrize(
    ("times", "faults"),
    [
        ([0, 1, 2], ()),
        ([None], ()),
        ([0, None, 2], ("1 of 3 frames have no time",)),
        ([0, 2, 2], ("frame 3 is not later than the one before it",)),
        ([5, 4], ("frame 2 is not later than the one before it",)),
    ],
)
def test_times_must_rise(times: list[int | None], faults: tuple[str, ...]) -> None:
    assert timing_faults(times) == faults


def test_facts_survive_json(small_clip: Callable[[str], SmallClip]) -> None:
    import json

    facts = examine(small_clip("mpeg2_ml").path)
    assert facts_from_plain(json.loads(json.dumps(facts_to_plain(facts)))) == facts
