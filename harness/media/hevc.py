"""HEVC headers: the start of the sequence parameter set (ISO/IEC 23008-2 7.3.2.2, 7.3.3).

The usability information lies behind variable structures at the end of the set; the decoder tells aspect and range.
"""

from dataclasses import dataclass

from harness.core.facts import Coding
from harness.core.formats import Scan
from harness.errors import MediaError
from harness.media.bits import Bits, plausible, unescaped, units
from harness.media.coded import CHROMA, CHROMA_STEP, CodedVideo

_VPS, _SPS = 32, 33
# Twice what Level 6.2 allows along an edge.
_MAX_EDGE = 33792
_HEADER_BYTES = 2


def parameter_sets(data: bytes) -> tuple[bytes, ...]:
    """The sequence parameter sets in Annex B data, as they are coded."""
    return tuple(unit for unit in units(data) if unit and unit[0] >> 1 & 63 == _SPS)


def parse(data: bytes) -> CodedVideo:
    """Read the first sequence parameter set in Annex B data.

    Raises:
        MediaError: there is no parameter set, or it is damaged.
    """
    sets = parameter_sets(data)
    if not sets:
        raise MediaError("the HEVC stream has no sequence parameter set; it cannot be decoded")
    bits = Bits(unescaped(sets[0])[_HEADER_BYTES:], "the HEVC sequence parameter set")
    bits.skip(4)  # sps_video_parameter_set_id
    sub_layers = bits.take(3)
    bits.skip(1)
    point = _point(bits)
    # What demands more of a decoder counts, should the sets contradict each other.
    points = [point, *(_video_point(unit) for unit in units(data) if unit and unit[0] >> 1 & 63 == _VPS)]
    _skip_sub_layers(bits, sub_layers)
    bits.ue()  # sps_seq_parameter_set_id
    chroma = bits.ue()
    plausible(chroma, CHROMA, "chroma_format_idc")
    if chroma == 3:
        bits.skip(1)
    columns, rows = bits.ue(), bits.ue()
    if bits.flag():
        left, right, top, bottom = (bits.ue() for _ in range(4))
        step_rows, step_columns = CHROMA_STEP[chroma]
        columns -= (left + right) * step_columns
        rows -= (top + bottom) * step_rows
    if not (0 < rows <= _MAX_EDGE and 0 < columns <= _MAX_EDGE):
        raise MediaError(f"the HEVC picture would be {columns}x{rows}; the stream is damaged")
    return CodedVideo(
        profile=point.profile,
        level=max(one.level for one in points),
        bit_depth=8 + bits.ue(),
        chroma=CHROMA[chroma],
        rows=rows,
        columns=columns,
        scan=Scan.INTERLACED if point.interlaced else Scan.PROGRESSIVE,
        high_tier=any(one.high_tier for one in points),
        coding=Coding(compatible_profiles=point.compatible, chroma_depth=8 + bits.ue()),
    )


@dataclass(frozen=True, slots=True)
class _Point:
    """The general part of profile_tier_level (7.3.3)."""

    profile: int
    compatible: tuple[int, ...]
    high_tier: bool
    interlaced: bool
    level: int


def _point(bits: Bits) -> _Point:
    bits.skip(2)  # general_profile_space
    high_tier = bits.flag()
    profile = bits.take(5)
    compatible = tuple(number for number in range(32) if bits.flag())
    progressive, interlaced = bits.flag(), bits.flag()
    bits.skip(46)
    return _Point(profile, compatible, high_tier, interlaced and not progressive, bits.take(8))


def _video_point(unit: bytes) -> _Point:
    bits = Bits(unescaped(unit)[_HEADER_BYTES:], "the HEVC video parameter set")
    bits.skip(4 + 1 + 1 + 6 + 3 + 1 + 16)  # id, base layer, layers, sub-layers, nesting, reserved
    return _point(bits)


def _skip_sub_layers(bits: Bits, count: int) -> None:
    present = [(bits.flag(), bits.flag()) for _ in range(count)]
    if count:
        bits.skip(2 * (8 - count))
    for profile, level in present:
        bits.skip(88 * profile + 8 * level)
