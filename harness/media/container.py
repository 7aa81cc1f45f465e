"""Which container a file is, by its own bytes, and whether it was cut off.

The video library would guess too, but among hundreds of formats, some of which fetch other files. What came back from
a PACS is untrusted, so the container is decided here and the library is told.
"""

from pathlib import Path

import av
from av.codec.context import ThreadType
from av.container import InputContainer

from harness.core.formats import Container
from harness.errors import MediaError, is_of_this_machine
from harness.media import mp4

_TS_PACKET = 188
#: Four bytes of arrival time stand before each packet on Blu-ray discs and in camcorders.
_M2TS_PREFIX = 4
_M2TS_PACKET = _M2TS_PREFIX + _TS_PACKET
_HEAD = _M2TS_PREFIX + 3 * _M2TS_PACKET + 1
_SYNC = 0x47
_MP4_BOXES = frozenset({b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"})
_DEMUXERS = {
    Container.MP4: "mp4",
    Container.QUICKTIME: "mov",
    Container.MPEG_TS: "mpegts",
    Container.M2TS: "mpegts",
    Container.MPEG_PS: "mpeg",
    Container.MPEG_PES: "mpeg",
    Container.MATROSKA: "matroska",
    Container.WEBM: "matroska",
    Container.AVI: "avi",
}
#: stream_id of video in a packet of MPEG-2 Systems (ISO/IEC 13818-1 Table 2-22).
_PES_VIDEO = range(0xE0, 0xF0)
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

    A transport stream with 192-byte packets is not what the standard means by MPEG-TS, and is told apart from it.

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
        # Titles and other texts inside may be damaged; nothing of them is used.
        source = av.open(path, format=demuxer, metadata_errors="replace")
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
    packet = {Container.MPEG_TS: _TS_PACKET, Container.M2TS: _M2TS_PACKET}.get(container)
    if packet is not None and size % packet > 1:
        return f"the file ends {size % packet} bytes into a transport packet"
    if container in (Container.MP4, Container.QUICKTIME):
        with path.open("rb") as file:
            return mp4.cut_off(file, size)
    return ""


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD)
    except OSError as error:
        if is_of_this_machine(error):
            raise
        raise MediaError(f"{path}: cannot be read: {error.strerror}") from error


def _sniff(head: bytes) -> Container:
    if head[4:8] == b"ftyp":
        return Container.QUICKTIME if head[8:12] == b"qt  " else Container.MP4
    if head[4:8] in _MP4_BOXES:
        return Container.QUICKTIME
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        # Its DocType, an element of the header.
        return Container.WEBM if b"\x42\x82\x84webm" in head[:64] else Container.MATROSKA
    if head.startswith(b"RIFF") and head[8:12] == b"AVI ":
        return Container.AVI
    if head.startswith(b"\xff\xd8"):
        return Container.JPEG_FRAMES
    if head.startswith(b"\0\0\x01\xba"):
        return Container.MPEG_PS
    if head.startswith(b"\0\0\x01") and head[3:4] and head[3] in _PES_VIDEO:
        return Container.MPEG_PES
    if _after_start_code(head) in _ELEMENTARY:
        return Container.ELEMENTARY
    if head and all(byte == _SYNC for byte in head[::_TS_PACKET]):
        return Container.MPEG_TS
    if len(head) > _M2TS_PACKET and all(byte == _SYNC for byte in head[_M2TS_PREFIX::_M2TS_PACKET]):
        return Container.M2TS
    return Container.UNKNOWN


def _after_start_code(head: bytes) -> int:
    for code in (b"\0\0\x01", b"\0\0\0\x01"):
        if head.startswith(code) and len(head) > len(code):
            return head[len(code)]
    return -1
