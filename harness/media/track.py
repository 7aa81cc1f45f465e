"""A sound track as data: what its packets hold and what they decode to, hashed as they pass by."""

import hashlib
from fractions import Fraction
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from harness.core.facts import SoundTrack


class TrackMeter:
    """Told the packets and the decoded blocks of one stream in order; keeps none of them.

    AAC comes bare in MP4 and with an ADTS header before each frame in MPEG-TS (ISO/IEC 13818-7 6.2): the header is left
    out of the hash, since it belongs to the wrapping.
    """

    def __init__(self, stream: AudioStream) -> None:
        self._aac = stream.codec_context.name == "aac"
        self._base = Fraction(stream.time_base or 1)
        self._coded = hashlib.sha256()
        self._samples = hashlib.sha256()
        self._packets = 0
        self._first: int | None = None
        self._end = 0

    def packet(self, packet: "av.Packet[Any]") -> None:
        """Take a packet into account; those without data only flush."""
        if not packet.size:
            return
        self._packets += 1
        self._coded.update(_without_adts(bytes(packet)) if self._aac else memoryview(packet))
        if packet.pts is not None:
            self._first = packet.pts if self._first is None else min(self._first, packet.pts)
            self._end = max(self._end, packet.pts + (packet.duration or 0))

    def samples(self, frame: AudioFrame) -> None:
        """Take a decoded block into account."""
        self._samples.update(frame.to_ndarray().tobytes())

    def track(self, first_picture: list[int | None], base: Fraction) -> SoundTrack:
        """The track; ``first_picture`` holds the time of the first picture in units of ``base``, where there is one."""
        start = Fraction(0) if self._first is None else self._first * self._base
        pictures = next((time * base for time in first_picture if time is not None), start)
        return SoundTrack(
            packets=self._packets,
            seconds=Fraction(0) if self._first is None else self._end * self._base - start,
            offset=start - pictures,
            sha256=self._coded.hexdigest(),
            samples_sha256=self._samples.hexdigest(),
        )


def _without_adts(frame: bytes) -> bytes:
    """An AAC frame without the header that begins with twelve ones and two zeros, if it has it."""
    if len(frame) < 9 or frame[0] != 0xFF or frame[1] & 0xF6 != 0xF0:
        return frame
    checked = not frame[1] & 1
    return frame[9 if checked else 7 :]
