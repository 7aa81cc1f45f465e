"""Bodies in pieces, and parts out of a stream however it is cut."""

from pathlib import Path

import pytest

from harness.media.part10 import Piece
from harness.targets.embedded.web.accept import parse_media_type
from harness.targets.embedded.web.body import Body
from harness.targets.embedded.web.multipart import MalformedMultipart, PartReader, multipart


class Collected:
    """Parts as they come out: header, octets and whether they were ended."""

    def __init__(self) -> None:
        self.headers: list[dict[str, str]] = []
        self.parts: list[bytes] = []
        self.closed = 0

    def open(self, header: dict[str, str]) -> "Collected":
        self.headers.append(header)
        self.parts.append(b"")
        return self

    def write(self, data: bytes) -> None:
        self.parts[-1] += data

    def close(self) -> None:
        self.closed += 1


def read(stream: bytes, *, step: int, boundary: str = "b") -> Collected:
    collected = Collected()
    reader = PartReader(boundary, collected.open)
    for place in range(0, len(stream), step):
        reader.feed(stream[place : place + step])
    reader.finish()
    return collected


STREAM = (
    b"preamble\r\n--b  \r\nContent-Type: video/mp4\r\nContent-Location: x\r\n\r\n\r\n--a\r\n-\r\n--"
    b"\r\n--b\r\n\r\n\r\n--b--\r\nepilogue\r\n--b\r\n"
)


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_parts_come_out_whole_however_the_stream_is_cut(step: int) -> None:
    collected = read(STREAM, step=step)
    assert collected.parts == [b"\r\n--a\r\n-\r\n--", b""]
    assert collected.headers == [{"content-type": "video/mp4", "content-location": "x"}, {}]
    assert collected.closed == 2


@pytest.mark.parametrize(
    "stream",
    [b"", b"--b\r\n\r\nabc", b"--b\r\n\r\nabc\r\n--b", b"--b text\r\n\r\n\r\n--b--", b"--b\r\n" + b"A: b\r\n" * 4000],
    ids=["empty", "no delimiter", "delimiter cut", "text behind the boundary", "endless header"],
)
def test_a_broken_stream_is_told(stream: bytes) -> None:
    with pytest.raises(MalformedMultipart):
        read(stream, step=5)


def test_what_is_made_can_be_read_again() -> None:
    kind, body = multipart([({"Content-Type": "a/b"}, Body((b"one",))), ({}, Body((b"", b"two")))], "a/b")
    told = parse_media_type(kind)
    stream = b"".join(body.chunks())
    assert (told.name, told.parameters["type"], len(stream)) == ("multipart/related", "a/b", body.length)
    assert read(stream, step=4, boundary=told.parameters["boundary"]).parts == [b"one", b"two"]


@pytest.mark.parametrize(("start", "end"), [(0, 12), (0, 0), (2, 5), (3, 9), (4, 11), (11, 12), (5, 100)])
def test_a_cut_body_has_the_octets_between(tmp_path: Path, start: int, end: int) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"..456789..")
    body = Body((b"0123", Piece(file, 2, 6), b"AB"))
    assert b"".join(body.cut(start, end).chunks()) == b"0123456789AB"[start:end]


def test_a_file_that_became_shorter_is_no_silent_end(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"1234")
    with pytest.raises(OSError, match="shorter"):
        b"".join(Body((Piece(file, 2, 3),)).chunks())
