"""Single frames of a video as small PNG pictures, for the eyes of whoever reads a report."""

from collections.abc import Collection, Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.video.frame import VideoFrame

from harness.core.formats import Container
from harness.errors import MediaError
from harness.media import jpeg
from harness.media.container import open_video, sniff_container
from harness.media.decode import decode_picture

#: The widest still, in samples.
MAX_WIDTH = 480


def pictures(path: Path, indices: Collection[int], *, frame_sizes: tuple[int, ...] = ()) -> dict[int, bytes]:
    """PNG files of the frames at ``indices``, from one decoding pass.

    An index counts the frames that decode, from 0 in order of presentation, as the stamps of the stream facts do. One
    beyond the last frame is missing in the answer. Damaged pictures are shown as the decoder conceals them.

    Raises:
        MediaError: the file is no video.
    """
    wanted = set(indices)
    found: dict[int, bytes] = {}
    if not wanted:
        return found
    for index, frame in enumerate(_frames(path, frame_sizes)):
        if index in wanted:
            found[index] = _png(frame)
        if index >= max(wanted):
            break
    return found


def _frames(path: Path, frame_sizes: tuple[int, ...]) -> Iterator[VideoFrame]:
    if sniff_container(path) is Container.JPEG_FRAMES:
        for picture in jpeg.pictures(path, frame_sizes):
            try:
                yield decode_picture(picture)
            except MediaError:
                continue
        return
    with open_video(path) as source:
        video = source.streams.video[0]
        packets = source.demux(video)
        while True:
            try:
                packet = next(packets, None)
                frames = packet.decode() if packet is not None else []
            except av.EOFError:
                return
            except av.FFmpegError:
                # A damaged packet has no picture to show; examining the file tells what is wrong with it.
                continue
            for frame in frames:
                if isinstance(frame, VideoFrame):
                    yield frame
            if packet is None:
                return


def _png(frame: VideoFrame) -> bytes:
    context = av.VideoCodecContext.create("png", "w")
    context.width = min(frame.width, MAX_WIDTH)
    context.height = max(1, frame.height * context.width // frame.width)
    context.pix_fmt = "rgb24"
    context.time_base = Fraction(1, 25)
    small = frame.reformat(context.width, context.height, format="rgb24")
    return b"".join(bytes(packet) for packet in [*context.encode(small), *context.encode(None)])
