"""What every look at a video shares: strict decoders, the number in a picture, and a list of what is wrong."""

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import av
import numpy as np
from av.video.frame import VideoFrame

from harness.errors import MediaError
from harness.media import stamp

#: Decoder options that make damaged data an error wherever a decoder can tell.
STRICT = {"err_detect": "crccheck+bitstream+buffer+explode"}

_SHOWN_PROBLEMS = 8
_SHOWN_LETTERS = 100

# 64 bits tell the pictures of one video apart, and keep the facts of a long one small.
_HASH_LETTERS = 16


# Missing parts of a picture are filled from its neighbours, which a decoder tells only in passing.
_CONCEALING = "concealing"

#: A message of the video library: level, who, text.
Message = tuple[int, str, str]


#: What looks at each decoded frame in passing, with the number inside it, and keeps no frame.
OnFrame = Callable[[VideoFrame, int | None], None]

# The level of messages belongs to the whole process: the first listener raises it, the last one puts it back.
_lock = threading.Lock()
_listeners = 0


@contextmanager
def decoder_messages() -> Iterator[list[Message]]:
    """Collects what the video library says in this thread, in the list that is given."""
    _listen(1)
    try:
        with av.logging.Capture() as messages:
            yield messages
    finally:
        _listen(-1)


def _listen(change: int) -> None:
    global _listeners
    with _lock:
        _listeners += change
        av.logging.set_level(av.logging.INFO if _listeners else None)


def complaint(messages: list[Message]) -> str:
    """The first message that tells of damage, or nothing; the list is emptied."""
    texts = [text.strip() for level, _, text in messages if level <= av.logging.ERROR or text.startswith(_CONCEALING)]
    messages.clear()
    return texts[0][:_SHOWN_LETTERS] if texts else ""


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


def picture_hash(frame: VideoFrame) -> str:
    """A hash of the samples that are seen, plane by plane, without what alignment adds to each line."""
    hashed = hashlib.sha256()
    if len(frame.planes) != len(frame.format.components):  # several components in one plane
        hashed.update(np.ascontiguousarray(frame.to_ndarray()).data)
        return hashed.hexdigest()[:_HASH_LETTERS]
    for plane, component in zip(frame.planes, frame.format.components, strict=True):
        lines = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
        width = min(plane.line_size, plane.width * -(-component.bits // 8))
        hashed.update(np.ascontiguousarray(lines[:, :width]).data)
    return hashed.hexdigest()[:_HASH_LETTERS]


def decode_picture(picture: bytes) -> VideoFrame:
    """Decode one JPEG picture.

    Raises:
        MediaError: it does not decode.
    """
    context = av.VideoCodecContext.create("mjpeg", "r")
    context.thread_count = 1
    context.options = dict(STRICT)
    with decoder_messages() as messages:
        try:
            frames = context.decode(av.Packet(picture)) + context.decode(None)
        except av.FFmpegError as error:
            raise MediaError(f"the JPEG picture does not decode: {complaint(messages) or error.strerror}") from error
        heard = complaint(messages)
    if len(frames) != 1 or frames[0].is_corrupt or heard:
        raise MediaError(f"the JPEG picture is damaged: {heard or 'the decoder gives no picture'}")
    return frames[0]
