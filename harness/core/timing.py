"""What an object and its stream say of time, held against each other and against what was sent.

A reader may go by the attributes (PS3.3 C.7.6.5, C.7.6.6) or by the time stamps in the stream (PS3.5 8.2.5 to
8.2.12): frame n must be shown at the same time either way.
"""

from collections.abc import Iterator

from harness.core.compare import same_value
from harness.core.conformance import time_description
from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Format

#: Attributes that tell of time, with their names in what the rules find.
TIMING = {
    "NumberOfFrames": "NumberOfFrames",
    "FrameTime": "Frame Time",
    "CineRate": "CineRate",
    "RecommendedDisplayFrameRate": "RecommendedDisplayFrameRate",
    "EffectiveDuration": "Effective Duration",
}


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
    wrong = [*stream.timing_faults, *time_description(format, returned, stream), *_moved(sent_stream, stream)]
    found = tuple(wrong)
    allowed = []
    before, after = sent.by_path, returned.by_path
    for keyword, name in TIMING.items():
        if keyword not in before or any(keyword in text or text.startswith(name) for text in found):
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
