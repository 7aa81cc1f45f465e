"""Every way in which a video stream is not what its format demands, in words.

Pure: the format and the facts come in, texts go out. Each text says what was seen, what is demanded and where the
standard demands it. Nothing here decides what a difference means for a verdict.
"""

from collections.abc import Iterator
from fractions import Fraction

from harness.core.facts import SoundFacts, StreamFacts
from harness.core.formats import Codec, Container, Format, LegalPicture, SoundCodec

#: Chroma that the photometric interpretations allow; 4:2:0 inside YBR_FULL_422 is called harmless (PS3.3 C.7.6.3.1.2).
_CHROMA = {"YBR_PARTIAL_420": ("4:2:0",), "YBR_FULL_422": ("4:2:2", "4:2:0")}

#: Edge of a macroblock, in which the levels of these codecs count pictures.
_MACROBLOCK = {Codec.H264: 16, Codec.MPEG2: 16}

#: Aspect of the picture that MPEG-2 at High Level must have (PS3.5 8.2.6).
_HIGH_LEVEL_ASPECT = Fraction(16, 9)

_LONG_PLAY = (32000, 44100, 48000)
#: Sampling rates in Hz and numbers of channels of each sound coding (PS3.5 8.2.5, 8.2.12).
_SOUND: dict[SoundCodec, tuple[tuple[int, ...], tuple[int, ...]]] = {
    SoundCodec.LPCM: ((48000, 96000), (2,)),
    SoundCodec.AC3: ((48000,), (2, 6)),
    SoundCodec.AAC: ((48000,), (2, 6)),
    SoundCodec.MP3: (_LONG_PLAY, (1, 2)),
    SoundCodec.MP2: (_LONG_PLAY, (2,)),
}
#: Sound codings that may not be inside MP4 (PS3.5 8.2.12).
_NOT_IN_MP4 = frozenset({SoundCodec.LPCM, SoundCodec.AC3})


def stream_differences(format: Format, facts: StreamFacts) -> tuple[str, ...]:
    """Differences between a stream and its format; empty where the stream conforms.

    A stream of another codec is compared no further, because none of its numbers would mean the same.
    """
    kind = (*facts.problems, *kind_differences(format, facts))
    if facts.codec != format.codec:
        return kind
    return (*kind, *timing_faults(format, facts), *sound_differences(format, facts))


def kind_differences(format: Format, facts: StreamFacts) -> tuple[str, ...]:
    """Ways in which container, coding and picture are not what the format demands."""
    differences: list[str] = []
    if facts.container not in format.containers:
        allowed = " or ".join(format.containers)
        differences.append(f"the container is {facts.container}, allowed is {allowed} ({format.section})")
    if facts.codec != format.codec:
        differences.append(f"the codec is {facts.codec}, demanded is {format.codec} ({format.section})")
        return tuple(differences)
    for rule in (_point, _samples, _picture, _ceilings, _aspect, _packing):
        differences.extend(f"{text} ({format.section})" for text in rule(format, facts))
    return tuple(differences)


def timing_faults(format: Format, facts: StreamFacts) -> tuple[str, ...]:
    """Ways in which the times of a stream cannot be what Frame Time describes."""
    return tuple(f"{text} ({format.section})" for text in _timing(format, facts))


def sound_differences(format: Format, facts: StreamFacts) -> tuple[str, ...]:
    """Ways in which the sound is not what the format allows; empty also where there is none."""
    return () if facts.sound is None else tuple(_sound(format, facts.container, facts.sound))


def _point(format: Format, facts: StreamFacts) -> Iterator[str]:
    point = format.point
    if facts.profile != point.profile:
        yield f"the profile is {facts.profile}, demanded is {point.profile} ({point.profile_name})"
    # In MPEG-2 a greater code is a lower level.
    above = facts.level < point.level if format.codec is Codec.MPEG2 else facts.level > point.level
    if above or (point.level_exact and facts.level != point.level):
        bound = "demanded is" if point.level_exact else "the highest allowed is"
        yield f"the level is {facts.level}, {bound} {point.level} ({point.level_name})"
    if facts.high_tier:
        yield "the tier is High, demanded is Main"


def _samples(format: Format, facts: StreamFacts) -> Iterator[str]:
    if facts.bit_depth != format.point.bit_depth:
        yield f"samples have {facts.bit_depth} bits, demanded are {format.point.bit_depth}"
    photometric = format.pixels.photometric_interpretation
    if facts.chroma not in _CHROMA[photometric]:
        yield f"the chroma format is {facts.chroma}, {photometric} demands {' or '.join(_CHROMA[photometric])}"
    full = photometric == "YBR_FULL_422"
    if facts.full_range != full:
        ranges = {True: "full", False: "nominal"}
        yield f"samples use the {ranges[facts.full_range]} range, {photometric} demands the {ranges[full]} range"


def _picture(format: Format, facts: StreamFacts) -> Iterator[str]:
    if not format.pictures or any(_is_legal(picture, facts) for picture in format.pictures):
        return
    rows = "; ".join(_text(picture) for picture in format.pictures)
    yield f"the picture is {facts.columns}x{facts.rows} at {facts.rate} Hz {facts.scan}, allowed is {rows}"


def _is_legal(picture: LegalPicture, facts: StreamFacts) -> bool:
    if picture.exact:
        fits = (facts.rows, facts.columns) == (picture.rows, picture.columns)
    else:
        fits = facts.rows <= picture.rows and facts.columns <= picture.columns
    return fits and facts.rate in picture.rates and facts.scan in picture.scans


def _text(picture: LegalPicture) -> str:
    bound = "" if picture.exact else "up to "
    rates = ", ".join(str(rate) for rate in picture.rates)
    return f"{bound}{picture.columns}x{picture.rows} at {rates} Hz {' or '.join(picture.scans)}"


def _ceilings(format: Format, facts: StreamFacts) -> Iterator[str]:
    point = format.point
    edge = _MACROBLOCK.get(format.codec, 1)
    luma = -(-facts.rows // edge) * -(-facts.columns // edge) * edge * edge
    level = f"level {point.level_name}"
    if point.max_luma and luma > point.max_luma:
        yield f"a picture has {luma} luma samples, {level} allows {point.max_luma}"
    if point.max_luma_rate and luma * facts.rate > point.max_luma_rate:
        yield f"{float(luma * facts.rate):.0f} luma samples are coded a second, {level} allows {point.max_luma_rate}"
    if point.max_bit_rate and facts.bit_rate > point.max_bit_rate:
        yield f"the bit rate is {facts.bit_rate} bit/s, {level} allows {point.max_bit_rate}"


def _aspect(format: Format, facts: StreamFacts) -> Iterator[str]:
    if format.pixels.pixel_aspect_ratio_allowed:
        return
    if format.codec is Codec.MPEG2:
        shown = facts.sample_aspect * facts.columns / facts.rows
        if shown != _HIGH_LEVEL_ASPECT:
            yield f"the picture is shown at {shown.numerator}:{shown.denominator}, demanded is 16:9"
    elif facts.sample_aspect != 1:
        aspect = facts.sample_aspect
        yield f"the sample aspect ratio is {aspect.numerator}:{aspect.denominator}, demanded is 1:1"


def _packing(format: Format, facts: StreamFacts) -> Iterator[str]:
    if facts.frame_packed and not format.frame_packed:
        yield "a frame packing arrangement is present, which belongs to 3D video"
    if format.frame_packed and not facts.frame_packed:
        yield "the frame packing arrangement that 3D video demands is missing"


def _timing(format: Format, facts: StreamFacts) -> Iterator[str]:
    if not facts.regular_timing:
        yield "frames are not equally spaced in time, as Frame Time describes them"
    if facts.rate <= 0 and format.is_video_stream:
        yield "the stream tells no frame rate"


def _sound(format: Format, container: Container, sound: SoundFacts) -> Iterator[str]:
    section = "PS3.5 8.2.5" if format.codec is Codec.MPEG2 else "PS3.5 8.2.12"
    if not isinstance(sound.codec, SoundCodec) or sound.codec not in format.sounds:
        yield f"sound is coded as {sound.codec}, allowed is {' or '.join(format.sounds) or 'no sound'} ({section})"
        return
    if container is Container.MP4 and sound.codec in _NOT_IN_MP4 and format.codec is not Codec.MPEG2:
        yield f"sound is coded as {sound.codec}, which is not allowed in MP4 ({section})"
    rates, channels = _SOUND[sound.codec]
    if sound.sample_rate not in rates:
        allowed = " or ".join(map(str, rates))
        yield f"sound has {sound.sample_rate} samples a second, {sound.codec} allows {allowed} ({section})"
    if sound.channels not in channels:
        allowed = " or ".join(map(str, channels))
        yield f"sound has {sound.channels} channels, {sound.codec} allows {allowed} ({section})"
