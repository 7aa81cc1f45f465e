"""Bodies of requests as streams (RFC 2387): files wrapped for sending, never read as a whole."""

import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.clients.dicomweb.multipart import CHUNK, DICOM


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a request: its headers, and its content as bytes or as the file that holds it."""

    headers: tuple[tuple[str, str], ...]
    content: bytes | Path

    @property
    def length(self) -> int:
        """Bytes of the content."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.stat().st_size


class Body:
    """A multipart/related body of ``type``. Can be iterated again for another try."""

    def __init__(self, type: str, pieces: tuple[Piece, ...]) -> None:
        boundary = uuid.uuid4().hex
        self._sections: list[tuple[bytes, Piece]] = []
        for piece in pieces:
            line = "\r\n" if self._sections else ""
            head = "".join(f"{name}: {value}\r\n" for name, value in piece.headers)
            self._sections.append((f"{line}--{boundary}\r\n{head}\r\n".encode(), piece))
        self._tail = f"\r\n--{boundary}--\r\n".encode()
        self.content_type = f'multipart/related; type="{type}"; boundary={boundary}'
        self.length = sum(len(head) + piece.length for head, piece in self._sections) + len(self._tail)
        #: Bytes handed to the connection in the current try.
        self.sent = 0

    @classmethod
    def of_object(cls, path: Path) -> "Body":
        """One Part 10 file as the only part."""
        return cls(DICOM, (Piece((("Content-Type", DICOM),), path),))

    def __iter__(self) -> Iterator[bytes]:
        self.sent = 0
        for block in self._blocks():
            yield block
            self.sent += len(block)

    @property
    def sha256(self) -> str:
        """Hash of the whole body, in one more pass over the files."""
        digest = hashlib.sha256()
        for block in self._blocks():
            digest.update(block)
        return digest.hexdigest()

    def _blocks(self) -> Iterator[bytes]:
        for head, piece in self._sections:
            yield head
            if isinstance(piece.content, bytes):
                yield piece.content
                continue
            with piece.content.open("rb") as file:
                while block := file.read(CHUNK):
                    yield block
        yield self._tail
