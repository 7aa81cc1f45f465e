"""Jumps into a video, as a reader does who drags the slider: to the key frame before the place, then decode to it.

Which frames are asked for follows from a hash of the clip, so that equal bytes are always asked for the same places.
MP4 has an index, and what that names as a key frame is believed, as players do. Transport and programme streams have
none: their demuxer bisects the bytes for a time and may land behind the key frame, so the jump is repeated from
further back. In Motion JPEG every frame is a key frame, found by its place in the file.
"""

import hashlib
from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from harness.core.facts import Seek, StreamFacts
from harness.core.formats import Container
from harness.errors import MediaError
from harness.media.container import open_video
from harness.media.decode import STRICT, complaint, decode_picture, decoder_messages, read_stamp

#: Jumps per video.
JUMPS = 8

_INDEXED = frozenset({Container.MP4, Container.QUICKTIME, Container.MATROSKA, Container.AVI})
#: Seconds before the place from which jumps without an index start, one after the other.
_BACK = (Fraction(1, 2), Fraction(2), Fraction(8), Fraction(32))


def places(seed: str, frames: int) -> tuple[int, ...]:
    """Frames to jump to, counted from 0, all different and in the order to jump in; at most :data:`JUMPS`."""
    drawn: dict[int, None] = {}
    count = min(JUMPS, frames)
    number = 0
    while len(drawn) < count:
        drawn.setdefault(int(hashlib.sha256(f"{seed}/{number}".encode()).hexdigest(), 16) % frames)
        number += 1
    return tuple(drawn)


def seek(
    path: Path,
    facts: StreamFacts,
    wanted: Iterable[tuple[int, Fraction]],
    *,
    frame_sizes: tuple[int, ...] = (),
) -> tuple[Seek, ...]:
    """Jump to frames of a video one after the other.

    Args:
        path: the file.
        facts: what is known of it.
        wanted: each frame, counted from 0, with its time in seconds after the first frame.
        frame_sizes: for Motion JPEG, the length of each picture in bytes.

    Returns:
        What was found, one for each place wanted.

    Raises:
        MediaError: the file cannot be opened.
    """
    if facts.container is Container.JPEG_FRAMES:
        return tuple(_picture(path, frame, seconds, frame_sizes) for frame, seconds in wanted)
    return tuple(_jump(path, facts, frame, seconds) for frame, seconds in wanted)


def wanted_places(facts: StreamFacts, seed: str) -> tuple[tuple[int, Fraction], ...]:
    """The places of :func:`places` with the time of each, by the times in the stream or else by its rate."""
    found = []
    for frame in places(seed, facts.frames) if facts.frames else ():
        seconds = facts.seconds_at(frame)
        if seconds is None:
            seconds = frame / facts.rate if facts.rate else Fraction(0)
        found.append((frame, seconds))
    return tuple(found)


def _picture(path: Path, frame: int, seconds: Fraction, sizes: tuple[int, ...]) -> Seek:
    if frame >= len(sizes):
        return Seek(frame, seconds, None, f"there are {len(sizes)} frames")
    try:
        with path.open("rb") as file:
            file.seek(sum(sizes[:frame]))
            shown = decode_picture(file.read(sizes[frame]))
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}") from error
    except MediaError as error:
        return Seek(frame, seconds, None, str(error))
    return _seen(frame, seconds, shown)


def _jump(path: Path, facts: StreamFacts, frame: int, seconds: Fraction) -> Seek:
    first = facts.times[0] if facts.times else None
    if first is None:
        return Seek(frame, seconds, None, "the stream tells no time for its first frame")
    ticks = first + round(seconds / facts.time_base)
    # Half a frame early: two clocks round one time in two ways.
    early = round(1 / (2 * facts.rate * facts.time_base)) if facts.rate else 0
    problem = ""
    indexed = facts.container in _INDEXED
    for back in (Fraction(0),) if indexed else _BACK:
        start = max(first, ticks - round(back / facts.time_base))
        # A new decoder for each jump: one that was flushed may remember more than it should.
        with open_video(path) as source, decoder_messages() as messages:
            video = source.streams.video[0]
            video.codec_context.options = dict(STRICT)
            try:
                if indexed or start > first:  # what is near the beginning is reached by playing
                    source.seek(start, stream=video)
                shown = next((one for one in _decoded(source, video) if (one.pts or 0) >= ticks - early), None)
            except av.FFmpegError as error:
                shown, problem = None, complaint(messages) or error.strerror or str(error)
        if shown is not None and (shown.pts or 0) <= ticks + early:
            return _seen(frame, seconds, shown)
        if shown is not None:
            late = float((shown.pts or 0) - ticks) * float(facts.time_base)
            problem = f"the first picture that can be shown is {late:.3f} s later"
        if start == first:
            break
    return Seek(frame, seconds, None, problem or "no picture follows")


def _decoded(source: InputContainer, video: VideoStream) -> Iterator[VideoFrame]:
    started = False
    for packet in source.demux(video):
        started = started or packet.is_keyframe or not packet.size
        if started:
            yield from (one for one in packet.decode() if isinstance(one, VideoFrame))


def _seen(frame: int, seconds: Fraction, shown: VideoFrame) -> Seek:
    number = read_stamp(shown)
    return Seek(frame, seconds, number, "" if number is not None else "the picture shown there has no readable number")
