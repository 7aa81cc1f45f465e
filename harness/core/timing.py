"""What an object and its stream say of time, held against each other and against what was sent.

A reader may go by the attributes (PS3.3 C.7.6.5, C.7.6.6) or by the time stamps in the stream (PS3.5 8.2.5 to
8.2.12): frame n must be shown at the same time either way.
"""

from collections.abc import Iterator
from fractions import Fraction

from harness.core.compare import number, same_value
from harness.core.conformance import timing_faults
from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Format

#: Largest relative error of Frame Time against the stream: the standard itself prints 33.33 ms for 29.97 Hz.
FRAME_TIME_TOLERANCE = Fraction(2, 1000)

#: Rates are whole numbers there (VR IS): 29.97 is written as 30.
RATE_ROUNDING = Fraction(1, 2)

#: Attributes that tell of time.
TIMING = ("NumberOfFrames", "FrameTime", "CineRate", "RecommendedDisplayFrameRate", "EffectiveDuration")

_CINE = "PS3.3 C.7.6.5"


def description_of_time(facts: ObjectFacts, stream: StreamFacts) -> tuple[str, ...]:
    """Ways in which the attributes of an object do not tell the times of its own stream."""
    has = facts.by_path
    wrong = []
    frames = has.get("NumberOfFrames")
    if frames is None or number(frames) != stream.frames:
        wrong.append(f"NumberOfFrames is {frames or 'missing'}, the stream has {stream.frames} (PS3.3 C.7.6.6)")
    if stream.rate <= 0:
        return (*wrong, "the stream tells no frame rate")
    return (*wrong, *_wrong_numbers(has, stream))


def timing_differences(
    format: Format,
    sent: ObjectFacts,
    sent_stream: StreamFacts,
    returned: ObjectFacts,
    stream: StreamFacts | Undecodable,
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ways in which a returned object plays at other times than it says or than was sent, as ``(wrong, allowed)``.

    Allowed is another spelling of a number that still tells the time of the stream.
    """
    if isinstance(stream, Undecodable):
        return (f"does not decode: {stream.reason}",), ()
    wrong = [*timing_faults(format, stream), *description_of_time(returned, stream)]
    wrong.extend(_moved(sent_stream, stream))
    named = {keyword for keyword in TIMING for text in wrong if text.startswith(keyword)}
    allowed = []
    before, after = sent.by_path, returned.by_path
    for keyword in TIMING:
        if keyword not in before or keyword in named:
            continue
        if keyword not in after:
            wrong.append(f"{keyword} was {before[keyword]}, is gone")
        elif not same_value(keyword, before[keyword], after[keyword]):
            allowed.append(f"{keyword} was {before[keyword]}, is {after[keyword]}, which the stream bears out")
    return tuple(wrong), tuple(allowed)


def timing_seen(facts: ObjectFacts, stream: StreamFacts | Undecodable) -> str:
    """What is said of time, in short."""
    has = facts.by_path
    said = ", ".join(f"{keyword} {has.get(keyword, 'missing')}" for keyword in TIMING)
    if isinstance(stream, Undecodable):
        return f"{said}; no stream"
    last = stream.seconds_at(stream.frames - 1)
    shown = "" if last is None else f", the last shown at {float(last):.3f} s"
    return f"{said}; {stream.frames} frames at {float(stream.rate):g} a second{shown}"


def _wrong_numbers(has: dict[str, str], stream: StreamFacts) -> Iterator[str]:
    frame_time = number(has.get("FrameTime", ""))
    real = 1000 / stream.rate
    if frame_time is None:
        yield f"FrameTime is {has.get('FrameTime', 'missing')!r}, not a number of milliseconds ({_CINE})"
    elif abs(frame_time - real) > real * FRAME_TIME_TOLERANCE:
        yield f"FrameTime is {float(frame_time):g} ms, the stream plays {float(real):g} ms ({_CINE})"
    for keyword in ("CineRate", "RecommendedDisplayFrameRate"):
        rate = number(has[keyword]) if keyword in has else stream.rate
        if rate is None or abs(rate - stream.rate) > RATE_ROUNDING:
            yield f"{keyword} is {has[keyword]}, the stream plays {float(stream.rate):g} frames a second ({_CINE})"
    duration = number(has.get("EffectiveDuration", ""))
    seconds = stream.frames / stream.rate
    # One frame of slack: the attribute may count to the start or to the end of the last frame.
    if duration is not None and abs(duration - seconds) > max(seconds * FRAME_TIME_TOLERANCE, 1 / stream.rate):
        yield f"EffectiveDuration is {float(duration):g} s, the stream plays {float(seconds):g} s ({_CINE})"


def _moved(sent: StreamFacts, returned: StreamFacts) -> Iterator[str]:
    """The first frame that is shown at another time than it was sent with; one unit of the coarser clock is allowed."""
    if not sent.times:
        return
    tolerance = max(sent.time_base, returned.time_base)
    for index in range(min(len(sent.times), len(returned.times))):
        was, now = sent.seconds_at(index), returned.seconds_at(index)
        if was is None:
            continue
        if now is None:
            yield f"frame {index + 1} has no presentation time, was sent with {float(was):.3f} s"
            return
        if abs(now - was) > tolerance:
            yield f"frame {index + 1} is shown at {float(now):.3f} s, was sent with {float(was):.3f} s"
            return
    if len(returned.times) != len(sent.times):
        yield f"{len(sent.times)} frames were sent with times, {len(returned.times)} have one"
