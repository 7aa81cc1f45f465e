"""Headers are read as they are coded, and damaged ones are refused in words."""

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.bitstream import BitStreamFilterContext

from harness.core.formats import Codec, Container
from harness.errors import MediaError
from harness.media import hevc, jpeg
from harness.media.bits import Bits, unescaped, units
from harness.media.bitstream import ANNEX_B, parameter_sets, parse_headers
from harness.media.encode import encode

from .conftest import RECIPES, SmallClip, small_recipe

VIDEO = sorted(id_ for id_, recipe in RECIPES.items() if recipe.codec is not Codec.MJPEG)
MPEG2 = [id_ for id_ in VIDEO if RECIPES[id_].codec is Codec.MPEG2]


def first_picture(path: Path, codec: Codec, container: Container) -> bytes:
    """The first coded picture with its headers, as Annex B or elementary stream."""
    with av.open(path, format="mp4" if container is Container.MP4 else "mpegts") as source:
        stream = source.streams.video[0]
        packet = next(source.demux(stream))
        if codec in ANNEX_B:
            return b"".join(bytes(part) for part in BitStreamFilterContext(ANNEX_B[codec], stream).filter(packet))
        return bytes(packet)


@pytest.fixture
def coded(small_clip: Callable[[str], SmallClip]) -> Callable[[str], tuple[Codec, bytes]]:
    def read(id_: str) -> tuple[Codec, bytes]:
        clip = small_clip(id_)
        if clip.recipe.codec is Codec.MJPEG:
            return clip.recipe.codec, clip.path.read_bytes()[: clip.frame_sizes[0]]
        return clip.recipe.codec, first_picture(clip.path, clip.recipe.codec, clip.recipe.container)

    return read


@pytest.mark.parametrize("id_", sorted(RECIPES))
def test_headers_say_what_the_recipe_asked_for(id_: str, coded: Callable[[str], tuple[Codec, bytes]]) -> None:
    recipe = small_recipe(id_)
    headers = parse_headers(*coded(id_))
    assert (headers.rows, headers.columns) == (240, 320)
    assert headers.scan is recipe.scan
    assert headers.bit_depth == (10 if recipe.pixel_format == "yuv420p10le" else 8)
    assert headers.chroma == ("4:2:2" if recipe.codec is Codec.MJPEG else "4:2:0")
    assert headers.frame_packed is recipe.side_by_side
    assert not headers.high_tier
    assert headers.sample_aspect in (None, recipe.sample_aspect)


@pytest.mark.parametrize("id_", [id_ for id_ in VIDEO if id_ not in MPEG2])
def test_profile_and_level_agree_with_the_decoder(
    id_: str, small_clip: Callable[[str], SmallClip], coded: Callable[[str], tuple[Codec, bytes]]
) -> None:
    headers = parse_headers(*coded(id_))
    names = {(Codec.H264, 100): "High", (Codec.HEVC, 1): "Main", (Codec.HEVC, 2): "Main 10"}
    with av.open(small_clip(id_).path) as source:
        context = source.streams.video[0].codec_context
        assert names[small_recipe(id_).codec, headers.profile] == context.profile
        assert headers.level == context.level


@pytest.mark.parametrize(("id_", "level"), [("mpeg2_ml", 8), ("mpeg2_hl", 4)])
def test_mpeg2_profile_level_and_rates(id_: str, level: int, coded: Callable[[str], tuple[Codec, bytes]]) -> None:
    headers = parse_headers(*coded(id_))
    assert (headers.profile, headers.level) == (4, level)
    assert headers.rate == RECIPES[id_].rate
    assert headers.bit_rate == int(dict(RECIPES[id_].options)["maxrate"])


def test_mpeg2_without_ceiling_declares_an_open_bit_rate(tmp_path: Path) -> None:
    recipe = small_recipe("mpeg2_ml")
    options = tuple((key, value) for key, value in recipe.options if key not in ("maxrate", "bufsize"))
    encode(replace(recipe, options=options), tmp_path / "open")
    headers = parse_headers(Codec.MPEG2, first_picture(tmp_path / "open", Codec.MPEG2, Container.MPEG_TS))
    assert headers.bit_rate == 0x3FFFF * 400


def test_mpeg2_display_aspect_becomes_sample_aspect(tmp_path: Path) -> None:
    recipe = replace(small_recipe("mpeg2_ml"), rows=576, columns=720, frames=2, sample_aspect=Fraction(16, 15))
    encode(recipe, tmp_path / "pal")
    headers = parse_headers(Codec.MPEG2, first_picture(tmp_path / "pal", Codec.MPEG2, Container.MPEG_TS))
    assert headers.sample_aspect == Fraction(16, 15)


def test_mpeg1_is_told_from_mpeg2() -> None:
    with pytest.raises(MediaError, match="MPEG-1"):
        parse_headers(Codec.MPEG2, b"\0\0\x01\xb3" + b"\x14\x00\xf0\x13\xff\xff\xe0\x18" + b"\0\0\x01\xb8\0\0\0\0")


def test_h264_cropping_aspect_range_and_timing_are_read(tmp_path: Path) -> None:
    recipe = small_recipe("h264_hp41")
    recipe = replace(recipe, rows=90, columns=330, sample_aspect=Fraction(7, 5), rate=Fraction(30000, 1001), sound=None)
    encode(replace(recipe, options=(*recipe.options, ("color_range", "pc"))), tmp_path / "odd")
    headers = parse_headers(Codec.H264, first_picture(tmp_path / "odd", Codec.H264, Container.MP4))
    assert (headers.rows, headers.columns) == (90, 330)
    assert headers.sample_aspect == Fraction(7, 5)
    assert headers.rate == Fraction(30000, 1001)
    assert headers.full_range is True


def test_hevc_high_tier_and_cropping_are_read(tmp_path: Path) -> None:
    recipe = small_recipe("hevc_main51")
    options = tuple((key, value.replace("high-tier=0", "high-tier=1")) for key, value in recipe.options)
    options = (*options, ("maxrate", "50000000"), ("bufsize", "50000000"))
    # High tier is declared only for a rate that Main tier does not allow.
    recipe = replace(recipe, rows=90, columns=326, bit_rate=45_000_000, options=options, sound=None)
    encode(recipe, tmp_path / "high")
    headers = parse_headers(Codec.HEVC, first_picture(tmp_path / "high", Codec.HEVC, Container.MP4))
    assert headers.high_tier
    assert (headers.rows, headers.columns) == (90, 326)


def test_parameter_sets_do_not_depend_on_the_length_of_the_next_start_code() -> None:
    sets = b"\0\0\x01\x67\x64\x00\x29\xac"
    assert parameter_sets(Codec.H264, sets + b"\0\0\x01\x68\xee") == parameter_sets(
        Codec.H264, sets + b"\0\0\0\x01\x68"
    )


@pytest.mark.parametrize("id_", sorted(RECIPES))
def test_damaged_headers_raise_media_error_or_read(id_: str, coded: Callable[[str], tuple[Codec, bytes]]) -> None:
    codec, data = coded(id_)
    data = data[:1500]
    generator = random.Random(id_)
    refused = 0
    damaged = [data[:length] for length in range(0, len(data), 7)]
    for _ in range(300):
        copy = bytearray(data)
        copy[generator.randrange(200)] ^= 1 << generator.randrange(8)
        damaged.append(bytes(copy))
    for sample in damaged:
        try:
            parse_headers(codec, sample)
        except MediaError:
            refused += 1
    assert refused > 0


@pytest.mark.parametrize("codec", list(Codec))
@pytest.mark.parametrize(
    "data", [b"", b"\0" * 64, b"\xff" * 64, b"\0\0\x01" * 30, b"\0\0\x01\x67", b"\0\0\x01\x42\x01"]
)
def test_nonsense_is_refused(codec: Codec, data: bytes) -> None:
    with pytest.raises(MediaError):
        parse_headers(codec, data)


def test_hevc_sub_layers_are_passed_over(coded: Callable[[str], tuple[Codec, bytes]]) -> None:
    _, data = coded("hevc_main51")
    unit = unescaped(hevc.parameter_sets(data)[0])
    plain = hevc.parse(b"\0\0\x01" + unit)
    # One sub-layer with a level of its own: two flags, fourteen reserved bits, eight bits of level.
    bits = f"{int.from_bytes(unit, 'big'):0{len(unit) * 8}b}"
    start = 16 + 8 + 96
    longer = bits[:20] + "001" + bits[23:start] + "01" + "0" * 14 + "01111000" + bits[start:]
    coded_longer = int(longer, 2).to_bytes(len(longer) // 8, "big")
    assert hevc.parse(b"\0\0\x01" + coded_longer) == plain


@pytest.mark.parametrize(("name", "marker"), [("DQT", 0xDB), ("DHT", 0xC4)])
def test_jpeg_without_its_own_tables_is_refused(
    name: str, marker: int, coded: Callable[[str], tuple[Codec, bytes]]
) -> None:
    _, data = coded("mjpeg")
    while (place := data.find(bytes([0xFF, marker]))) >= 0:
        length = int.from_bytes(data[place + 2 : place + 4], "big")
        data = data[:place] + data[place + 2 + length :]
    with pytest.raises(MediaError, match=f"no {name} segment"):
        jpeg.parse(data)


def test_numbers_are_read_bit_by_bit() -> None:
    bits = Bits(bytes([0b1_010_011_0, 0b0100_0010, 0b1_0000000]), "a sample")
    assert [bits.ue(), bits.ue(), bits.ue(), bits.ue()] == [0, 1, 2, 3]
    assert bits.se() == -2
    with pytest.raises(MediaError, match="a sample ends too early"):
        bits.skip(99)


def test_units_lie_between_start_codes() -> None:
    assert list(units(b"junk\0\0\x01a\0\0\0\x01bc\0\0\x01")) == [b"a\0", b"bc", b""]
