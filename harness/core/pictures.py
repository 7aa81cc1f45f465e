"""Decoded pictures and streams as they came back, held against those that were sent."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from harness.core.conformance import kind_differences
from harness.core.facts import PictureDistance, Seek, StreamFacts, Undecodable
from harness.core.formats import Format

#: What is told of a stream that does not decode.
NO_STREAM = "no stream"

#: Seeks that go wrong are named up to this many.
_SHOWN = 4


def picture_differences(sent: StreamFacts, returned: StreamFacts | Undecodable) -> tuple[str, ...]:
    """Ways in which the decoded pictures are not, sample by sample and in order, those that were sent."""
    if isinstance(returned, Undecodable):
        return (f"does not decode: {returned.reason}",)
    wrong = []
    if (returned.columns, returned.rows) != (sent.columns, sent.rows):
        wrong.append(
            f"pictures of {sent.columns}x{sent.rows} were sent, {returned.columns}x{returned.rows} are decoded"
        )
    if len(returned.pictures) != len(sent.pictures):
        wrong.append(f"{len(sent.pictures)} pictures were sent, {len(returned.pictures)} are decoded")
    pairs = list(zip(sent.pictures, returned.pictures, strict=False))
    differing = [index for index, (a, b) in enumerate(pairs) if a != b]
    if differing:
        first = differing[0]
        wrong.append(
            f"{len(differing)} of {len(pairs)} pictures have other samples, the first is frame {first + 1} "
            f"({pairs[first][1]}, sent {pairs[first][0]})"
        )
    return tuple(wrong)


def distance_seen(distance: PictureDistance | None) -> str:
    """A distance for a person."""
    if distance is None:
        return "not comparable with the drawn pictures"
    return (
        f"PSNR {_decibel(distance.psnr)} (worst {_decibel(distance.psnr_worst)}), SSIM {distance.ssim:.4f} "
        f"(worst {distance.ssim_worst:.4f}) to the drawn pictures"
    )


def kind_changes(format: Format, sent: StreamFacts, returned: StreamFacts | Undecodable) -> tuple[str, ...]:
    """Ways in which a stream is not of the kind that its transfer syntax demands, or not of the one that was sent."""
    if isinstance(returned, Undecodable):
        return (f"does not decode: {returned.reason}",)
    return (*kind_differences(format, returned), *returned.changes, *_changes(sent, returned))


def kind_seen(stream: StreamFacts | Undecodable) -> str:
    """What kind of stream it is, in short."""
    if isinstance(stream, Undecodable):
        return NO_STREAM
    return ", ".join(f"{name} {show(get(stream))}" for name, get, show in _KIND)


def seek_differences(sent: tuple[Seek, ...], returned: tuple[Seek, ...] | Undecodable) -> tuple[str, ...]:
    """Places that a jump reached in the stream that was sent and does not reach in the one that came back."""
    if isinstance(returned, Undecodable):
        return (f"does not decode: {returned.reason}",)
    misses = [(was, now) for was, now in zip(sent, returned, strict=True) if was.found not in (None, now.found)]
    wrong = [
        f"a jump to frame {was.frame + 1} at {float(was.seconds):.3f} s, which as sent shows picture {was.found}: "
        f"{now.problem if now.found is None else f'shows picture {now.found}'}"
        for was, now in misses[:_SHOWN]
    ]
    if len(misses) > _SHOWN:
        wrong.append(f"{len(misses) - _SHOWN} more of {len(sent)} jumps go wrong")
    return tuple(wrong)


def _decibel(ratio: float | None) -> str:
    return "without bound" if ratio is None else f"{ratio:.1f} dB"


def _aspect(aspect: Fraction) -> str:
    return f"{aspect.numerator}:{aspect.denominator}"


#: What makes the kind of a stream besides its times and its sound: name, value, how it is written.
_KIND: tuple[tuple[str, Callable[[StreamFacts], Any], Callable[[Any], str]], ...] = (
    ("container", lambda facts: facts.container, str),
    ("codec", lambda facts: facts.codec, str),
    ("profile", lambda facts: facts.profile, str),
    ("level", lambda facts: facts.level, str),
    ("tier", lambda facts: facts.high_tier, lambda high: "High" if high else "Main"),
    ("number of columns", lambda facts: facts.columns, str),
    ("number of rows", lambda facts: facts.rows, str),
    ("sample aspect", lambda facts: facts.sample_aspect, _aspect),
    ("bit depth", lambda facts: facts.bit_depth, str),
    ("chroma", lambda facts: facts.chroma, str),
    ("range", lambda facts: facts.full_range, lambda full: "full" if full else "nominal"),
    ("scan", lambda facts: facts.scan, str),
    ("frame packing", lambda facts: facts.frame_packed, lambda packed: "present" if packed else "absent"),
)


def _changes(sent: StreamFacts, returned: StreamFacts) -> list[str]:
    return [
        f"the {name} was {show(get(sent))}, is {show(get(returned))}"
        for name, get, show in _KIND
        if get(sent) != get(returned)
    ]
