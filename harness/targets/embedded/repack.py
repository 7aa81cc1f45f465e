"""Damage that leaves every coded picture as it is: other times, other sound, another index, another container.

Packets are copied from one container into another, never decoded. Motion JPEG has no container and is left alone.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from fractions import Fraction
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import av
from av import AudioStream, Packet, VideoStream
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from harness.targets.embedded.damage import Damage
from harness.targets.embedded.reencode import MUXERS, replace_video

#: What happens to a packet; None leaves it out.
Turn = Callable[["Packet[Any]"], "Packet[Any] | None"]

#: How much later sound comes, in seconds.
SOUND_DELAY = Fraction(1, 5)

_RANGE_FILTERS = {"h264": "h264_metadata=video_full_range_flag=1", "hevc": "hevc_metadata=video_full_range_flag=1"}


def _streams(reader: InputContainer, writer: OutputContainer, *, sound: bool) -> dict[int, Stream]:
    """The streams to write, by the index of the one to read."""
    made: dict[int, Stream] = {}
    for video in reader.streams.video:
        made[video.index] = stream = writer.add_stream_from_template(video)
        if writer.format.name == "mp4":  # hvc1 and hev1 are told apart by it
            stream.codec_context.codec_tag = video.codec_context.codec_tag
    for track in reader.streams.audio if sound else ():
        made[track.index] = writer.add_stream_from_template(track)
    return made


def copy(
    source: Path,
    target: Path,
    _frames: int,
    *,
    picture: Turn = lambda packet: packet,
    sound: Turn | None = lambda packet: packet,
    muxer: str = "",
    arrange: Callable[[Iterator["Packet[Any]"]], Iterable["Packet[Any]"]] = lambda packets: packets,
    filters: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Copy a video file packet by packet; ``sound`` None leaves the sound out.

    ``filters`` names a bit stream filter for each codec whose pictures pass through one.
    """
    with ExitStack() as stack:
        reader = stack.enter_context(av.open(str(source)))
        name = muxer or MUXERS[reader.format.name]
        writer = stack.enter_context(av.open(str(target), "w", format=name, options=_OPTIONS.get(name, {})))
        streams = _streams(reader, writer, sound=sound is not None)
        video = reader.streams.video[0]
        if (filter := filters.get(video.codec_context.name)) is not None:
            # It writes the parameter sets of the new stream too.
            picture = _filtering(BitStreamFilterContext(filter, video, streams[video.index]))
        read = (one for one in reader.demux(*(reader.streams[index] for index in streams)) if one.dts is not None)
        for packet in arrange(read):
            turn = picture if isinstance(packet.stream, VideoStream) else sound
            turned = None if turn is None else turn(packet)
            if turned is not None:
                turned.stream = streams[turned.stream_index]
                writer.mux(turned)


#: The index first, as it was: what moves it is no damage of its own.
_OPTIONS = {"mp4": {"movflags": "+faststart"}}


def _repacked(**how: Any) -> Damage:
    return partial(replace_video, stream=partial(copy, **how))


def _later(seconds: Fraction, packet: "Packet[Any]") -> "Packet[Any]":
    shift = round(seconds / (packet.time_base or 1))
    if packet.pts is not None and packet.dts is not None:
        packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
    return packet


def delayed(packet: "Packet[Any]") -> "Packet[Any]":
    """The packet, later than it was."""
    return _later(SOUND_DELAY, packet)


def _slower(packet: "Packet[Any]") -> "Packet[Any]":
    if packet.pts is not None and packet.dts is not None:
        packet.pts, packet.dts, packet.duration = packet.pts * 2, packet.dts * 2, (packet.duration or 0) * 2
    return packet


def as_key(packet: "Packet[Any]") -> "Packet[Any]":
    """The packet, called a key picture."""
    packet.is_keyframe = True
    return packet


class _Stumble:
    """Shows everything from the second key picture on a frame later."""

    def __init__(self) -> None:
        self._keys = 0

    def __call__(self, packet: "Packet[Any]") -> "Packet[Any]":
        self._keys += packet.is_keyframe
        stream = packet.stream
        rate = stream.average_rate if isinstance(stream, VideoStream) else None
        return packet if self._keys < 2 else _later(1 / Fraction(rate or 25), packet)


def _stumbling(source: Path, target: Path, frames: int) -> None:
    copy(source, target, frames, picture=_Stumble())


def _sound_backwards(packets: Iterator["Packet[Any]"]) -> Iterator["Packet[Any]"]:
    """The same sound packets in the opposite order, each at the time of the one in its place."""
    kept = list(packets)
    sound = [packet for packet in kept if isinstance(packet.stream, AudioStream)]
    bodies = [bytes(packet) for packet in reversed(sound)]
    for packet in kept:
        if not isinstance(packet.stream, AudioStream):
            yield packet
            continue
        other = Packet(bodies.pop(0))
        other.stream, other.time_base = packet.stream, packet.time_base
        other.pts, other.dts, other.duration = packet.pts, packet.dts, packet.duration
        yield other


def _filtering(filter: BitStreamFilterContext) -> Turn:
    def turn(packet: "Packet[Any]") -> "Packet[Any]":
        (changed,) = filter.filter(packet)
        return changed

    return turn


#: Show everything at half the speed.
slow_down = _repacked(picture=_slower, sound=_slower)
#: Show everything from the second key picture on a frame later than before.
stumble: Damage = partial(replace_video, stream=_stumbling)
#: Leave the sound out.
drop_sound = _repacked(sound=None)
#: Play the packets of the sound backwards.
reverse_sound = _repacked(arrange=_sound_backwards)
#: Let the sound come later.
delay_sound = _repacked(sound=delayed)
#: Call every picture a key picture, so that the index is good for nothing.
forget_key_pictures = _repacked(picture=as_key)
#: Put the streams into a transport stream.
to_transport_stream = _repacked(muxer="mpegts")
#: Claim the full range of samples in the sequence parameters.
claim_full_range = _repacked(filters=_RANGE_FILTERS)
