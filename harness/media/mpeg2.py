"""MPEG-2 headers: the sequence header and its extension (ISO/IEC 13818-2 6.2.2.1, 6.2.2.3)."""

from fractions import Fraction

from harness.core.facts import Coding
from harness.core.formats import Scan
from harness.errors import MediaError
from harness.media.bits import Bits, plausible, units
from harness.media.coded import CHROMA, CodedVideo

_SEQUENCE_HEADER, _EXTENSION = 0xB3, 0xB5
_SEQUENCE_EXTENSION, _SEQUENCE_DISPLAY_EXTENSION = 1, 2

#: What :func:`parse` says of a stream without sequence extension.
MPEG1 = "the stream has no sequence extension, so it is MPEG-1 and not MPEG-2"
# frame_rate_code, Table 6-4.
_RATES = {
    1: Fraction(24000, 1001),
    2: Fraction(24),
    3: Fraction(25),
    4: Fraction(30000, 1001),
    5: Fraction(30),
    6: Fraction(50),
    7: Fraction(60000, 1001),
    8: Fraction(60),
}
# aspect_ratio_information as the aspect of the whole picture, Table 6-3; 1 means square samples.
_SQUARE = 1
_DISPLAY_ASPECTS = {2: Fraction(4, 3), 3: Fraction(16, 9), 4: Fraction(221, 100)}
_BIT_RATE_UNIT = 400


def parameter_sets(data: bytes) -> tuple[bytes, ...]:
    """The sequence headers in a video elementary stream, as they are coded."""
    return tuple(unit for unit in units(data) if unit and unit[0] == _SEQUENCE_HEADER)


def parse(data: bytes) -> CodedVideo:
    """Read the first sequence header and its extension.

    Raises:
        MediaError: there is none, it is damaged, or the extension is missing, which makes the stream MPEG-1.
    """
    header: Bits | None = None
    extension: Bits | None = None
    colour: tuple[int, int, int] | None = None
    for unit in units(data):
        if unit[:1] == bytes([_SEQUENCE_HEADER]) and header is None:
            header = Bits(unit[1:], "the MPEG-2 sequence header")
        elif unit[:1] != bytes([_EXTENSION]) or header is None or not unit[1:2]:
            continue
        elif unit[1] >> 4 == _SEQUENCE_EXTENSION and extension is None:
            extension = Bits(unit[1:], "the MPEG-2 sequence extension")
        elif unit[1] >> 4 == _SEQUENCE_DISPLAY_EXTENSION and extension is not None:
            colour = _colour(Bits(unit[1:], "the MPEG-2 sequence display extension"))
            break
    if header is None:
        raise MediaError("the MPEG-2 stream has no sequence header; it cannot be decoded")
    if extension is None:
        raise MediaError(MPEG1)
    return _sequence(header, extension, colour)


def _colour(display: Bits) -> tuple[int, int, int] | None:
    display.skip(4 + 3)  # identifier, video_format
    return (display.take(8), display.take(8), display.take(8)) if display.flag() else None


def _sequence(header: Bits, extension: Bits, colour: tuple[int, int, int] | None) -> CodedVideo:
    columns, rows = header.take(12), header.take(12)
    aspect, rate_code = header.take(4), header.take(4)
    bit_rate = header.take(18)
    extension.skip(4)
    profile_and_level = extension.take(8)
    progressive = extension.flag()
    chroma = extension.take(2)
    columns |= extension.take(2) << 12
    rows |= extension.take(2) << 12
    bit_rate |= extension.take(12) << 18
    extension.skip(1 + 8 + 1)  # marker, vbv_buffer_size_extension, low_delay
    factor = Fraction(extension.take(2) + 1, extension.take(5) + 1)
    if chroma == 0 or not rows or not columns:
        raise MediaError("the MPEG-2 sequence header tells no picture; the stream is damaged")
    display = _DISPLAY_ASPECTS.get(aspect)
    return CodedVideo(
        # The escape bit 0x80 stays in the profile, so that 4:2:2 profile is not taken for another one.
        profile=profile_and_level >> 4,
        level=profile_and_level & 15,
        bit_depth=8,
        chroma=CHROMA[chroma],
        rows=rows,
        columns=columns,
        scan=Scan.PROGRESSIVE if progressive else Scan.INTERLACED,
        sample_aspect=display * rows / columns if display else Fraction(1) if aspect == _SQUARE else None,
        full_range=False,
        rate=plausible(rate_code, _RATES, "frame_rate_code") * factor,
        bit_rate=bit_rate * _BIT_RATE_UNIT,
        coding=Coding(aspect_code=aspect, colour=colour),
    )
