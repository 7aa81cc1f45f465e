"""A video file in, facts out: headers parsed, every frame decoded, the number in each picture read.

One pass, and no more than a frame at a time in memory. Damage does not stop the pass: it is noted, and what still
decodes is counted. Decoders are told to refuse damaged data rather than to invent pictures for it.
"""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.video.frame import VideoFrame

from harness.core.facts import Packaging, SoundFacts, StreamFacts
from harness.core.formats import Codec, Container, Scan, SoundCodec
from harness.errors import MediaError
from harness.media import mp4, mpeg2
from harness.media.bitstream import ANNEX_B, parameter_sets, parse_headers
from harness.media.coded import CodedVideo
from harness.media.container import cut_off, open_video, sniff_container
from harness.media.decode import (
    STRICT,
    Message,
    OnFrame,
    Problems,
    complaint,
    decoder_messages,
    picture_hash,
    read_stamp,
)
from harness.media.examine_jpeg import examine_pictures
from harness.media.frame_times import frame_timing, timing_faults
from harness.media.hear import SoundMeter
from harness.media.track import TrackMeter

_CODECS = {"mpeg2video": Codec.MPEG2, "h264": Codec.H264, "hevc": Codec.HEVC, "mjpeg": Codec.MJPEG}
_FULL_RANGE = 2


def examine(
    path: Path,
    *,
    frame_sizes: tuple[int, ...] = (),
    rate: Fraction = Fraction(0),
    on_frame: OnFrame | None = None,
) -> StreamFacts:
    """Everything that can be known of a video file.

    Args:
        path: the file.
        frame_sizes: for Motion JPEG, the length of each picture in bytes; without them the markers tell.
        rate: for Motion JPEG, frames per second as known from elsewhere, since its pictures do not tell.
        on_frame: told each frame as it is decoded, with the number inside it, so that nobody need decode again.

    Returns:
        The facts; damage is told in their ``problems``, also when no frame decodes.

    Raises:
        MediaError: nothing can be known: the file cannot be read, its container is unknown, it holds no video, or
            neither headers nor a frame can be read.
    """
    container = sniff_container(path)
    if container is Container.JPEG_FRAMES:
        return examine_pictures(path, frame_sizes, rate, on_frame)
    with open_video(path) as source, decoder_messages() as messages:
        return _Examination(path, container, source, messages, on_frame).facts()


class _Examination:
    """One pass over an open file."""

    def __init__(
        self,
        path: Path,
        container: Container,
        source: InputContainer,
        messages: list[Message],
        on_frame: OnFrame | None,
    ) -> None:
        self._messages = messages
        self._on_frame = on_frame
        self._path, self._container, self._source = path, container, source
        self._video = source.streams.video[0]
        # A track of unknown coding has no decoder.
        self._sound = next((track for track in source.streams.audio if track.codec_context is not None), None)
        name = self._video.codec_context.codec.canonical_name
        self._codec: Codec | str = _CODECS.get(name, name)
        self._problems, self._changes = Problems(), Problems()
        self._hearing = SoundMeter()
        self._headers: CodedVideo | None = None
        self._header_problem = ""
        self._sets: frozenset[bytes] = frozenset()
        self._stamps: list[int | None] = []
        self._times: list[int | None] = []
        self._hashes: list[str] = []
        self._track = None if self._sound is None else TrackMeter(self._sound)
        self._coded_bytes = 0
        self._packets = 0
        self._first_frame: VideoFrame | None = None
        self._filter: BitStreamFilterContext | None = None

    def facts(self) -> StreamFacts:
        context = self._video.codec_context
        context.options = dict(STRICT)
        if self._codec in ANNEX_B:
            try:
                self._filter = BitStreamFilterContext(ANNEX_B[Codec(self._codec)], self._video)
            except av.FFmpegError as error:
                self._problems.add(f"the parameter sets in the container are damaged: {error.strerror or error}")
        self._problems.add(cut_off(self._path, self._container))
        if self._sound is None and self._source.streams.audio:
            self._problems.add("the coding of the sound is unknown")
        for frame in self._frames():
            if self._first_frame is None:
                self._first_frame = frame
            elif (frame.width, frame.height) != (self._first_frame.width, self._first_frame.height):
                self._changes.add(f"the picture becomes {frame.width}x{frame.height} at frame {len(self._stamps) + 1}")
            self._stamps.append(read_stamp(frame))
            self._times.append(frame.pts)
            self._hashes.append(picture_hash(frame))
            if self._on_frame is not None:
                self._on_frame(frame, self._stamps[-1])
        promised = self._video.frames
        if promised and promised != len(self._stamps):
            self._problems.add(f"the container promises {promised} frames, {len(self._stamps)} decode")
        if not self._stamps:
            self._problems.add("no frame decodes")
        return self._facts(self._headers or self._headers_from_decoder())

    def _frames(self) -> Iterator[VideoFrame]:
        streams = [self._video] if self._sound is None else [self._video, self._sound]
        packets = self._source.demux(streams)
        while True:
            try:
                packet = next(packets, None)
            except av.FFmpegError as error:
                self._problems.add(f"reading stops after {len(self._stamps)} frames: {error}")
                packet = None
            if packet is None:
                break
            if packet.stream is self._video and packet.size:
                self._look_at(packet)
            elif self._track is not None and packet.stream is self._sound:
                self._hearing.hear(packet)
                self._track.packet(packet)
            yield from self._decode(packet)
        # Reading may have stopped early; what the decoders still hold belongs to the file.
        yield from self._decode(None)
        if self._sound is not None:
            yield from self._decode(None, sound=True)

    def _decode(self, packet: "av.Packet[Any] | None", *, sound: bool = False) -> Iterator[VideoFrame]:
        sound = sound or (packet is not None and packet.stream is self._sound)
        context = self._sound.codec_context if sound and self._sound else self._video.codec_context
        which = "sound" if sound else f"video packet {self._packets}"
        frames: list[Any] = []
        try:
            frames = context.decode(packet)
        except av.EOFError:  # flushed before
            return
        except av.FFmpegError as error:
            self._problems.add(f"{which} does not decode: {complaint(self._messages) or error.strerror}")
        else:
            heard = complaint(self._messages)
            if heard or any(frame.is_corrupt for frame in frames):
                self._problems.add(f"{which} is damaged: {heard or 'the decoder marks the picture as corrupt'}")
        for frame in frames:
            if isinstance(frame, VideoFrame):
                yield frame
            elif self._track is not None and isinstance(frame, AudioFrame):
                self._track.samples(frame)

    def _look_at(self, packet: "av.Packet[Any]") -> None:
        """Read headers where they may stand: in key pictures."""
        self._packets += 1
        self._coded_bytes += packet.size
        if packet.is_corrupt:
            self._problems.add(f"packet {self._packets} is damaged or incomplete in its container")
        if not isinstance(self._codec, Codec) or not (packet.is_keyframe or self._headers is None):
            return
        data = bytes(packet)
        if self._filter is not None:
            try:
                data = b"".join(bytes(part) for part in self._filter.filter(av.Packet(data)))
            except av.FFmpegError as error:
                self._header_problem = f"packet {self._packets} is no sequence of units: {error.strerror or error}"
                return
        if self._headers is None:
            try:
                self._headers = parse_headers(self._codec, data)
            except MediaError as error:
                self._header_problem = self._header_problem or str(error)
                return
        sets = frozenset(parameter_sets(self._codec, data))
        if self._sets and sets - self._sets:
            self._changes.add(f"the sequence parameters change at packet {self._packets}")
        self._sets |= sets

    def _headers_from_decoder(self) -> CodedVideo:
        """What the decoder knows, for a codec without parser here or for damaged headers."""
        if self._header_problem == mpeg2.MPEG1:
            self._codec = "mpeg1video"  # as the library names it where the container tells
        elif isinstance(self._codec, Codec):
            self._problems.add(self._header_problem or "the stream has no sequence header")
        context = self._video.codec_context
        if not context.width or not context.height or context.format is None:
            raise MediaError(f"{self._path}: {'; '.join(self._problems.texts())}")
        format = context.format
        return CodedVideo(
            profile=0,
            level=0,
            bit_depth=format.components[0].bits,
            chroma=_chroma(format),
            rows=context.height,
            columns=context.width,
            scan=Scan.PROGRESSIVE,
        )

    def _facts(self, headers: CodedVideo) -> StreamFacts:
        context = self._video.codec_context
        base = Fraction(self._video.time_base or 1)
        known = [headers.rate, self._video.guessed_rate, self._video.average_rate]
        rate, regular = frame_timing(self._times, base, [Fraction(one) for one in known if one])
        seconds = len(self._stamps) / rate if rate else Fraction(0)
        measured = int(self._coded_bytes * 8 / seconds) if seconds else 0
        full_range = headers.full_range
        if full_range is None:
            full_range = self._first_frame is not None and self._first_frame.color_range == _FULL_RANGE
        return StreamFacts(
            container=self._container,
            codec=self._codec,
            profile=headers.profile,
            level=headers.level,
            bit_depth=headers.bit_depth,
            chroma=headers.chroma,
            rows=headers.rows,
            columns=headers.columns,
            rate=rate,
            scan=headers.scan,
            sample_aspect=headers.sample_aspect or Fraction(context.sample_aspect_ratio or 1),
            full_range=full_range,
            frame_packed=headers.frame_packed,
            high_tier=headers.high_tier,
            frames=len(self._stamps),
            regular_timing=regular,
            sound=self._sound_facts(),
            stamps=tuple(self._stamps),
            problems=self._problems.texts(),
            bit_rate=max(measured, headers.bit_rate),
            pictures=tuple(self._hashes),
            times=tuple(self._times),
            time_base=base,
            track=None if self._track is None else self._track.track(self._times[:1], base),
            measured_bit_rate=measured,
            changes=self._changes.texts(),
            timing_faults=timing_faults(self._times),
            coding=headers.coding,
            packaging=self._packaging(),
            sound_detail=self._hearing.detail(),
        )

    def _packaging(self) -> Packaging:
        if self._container in (Container.MP4, Container.QUICKTIME):
            return mp4.packaging(self._path)
        streams = self._source.streams
        return Packaging(video_tracks=len(streams.video), sound_tracks=len(streams.audio))

    def _sound_facts(self) -> SoundFacts | None:
        if self._sound is None:
            return None
        context = self._sound.codec_context
        name = context.codec.canonical_name
        # Linear samples come under many names, one per byte order and container.
        known: dict[str, SoundCodec | str] = {codec.value: codec for codec in SoundCodec}
        codec = SoundCodec.LPCM if name.startswith("pcm_") else known.get(name, name)
        return SoundFacts(codec=codec, sample_rate=context.sample_rate, channels=context.channels)


def _chroma(format: av.VideoFormat) -> str:
    if len(format.components) < 3:
        return "4:0:0"
    across, down = 64 // format.chroma_width(64), 64 // format.chroma_height(64)
    return {(2, 2): "4:2:0", (2, 1): "4:2:2", (1, 1): "4:4:4"}.get((across, down), f"{across}x{down}")
