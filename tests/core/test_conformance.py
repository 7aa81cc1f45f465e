"""A stream that conforms has no differences; every single deviation is named."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from harness.catalogue.read import load_formats
from harness.core.conformance import stream_differences
from harness.core.facts import SoundFacts, StreamFacts
from harness.core.formats import Codec, Container, Scan, SoundCodec

FORMATS = load_formats()


def facts(**changes: Any) -> StreamFacts:
    """A stream that conforms to h264_hp41, changed as told."""
    plain = StreamFacts(
        container=Container.MP4,
        codec=Codec.H264,
        profile=100,
        level=41,
        bit_depth=8,
        chroma="4:2:0",
        rows=720,
        columns=1280,
        rate=Fraction(25),
        scan=Scan.PROGRESSIVE,
        sample_aspect=Fraction(1),
        full_range=False,
        frame_packed=False,
        high_tier=False,
        frames=3,
        regular_timing=True,
        sound=SoundFacts(SoundCodec.AAC, 48000, 2),
        stamps=(1, 2, 3),
        problems=(),
        bit_rate=4_000_000,
    )
    return replace(plain, **changes)


MPEG2_HL = {"codec": Codec.MPEG2, "container": Container.MPEG_TS, "profile": 4, "level": 4, "sound": None}
MPEG2_ML = MPEG2_HL | {"level": 8, "rows": 576, "columns": 720, "sample_aspect": Fraction(16, 15)}
BD = {"rows": 1080, "columns": 1920, "scan": Scan.INTERLACED}
HEVC = {"codec": Codec.HEVC, "profile": 1, "level": 153}
JPEG = {
    "codec": Codec.MJPEG,
    "container": Container.JPEG_FRAMES,
    "profile": 192,
    "level": 0,
    "chroma": "4:2:2",
    "full_range": True,
    "sound": None,
}


@pytest.mark.parametrize(
    ("id_", "changes"),
    [
        ("h264_hp41", {}),
        ("h264_hp41", {"level": 31}),
        ("h264_hp41", {"rows": 1080, "columns": 1920, "rate": Fraction(30000, 1001)}),
        ("h264_hp41_frag", {"container": Container.MPEG_TS, "sound": SoundFacts(SoundCodec.LPCM, 96000, 2)}),
        ("h264_bd41", BD),
        ("h264_bd41", {"rate": Fraction(60000, 1001)}),
        ("h264_hp42", {"level": 42, "rows": 1080, "columns": 1920, "rate": Fraction(60)}),
        ("h264_hp42_3d", {"level": 42, "frame_packed": True}),
        ("hevc_main51", HEVC | {"rows": 2160, "columns": 3840, "rate": Fraction(60)}),
        ("hevc_main10_51", HEVC | {"profile": 2, "bit_depth": 10}),
        ("mpeg2_hl", MPEG2_HL),
        ("mpeg2_ml", MPEG2_ML),
        ("mpeg2_ml", MPEG2_ML | {"container": Container.MPEG_PS, "rows": 288, "columns": 352}),
        ("mpeg2_ml", MPEG2_ML | {"sound": SoundFacts(SoundCodec.MP3, 44100, 2)}),
        ("mjpeg", JPEG),
        ("mjpeg", JPEG | {"chroma": "4:2:0", "rate": Fraction(0)}),
    ],
)
def test_conforming_stream_has_no_differences(id_: str, changes: dict[str, Any]) -> None:
    assert stream_differences(FORMATS[id_], facts(**changes)) == ()


@pytest.mark.parametrize(
    ("id_", "changes", "text"),
    [
        ("h264_hp41", {"problems": ("broken",)}, "broken"),
        ("h264_hp41", {"codec": "av1"}, "the codec is av1, demanded is h264"),
        ("h264_hp41", {"container": Container.MATROSKA}, "the container is matroska, allowed is mpeg-ts or mp4"),
        ("h264_hp41", {"profile": 77}, "the profile is 77, demanded is 100 (High)"),
        ("h264_hp41", {"level": 42}, "the level is 42, the highest allowed is 41 (4.1)"),
        ("h264_hp41", {"bit_depth": 10}, "samples have 10 bits, demanded are 8"),
        ("h264_hp41", {"chroma": "4:2:2"}, "the chroma format is 4:2:2"),
        ("h264_hp41", {"full_range": True}, "samples use the full range"),
        ("h264_hp41", {"sample_aspect": Fraction(16, 15)}, "the sample aspect ratio is 16:15, demanded is 1:1"),
        ("h264_hp41", {"frame_packed": True}, "a frame packing arrangement is present"),
        ("h264_hp41", {"regular_timing": False}, "not equally spaced"),
        ("h264_hp41", {"rate": Fraction(0)}, "tells no frame rate"),
        ("h264_hp41", {"rows": 1088, "columns": 2048}, "a picture has 2228224 luma samples, level 4.1 allows 2097152"),
        ("h264_hp41", {"rows": 1080, "columns": 1920, "rate": Fraction(50)}, "level 4.1 allows 62914560"),
        ("h264_hp41", {"bit_rate": 62_500_001}, "the bit rate is 62500001 bit/s"),
        ("h264_hp41", {"sound": SoundFacts(SoundCodec.AC3, 48000, 2)}, "not allowed in MP4"),
        ("h264_hp41", {"sound": SoundFacts(SoundCodec.AAC, 44100, 2)}, "sound has 44100 samples a second"),
        ("h264_hp41", {"sound": SoundFacts(SoundCodec.AAC, 48000, 1)}, "sound has 1 channels"),
        ("h264_hp41", {"sound": SoundFacts("opus", 48000, 2)}, "sound is coded as opus"),
        ("h264_bd41", {"rows": 1080, "columns": 1920}, "the picture is 1920x1080 at 25 Hz progressive"),
        ("h264_bd41", {}, "the picture is 1280x720 at 25 Hz progressive"),
        ("h264_hp42_3d", {"level": 42}, "frame packing arrangement that 3D video demands is missing"),
        ("hevc_main51", HEVC | {"high_tier": True}, "the tier is High"),
        ("hevc_main51", HEVC | {"level": 156}, "the level is 156"),
        ("hevc_main10_51", HEVC | {"profile": 2}, "samples have 8 bits, demanded are 10"),
        ("mpeg2_hl", MPEG2_HL | {"level": 6}, "the level is 6, demanded is 4 (High)"),
        ("mpeg2_hl", MPEG2_HL | {"level": 8}, "the level is 8, demanded is 4 (High)"),
        ("mpeg2_hl", MPEG2_HL | {"sample_aspect": Fraction(3, 4)}, "the picture is shown at 4:3, demanded is 16:9"),
        ("mpeg2_hl", MPEG2_HL | {"rows": 704}, "the picture is 1280x704"),
        ("mpeg2_ml", MPEG2_ML | {"level": 10}, "the level is 10 (Low)"),
        ("mpeg2_ml", MPEG2_ML | {"level": 4}, "the level is 4, the highest allowed is 8 (Main)"),
        ("mpeg2_ml", MPEG2_ML | {"rate": Fraction(30)}, "allowed is up to 720x480"),
        ("mpeg2_ml", MPEG2_ML | {"sound": SoundFacts(SoundCodec.MP2, 48000, 2)}, "allowed is mp3 (PS3.5 8.2.5)"),
        ("mjpeg", JPEG | {"profile": 193}, "the profile is 193, demanded is 192 (Baseline)"),
        ("mjpeg", JPEG | {"sound": SoundFacts(SoundCodec.MP3, 48000, 2)}, "allowed is no sound"),
    ],
)
def test_single_deviation_is_named(id_: str, changes: dict[str, Any], text: str) -> None:
    differences = stream_differences(FORMATS[id_], facts(**changes))
    assert [difference for difference in differences if text in difference], differences


def test_every_difference_names_its_section() -> None:
    wrong = facts(profile=66, level=51, bit_depth=10, chroma="4:4:4", full_range=True, regular_timing=False)
    differences = stream_differences(FORMATS["h264_hp41"], wrong)
    assert len(differences) == 6
    assert all(difference[-1] == ")" and "(PS3." in difference for difference in differences)


def test_another_codec_is_compared_no_further() -> None:
    differences = stream_differences(FORMATS["hevc_main51"], facts())
    assert len(differences) == 1
