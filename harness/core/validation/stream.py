"""Rows V1 to V4, V6, V7, V9, V11, V12, V14 and J1: profile, samples and views of the coded stream."""

from collections.abc import Iterator
from fractions import Fraction

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.formats import Codec, Format
from harness.core.validation import rules as scope
from harness.core.validation.rules import STEREO_HIGH, Rule, Seen, Severity, is_stereo

#: Chroma that the photometric interpretations allow; 4:2:0 inside YBR_FULL_422 is called harmless (PS3.3 C.7.6.3.1.2).
_CHROMA = {"YBR_PARTIAL_420": ("4:2:0",), "YBR_FULL_422": ("4:2:2", "4:2:0")}

#: Aspect of the picture that MPEG-2 at High Level must have, and its code in the sequence header (PS3.5 8.2.6).
_HIGH_LEVEL_ASPECT, _HIGH_LEVEL_CODE = Fraction(16, 9), 3

#: Codes of bt470bg, which PAL should be coded in (PS3.5 8.2.5).
_PAL_COLOUR, _PAL_RATE = (5, 5, 5), 25

#: profile_idc of Baseline, Main and Extended Profile, which a decoder of High Profile may play.
_BELOW_HIGH = frozenset({66, 77, 88})

#: level code of MPEG-2 that is below Main Level, and that of Main Level itself.
_LOW_LEVEL, _MAIN_LEVEL = 10, 8

MPEG1 = "mpeg1video"  #: what the video library calls a stream without sequence extension


def _is_mpeg1(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    if stream.codec == MPEG1:
        yield Seen("the stream has no sequence extension, so it is MPEG-1 and not MPEG-2")


def _mpeg2_point(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    yield from _profile(format, stream)
    point, level = format.point, stream.level
    bound = "demanded is" if point.level_exact else "the highest allowed is"
    text = f"the level is {level}, {bound} {point.level} ({point.level_name})"
    # In MPEG-2 a greater code is a lower level.
    if point.level_exact and level != point.level:
        yield Seen(text, Severity.WARNING if level == _MAIN_LEVEL else None)
    elif level < point.level:
        yield Seen(text)
    elif level == _LOW_LEVEL:
        yield Seen(f"the level is {level} (Low), which Main Level contains without naming it", Severity.WARNING)


def _profile(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    point = format.point
    if stream.profile != point.profile:
        yield Seen(f"the profile is {stream.profile}, demanded is {point.profile} ({point.profile_name})")


def _chroma(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    photometric = format.pixels.photometric_interpretation
    if stream.chroma not in _CHROMA[photometric]:
        allowed = " or ".join(_CHROMA[photometric])
        yield Seen(f"the chroma format is {stream.chroma}, {photometric} demands {allowed}")


def _shown_aspect(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    shown = stream.sample_aspect * stream.columns / stream.rows if stream.rows else Fraction(0)
    if shown != _HIGH_LEVEL_ASPECT:
        yield Seen(f"the picture is shown at {shown.numerator}:{shown.denominator}, demanded is 16:9")
    elif stream.coding.aspect_code not in (None, _HIGH_LEVEL_CODE):
        yield Seen(f"aspect_ratio_information is {stream.coding.aspect_code}, demanded is {_HIGH_LEVEL_CODE} (16:9)")


def _pal_colour(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    if stream.rate == _PAL_RATE and stream.coding.colour not in (None, _PAL_COLOUR):
        yield Seen(f"colour primaries, transfer and matrix are {stream.coding.colour}, PAL should have {_PAL_COLOUR}")


def _h264_profile(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    if is_stereo(format) and STEREO_HIGH in (stream.profile, *stream.coding.subset_profiles):
        return
    for seen in _profile(format, stream):
        below = stream.profile in _BELOW_HIGH and not is_stereo(format)
        yield Seen(f"{seen.text}; a decoder of High Profile may play it", Severity.WARNING) if below else seen


def _samples(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    depth = format.point.bit_depth
    if stream.bit_depth != depth:
        yield Seen(f"samples have {stream.bit_depth} bits, demanded are {depth}")
    if stream.coding.chroma_depth not in (0, stream.bit_depth):
        yield Seen(f"samples of chroma have {stream.coding.chroma_depth} bits, demanded are {depth}")
    if format.pixels.pixel_aspect_ratio_allowed:
        return
    aspect, code = stream.sample_aspect, stream.coding.aspect_code
    if aspect != 1:
        yield Seen(f"the sample aspect ratio is {aspect.numerator}:{aspect.denominator}, demanded is 1:1")
    elif format.codec is Codec.H264 and code not in (None, 0, 1):
        yield Seen(f"aspect_ratio_idc is {code}, demanded is 1")


def _packing(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    if is_stereo(format) and STEREO_HIGH not in (stream.profile, *stream.coding.subset_profiles):
        yield Seen("the subset parameter set of the second view is missing")
    if format.frame_packed and not stream.frame_packed:
        yield Seen("the frame packing arrangement that 3D video demands is missing")
    if stream.frame_packed and not format.frame_packed:
        flat = format.point.level == scope.LEVEL_42
        weight = None if flat else Severity.WARNING
        yield Seen("a frame packing arrangement is present, which belongs to 3D video", weight)


def _stereo_pairs(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    told = object.by_path.get("StereoPairsPresent", "")
    stereo = format.frame_packed or is_stereo(format)
    if stereo and told != "YES":
        yield Seen(f"Stereo Pairs Present is {told or 'missing'}, stereo video demands YES")
    elif not stereo and told == "YES":
        yield Seen("Stereo Pairs Present is YES, the syntax is one of 2D video")


def _hevc_point(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    if format.point.profile not in stream.coding.compatible_profiles:
        yield from _profile(format, stream)
    if stream.high_tier:
        yield Seen("the tier is High, demanded is Main")
    if stream.level > format.point.level:
        yield Seen(
            f"the level is {stream.level}, the highest allowed is {format.point.level} ({format.point.level_name})"
        )


def _range(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    photometric = format.pixels.photometric_interpretation
    full = photometric == "YBR_FULL_422"
    if stream.full_range != full:
        ranges = {True: "full", False: "nominal"}
        yield Seen(f"samples use the {ranges[stream.full_range]} range, {photometric} demands the {ranges[full]} range")


_E, _W = Severity.ERROR, Severity.WARNING

RULES = (
    Rule("V1", _E, "The stream is MPEG-2 and not MPEG-1", scope.MPEG2, of_stream=_is_mpeg1, any_codec=True),
    Rule("V2", _E, "Profile and level are those of the syntax", scope.MPEG2, of_stream=_mpeg2_point),
    Rule("V3", _E, "Chroma is sampled as the photometric interpretation says", scope.EVERY, of_stream=_chroma),
    Rule("V4", _E, "The picture is shown at 16:9", scope.HIGH_LEVEL, of_stream=_shown_aspect),
    Rule("V6", _W, "PAL has the colours of PAL", scope.MAIN_LEVEL, of_stream=_pal_colour),
    Rule("V7", _E, "The profile is that of the syntax", scope.H264, of_stream=_h264_profile),
    Rule("V9", _E, "Samples have the bits of the syntax and are square", scope.H264_HEVC, of_stream=_samples),
    Rule(
        "V11",
        _E,
        "Frame packing, second view and Stereo Pairs Present are those of the syntax",
        scope.H264,
        "PS3.5 Table 8-8, 8.2.9",
        of_stream=_packing,
        of_object=_stereo_pairs,
    ),
    Rule("V12", _E, "Profile, tier and level are those of the syntax", scope.HEVC, of_stream=_hevc_point),
    Rule(
        "V14",
        _W,
        "Samples use the range of the photometric interpretation",
        scope.EVERY,
        "PS3.3 C.7.6.3.1.2",
        of_stream=_range,
    ),
    Rule("J1", _E, "Each picture is JPEG Baseline", scope.JPEG, of_stream=_profile),
)
