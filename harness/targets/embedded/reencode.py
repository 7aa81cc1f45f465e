"""Damage that leaves a playable video: decode, change the sequence of frames or nothing, encode again.

Video is one stream of frames in its container, and is read and written as such; sound is carried over
untouched. In Motion JPEG each fragment is a picture, so the same changes are made to the list of fragments.
One frame is in memory at a time.
"""

import itertools
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import av
import numpy as np
from av import AudioStream, Packet, VideoCodecContext, VideoFrame, VideoStream
from av.container import InputContainer, OutputContainer
from av.video.frame import PictureType
from av.video.reformatter import ColorRange
from pydicom.uid import JPEGTransferSyntaxes

from harness.media.part10 import Piece, extract_payload, read_header
from harness.targets.embedded.damage import Damage, pieces_of, rewrite

Item = TypeVar("Item")
#: What happens to a sequence of frames, told how many there are.
Change = Callable[[Iterable[Item], int], Iterator[Item]]
#: What happens to the picture of a frame.
Edit = Callable[[VideoFrame], VideoFrame]

_ENCODERS = {"h264": "libx264", "hevc": "libx265", "mpeg2video": "mpeg2video", "mjpeg": "mjpeg"}
_QUICK = {
    "libx264": {"preset": "veryfast"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
}
_BIT_RATE = 4_000_000
#: Coarser than what clips are made with, so that the bytes differ.
_PICTURE_QUANTISER = 9
#: Steps of 8-bit luma by which a picture becomes brighter.
_LIGHT = 2
MUXERS = {
    "mov,mp4,m4a,3gp,3g2,mj2": "mp4",
    "mpegts": "mpegts",
    "mpeg": "mpeg",
    "h264": "h264",
    "hevc": "hevc",
}


def _same(frames: Iterable[Item], count: int) -> Iterator[Item]:
    yield from frames


def _without_middle(frames: Iterable[Item], count: int) -> Iterator[Item]:
    for number, frame in enumerate(frames):
        if number != count // 2:
            yield frame


def _with_middle_two_swapped(frames: Iterable[Item], count: int) -> Iterator[Item]:
    rest = iter(frames)
    yield from itertools.islice(rest, max(count // 2 - 1, 0))
    yield from reversed(list(itertools.islice(rest, 2)))
    yield from rest


def _add_video(source: VideoStream, target: OutputContainer, edit: Edit) -> VideoStream:
    context = source.codec_context
    # Sound may open the encoder before the first picture is there to tell its size.
    edited = edit(VideoFrame(context.width, context.height, context.pix_fmt or "yuv420p"))
    encoder = _ENCODERS[context.name]
    video = target.add_stream(encoder, rate=source.average_rate, options=_QUICK.get(encoder))
    if not isinstance(video, VideoStream):
        raise TypeError(f"{encoder} is no video encoder")
    video.width, video.height, video.pix_fmt = edited.width, edited.height, context.pix_fmt
    video.codec_context.bit_rate = _BIT_RATE
    if context.sample_aspect_ratio is not None:
        video.codec_context.sample_aspect_ratio = context.sample_aspect_ratio
    video.codec_context.color_range = context.color_range
    video.codec_context.thread_count = 1
    if target.format.name == "mp4":
        video.codec_context.codec_tag = context.codec_tag
    return video


def _frames(reader: InputContainer, sound: dict[int, AudioStream], writer: OutputContainer) -> Iterator[VideoFrame]:
    """Decoded video; sound packets that lie between are passed on as they come."""
    for packet in reader.demux(reader.streams.video[0], *reader.streams.audio):
        if isinstance(packet.stream, VideoStream):
            yield from packet.stream.decode(packet)
        elif packet.dts is not None:
            packet.stream = sound[packet.stream_index]
            writer.mux(packet)


def _transcode(source: Path, target: Path, count: int, *, change: Change[VideoFrame], edit: Edit) -> None:
    """Encode a video file again in the same codec and container."""
    with (
        av.open(str(source)) as reader,
        av.open(str(target), "w", format=MUXERS[reader.format.name]) as writer,
    ):
        video = _add_video(reader.streams.video[0], writer, edit)
        sound = {stream.index: writer.add_stream_from_template(stream) for stream in reader.streams.audio}
        for number, original in enumerate(change(_frames(reader, sound, writer), count)):
            frame = edit(original)
            frame.pts, frame.time_base = number, 1 / Fraction(reader.streams.video[0].average_rate or 25)
            # The encoder chooses the types of its pictures.
            frame.pict_type = PictureType.NONE
            writer.mux(video.encode(frame))
        writer.mux(video.encode(None))


def _transcode_picture(picture: Piece, into: Path, edit: Edit) -> Piece:
    """Decode one JPEG picture and append it, encoded again, to a file."""
    with picture.path.open("rb") as file:
        file.seek(picture.offset)
        packet = Packet(file.read(picture.length))
    frame = edit(VideoCodecContext.create("mjpeg", "r").decode(packet)[0])
    encoder = VideoCodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = frame.width, frame.height, frame.format.name
    encoder.time_base, encoder.color_range = Fraction(1, 25), ColorRange.JPEG
    encoder.qmin = encoder.qmax = _PICTURE_QUANTISER
    frame.pict_type = PictureType.NONE
    with into.open("ab") as file:
        start = file.tell()
        length = sum(file.write(bytes(part)) for part in [*encoder.encode(frame), *encoder.encode(None)])
    return Piece(into, start, length)


def replace_video(
    path: Path,
    *,
    stream: Callable[[Path, Path, int], None],
    pictures: Callable[[list[Piece], Path], list[Piece]] = lambda pieces, _: pieces,
) -> None:
    """Replace the coded video of an object.

    ``stream`` is told the file of a stream, the file to make and the number of frames; ``pictures`` the fragments of
    Motion JPEG and a file for new ones.
    """
    header = read_header(path)
    with TemporaryDirectory() as folder:
        made = Path(folder, "made")
        if header.file_meta.TransferSyntaxUID in JPEGTransferSyntaxes:
            pieces = pictures(pieces_of(path), made)
        else:
            payload = Path(folder, "payload")
            extract_payload(path, payload)
            stream(payload, made, int(header.NumberOfFrames))
            pieces = [Piece(made, 0, made.stat().st_size)]
            if "EncapsulatedPixelDataValueTotalLength" in header:
                header.EncapsulatedPixelDataValueTotalLength = pieces[0].length
        rewrite(path, pieces, header=header)


def _reorder_or_drop(change: Change[Any]) -> Damage:
    return partial(
        replace_video,
        stream=partial(_transcode, change=change, edit=_untouched),
        pictures=lambda pieces, _: list(change(pieces, len(pieces))),
    )


def _recode(edit: Edit) -> Damage:
    """Encode the same number of frames again, each edited."""
    return partial(
        replace_video,
        stream=partial(_transcode, change=_same, edit=edit),
        pictures=lambda pieces, made: [_transcode_picture(piece, made, edit) for piece in pieces],
    )


def _untouched(frame: VideoFrame) -> VideoFrame:
    return frame


def _brighter(frame: VideoFrame) -> VideoFrame:
    """A little more light everywhere: what the eye does not notice."""
    plane = frame.planes[0]
    deep = frame.format.components[0].bits > 8
    lines = np.frombuffer(memoryview(plane), np.uint16 if deep else np.uint8)
    raised = lines.astype(np.int32) + (_LIGHT << (2 if deep else 0))
    plane.update(np.minimum(raised, (1 << frame.format.components[0].bits) - 1).astype(lines.dtype).tobytes())
    return frame


def _smaller(frame: VideoFrame) -> VideoFrame:
    return frame.reformat(width=frame.width // 2 // 2 * 2, height=frame.height // 2 // 2 * 2)


def _with_middle_twice(frames: Iterable[Item], count: int) -> Iterator[Item]:
    for number, frame in enumerate(frames):
        yield frame
        if number == count // 2:
            yield frame


#: Encode the same frames again: as many, as large, other bytes.
reencode = _recode(_untouched)
#: Encode the same frames again, a little brighter.
brighten = _recode(_brighter)
#: Encode the same frames again, half as high and half as wide.
shrink = _recode(_smaller)
#: Show the frame in the middle twice.
duplicate_frame: Damage = _reorder_or_drop(_with_middle_twice)
#: Lose the frame in the middle.
drop_frame: Damage = _reorder_or_drop(_without_middle)
#: Let the two frames in the middle change places.
swap_frames: Damage = _reorder_or_drop(_with_middle_two_swapped)
