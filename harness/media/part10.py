"""DICOM files with Pixel Data of any size, read and written as streams (PS3.10 7, PS3.5 A.4).

Strategy: pydicom reads and writes everything up to Pixel Data, :mod:`harness.media.pixeldata` walks its
items, and payload bytes only ever pass through in small blocks.
"""

import os
import struct
import threading
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydicom import Dataset, FileDataset, dcmwrite
from pydicom.filereader import read_dataset, read_partial
from pydicom.tag import BaseTag

from harness.core.facts import ObjectFacts
from harness.errors import MediaError, ObjectUnreadable, is_of_this_machine
from harness.media import pixeldata
from harness.media.elements import flatten, is_explicit_little_endian
from harness.media.pixeldata import CHUNK, ITEM, SEQUENCE_DELIMITER, UNDEFINED_LENGTH, PixelLayout

#: Largest even item length (PS3.5 A.4).
MAX_ITEM = 2**32 - 2

_PIXEL_DATA = 0x7FE00010

# pydicom warns about what it forgives. What it forgave is compared anyway, and warning filters are global.
_WARNING_FILTERS = threading.Lock()


@dataclass(frozen=True, slots=True)
class Piece:
    """One fragment to be written: ``length`` bytes from ``offset`` of a file; an odd one gets a zero byte
    more."""

    path: Path
    offset: int
    length: int


def read_header(path: Path) -> FileDataset:
    """Everything before Pixel Data, with the file meta information as ``file_meta``.

    Raises:
        ObjectUnreadable: the file is missing or is not a DICOM file.
    """
    with _opened(path) as file:
        return _header(file)


def read_values(path: Path) -> tuple[dict[str, str], dict[str, str]]:
    """File meta information and everything before Pixel Data as text, by keyword or path.

    Raises:
        ObjectUnreadable: as :func:`read_header`, or elements that cannot be parsed.
    """
    with _opened(path) as file:
        header = _header(file)
        with _parsing(file, 0):
            return dict(flatten(header.file_meta)), dict(flatten(header))


def layout(path: Path) -> PixelLayout:
    """Find Pixel Data and its fragments without reading them (PS3.5 A.4).

    Raises:
        ObjectUnreadable: no Pixel Data, an item that is cut off or no item, or a deflated data set, in which
            Pixel Data has no place of its own.
    """
    with _opened(path) as file:
        return _layout(file, _header(file))


def read_object(path: Path, private: Mapping[str, str] | None = None) -> ObjectFacts:
    """All facts of an object in one pass over its bytes; ``private`` as :func:`harness.media.elements.flatten` has it.

    Raises:
        ObjectUnreadable: as :func:`layout`, or elements around Pixel Data that cannot be parsed.
    """
    with _opened(path) as file:
        header = _header(file)
        pixels = _layout(file, header)
        with _parsing(file, pixels.offset):
            meta, data = dict(flatten(header.file_meta)), flatten(header, private)
        file.seek(pixels.end)
        with _parsing(file, pixels.end):
            implicit, little = header.original_encoding
            charset = header.original_character_set
            trailer = read_dataset(file, bool(implicit), little is not False, parent_encoding=charset)
            data += flatten(trailer)
        payload, unpadded = pixeldata.hashes(file, pixels)
        jpeg_starts = pixeldata.jpeg_starts(file, pixels) if pixels.encapsulated else ()
    found = dict(data)
    return ObjectFacts(
        sop_class_uid=found.get("SOPClassUID", ""),
        sop_instance_uid=found.get("SOPInstanceUID", ""),
        transfer_syntax_uid=meta.get("TransferSyntaxUID", ""),
        attributes=data,
        explicit_vr=pixels.vr != "" and is_explicit_little_endian(header) and is_explicit_little_endian(trailer),
        pixel_vr=pixels.vr,
        encapsulated=pixels.encapsulated,
        fragment_lengths=tuple(length for _, length in pixels.fragments) if pixels.encapsulated else (),
        jpeg_starts=jpeg_starts,
        offset_table_length=pixels.offset_table_length,
        offset_table=pixels.offset_table,
        delimited=pixels.delimited,
        payload_length=pixels.payload_length,
        payload_sha256=payload,
        unpadded_sha256=unpadded,
        meta=tuple(meta.items()),
    )


def extract_payload(path: Path, into: Path, *, length: int | None = None) -> None:
    """Write the joined fragments to a file, cut to ``length`` bytes if given.

    Raises:
        ObjectUnreadable: as :func:`layout`, or the payload is shorter than ``length``.
    """
    with _opened(path) as file:
        pixels = _layout(file, _header(file))
        left = pixels.payload_length if length is None else length
        if left > pixels.payload_length:
            raise ObjectUnreadable(
                f"{path}: the payload has {pixels.payload_length} bytes and not {left}; "
                "compare (7FE0,0003) with the items"
            )
        with into.open("wb") as target:
            for offset, size in pixels.fragments:
                file.seek(offset)
                _copy(file, target, min(size, left))
                left -= min(size, left)


def write_object(path: Path, header: Dataset, parts: Iterable[Piece], *, offset_table: bytes = b"") -> None:
    """Write header and encapsulated Pixel Data; ``path`` appears only when it is complete.

    ``header`` carries the Transfer Syntax UID in its file meta information; what else that lacks is filled
    in. The data set is written in Explicit VR Little Endian with Pixel Data as OB of undefined length, as
    every encapsulated transfer syntax demands (PS3.5 A.4). ``parts`` are read one after the other, each into
    one item.

    Raises:
        MediaError: a part does not fit into one item or into its file, or the header reaches beyond Pixel
        Data. ValueError: the transfer syntax is a registered one with another encoding of the data set.
    """
    if any(tag >= _PIXEL_DATA for tag in header.keys()):  # noqa: SIM118 - elements would be converted
        raise MediaError(f"{path}: the header holds elements from (7FE0,0010) on; remove them before writing")
    partial = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with partial.open("wb") as file:
            dcmwrite(file, header, implicit_vr=False, little_endian=True, enforce_file_format=True)
            file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, UNDEFINED_LENGTH))
            file.write(ITEM + struct.pack("<I", len(offset_table)) + offset_table)
            for part in parts:
                _write_item(file, part)
            file.write(SEQUENCE_DELIMITER)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


def _write_item(file: BinaryIO, part: Piece) -> None:
    pad = part.length % 2
    if part.length + pad > MAX_ITEM:
        raise MediaError(
            f"{part.path}: {part.length} bytes do not fit into one item of at most {MAX_ITEM} (PS3.5 A.4); "
            "use a fragmentable transfer syntax and several fragments"
        )
    file.write(ITEM + struct.pack("<I", part.length + pad))
    with part.path.open("rb") as source:
        source.seek(part.offset)
        _copy(source, file, part.length)
    file.write(bytes(pad))


def _copy(source: BinaryIO, target: BinaryIO, length: int) -> None:
    while length:
        block = source.read(min(length, CHUNK))
        if not block:
            raise MediaError(f"{source.name}: ended {length} bytes early; make it again, something changed it")
        target.write(block)
        length -= len(block)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        file = path.open("rb")
    except OSError as error:
        if is_of_this_machine(error):
            raise
        raise ObjectUnreadable(f"{path}: {error.strerror}; was the object received at all?") from error
    with file:
        yield file


@contextmanager
def _parsing(file: BinaryIO, offset: int) -> Iterator[None]:
    """Turn whatever pydicom raises on broken bytes into one error, and keep its warnings back."""
    try:
        with _WARNING_FILTERS, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except Exception as error:
        # Nothing narrower would do: which exceptions broken bytes provoke in pydicom is not documented.
        if is_of_this_machine(error):
            raise
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise ObjectUnreadable(
            f"{file.name}: unreadable elements from offset {offset}: {reason}; see a dump of it"
        ) from error


def _header(file: BinaryIO) -> FileDataset:
    """Read up to Pixel Data and leave ``file`` at its tag."""

    def at_pixel_data(tag: BaseTag, _vr: str | None, _length: int) -> bool:
        return bool(tag == _PIXEL_DATA)

    with _parsing(file, 0):
        return read_partial(file, stop_when=at_pixel_data)


def _layout(file: BinaryIO, header: FileDataset) -> PixelLayout:
    with _parsing(file, 0):
        syntax = dict(flatten(header.file_meta)).get("TransferSyntaxUID")
    return pixeldata.find(file, syntax)
