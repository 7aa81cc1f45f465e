"""What the levels of H.264 and HEVC allow (ISO/IEC 14496-10 Table A-1, ISO/IEC 23008-2 Tables A.8 and A.9)."""

from dataclasses import dataclass

from harness.core.facts import StreamFacts
from harness.core.formats import Codec


@dataclass(frozen=True, slots=True)
class Level:
    """Ceilings of one level: luma samples a picture and a second, bit/s in High Profile or Main tier."""

    name: str
    max_luma: int
    max_luma_rate: int
    max_bit_rate: int


#: level_idc, name, macroblocks a second, macroblocks a picture, kbit/s of Main Profile.
_H264_TABLE = (
    (9, "1b", 1485, 99, 128),
    (10, "1", 1485, 99, 64),
    (11, "1.1", 3000, 396, 192),
    (12, "1.2", 6000, 396, 384),
    (13, "1.3", 11880, 396, 768),
    (20, "2", 11880, 396, 2000),
    (21, "2.1", 19800, 792, 4000),
    (22, "2.2", 20250, 1620, 4000),
    (30, "3", 40500, 1620, 10000),
    (31, "3.1", 108000, 3600, 14000),
    (32, "3.2", 216000, 5120, 20000),
    (40, "4", 245760, 8192, 20000),
    (41, "4.1", 245760, 8192, 50000),
    (42, "4.2", 522240, 8704, 50000),
    (50, "5", 589824, 22080, 135000),
    (51, "5.1", 983040, 36864, 240000),
    (52, "5.2", 2073600, 36864, 240000),
)

#: level_idc, name, luma samples a picture, luma samples a second, kbit/s of Main tier.
_HEVC_TABLE = (
    (30, "1", 36864, 552960, 128),
    (60, "2", 122880, 3686400, 1500),
    (63, "2.1", 245760, 7372800, 3000),
    (90, "3", 552960, 16588800, 6000),
    (93, "3.1", 983040, 33177600, 10000),
    (120, "4", 2228224, 66846720, 12000),
    (123, "4.1", 2228224, 133693440, 20000),
    (150, "5", 8912896, 267386880, 25000),
    (153, "5.1", 8912896, 534773760, 40000),
    (156, "5.2", 8912896, 1069547520, 60000),
)

_MACROBLOCK = 256
#: Bits of High Profile for each 1000 of Main Profile (ISO/IEC 14496-10 Table A-2).
_HIGH_FACTOR = 1250

_LEVELS: dict[Codec, dict[int, Level]] = {
    Codec.H264: {
        code: Level(name, size * _MACROBLOCK, rate * _MACROBLOCK, bits * _HIGH_FACTOR)
        for code, name, rate, size, bits in _H264_TABLE
    },
    Codec.HEVC: {code: Level(name, size, rate, bits * 1000) for code, name, size, rate, bits in _HEVC_TABLE},
}


def declared_level(codec: Codec, code: int) -> Level | None:
    """The level of a level_idc; None where the codec has none of that code, or none is tabled."""
    return _LEVELS.get(codec, {}).get(code)


#: Edge of a macroblock, in which the levels of these codecs count pictures.
_EDGES = {Codec.H264: 16, Codec.MPEG2: 16}


def coded_luma(codec: Codec, stream: StreamFacts) -> int:
    """Luma samples of one coded picture, which is the cropped one in whole macroblocks."""
    edge = _EDGES.get(codec, 1)
    return -(-stream.rows // edge) * -(-stream.columns // edge) * edge * edge
