"""multipart/related (RFC 2387, RFC 2046 5.1) as a stream: parts received into sinks, one after the other."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from email.message import Message
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from harness.clients.dicomweb.ended import Ended
from harness.core.exchange import Ending

CHUNK: Final = 256 * 1024

#: Files that one answer may make; a retrieve of one object brings one or a few.
MOST_FILES: Final = 10_000
DICOM: Final = "application/dicom"
#: A part header is a few lines; what is longer is none.
_LARGEST_HEADER = 16 * 1024


class Sink(Protocol):
    """Where bytes go."""

    def write(self, data: bytes, /) -> object:
        """Take some."""
        ...


class _Nowhere:
    def write(self, data: bytes, /) -> None:
        """Forget it."""


class _Limited:
    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes, /) -> None:
        """Keep it, within reason."""
        self.data += data
        if len(self.data) > _LARGEST_HEADER:
            raise Ended(Ending.BAD_ANSWER, f"a part of the answer has a header of over {_LARGEST_HEADER} bytes")


class _Blocks:
    """Received blocks, to be read up to a delimiter; holds one block and a delimiter's length at most."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        # The first boundary may be the first thing; after that one stands behind a line end like all others.
        self._held = b"\r\n"

    def until(self, delimiter: bytes, sink: Sink) -> None:
        """Write everything before ``delimiter`` into ``sink``, and drop the delimiter."""
        while (place := self._held.find(delimiter)) < 0:
            safe = max(len(self._held) - len(delimiter) + 1, 0)
            sink.write(self._held[:safe])
            self._held = self._held[safe:] + self._next()
        sink.write(self._held[:place])
        self._held = self._held[place + len(delimiter) :]

    def starts_with(self, text: bytes) -> bool:
        """Whether ``text`` comes next."""
        while len(self._held) < len(text):
            self._held += self._next()
        return self._held.startswith(text)

    def put_back(self, text: bytes) -> None:
        self._held = text + self._held

    def _next(self) -> bytes:
        for block in self._blocks:
            if block:
                return block
        raise Ended(Ending.BAD_ANSWER, "the multipart answer ends without its closing delimiter (RFC 2046 5.1.1)")


def receive(blocks: Iterator[bytes], content_type: str, into: Path) -> tuple[Path, ...]:
    """Write each ``application/dicom`` part of an answer, or the answer itself where it is one, into its own file.

    What ends early leaves no file behind.

    Raises:
        Ended: BAD_ANSWER where it is neither, or breaks the multipart syntax.
    """
    kind, parameters = parse_content_type(content_type)
    kept: list[Path] = []
    try:
        if kind == DICOM:
            with _new_file(into, kept) as file:
                for block in blocks:
                    file.write(block)
        elif kind == "multipart/related" and (boundary := parameters.get("boundary")):
            split_parts(blocks, boundary, lambda headers: _object_file(headers, into, kept))
        else:
            raise Ended(Ending.BAD_ANSWER, f"the answer is {content_type!r:.80}, which is no DICOM object")
    except BaseException:
        for path in kept:
            path.unlink(missing_ok=True)
        raise
    return tuple(kept)


def parse_content_type(text: str) -> tuple[str, dict[str, str]]:
    """Media type in small letters, and its parameters."""
    message = Message()
    message["Content-Type"] = re.sub(r"[\r\n]", " ", text)
    parameters = message.get_params(failobj=[]) or []
    return message.get_content_type() if text else "", {str(key).lower(): str(value) for key, value in parameters[1:]}


def split_parts(
    blocks: Iterator[bytes], boundary: str, open_part: Callable[[dict[str, str]], AbstractContextManager[Sink]]
) -> None:
    """Write each part into the sink that ``open_part`` gives for its headers, whose names are in small letters.

    Raises:
        Ended: BAD_ANSWER where the multipart syntax is broken.
    """
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    stream = _Blocks(blocks)
    stream.until(delimiter, _Nowhere())
    while not stream.starts_with(b"--"):
        stream.until(b"\r\n", _Limited())
        stream.put_back(b"\r\n")  # a part without any header begins with the empty line
        stream.until(b"\r\n\r\n", header := _Limited())
        with open_part(_headers(header.data)) as sink:
            stream.until(delimiter, sink)


def _headers(data: bytes) -> dict[str, str]:
    lines = (line.decode("latin-1").partition(":") for line in data.replace(b"\r\n", b"\n").split(b"\n"))
    return {name.strip().lower(): value.strip() for name, colon, value in lines if colon}


def _object_file(headers: dict[str, str], into: Path, kept: list[Path]) -> BinaryIO:
    kind = parse_content_type(headers.get("content-type", DICOM))[0]
    if kind != DICOM:
        raise Ended(Ending.BAD_ANSWER, f"a part of the answer is {kind!r:.80}, which is no DICOM object")
    return _new_file(into, kept)


def _new_file(into: Path, kept: list[Path]) -> BinaryIO:
    if len(kept) >= MOST_FILES:
        raise Ended(Ending.BAD_ANSWER, f"the answer has more than {MOST_FILES:,} objects")
    for number in itertools.count(len(kept) + 1):
        path = into / f"{number:04d}.dcm"
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        kept.append(path)
        return file
    raise AssertionError("a count has no end")
