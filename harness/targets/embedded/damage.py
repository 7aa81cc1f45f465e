"""Ways to damage a received object before it is kept; each changes one thing and leaves a file that parses.

A damage takes the path of a Part 10 file and replaces the file. Payload is moved as pieces of the old file,
so memory stays flat; the new file appears when it is whole.
"""

import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from pydicom import Dataset
from pydicom.uid import UID

from harness.media.part10 import Piece, layout, read_header, write_object

Damage = Callable[[Path], None]

#: Objects with more payload than this are large for the mutants that spare small ones; in bytes.
LARGE = 4 * 1024 * 1024

#: What a mutant that confuses transfer syntaxes says instead: the neighbour of the same codec (PS3.6 Table
#: A-1).
_SYNTAX = "1.2.840.10008.1.2.4."
OTHER_LABEL = {
    _SYNTAX + label: _SYNTAX + other
    for label, other in (
        *(("100", "101"), ("101", "100"), ("100.1", "101.1"), ("101.1", "100.1")),
        *(("102", "104"), ("103", "102"), ("104", "102"), ("105", "104"), ("106", "104")),
        *(("102.1", "104.1"), ("103.1", "102.1"), ("104.1", "102.1"), ("105.1", "104.1"), ("106.1", "104.1")),
        *(("107", "108"), ("108", "107"), ("50", "51")),
    )
}

#: Optional attributes that go missing; the payload stays as it was.
_DROPPED = ("LossyImageCompressionMethod", "LossyImageCompressionRatio", "CineRate", "StudyDescription")


def pieces_of(path: Path) -> list[Piece]:
    """The fragments of a stored object."""
    return [Piece(path, offset, length) for offset, length in layout(path).fragments]


def _length(pieces: Iterable[Piece]) -> int:
    return sum(piece.length for piece in pieces)


def first_bytes(pieces: Iterable[Piece], length: int) -> list[Piece]:
    """The pieces up to ``length`` bytes, the last one cut to an even length."""
    kept = []
    for piece in pieces:
        if length < 2:
            break
        kept.append(Piece(piece.path, piece.offset, min(piece.length, length - length % 2)))
        length -= piece.length
    return kept


def rewrite(path: Path, pieces: Iterable[Piece], *, header: Dataset | None = None, offset_table: bytes = b"") -> None:
    """Replace an object by its own header, or another, and these pieces."""
    write_object(path, header or read_header(path), pieces, offset_table=offset_table)


def flip_one_byte(path: Path) -> None:
    """Invert the byte in the middle of the payload."""
    position = layout(path).payload_length // 2
    for piece in pieces_of(path):
        if position < piece.length:
            break
        position -= piece.length
    with path.open("r+b") as file:
        file.seek(piece.offset + position)
        byte = file.read(1)[0]
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte ^ 0xFF]))


def truncate(path: Path) -> None:
    """Lose the last tenth of the payload."""
    pieces = pieces_of(path)
    rewrite(path, first_bytes(pieces, _length(pieces) * 9 // 10))


def drop_last_fragment(path: Path) -> None:
    """Lose the last fragment of several; an only fragment is kept."""
    pieces = pieces_of(path)
    rewrite(path, pieces[:-1] or pieces)


def truncate_large(path: Path) -> None:
    """Lose the last tenth of a large payload."""
    if layout(path).payload_length > LARGE:
        truncate(path)


def keep_first_bytes(path: Path) -> None:
    """Lose everything behind the first bytes of a large payload."""
    rewrite(path, first_bytes(pieces_of(path), LARGE))


def add_offset_table(path: Path) -> None:
    """Write a Basic Offset Table of one zero, where video demands an empty one (PS3.5 A.4)."""
    rewrite(path, pieces_of(path), offset_table=bytes(4))


def split_fragments(path: Path) -> None:
    """Cut each fragment into two, whatever the transfer syntax allows (PS3.5 8.2.5 to 8.2.9)."""
    halves = []
    for piece in pieces_of(path):
        first = piece.length // 4 * 2
        halves += [Piece(path, piece.offset, first), Piece(path, piece.offset + first, piece.length - first)]
    rewrite(path, [half for half in halves if half.length])


def _change_header(change: Callable[[Dataset], None], path: Path) -> None:
    header = read_header(path)
    change(header)
    rewrite(path, pieces_of(path), header=header)


def changing_header(change: Callable[[Dataset], None]) -> Damage:
    """A damage that changes the header in place."""
    return partial(_change_header, change)


def change_header(**values: str) -> Damage:
    """A damage that sets attributes."""

    def set_values(header: Dataset) -> None:
        for keyword, value in values.items():
            setattr(header, keyword, value)

    return changing_header(set_values)


def _relabel(header: Dataset) -> None:
    syntax = str(header.file_meta.TransferSyntaxUID)
    header.file_meta.TransferSyntaxUID = UID(OTHER_LABEL.get(syntax, syntax))


def _count_one_frame_less(header: Dataset) -> None:
    header.NumberOfFrames = max(int(header.get("NumberOfFrames") or 1) - 1, 1)


def _add_rows(header: Dataset) -> None:
    # As a decoder does that reports coded instead of cropped rows.
    header.Rows = int(header.get("Rows") or 0) + 8


def _drop_attributes(header: Dataset) -> None:
    header.remove_private_tags()
    for keyword in _DROPPED:
        if keyword in header:
            del header[keyword]


relabel: Damage = partial(_change_header, _relabel)
count_one_frame_less: Damage = partial(_change_header, _count_one_frame_less)
add_rows: Damage = partial(_change_header, _add_rows)
drop_attributes: Damage = partial(_change_header, _drop_attributes)


def exchange_payloads(one: Path, other: Path) -> None:
    """Give each of two objects the payload of the other."""
    copy = one.with_suffix(".swapped")
    one_header, other_header = read_header(one), read_header(other)
    write_object(copy, one_header, pieces_of(other))
    rewrite(other, pieces_of(one), header=other_header)
    copy.replace(one)
