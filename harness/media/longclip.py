"""A short clip becomes a long one of any size, at the speed of the disk.

Strategy: nothing is encoded. The coded pictures of the short clip, which start at a key frame and refer to
nothing before it, are written again and again with later time stamps; Motion JPEG needs not even that. The
base is held in memory, a few megabytes by its recipe; the long clip never is. What was written is then shown
to be what was meant: every packet is counted, the first and the last repetition are decoded and compared with
the base.
"""

import hashlib
import os
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import OutputContainer
from av.packet import Packet
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from harness.core.facts import SoundDetail
from harness.core.formats import Codec, Container
from harness.errors import MediaError
from harness.media.values import Clip

_MUXERS = {Container.MP4: "mp4", Container.MPEG_TS: "mpegts"}
#  Bytes that the index of an MP4 file needs at most per packet (stts, ctts, stsz, stsc, co64, stss), and
# besides.
_INDEX_PER_PACKET, _INDEX_BASE = 44, 65536
#: Bytes that the multiplexer may hold back, and those before the content of a box.
_BUFFERED, _BOX_HEADER = 2**19, 8

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _CodedPicture:
    """A packet with its own times, which the muxer overwrites, in units of ``time_base`` seconds."""

    packet: "Packet[VideoStream]"
    pts: int
    dts: int
    duration: int
    time_base: Fraction


def lengthen(clip: Clip, size: int, path: Path, *, at_most: bool = False, on_progress: Progress | None = None) -> Clip:
    """Repeat ``clip`` without its sound until the file has ``size`` bytes, and return the long clip.

    The file never holds less than one repetition. In MP4 it has exactly ``size`` bytes otherwise, filled up by a
    ``free`` box at the end. In other containers it is larger by less than one repetition and half a megabyte, or,
    with ``at_most``, smaller by that. Its facts are those of the base with more frames, without what is told of
    each frame, and without sound. In MP4 the index comes first, in space that is reserved before the pictures are
    written, so that the file is written once only; what is left of the space is a ``free`` box (ISO/IEC
    14496-12). ``on_progress`` is told the bytes written after every repetition. Equal arguments give equal bytes.

    Raises:
        MediaError: the clip does not start with a key frame, lacks time stamps, has a container that cannot
            be repeated, or the long clip turned out not to be the repeated base.
    """
    report = on_progress or (lambda _written: None)
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with _errors(path):
            if clip.facts.codec is Codec.MJPEG:
                repetitions = _repeat_pictures(clip, size, at_most, partial, report)
            else:
                repetitions = _repeat_packets(clip, size, at_most, partial, report)
                _verify(clip, partial, repetitions)
            with partial.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            partial.replace(path)
    finally:
        with suppress(OSError):
            partial.unlink()
    frames = clip.facts.frames * repetitions
    return Clip(
        path=path,
        recipe=replace(clip.recipe, frames=frames, sound=None),
        size=path.stat().st_size,
        sha256=digest,
        facts=replace(
            clip.facts,
            frames=frames,
            # What is told of each frame grows with the clip, and is that of the base over and over.
            stamps=(),
            pictures=(),
            times=(),
            sound=None,
            track=None,
            sound_detail=SoundDetail(),
            packaging=replace(clip.facts.packaging, sound_tracks=0),
        ),
        frame_sizes=clip.frame_sizes * repetitions,
    )


def _repeat_pictures(clip: Clip, size: int, at_most: bool, path: Path, report: Progress) -> int:
    pictures = clip.path.read_bytes()
    repetitions = max(1, size // len(pictures) if at_most else -(-size // len(pictures)))
    with path.open("wb") as file:
        for _ in range(repetitions):
            file.write(pictures)
            report(file.tell())
    return repetitions


def _repeat_packets(clip: Clip, size: int, at_most: bool, path: Path, report: Progress) -> int:
    pictures = _coded_pictures(clip)
    payload = sum(picture.packet.size for picture in pictures)
    index = _INDEX_BASE + _INDEX_PER_PACKET * len(pictures) * (size // payload + 2)
    options = {"fflags": "+bitexact"}
    exact = clip.facts.container is Container.MP4
    if exact:
        options["moov_size"] = str(index)
    # What is added besides the next repetition: nothing where the multiplexer may go beyond the size.
    beyond = payload + (index if exact else _BUFFERED) if exact or at_most else 0
    with (
        av.open(clip.path) as base,
        av.open(path, "w", format=_MUXERS[clip.facts.container], options=options) as output,
    ):
        stream = _add_stream(output, base.streams.video[0])
        repetitions = written = 0
        while repetitions == 0 or written + beyond < size:
            seconds = clip.facts.frames * repetitions / _rate(clip)
            for picture in pictures:
                output.mux(_later(picture, seconds, stream))
            repetitions += 1
            # What the file system tells lags behind by the multiplexer's buffer, a quarter of a megabyte.
            written = max(path.stat().st_size, payload * repetitions)
            report(written)
    if exact:
        _fill(path, size)
    return repetitions


def _fill(path: Path, size: int) -> None:
    """Bring an MP4 file to ``size`` bytes by a box that means nothing (ISO/IEC 14496-12 8.1.2)."""
    gap = size - path.stat().st_size
    if gap >= _BOX_HEADER:
        with path.open("ab") as file:
            file.write(gap.to_bytes(4, "big") + b"free")
            file.truncate(size)


def _rate(clip: Clip) -> Fraction:
    return clip.facts.rate or clip.recipe.rate


def _coded_pictures(clip: Clip) -> tuple[_CodedPicture, ...]:
    if clip.facts.container not in _MUXERS:
        raise MediaError(f"{clip.path}: {clip.facts.container} cannot be repeated; make the clip in MP4 or MPEG-TS")
    pictures: list[_CodedPicture] = []
    with _errors(clip.path), av.open(clip.path) as base:
        for packet in base.demux(base.streams.video[0]):
            if packet.size == 0:
                continue
            if packet.pts is None or packet.dts is None or packet.time_base is None:
                raise MediaError(f"{clip.path}: packet {len(pictures)} has no time stamp; make the clip again")
            duration = packet.duration or 0
            pictures.append(_CodedPicture(packet, packet.pts, packet.dts, duration, packet.time_base))
    if len(pictures) != clip.facts.frames:
        raise MediaError(f"{clip.path}: {len(pictures)} packets for {clip.facts.frames} frames; code whole frames")
    if not pictures or not pictures[0].packet.is_keyframe:
        raise MediaError(f"{clip.path}: does not start with a key frame; use closed GOPs in its recipe")
    # Streams in MPEG-TS start at some time of the multiplexer's choice.
    start = min(picture.pts for picture in pictures)
    return tuple(replace(picture, pts=picture.pts - start, dts=picture.dts - start) for picture in pictures)


def _add_stream(output: OutputContainer, template: VideoStream) -> VideoStream:
    stream = output.add_stream_from_template(template, opaque=True)
    # PyAV drops the tag that tells hvc1 from hev1.
    stream.codec_context.codec_tag = template.codec_context.codec_tag
    return stream


def _later(picture: _CodedPicture, seconds: Fraction, stream: VideoStream) -> "Packet[VideoStream]":
    packet, shift = picture.packet, round(seconds / picture.time_base)
    packet.stream, packet.time_base = stream, picture.time_base
    packet.pts, packet.dts, packet.duration = picture.pts + shift, picture.dts + shift, picture.duration
    return packet


def _verify(clip: Clip, path: Path, repetitions: int) -> None:
    """Count every packet; decode base, first and last repetition, which must look the same."""
    frames = clip.facts.frames
    with av.open(path) as container:
        found = sum(1 for packet in container.demux(container.streams.video[0]) if packet.size)
    if found != frames * repetitions:
        raise MediaError(f"{path}: {found} packets, not {frames * repetitions}; the multiplexer lost some")
    expected = _decoded(clip.path, frames)
    # One repetition early, because a seek may end behind the key frame that it looked for.
    early = Fraction(frames * max(0, repetitions - 2)) / _rate(clip)
    if len(expected) != frames:
        raise MediaError(f"{clip.path}: {len(expected)} of {frames} frames decode; make the clip again")
    if _decoded(path, frames) != expected:
        raise MediaError(f"{path}: starts unlike its base; use closed GOPs in the recipe")
    if _decoded(path, frames, last_from=early) != expected:
        raise MediaError(f"{path}: ends unlike its base; use closed GOPs in the recipe")


def _decoded(path: Path, frames: int, *, last_from: Fraction | None = None) -> list[bytes]:
    """Hashes of the first frames' luma, or of the last frames' when decoding starts at ``last_from`` seconds."""
    hashes: deque[bytes] = deque(maxlen=frames)
    with av.open(path) as container:
        stream = container.streams.video[0]
        # A seek to the start itself could go wrong: in MPEG-TS it finds decoding times, and passes the key frame.
        if last_from:
            time_base = stream.time_base or Fraction(1)
            container.seek(int(last_from / time_base) + (stream.start_time or 0), stream=stream)
        started = False
        for packet in container.demux(stream):
            started = started or packet.is_keyframe
            for frame in packet.decode() if started else ():
                hashes.append(_luma_hash(frame))
                if last_from is None and len(hashes) == frames:
                    return list(hashes)
    return list(hashes)


def _luma_hash(frame: VideoFrame) -> bytes:
    plane = frame.planes[0]
    lines = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
    sample_bytes = -(-frame.format.components[0].bits // 8)
    return hashlib.sha256(lines[:, : plane.width * sample_bytes].tobytes()).digest()


@contextmanager
def _errors(path: Path) -> Iterator[None]:
    try:
        yield
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: {error}; check the clip, and the space on the disk") from error
