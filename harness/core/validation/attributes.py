"""Rows D1, D4, D5, D7 and D8: pixel description, lossy compression, and the SOP class that carries video."""

from collections.abc import Iterator

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.formats import Codec, Format
from harness.core.validation import rules as scope
from harness.core.validation.iods import IODS, LOSSY_REQUIRED, MAY_CARRY_VIDEO, ONE_FRAME_ONLY, US_MULTIFRAME
from harness.core.validation.rules import Rule, Seen, Severity
from harness.core.validation.texts import number


def _pixels(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    has, pixels = object.by_path, format.pixels
    demanded = (
        ("SamplesPerPixel", pixels.samples_per_pixel),
        ("PhotometricInterpretation", pixels.photometric_interpretation),
        ("BitsAllocated", pixels.bits_allocated),
        ("BitsStored", pixels.bits_stored),
        ("HighBit", pixels.high_bit),
        ("PixelRepresentation", pixels.pixel_representation),
        ("PlanarConfiguration", pixels.planar_configuration),
    )
    # The text of 8.2.5 and 8.2.6 allows what their own tables do not.
    grey = format.codec is Codec.MPEG2 and has.get("PhotometricInterpretation") == "MONOCHROME2"
    for keyword, value in demanded:
        seen = has.get(keyword)
        if seen is None and grey and keyword == "PlanarConfiguration":
            continue
        if seen is None or seen.strip(" \0") != str(value):
            yield Seen(
                f"{keyword} is {'missing' if seen is None else repr(seen)}, the stream demands {str(value)!r}",
                _weight(keyword, seen, object, grey=grey),
            )


def _weight(keyword: str, seen: str | None, object: ObjectFacts, *, grey: bool) -> Severity | None:
    if grey and keyword in ("PhotometricInterpretation", "SamplesPerPixel"):
        return Severity.WARNING
    # Only the ultrasound classes leave the colours of lossy JPEG to the writer.
    us_jpeg = object.sop_class_uid == US_MULTIFRAME and keyword == "PhotometricInterpretation" and seen == "RGB"
    return Severity.WARNING if us_jpeg and len(object.jpeg_starts) > 1 and any(object.jpeg_starts) else None


def _aspect_absent(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    if not format.pixels.pixel_aspect_ratio_allowed and "PixelAspectRatio" in object.by_path:
        yield Seen("Pixel Aspect Ratio is present and shall be absent")


def _aspect_described(format: Format, object: ObjectFacts, stream: StreamFacts) -> Iterator[Seen]:
    """Vertical over horizontal here, horizontal over vertical in the codecs (PS3.3 C.7.6.3.1.7)."""
    if not format.pixels.pixel_aspect_ratio_allowed or not format.is_video_stream:
        return
    told = object.by_path.get("PixelAspectRatio", "1\\1")
    down, _, across = told.partition("\\")
    vertical, horizontal = number(down), number(across)
    if not vertical or not horizontal or horizontal / vertical != stream.sample_aspect:
        real = f"{stream.sample_aspect.denominator}\\{stream.sample_aspect.numerator}"
        yield Seen(f"Pixel Aspect Ratio is {told!r}, the stream plays {real!r}", section="PS3.3 C.7.6.3.1.7")


def _lossy(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    has = object.by_path
    told = has.get("LossyImageCompression")
    if told != "01":
        missing_is_legal = told is None and object.sop_class_uid not in LOSSY_REQUIRED
        yield Seen(
            f"Lossy Image Compression is {'missing' if told is None else repr(told)}, the stream is lossy: '01'",
            Severity.WARNING if missing_is_legal else None,
        )
    methods = [one for one in has.get("LossyImageCompressionMethod", "").split("\\") if one]
    ratios = [one for one in has.get("LossyImageCompressionRatio", "").split("\\") if one]
    if not methods:
        yield Seen("Lossy Image Compression Method is not told", Severity.INFORMATION)
    elif methods[-1] != format.lossy_method:
        yield Seen(f"the last Lossy Image Compression Method is {methods[-1]}, the codec is {format.lossy_method}")
    if methods and ratios and len(methods) != len(ratios):
        yield Seen(f"{len(methods)} lossy methods have {len(ratios)} ratios", Severity.WARNING)


def _sop_class(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    uid = object.sop_class_uid
    if uid in ONE_FRAME_ONLY:
        yield Seen(f"{ONE_FRAME_ONLY[uid]} Storage cannot carry video")
    elif uid not in MAY_CARRY_VIDEO and uid not in {one.uid for one in format.sop_classes}:
        yield Seen(f"{uid or 'no SOP class'} is not known as a class that carries video", Severity.WARNING)


def _eight_bits_only(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    iod = IODS.get(object.sop_class_uid)
    if iod is not None:
        stored = format.pixels.bits_stored
        yield Seen(f"the transfer syntax demands {stored} bits, {iod.name} allows 8 only ({iod.bits_section})")


_E = Severity.ERROR
_LOSSY = "PS3.3 C.7.6.1.1.5"

RULES = (
    Rule("D1", _E, "The pixel description is that of the syntax", scope.EVERY, of_object=_pixels),
    Rule(
        "D4",
        _E,
        "Pixel Aspect Ratio is absent, or that of the stream where it is allowed",
        scope.STREAMS,
        of_object=_aspect_absent,
        of_both=_aspect_described,
    ),
    Rule("D5", _E, "Lossy compression is told, by the method of the codec", scope.EVERY, _LOSSY, None, _lossy),
    Rule("D7", _E, "The SOP class is one for many frames", scope.EVERY, "PS3.4 B.5, PS3.3 A.32", None, _sop_class),
    Rule(
        "D8",
        Severity.CONFLICT,
        "Ten bits in an object whose module allows eight",
        scope.MAIN_10,
        of_object=_eight_bits_only,
    ),
)
