"""H.264 headers: the sequence parameter set and the frame packing message (ISO/IEC 14496-10 7.3.2.1, D.1, E.1)."""

from dataclasses import dataclass
from fractions import Fraction

from harness.core.facts import Coding
from harness.core.formats import Scan
from harness.errors import MediaError
from harness.media.bits import Bits, plausible, unescaped, units
from harness.media.coded import CHROMA, CHROMA_STEP, CodedVideo

_SEI, _SPS, _SUBSET_SPS = 6, 7, 15
_FRAME_PACKING = 45
# Profiles whose parameter set tells chroma format and bit depth; the others are 4:2:0 of 8 bits.
_HIGH_PROFILES = frozenset({44, 83, 86, 100, 110, 118, 122, 128, 134, 135, 138, 139, 244})
# aspect_ratio_idc, Table E-1.
_ASPECTS = {
    1: (1, 1),
    2: (12, 11),
    3: (10, 11),
    4: (16, 11),
    5: (40, 33),
    6: (24, 11),
    7: (20, 11),
    8: (32, 11),
    9: (80, 33),
    10: (18, 11),
    11: (15, 11),
    12: (64, 33),
    13: (160, 99),
    14: (4, 3),
    15: (3, 2),
    16: (2, 1),
}
_EXTENDED_ASPECT = 255
# One step further than any level allows, in macroblocks along an edge.
_MAX_EDGE = 1056


def parameter_sets(data: bytes) -> tuple[bytes, ...]:
    """The sequence parameter sets in Annex B data, as they are coded."""
    return tuple(unit for unit in units(data) if unit and unit[0] & 31 == _SPS)


def parse(data: bytes) -> CodedVideo:
    """Read the first sequence parameter set, frame packing and profiles of further views from Annex B data.

    Raises:
        MediaError: there is no parameter set, or it is damaged.
    """
    sets = parameter_sets(data)
    if not sets:
        raise MediaError("the H.264 stream has no sequence parameter set; it cannot be decoded")
    packed = any(_packs_frames(unit) for unit in units(data) if unit and unit[0] & 31 == _SEI)
    # profile_idc follows the byte of the unit's header.
    subsets = {unit[1] for unit in units(data) if len(unit) > 1 and unit[0] & 31 == _SUBSET_SPS}
    bits = Bits(unescaped(sets[0])[1:], "the H.264 sequence parameter set")
    return _sequence(bits, packed, tuple(sorted(subsets)))


def _sequence(bits: Bits, packed: bool, subsets: tuple[int, ...]) -> CodedVideo:
    profile, constraints = bits.take(8), bits.take(8)
    level = bits.take(8)
    bits.ue()  # seq_parameter_set_id
    chroma, depth, chroma_depth = 1, 8, 8
    if profile in _HIGH_PROFILES:
        chroma = bits.ue()
        plausible(chroma, CHROMA, "chroma_format_idc")
        if chroma == 3:
            bits.skip(1)  # separate_colour_plane_flag
        depth = 8 + bits.ue()
        chroma_depth = 8 + bits.ue()
        bits.skip(1)  # qpprime_y_zero_transform_bypass_flag
        if bits.flag():
            for index in range(12 if chroma == 3 else 8):
                if bits.flag():
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    bits.ue()  # log2_max_frame_num_minus4
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.skip(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
    bits.ue()  # max_num_ref_frames
    bits.skip(1)
    width, height = bits.ue() + 1, bits.ue() + 1
    if width > _MAX_EDGE or height > _MAX_EDGE:
        raise MediaError(f"the H.264 picture would be {width * 16} samples wide; the stream is damaged")
    frames_only = bits.flag()
    if not frames_only:
        height *= 2
        bits.skip(1)  # mb_adaptive_frame_field_flag
    bits.skip(1)  # direct_8x8_inference_flag
    step_rows, step_columns = CHROMA_STEP[chroma]
    step_rows *= 1 if frames_only else 2
    left, right, top, bottom = (bits.ue() for _ in range(4)) if bits.flag() else (0, 0, 0, 0)
    rows = height * 16 - (top + bottom) * step_rows
    columns = width * 16 - (left + right) * step_columns
    if rows <= 0 or columns <= 0:
        raise MediaError("the H.264 cropping leaves no picture; the stream is damaged")
    said = _usability(bits) if bits.flag() else _Usability()
    return CodedVideo(
        profile=profile,
        level=level,
        bit_depth=depth,
        chroma=CHROMA[chroma],
        rows=rows,
        columns=columns,
        scan=Scan.PROGRESSIVE if frames_only else Scan.INTERLACED,
        sample_aspect=said.aspect,
        full_range=said.full_range,
        rate=said.rate,
        frame_packed=packed,
        coding=Coding(
            aspect_code=said.aspect_code,
            constraint_flags=constraints,
            subset_profiles=subsets,
            colour=said.colour,
            chroma_depth=chroma_depth,
        ),
    )


@dataclass(frozen=True, slots=True)
class _Usability:
    """What the VUI parameters say of aspect, range, rate and colour; None where they do not."""

    aspect: Fraction | None = None
    aspect_code: int | None = None
    full_range: bool | None = None
    rate: Fraction | None = None
    colour: tuple[int, int, int] | None = None


def _usability(bits: Bits) -> _Usability:
    aspect = full_range = rate = code = colour = None
    if bits.flag():
        code = bits.take(8)
        width, height = (bits.take(16), bits.take(16)) if code == _EXTENDED_ASPECT else _ASPECTS.get(code, (0, 0))
        aspect = Fraction(width, height) if width and height else None
    if bits.flag():
        bits.skip(1)  # overscan_appropriate_flag
    if bits.flag():
        bits.skip(3)  # video_format
        full_range = bits.flag()
        if bits.flag():
            colour = (bits.take(8), bits.take(8), bits.take(8))
    if bits.flag():
        bits.ue()
        bits.ue()
    if bits.flag():
        units_in_tick, time_scale = bits.take(32), bits.take(32)
        # A tick is a field: two of them make a frame (E.2.1).
        rate = Fraction(time_scale, 2 * units_in_tick) if units_in_tick and time_scale else None
    return _Usability(aspect, code, full_range, rate, colour)


def _skip_scaling_list(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se()) % 256
        last = following or last


def _packs_frames(unit: bytes) -> bool:
    """Whether a SEI unit holds a frame packing arrangement that is not cancelled."""
    data = unescaped(unit)[1:]
    place = 0
    # The last byte is the trailing bits.
    while place < len(data) - 1:
        kind, place = _sei_number(data, place)
        size, place = _sei_number(data, place)
        if kind == _FRAME_PACKING and place < len(data):
            message = Bits(data[place : place + size], "the frame packing message")
            message.ue()
            return not message.flag()
        place += size
    return False


def _sei_number(data: bytes, place: int) -> tuple[int, int]:
    total = 0
    while place < len(data) and data[place] == 255:
        total += 255
        place += 1
    return (total + data[place], place + 1) if place < len(data) else (total, place)
