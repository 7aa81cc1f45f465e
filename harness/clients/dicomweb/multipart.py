"""multipart/related (RFC 2387, RFC 2046 5.1) as streams: one file wrapped for sending, parts received into files."""

import hashlib
import itertools
import re
import uuid
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from harness.clients.dicomweb.ended import Ended
from harness.core.exchange import Ending

CHUNK: Final = 256 * 1024
DICOM: Final = "application/dicom"
#: A part header is a few lines; what is longer is none.
_LARGEST_HEADER = 16 * 1024


class Upload:
    """The body of a STOW-RS request: one Part 10 file as the only part. Can be iterated again for another try."""

    def __init__(self, path: Path) -> None:
        boundary = uuid.uuid4().hex
        self._path = path
        self._head = f"--{boundary}\r\nContent-Type: {DICOM}\r\n\r\n".encode()
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.content_type = f'multipart/related; type="{DICOM}"; boundary={boundary}'
        self.length = len(self._head) + path.stat().st_size + len(self._tail)
        #: Bytes handed to the connection in the current try.
        self.sent = 0

    def __iter__(self) -> Iterator[bytes]:
        self.sent = 0
        for block in self._blocks():
            yield block
            self.sent += len(block)

    @property
    def sha256(self) -> str:
        """Hash of the whole body, in one more pass over the file."""
        digest = hashlib.sha256()
        for block in self._blocks():
            digest.update(block)
        return digest.hexdigest()

    def _blocks(self) -> Iterator[bytes]:
        yield self._head
        with self._path.open("rb") as file:
            while block := file.read(CHUNK):
                yield block
        yield self._tail


class _Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


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

    def until(self, delimiter: bytes, sink: _Sink) -> None:
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
            _receive_parts(_Blocks(blocks), b"\r\n--" + boundary.encode("latin-1", "replace"), into, kept)
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


def _receive_parts(blocks: _Blocks, delimiter: bytes, into: Path, kept: list[Path]) -> None:
    blocks.until(delimiter, _Nowhere())
    while not blocks.starts_with(b"--"):
        blocks.until(b"\r\n", _Limited())
        blocks.put_back(b"\r\n")  # a part without any header begins with the empty line
        blocks.until(b"\r\n\r\n", header := _Limited())
        kind = _part_kind(header.data)
        if kind != DICOM:
            raise Ended(Ending.BAD_ANSWER, f"a part of the answer is {kind!r:.80}, which is no DICOM object")
        with _new_file(into, kept) as file:
            blocks.until(delimiter, file)


def _part_kind(header: bytes) -> str:
    found = re.search(rb"^content-type:[ \t]*(.*)$", header.replace(b"\r\n", b"\n"), re.IGNORECASE | re.MULTILINE)
    return parse_content_type(found[1].decode("latin-1").strip())[0] if found else DICOM


def _new_file(into: Path, kept: list[Path]) -> BinaryIO:
    for number in itertools.count(1):
        path = into / f"{number:04d}.dcm"
        try:
            file = path.open("xb")
        except FileExistsError:
            continue
        kept.append(path)
        return file
    raise AssertionError("a count has no end")
