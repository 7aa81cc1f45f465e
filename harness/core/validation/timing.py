"""Rows V15, V16, D2, D3 and D9: the times of frames, and the attributes that describe them."""

from collections.abc import Iterator
from fractions import Fraction

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.formats import Format
from harness.core.frames import number_of_frames
from harness.core.validation.rules import EVERY, STREAMS, Rule, Seen, Severity
from harness.core.validation.texts import number

#: Largest relative error of Frame Time against the stream: the standard itself prints 33.33 ms for 29.97 Hz.
FRAME_TIME_TOLERANCE = Fraction(2, 1000)

#: What Frame Increment Pointer may point to, with the keyword of the target.
_INCREMENTS = {"(0018,1063)": "FrameTime", "(0018,1065)": "FrameTimeVector"}


def _regular(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    if not stream.regular_timing:
        yield Seen("frames are not equally spaced in time, as Frame Time describes them")
    if stream.rate <= 0:
        yield Seen("the stream tells no frame rate")


def _steady(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    yield from map(Seen, (*stream.changes, *stream.timing_faults))
    if stream.packaging.edits > 1:
        yield Seen(f"an edit list of {stream.packaging.edits} entries decides what is shown")


def _count(format: Format, object: ObjectFacts, stream: StreamFacts) -> Iterator[Seen]:
    told = object.by_path.get("NumberOfFrames")
    if told is None or number(told) != stream.frames:
        said = "missing" if told is None else repr(told)
        yield Seen(f"NumberOfFrames is {said}, the stream demands {str(stream.frames)!r}")


def _pointer(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    """The pointer has a target with a value, even for one frame."""
    has = object.by_path
    pointers = [one for one in has.get("FrameIncrementPointer", "").split("\\") if one]
    if not pointers:
        yield Seen("Frame Increment Pointer is missing", section="PS3.3 C.7.6.6")
    for pointer in pointers:
        target = _INCREMENTS.get(pointer)
        if target is None:
            yield Seen(f"Frame Increment Pointer is {pointer}, not one of {' or '.join(_INCREMENTS)}", Severity.WARNING)
        elif not has.get(target):
            yield Seen(f"Frame Increment Pointer points to {target}, which is missing", section="PS3.3 C.7.6.6")
    if vector := has.get("FrameTimeVector"):
        entries = vector.split("\\")
        if len(entries) != number_of_frames(object):
            yield Seen(f"Frame Time Vector has {len(entries)} entries for {number_of_frames(object)} frames")
        elif number(entries[0]) != 0:
            yield Seen(f"Frame Time Vector begins with {entries[0]} and not 0")


def _frame_time(format: Format, object: ObjectFacts, stream: StreamFacts) -> Iterator[Seen]:
    has, rate = object.by_path, stream.rate
    told = _interval(has)
    if told is None and "FrameTime" in has:
        yield Seen(f"Frame Time is {has['FrameTime']!r}, not a number of milliseconds")
    elif told is not None and rate > 0 and abs(told - 1000 / rate) > 1000 / rate * FRAME_TIME_TOLERANCE:
        yield Seen(f"Frame Time is {float(told):g} ms, the stream plays {float(1000 / rate):g} ms")
    for keyword in ("CineRate", "RecommendedDisplayFrameRate"):
        shown = number(has.get(keyword, ""))
        if rate > 0 and shown is not None and abs(shown - rate) > Fraction(1, 2):
            yield Seen(f"{keyword} is {shown}, the stream plays {float(rate):g} frames a second", Severity.WARNING)


def _interval(has: dict[str, str]) -> Fraction | None:
    """Milliseconds from one frame to the next, the mean of Frame Time Vector where that is what there is."""
    if "FrameTime" in has or not has.get("FrameTimeVector"):
        return number(has.get("FrameTime", ""))
    entries = [number(one) for one in has["FrameTimeVector"].split("\\")]
    known = [one for one in entries if one is not None]
    return sum(known, Fraction(0)) / (len(known) - 1) if len(known) == len(entries) > 1 else None


def _duration(format: Format, object: ObjectFacts, stream: StreamFacts) -> Iterator[Seen]:
    told = number(object.by_path.get("EffectiveDuration", ""))
    if told is None or stream.rate <= 0:
        return
    seconds = stream.frames / stream.rate
    # One frame of slack: the attribute may count to the start or to the end of the last frame.
    if abs(told - seconds) > max(seconds * FRAME_TIME_TOLERANCE, 1 / stream.rate):
        yield Seen(f"Effective Duration is {float(told):g} s, the stream plays {float(seconds):g} s")


_CINE = "PS3.3 C.7.6.5"

RULES = (
    Rule("V15", Severity.WARNING, "Frames are equally spaced in time", STREAMS, _CINE, of_stream=_regular),
    Rule("V16", Severity.WARNING, "The stream stays the same and its times are in order", EVERY, of_stream=_steady),
    Rule("D2", Severity.ERROR, "Number of Frames is what decodes", EVERY, "PS3.3 C.7.6.6.1.1", of_both=_count),
    Rule(
        "D3",
        Severity.ERROR,
        "Frame Time is that of the stream (0.2 %), and the increment pointer has its target",
        EVERY,
        _CINE,
        of_object=_pointer,
        of_both=_frame_time,
    ),
    Rule("D9", Severity.WARNING, "Effective Duration is frames by Frame Time", EVERY, _CINE, of_both=_duration),
)
