"""What the headers of a coded stream say, whatever the codec: the libraries that decode do not tell all of it."""

from collections.abc import Callable
from types import ModuleType

from harness.core.formats import Codec
from harness.errors import MediaError
from harness.media import h264, hevc, jpeg, mpeg2
from harness.media.coded import CodedVideo

_PARSERS: dict[Codec, ModuleType] = {Codec.H264: h264, Codec.HEVC: hevc, Codec.MPEG2: mpeg2, Codec.MJPEG: jpeg}

#: Bit stream filters that turn the packets of MP4 into Annex B data and leave other data alone.
ANNEX_B = {Codec.H264: "h264_mp4toannexb", Codec.HEVC: "hevc_mp4toannexb"}


def parse_headers(codec: Codec, data: bytes) -> CodedVideo:
    """The facts in the first headers of ``data``: Annex B, an MPEG-2 elementary stream, or one JPEG picture.

    Raises:
        MediaError: the headers are missing or damaged, or nothing here reads those of the codec.
    """
    if codec not in _PARSERS:
        raise MediaError(f"the headers of {codec} are not read here")
    parse: Callable[[bytes], CodedVideo] = _PARSERS[codec].parse
    return parse(data)


def parameter_sets(codec: Codec, data: bytes) -> tuple[bytes, ...]:
    """The coded parameter sets in ``data``, to see whether they change within a stream; none for JPEG."""
    if codec is Codec.MJPEG:
        return ()
    sets: Callable[[bytes], tuple[bytes, ...]] = _PARSERS[codec].parameter_sets
    # Zeros at the end belong to the next start code, which may be longer or shorter.
    return tuple(coded.rstrip(b"\0") for coded in sets(data))
