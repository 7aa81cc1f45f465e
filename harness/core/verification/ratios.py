"""Method and ratio of the irreversible compression of every clip, on both bases (PS3.3 C.7.6.1.1.5).

Payload is the coded video stream alone. A reader of attributes divides by all of Pixel Data instead, container and
sound included, so that the declared value may be lower; that is lawful, and told where it is more than
:data:`TOLERANCE`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

from harness.core.formats import Codec
from harness.core.results import Plain, Run

#: Defined terms of Lossy Image Compression Method (0028,2114); there is none for VP8.
METHODS: Mapping[str, str] = {
    Codec.MPEG2: "ISO_13818_2",
    Codec.H264: "ISO_14496_10",
    Codec.HEVC: "ISO_23008_2",
    Codec.MJPEG: "ISO_10918_1",
}
#: Samples per pixel that were coded, by chroma format.
_SAMPLES = {"4:0:0": Fraction(1), "4:2:0": Fraction(3, 2), "4:2:2": Fraction(2), "4:4:4": Fraction(3)}
_WRITTEN = re.compile(r"[0-9]{1,12}(\.[0-9]{1,9})?|[0-9]{1,12}/[1-9][0-9]{0,11}")
_CONTEXT = Context(prec=80)
#: How far a declared ratio may be from both bases before it is remarked on.
TOLERANCE = Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class Compression:
    """One clip in one format. ``method`` is the defined term of (0028,2114), empty where there is none.

    ``format`` is empty for a clip that was sent only under wrong labels. ``payload_bytes`` is the coded video stream,
    ``object_bytes`` all that Pixel Data carries, and ``carries`` says what that is. Ratios are decimal numbers as text,
    each N of N:1: ``coded`` against the raster that was coded, with its chroma, ``described`` against the raster that
    the attributes describe; ``declared`` is the value of (0028,2112) as sent. Empty where not known.
    """

    format: str
    clip: str
    method: str
    payload_bytes: int
    object_bytes: int
    carries: str
    coded: str
    described: str
    declared: str
    prior: str
    remark: str = ""


#: What is known of earlier lossy steps of our clips.
NO_PRIOR = "none: the pictures were drawn uncompressed by the harness"
UNKNOWN_PRIOR = "unknown prior lossy step"


def compressions(run: Run) -> tuple[Compression, ...]:
    """Every clip of the run, in each format that it was sent in, in the order of the formats."""
    used: set[str] = set()
    found: list[Compression] = []
    for format_id, format in run.formats.items():
        clip_id = _map(format).get("recipe")
        clip = _map(run.clips.get(str(clip_id)))
        if clip:
            used.add(str(clip_id))
            found.append(_compression(format_id, str(clip_id), clip, _map(format)))
    found += [_compression("", id, _map(clip), {}) for id, clip in run.clips.items() if id not in used]
    return tuple(found)


def _compression(format_id: str, clip_id: str, clip: Plain, format: Plain) -> Compression:
    facts, pixels = _map(clip.get("facts")), _map(format.get("pixels"))
    payload, size = coded_bytes(clip), _number(clip.get("size"))
    frame = _number(facts.get("rows")) * _number(facts.get("columns")) * _number(facts.get("frames"))
    allocated = _number(pixels.get("bits_allocated")) or (16 if _number(facts.get("bit_depth")) > 8 else 8)
    described = Fraction(frame * (_number(pixels.get("samples_per_pixel")) or 3) * allocated, 8)
    coded = frame * _SAMPLES.get(str(facts.get("chroma")), Fraction(0)) * allocated / 8
    ratios = [raster / payload if payload else Fraction(0) for raster in (coded, described)]
    declared = str(_map(clip.get("declared_ratio")).get(format_id) or "")
    synthetic = str(clip.get("origin", "")).startswith("synthetic")
    return Compression(
        format=format_id,
        clip=clip_id,
        method=str(format.get("lossy_method") or METHODS.get(str(facts.get("codec")), "")),
        payload_bytes=payload,
        object_bytes=size,
        carries=_carries(facts, payload, size),
        coded=_text(ratios[0]),
        described=_text(ratios[1]),
        declared=declared,
        prior=NO_PRIOR if synthetic else UNKNOWN_PRIOR,
        remark="; ".join(_remarks(format_id, facts, allocated, declared, ratios)),
    )


def coded_bytes(clip: Plain) -> int:
    """Bytes of the coded video stream, from what was measured; 0 where nothing was.

    The record holds the mean bit rate, cut to whole bits. Up to eight seconds that leaves one whole number of bytes;
    beyond, the result is low by an eighth of a byte for each second at most.
    """
    facts = _map(clip.get("facts"))
    if facts.get("container") in ("jpeg-frames", "elementary"):
        return _number(clip.get("size"))
    rate = _fraction(facts.get("rate"))
    if not rate:
        return 0
    bits = _number(facts.get("measured_bit_rate")) * _number(facts.get("frames")) / rate
    return -int(-bits // 8)


def _carries(facts: Plain, payload: int, size: int) -> str:
    if not payload:
        return "the coded stream was not measured"
    sound = _map(facts.get("sound"))
    container = str(facts.get("container"))
    if container in ("jpeg-frames", "elementary"):
        return "the coded pictures alone, no container and no sound"
    with_sound = f" and {sound.get('codec')} sound" if sound else ", no sound"
    return f"the coded pictures in {container}{with_sound}: {size - payload} bytes of {size} are not coded pictures"


def _remarks(format_id: str, facts: Plain, allocated: int, declared: str, ratios: list[Fraction]) -> Iterator[str]:
    if not format_id:
        yield "sent only under labels that are wrong on purpose"
    depth = _number(facts.get("bit_depth"))
    if depth and depth != allocated:
        yield f"samples of {depth} bits count as {allocated}, as they are allocated"
    value = _fraction(declared)
    if value and all(ratio and abs(value / ratio - 1) > TOLERANCE for ratio in ratios):
        yield (
            f"the declared ratio {declared} is more than {int(TOLERANCE * 100)} % from both; nominal values are lawful "
            "(PS3.3 C.7.6.1.1.5.2), and it is taken over all of Pixel Data"
        )


def _text(ratio: Fraction) -> str:
    if not ratio:
        return ""
    value = _CONTEXT.divide(Decimal(ratio.numerator), Decimal(ratio.denominator))
    return str(value.quantize(Decimal("0.01"), ROUND_HALF_UP, _CONTEXT))


def is_ratio(value: object) -> bool:
    """Whether a text is a positive number as a ratio or a rate is written, such as 46.08 or 30000/1001."""
    return bool(_WRITTEN.fullmatch(str(value)))


def _fraction(value: object) -> Fraction:
    return Fraction(str(value)) if is_ratio(value) else Fraction(0)


def _number(value: object) -> int:
    """A count of a record; 0 where there is none. A record that was changed may hold anything."""
    return value if type(value) is int and 0 <= value < 2**53 else 0


def _map(value: object) -> Plain:
    return value if isinstance(value, Mapping) else {}
