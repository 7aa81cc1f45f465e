"""Which video libraries made and examined the clips: part of the record of every run."""

from typing import Any

import av


def tool_versions() -> dict[str, Any]:
    """Versions of PyAV and of the FFmpeg libraries inside it, its licence and configuration as FFmpeg tells them."""
    about = av._core.library_meta["libavcodec"]
    return {
        "PyAV": av.__version__,
        "FFmpeg": av.ffmpeg_version_info,
        "libraries": {name: ".".join(map(str, version)) for name, version in sorted(av.library_versions.items())},
        "licence": about["license"],
        "configuration": about["configuration"],
    }
