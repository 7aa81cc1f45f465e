"""The boxes of MP4 and QuickTime files (ISO/IEC 14496-12 4.2), walked by their lengths; no payload is read."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harness.core.facts import Packaging

#: Boxes that hold the ones looked for; no other is entered.
_ENTERED = frozenset({"moov", "trak", "edts", "mdia", "minf", "stbl"})

#: No sensible file has more boxes than this outside its samples; a damaged one may have as many as bytes.
_MOST = 20_000


@dataclass(frozen=True, slots=True)
class Box:
    """One box. ``start`` and ``end`` are offsets of its content in the file."""

    name: str
    start: int
    end: int


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two offsets, up to the first damaged one; a box that reaches too far ends at ``end``."""
    for _ in range(_MOST):
        file.seek(start)
        header = file.read(min(16, max(end - start, 0)))
        if len(header) < 8:
            return
        length, name, head = int.from_bytes(header[:4], "big"), header[4:8].decode("latin-1"), 8
        if length == 1 and len(header) == 16:
            length, head = int.from_bytes(header[8:], "big"), 16
        elif length == 0:  # to the end of the file
            length = end - start
        if length < head:
            return
        yield Box(name, start + head, min(start + length, end))
        start += length


def cut_off(file: BinaryIO, size: int) -> str:
    """How the boxes show that the end of the file is missing, or that one is damaged; empty where they do not.

    One byte behind the end is allowed: a stream of odd length is padded in DICOM (PS3.5 A.4).
    """
    place = 0
    while size - place > 1:
        file.seek(place)
        header = file.read(16)
        length, name = int.from_bytes(header[:4], "big"), header[4:8]
        if length == 1:
            length = int.from_bytes(header[8:16], "big")
        if length == 0:  # to the end of the file
            return ""
        if length < 8 or len(header) < 8:
            return f"the box at byte {place} is damaged"
        if place + length > size:
            return f"the box {name.decode('latin-1')!r} ends {place + length - size} bytes behind the end of the file"
        place += length
    return ""


def packaging(path: Path) -> Packaging:
    """How a file is built; what damage hides stays at its default."""
    with path.open("rb") as file:
        size = path.stat().st_size
        top = list(boxes(file, 0, size))
        names = [box.name for box in top]
        tracks = [
            _track(file, box) for moov in top if moov.name == "moov" for box in _find(file, moov) if box.name == "trak"
        ]
        videos = [track for track in tracks if track[0] == "vide"]
        return Packaging(
            video_tracks=len(videos),
            sound_tracks=sum(1 for handler, _, _ in tracks if handler == "soun"),
            brand=_brand(file, top),
            index_first=names.index("moov") < names.index("mdat") if {"moov", "mdat"} <= set(names) else None,
            fragmented="moof" in names,
            sample_entry=videos[0][1] if videos else "",
            edits=videos[0][2] if videos else 0,
        )


def _find(file: BinaryIO, box: Box) -> Iterator[Box]:
    """The boxes inside a box, and inside those that are entered, without entering tracks."""
    for inner in boxes(file, box.start, box.end):
        yield inner
        if inner.name in _ENTERED and inner.name != "trak":
            yield from _find(file, inner)


def _track(file: BinaryIO, track: Box) -> tuple[str, str, int]:
    """Handler, first sample entry and entries of the edit list of a track."""
    handler = entry = ""
    edits = 0
    for box in _find(file, track):
        if box.name == "hdlr" and not handler:  # version and flags, pre_defined, handler_type
            handler = _letters(file, box, 8)
        elif box.name == "stsd" and not entry:  # version and flags, entry_count, length of the entry, its name
            entry = _letters(file, box, 12)
        elif box.name == "elst":
            edits = int.from_bytes(_bytes(file, box, 4), "big")
    return handler, entry, edits


def _brand(file: BinaryIO, top: list[Box]) -> str:
    return next((_letters(file, box, 0) for box in top if box.name == "ftyp"), "")


def _letters(file: BinaryIO, box: Box, offset: int) -> str:
    letters = _bytes(file, box, offset).decode("latin-1")
    return letters if letters.isprintable() else ""


def _bytes(file: BinaryIO, box: Box, offset: int) -> bytes:
    file.seek(box.start + offset)
    return file.read(max(min(4, box.end - box.start - offset), 0))
