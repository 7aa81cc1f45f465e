"""What every look at a video shares: strict decoders, the number in a picture, and a list of what is wrong."""

from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

from harness.errors import MediaError
from harness.media import stamp

#: Decoder options without which a decoder hides damage behind the neighbouring picture.
STRICT = {"err_detect": "crccheck+bitstream+buffer+explode", "ec": "0"}

_SHOWN_PROBLEMS = 8


class Problems:
    """A list of problems that stays short however damaged a file is."""

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._more = 0

    def add(self, text: str) -> None:
        """Note a problem; an empty text is none."""
        if text and len(self._texts) < _SHOWN_PROBLEMS:
            self._texts.append(text)
        elif text:
            self._more += 1

    def texts(self) -> tuple[str, ...]:
        """The first problems, and how many more there were."""
        return (*self._texts, *([f"and {self._more} more problems"] if self._more else []))


def read_stamp(frame: VideoFrame) -> int | None:
    """The number inside a decoded picture, or None."""
    if not frame.format.name.startswith(("yuv", "gray", "nv12", "p010")):
        frame = frame.reformat(format="gray")
    depth = frame.format.components[0].bits
    plane = frame.planes[0]
    kind: np.dtype[Any] = np.dtype(np.uint8 if depth == 8 else np.uint16)
    lines = np.frombuffer(memoryview(plane), kind).reshape(plane.height, plane.line_size // kind.itemsize)
    return stamp.read(lines[:, : plane.width], bit_depth=depth)


def decode_picture(picture: bytes) -> VideoFrame:
    """Decode one JPEG picture.

    Raises:
        MediaError: it does not decode.
    """
    context = av.VideoCodecContext.create("mjpeg", "r")
    context.thread_count = 1
    context.options = dict(STRICT)
    try:
        frames = context.decode(av.Packet(picture)) + context.decode(None)
    except av.FFmpegError as error:
        raise MediaError(f"the JPEG picture does not decode: {error.strerror or error}") from error
    if len(frames) != 1 or frames[0].is_corrupt:
        raise MediaError("the JPEG picture does not decode")
    return frames[0]
