"""What the video library of this machine can do: encoders by name and by trial, and GPL code in it."""

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from harness.errors import EncoderMissing
from harness.media.encode import require_encoder

#: Encoders on graphics hardware. Clips are never made by them, because their bytes differ from card to card.
GPU_ENCODERS = {
    "NVENC": ("h264_nvenc", "hevc_nvenc"),
    "Quick Sync": ("h264_qsv", "hevc_qsv"),
}

#: Libraries under the GPL that FFmpeg can be built with; binaries with any of them are passed on under the GPL.
GPL_LIBRARIES = ("libx264", "libx265", "libxvid", "libvidstab", "librubberband", "libdavs2", "libxavs2", "libxavs")

# Small, and above the least size that the encoders on graphics hardware take.
_SIDE = 256


def has_encoder(name: str, kind: str) -> bool:
    """True where the library can encode ``kind``, which is video or audio, with ``name``."""
    try:
        require_encoder(name, kind)
    except EncoderMissing:
        return False
    return True


def trial(name: str) -> str | None:
    """Encode one small picture with ``name``; why that failed, in words, or None where it worked."""
    if not has_encoder(name, "video"):
        return "the video library was built without it"
    try:
        context = av.CodecContext.create(name, "w")
        if not isinstance(context, VideoCodecContext):
            return "it is no video encoder"
        context.width = context.height = _SIDE
        context.pix_fmt, context.time_base, context.framerate = "nv12", Fraction(1, 25), Fraction(25)
        frame = VideoFrame(_SIDE, _SIDE, "nv12")
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        frame.pts = 0
        packets = [*context.encode(frame), *context.encode(None)]
    except (av.FFmpegError, ValueError) as error:
        return f"it does not work here: {error}"
    return None if packets else "it gave no packet"


def gpl_parts() -> tuple[str, ...]:
    """GPL code inside the video library, by its build configuration, whatever its licence text says."""
    words = set(str(av._core.library_meta["libavcodec"]["configuration"]).split())
    return tuple(name for name in ("gpl", *GPL_LIBRARIES) if f"--enable-{name}" in words)
