"""The octets of a reply: what lies in memory is short, what is long lies in files and is read as it is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import add
from pathlib import Path

from harness.media.part10 import Piece

#: What is read at once, in bytes.
CHUNK = 1 << 20

Segment = bytes | Piece


def _length(segment: Segment) -> int:
    return len(segment) if isinstance(segment, bytes) else segment.length


@dataclass(frozen=True, slots=True)
class Body:
    """Segments that follow each other; a piece of a file is exactly its bytes, without padding."""

    segments: tuple[Segment, ...] = ()

    def __add__(self, other: "Body") -> "Body":
        return Body(self.segments + other.segments)

    @property
    def length(self) -> int:
        """All octets together."""
        return sum(map(_length, self.segments))

    def cut(self, start: int, end: int) -> "Body":
        """The octets from ``start`` up to ``end``."""
        kept: list[Segment] = []
        for segment in self.segments:
            length = _length(segment)
            first, last = max(start, 0), min(end, length)
            if first < last:
                kept.append(
                    segment[first:last]
                    if isinstance(segment, bytes)
                    else Piece(segment.path, segment.offset + first, last - first)
                )
            start, end = start - length, end - length
        return Body(tuple(kept))

    def chunks(self) -> Iterator[bytes]:
        """The octets in blocks of a limited size.

        Raises:
            OSError: a file is gone, or became shorter.
        """
        for segment in self.segments:
            if isinstance(segment, bytes):
                yield segment
            else:
                yield from _read(segment)


EMPTY = Body()


def file_body(path: Path) -> Body:
    """A whole file."""
    return Body((Piece(path, 0, path.stat().st_size),))


def joined(bodies: Iterator[Body] | tuple[Body, ...]) -> Body:
    """One body after the other."""
    return reduce(add, bodies, EMPTY)


def _read(piece: Piece) -> Iterator[bytes]:
    left = piece.length
    with piece.path.open("rb") as file:
        file.seek(piece.offset)
        while left:
            block = file.read(min(left, CHUNK))
            if not block:
                raise OSError(f"{piece.path} became shorter while it was sent")
            left -= len(block)
            yield block
