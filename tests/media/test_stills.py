"""Stills show the frames asked for, small and as PNG."""

from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest

from harness.errors import MediaError
from harness.media import stamp
from harness.media.stills import MAX_WIDTH, pictures

from .conftest import RECIPES, SmallClip


def number_in(png: bytes) -> int | None:
    context = av.VideoCodecContext.create("png", "r")
    (frame,) = [*context.decode(av.Packet(png)), *context.decode(None)]
    return stamp.read(np.asarray(frame.to_ndarray(format="gray")))


@pytest.mark.parametrize("id_", sorted(RECIPES))
def test_stills_are_the_frames_asked_for(id_: str, small_clip: Callable[[str], SmallClip]) -> None:
    clip = small_clip(id_)
    found = pictures(clip.path, [25, 0, 13, 99], frame_sizes=clip.frame_sizes)
    assert {index: number_in(png) for index, png in found.items()} == {0: 1, 13: 14, 25: 26}
    assert all(png.startswith(b"\x89PNG") for png in found.values())


def test_wide_picture_is_made_smaller(tmp_path: Path) -> None:
    path = tmp_path / "wide.mp4"
    with av.open(path, "w", format="mp4") as output:
        stream = output.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        output.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((1620, 1920), 128, np.uint8), format="yuv420p")))
        output.mux(stream.encode(None))
    (png,) = pictures(path, [0]).values()
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    assert (width, height) == (MAX_WIDTH, MAX_WIDTH * 9 // 16)


def test_nothing_asked_nothing_read(tmp_path: Path) -> None:
    assert pictures(tmp_path / "missing", []) == {}


@pytest.mark.parametrize("id_", ["h264_hp41", "mpeg2_ml", "mjpeg"])
def test_damaged_video_still_shows_what_decodes(
    id_: str, small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    data = small_clip(id_).path.read_bytes()
    path = tmp_path / "cut"
    path.write_bytes(data[: len(data) // 2])
    assert 0 in pictures(path, [0, 25])


def test_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "text"
    path.write_bytes(b"text")
    with pytest.raises(MediaError, match="no known video container"):
        pictures(path, [0])
