"""Which container a file is, by its own bytes, and whether it was cut off.

The video library would guess too, but among hundreds of formats, some of which fetch other files. What came back from
a PACS is untrusted, so the container is decided here and the library is told.
"""

from pathlib import Path
from typing import BinaryIO

import av
from av.codec.context import ThreadType
from av.container import InputContainer

from harness.core.formats import Container
from harness.errors import MediaError

_TS_PACKET = 188
_HEAD = 3 * _TS_PACKET + 1
_MP4_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_DEMUXERS = {
    Container.MP4: "mp4",
    Container.QUICKTIME: "mov",
    Container.MPEG_TS: "mpegts",
    Container.MPEG_PS: "mpeg",
    Container.MATROSKA: "matroska",
    Container.AVI: "avi",
}
# The byte after the first start code of a bare stream: MPEG-2 sequence header; H.264 parameter set, message or
# delimiter; HEVC video or sequence parameter set, message or delimiter.
_ELEMENTARY = {
    0xB3: "mpegvideo",
    0x67: "h264",
    0x47: "h264",
    0x27: "h264",
    0x06: "h264",
    0x09: "h264",
    0x40: "hevc",
    0x42: "hevc",
    0x46: "hevc",
    0x4E: "hevc",
}


def sniff_container(path: Path) -> Container:
    """The container of a file, by its first bytes.

    A transport stream with 192-byte packets is not what the standard means by MPEG-TS, and is unknown here.

    Raises:
        MediaError: the file cannot be read.
    """
    return _sniff(_head(path))


def open_video(path: Path) -> InputContainer:
    """Open a file with the demuxer that its own bytes call for; the caller closes it.

    Raises:
        MediaError: the container is unknown, or the file holds no video that the library can decode.
    """
    head = _head(path)
    demuxer = _DEMUXERS.get(_sniff(head)) or _ELEMENTARY.get(_after_start_code(head))
    if demuxer is None:
        raise MediaError(f"{path}: no known video container begins with {head[:8].hex(' ') or 'nothing'}")
    try:
        source = av.open(path, format=demuxer)
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path}: cannot be opened as {demuxer}: {error}") from error
    if not source.streams.video or source.streams.video[0].codec_context is None:
        source.close()
        raise MediaError(f"{path}: holds no video stream that can be decoded")
    context = source.streams.video[0].codec_context
    # One thread: several may hang when another library has forked, and clips are examined in parallel anyway.
    context.thread_count = 1
    context.thread_type = ThreadType.NONE
    return source


def cut_off(path: Path, container: Container) -> str:
    """How the container shows that its end is missing; empty where it does not show.

    One byte behind the end is allowed: a stream of odd length is padded in DICOM (PS3.5 A.4).
    """
    size = path.stat().st_size
    if container is Container.MPEG_TS and size % _TS_PACKET > 1:
        return f"the file ends {size % _TS_PACKET} bytes into a transport packet"
    if container in (Container.MP4, Container.QUICKTIME):
        with path.open("rb") as file:
            return _walk_boxes(file, size)
    return ""


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}") from error


def _sniff(head: bytes) -> Container:
    if head[4:8] == b"ftyp":
        return Container.QUICKTIME if head[8:12] == b"qt  " else Container.MP4
    if head[4:8] in _MP4_BOXES:
        return Container.QUICKTIME
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return Container.MATROSKA
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return Container.AVI
    if head.startswith(b"\xff\xd8"):
        return Container.JPEG_FRAMES
    if head.startswith(b"\0\0\x01\xba"):
        return Container.MPEG_PS
    if _after_start_code(head) in _ELEMENTARY:
        return Container.ELEMENTARY
    if head and all(byte == 0x47 for byte in head[::_TS_PACKET]):
        return Container.MPEG_TS
    return Container.UNKNOWN


def _after_start_code(head: bytes) -> int:
    for code in (b"\0\0\x01", b"\0\0\0\x01"):
        if head.startswith(code) and len(head) > len(code):
            return head[len(code)]
    return -1


def _walk_boxes(file: BinaryIO, size: int) -> str:
    place = 0
    while size - place > 1:
        file.seek(place)
        header = file.read(16)
        length, name = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length == 0:  # to the end of the file
            return ""
        if length < 8 or len(header) < 8:
            return f"the box at byte {place} is damaged"
        if place + length > size:
            return f"the box {name.decode('latin-1')!r} ends {place + length - size} bytes behind the end of the file"
        place += length
    return ""
