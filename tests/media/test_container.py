"""The container is told by the file's own bytes, and nothing else is opened."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from harness.core.formats import Container
from harness.errors import MediaError
from harness.media.container import cut_off, open_video, sniff_container

from .conftest import RECIPES, SmallClip


def remuxed(clip: SmallClip, path: Path, muxer: str) -> Path:
    """The pictures of a clip in another container."""
    with av.open(clip.path) as source, av.open(path, "w", format=muxer) as output:
        video = source.streams.video[0]
        stream = output.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.dts is not None:
                packet.stream = stream
                output.mux(packet)
    return path


@pytest.mark.parametrize("id_", sorted(RECIPES))
def test_clip_is_recognised(id_: str, small_clip: Callable[[str], SmallClip]) -> None:
    clip = small_clip(id_)
    assert sniff_container(clip.path) is clip.recipe.container
    assert cut_off(clip.path, clip.recipe.container) == ""


@pytest.mark.parametrize(
    ("id_", "muxer", "container"),
    [
        ("h264_hp41", "mov", Container.QUICKTIME),
        ("h264_hp41", "matroska", Container.MATROSKA),
        ("mpeg2_ml", "avi", Container.AVI),
        ("h264_hp41", "h264", Container.ELEMENTARY),
        ("hevc_main51", "hevc", Container.ELEMENTARY),
        ("mpeg2_ml", "mpeg2video", Container.ELEMENTARY),
        ("mpeg2_ml", "mpeg", Container.MPEG_PS),
        ("h264_hp41", "mpegts", Container.MPEG_TS),
    ],
)
def test_other_container_is_recognised_and_opens(
    id_: str, muxer: str, container: Container, small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    path = remuxed(small_clip(id_), tmp_path / "other", muxer)
    assert sniff_container(path) is container
    with open_video(path) as source:
        assert next(source.decode(video=0)).width == 320


def with_arrival_times(path: Path) -> Path:
    """The packets of a transport stream with four bytes before each, as camcorders write them."""
    data = path.read_bytes()
    packets = [data[place : place + 188] for place in range(0, len(data), 188)]
    other = path.with_suffix(".m2ts")
    other.write_bytes(b"".join(number.to_bytes(4, "big") + packet for number, packet in enumerate(packets)))
    return other


def test_transport_packets_with_times_before_them_are_no_mpeg_ts(
    small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    path = with_arrival_times(remuxed(small_clip("h264_hp41"), tmp_path / "stream", "mpegts"))
    assert sniff_container(path) is Container.M2TS
    assert cut_off(path, Container.M2TS) == ""
    with open_video(path) as source:
        assert next(source.decode(video=0)).width == 320
    path.write_bytes(path.read_bytes()[:-100])
    assert "into a transport packet" in cut_off(path, Container.M2TS)


@pytest.mark.parametrize(
    ("head", "container"),
    [
        (b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", Container.WEBM),
        (b"\x1a\x45\xdf\xa3\xa3B\x86\x81\x01B\x82\x88matroska", Container.MATROSKA),
        (b"\0\0\x01\xe0\x07\xec\x81\x80", Container.MPEG_PES),
        (b"\0\0\x01\xc0\x07\xec\x81\x80", Container.UNKNOWN),  # sound, and no video
    ],
)
def test_kinds_of_one_family_are_told_apart(head: bytes, container: Container, tmp_path: Path) -> None:
    path = tmp_path / "head"
    path.write_bytes(head.ljust(600, b"\0"))
    assert sniff_container(path) is container


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"DICM",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/passwd\n",
        b"ffconcat version 1.0\nfile other.mp4\n",
    ],
    ids=["empty", "text", "playlist", "concat"],
)
def test_anything_else_is_unknown_and_not_opened(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd"
    path.write_bytes(data)
    assert sniff_container(path) is Container.UNKNOWN
    with pytest.raises(MediaError, match="no known video container"):
        open_video(path)


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"nowhere\.mp4: cannot be read"):
        sniff_container(tmp_path / "nowhere.mp4")


def test_container_without_content_does_not_open(tmp_path: Path) -> None:
    path = tmp_path / "empty.mp4"
    path.write_bytes(b"\0\0\0\x10ftypisom\0\0\0\0")
    with pytest.raises(MediaError):
        open_video(path)


@pytest.mark.parametrize("id_", ["mpeg2_ml", "h264_hp41"])
def test_missing_end_is_noticed_and_one_pad_byte_is_not(
    id_: str, small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    clip = small_clip(id_)
    data, path = clip.path.read_bytes(), tmp_path / "clip"
    path.write_bytes(data + b"\0")
    assert cut_off(path, clip.recipe.container) == ""
    path.write_bytes(data[:-2])
    assert cut_off(path, clip.recipe.container) != ""


def test_damaged_box_ends_the_walk(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    path = tmp_path / "clip"
    path.write_bytes(small_clip("h264_hp41").path.read_bytes() + b"\0\0\0\x04free")
    assert "damaged" in cut_off(path, Container.MP4)
