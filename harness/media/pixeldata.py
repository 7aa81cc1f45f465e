"""Where Pixel Data lies in a file and what it hashes to (PS3.5 A.4).

Strategy: walk the items by their length fields. No payload byte is searched, so a payload that looks like a
delimiter does no harm. What a PACS may have broken is told apart: a lost sequence delimiter is a fact, broken
items make the object unreadable, with the offset.
"""

import hashlib
import os
import struct
from dataclasses import dataclass
from typing import IO

from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian
from pydicom.valuerep import EXPLICIT_VR_LENGTH_32

from harness.errors import ObjectUnreadable, PixelDataMissing

UNDEFINED_LENGTH = 0xFFFFFFFF
ITEM = b"\xfe\xff\x00\xe0"
SEQUENCE_DELIMITER = b"\xfe\xff\xdd\xe0" + bytes(4)
CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """Where Pixel Data (7FE0,0010) lies. All offsets and lengths are bytes of the file.

    ``offset`` is that of the element's tag and ``end`` that of the first byte behind it.
    ``vr`` is empty where none was written. ``offset_table_length`` is None where Pixel Data is native; then
    ``fragments`` holds its one value. ``offset_table`` holds the first offsets, up to one more than there are
    fragments: no right table is that long.
    ``delimited`` is False where the sequence delimiter is missing or cut off at the end of the file, and True
    for native Pixel Data, which needs none.
    """

    offset: int
    vr: str
    encapsulated: bool
    offset_table_length: int | None
    offset_table: tuple[int, ...]
    fragments: tuple[tuple[int, int], ...]
    delimited: bool
    end: int

    @property
    def payload_length(self) -> int:
        """Bytes of all fragments together, padding included."""
        return sum(length for _, length in self.fragments)


def find(file: IO[bytes], transfer_syntax: str | None) -> PixelLayout:
    """Read the layout of Pixel Data from an open file that stands at its tag.

    Raises:
        ObjectUnreadable: no Pixel Data, an item that is cut off or no item, or a deflated data set, in which
            Pixel Data has no place of its own.
    """
    name, start = file.name, file.tell()
    if transfer_syntax == DeflatedExplicitVRLittleEndian:
        raise ObjectUnreadable(f"{name}: the data set is deflated; ask for the stored transfer syntax")
    head = file.read(8)
    if not head:
        raise PixelDataMissing(f"{name}: no Pixel Data (7FE0,0010) up to the end at {start}; see a dump of it")
    vr = head[4:6].decode("latin-1")
    if vr in EXPLICIT_VR_LENGTH_32:
        head = head[:4] + file.read(4)
    else:  # It is no VR but a length: as one, each of the above would be odd.
        vr = ""
    if len(head) != 8:
        raise ObjectUnreadable(f"{name}: ends inside the Pixel Data tag at offset {start}; fetch it again")
    length = int.from_bytes(head[4:], "big" if transfer_syntax == ExplicitVRBigEndian else "little")
    size, value = os.fstat(file.fileno()).st_size, file.tell()
    if length != UNDEFINED_LENGTH:
        if value + length > size:
            raise _cut_off(name, "Pixel Data", start, length, size - value)
        return PixelLayout(start, vr, False, None, (), ((value, length),), True, value + length)
    items, delimited = _items(file, size)
    if not items:
        raise ObjectUnreadable(
            f"{name}: Pixel Data at offset {start} has no offset table item (PS3.5 A.4); see a dump of it"
        )
    end = file.tell()
    (place, length), *fragments = items
    file.seek(place)
    entries = min(length // 4, len(fragments) + 1)
    table = struct.unpack(f"<{entries}I", file.read(4 * entries))
    return PixelLayout(start, vr, True, length, table, tuple(fragments), delimited, end)


def hashes(file: IO[bytes], layout: PixelLayout) -> tuple[str, str]:
    """SHA-256 of the payload, and of it without its last byte where that byte is zero.

    Raises:
        ObjectUnreadable: the file became shorter.
    """
    digest = hashlib.sha256()
    unpadded = digest
    left = layout.payload_length
    for offset, size in layout.fragments:
        file.seek(offset)
        while size:
            block = file.read(min(size, CHUNK))
            if not block:
                raise ObjectUnreadable(f"{file.name}: shrank while it was read; keep other writers away from it")
            size -= len(block)
            left -= len(block)
            if left == 0 and block[-1] == 0:
                digest.update(block[:-1])
                unpadded, block = digest.copy(), block[-1:]
            digest.update(block)
    return digest.hexdigest(), unpadded.hexdigest()


def jpeg_starts(file: IO[bytes], layout: PixelLayout) -> tuple[bool, ...]:
    """Whether each fragment begins with the JPEG marker SOI (ISO/IEC 10918-1 B.1.1.3)."""

    def starts(offset: int, length: int) -> bool:
        file.seek(offset)
        return file.read(min(2, length)) == b"\xff\xd8"

    return tuple(starts(offset, length) for offset, length in layout.fragments)


def _items(file: IO[bytes], size: int) -> tuple[list[tuple[int, int]], bool]:
    """Offsets and lengths of the item values from here on, and whether the delimiter ended them."""
    items: list[tuple[int, int]] = []
    while True:
        start = file.tell()
        head = file.read(8)
        if len(head) < 8 and SEQUENCE_DELIMITER.startswith(head):
            return items, False
        if head == SEQUENCE_DELIMITER:
            return items, True
        tag, (length,) = head[:4], struct.unpack("<I", head[4:].ljust(4, b"\xff"))
        if tag != ITEM or length == UNDEFINED_LENGTH:
            raise ObjectUnreadable(
                f"{file.name}: {head.hex(' ')} at offset {start} is neither an item of defined length nor "
                "the sequence delimiter (PS3.5 A.4); see a dump of it"
            )
        if start + 8 + length > size:
            raise _cut_off(file.name, "an item", start, length, size - start - 8)
        items.append((start + 8, length))
        file.seek(length, os.SEEK_CUR)


def _cut_off(name: str, what: str, offset: int, length: int, left: int) -> ObjectUnreadable:
    return ObjectUnreadable(
        f"{name}: {what} at offset {offset} announces {length} bytes and {left} follow; it was cut off, fetch it again"
    )
