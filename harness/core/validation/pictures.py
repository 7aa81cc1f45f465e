"""Rows V5, V8, V10, V13 and V17: sizes, rates and scans that tables and levels allow."""

from collections.abc import Iterator
from fractions import Fraction

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.formats import Codec, Format, LegalPicture
from harness.core.validation import rules as scope
from harness.core.validation.levels import coded_luma, declared_level
from harness.core.validation.rules import Rule, Seen, Severity, is_for_bluray
from harness.core.validation.texts import number

#: What an MPEG-2 encoder writes that leaves the bit rate open: all bits of bit_rate, in units of 400 bit/s.
_OPEN_BIT_RATE = 0x3FFFF * 400

#: Rates that cameras of Table 8-4 may really have, and the ones that it names (note to PS3.5 8.2.7).
_CAMERA_RATES = {Fraction(30): Fraction(30000, 1001), Fraction(60): Fraction(60000, 1001)}


def _ceilings(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    """The ceilings of the highest level that the syntax allows, and of the level that the stream declares."""
    point, luma = format.point, coded_luma(format.codec, stream)
    level = f"level {point.level_name}"
    if point.max_luma and luma > point.max_luma:
        yield Seen(f"a picture has {luma} luma samples, {level} allows {point.max_luma}")
    if point.max_luma_rate and luma * stream.rate > point.max_luma_rate:
        rate = f"{float(luma * stream.rate):.0f}"
        yield Seen(f"{rate} luma samples are coded a second, {level} allows {point.max_luma_rate}")
    if format.codec is not Codec.MPEG2 and point.max_bit_rate and stream.bit_rate > point.max_bit_rate:
        yield Seen(f"the bit rate is {stream.bit_rate} bit/s, {level} allows {point.max_bit_rate}")
    declared = declared_level(format.codec, stream.level)
    if declared is None or stream.level >= point.level:
        return
    told = f"the declared level {declared.name} allows"
    if declared.max_luma < luma <= point.max_luma:
        yield Seen(f"a picture has {luma} luma samples, {told} {declared.max_luma}")
    if declared.max_luma_rate < luma * stream.rate <= point.max_luma_rate:
        rate = f"{float(luma * stream.rate):.0f}"
        yield Seen(f"{rate} luma samples are coded a second, {told} {declared.max_luma_rate}")
    if declared.max_bit_rate < stream.bit_rate <= point.max_bit_rate:
        # A mean over a short clip may lie above what the buffer of the decoder evens out.
        yield Seen(f"the bit rate is {stream.bit_rate} bit/s, {told} {declared.max_bit_rate}", Severity.WARNING)


def _h264_level(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    point = format.point
    if stream.level > point.level:
        yield Seen(f"the level is {stream.level}, the highest allowed is {point.level} ({point.level_name})")
    yield from _ceilings(format, stream)


def _mpeg2_bit_rate(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    point = format.point
    allowed = f"level {point.level_name} allows {point.max_bit_rate}"
    if stream.measured_bit_rate <= point.max_bit_rate and stream.bit_rate == _OPEN_BIT_RATE:
        yield Seen(f"the sequence header leaves the bit rate open, {allowed}", Severity.WARNING)
    elif stream.bit_rate > point.max_bit_rate:
        yield Seen(f"the bit rate is {stream.bit_rate} bit/s, {allowed}")


def _tabled_picture(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    """Sizes and rates of the tables; rows that differ in scan alone belong to row V17."""
    if any(_fits(picture, stream, stream.rate) for picture in format.pictures):
        return
    near = _CAMERA_RATES.get(stream.rate) if is_for_bluray(format) else None
    if near is not None and any(_fits(picture, stream, near) for picture in format.pictures):
        yield Seen(f"the rate is {stream.rate} Hz, which the table names {near}", Severity.WARNING)
    else:
        yield _not_in_table(format, stream)


def _scan(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    near = _CAMERA_RATES.get(stream.rate, stream.rate) if is_for_bluray(format) else stream.rate
    fitting = [one for one in format.pictures if _fits(one, stream, stream.rate) or _fits(one, stream, near)]
    if fitting and not any(stream.scan in picture.scans for picture in fitting):
        yield _not_in_table(format, stream)


def _fits(picture: LegalPicture, stream: StreamFacts, rate: Fraction) -> bool:
    if picture.exact:
        fits = (stream.rows, stream.columns) == (picture.rows, picture.columns)
    else:
        fits = stream.rows <= picture.rows and stream.columns <= picture.columns
    return fits and rate in picture.rates


def _not_in_table(format: Format, stream: StreamFacts) -> Seen:
    rows = "; ".join(_text(picture) for picture in format.pictures)
    return Seen(f"the picture is {stream.columns}x{stream.rows} at {stream.rate} Hz {stream.scan}, allowed is {rows}")


def _text(picture: LegalPicture) -> str:
    bound = "" if picture.exact else "up to "
    rates = ", ".join(str(rate) for rate in picture.rates)
    return f"{bound}{picture.columns}x{picture.rows} at {rates} Hz {' or '.join(picture.scans)}"


def _mpeg2_picture(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    if format.codec is Codec.MPEG2:
        yield from _tabled_picture(format, stream)


def _described_size(format: Format, object: ObjectFacts, stream: StreamFacts) -> Iterator[Seen]:
    for keyword, real in (("Rows", stream.rows), ("Columns", stream.columns)):
        told = object.by_path.get(keyword)
        if told is None or number(told) != real:
            yield Seen(f"{keyword} is {'missing' if told is None else repr(told)}, the stream demands {str(real)!r}")


_E = Severity.ERROR

RULES = (
    Rule("V5", _E, "The bit rate is inside the level", scope.MPEG2, of_stream=_mpeg2_bit_rate),
    Rule("V8", _E, "Level, size, rate and bit rate are those of the syntax", scope.H264, of_stream=_h264_level),
    Rule("V10", _E, "The picture is one of Table 8-4", scope.BLURAY, of_stream=_tabled_picture),
    Rule(
        "V13",
        _E,
        "The picture is a legal one, and Rows and Columns are those of the cropped picture",
        scope.EVERY,
        of_stream=_mpeg2_picture,
        of_both=_described_size,
    ),
    Rule("V17", _E, "The scan is one that the table names for the picture", scope.TABLED, of_stream=_scan),
    Rule("V18", _E, "Size, rate and bit rate are inside the level", scope.LEVELLED, of_stream=_ceilings),
)
