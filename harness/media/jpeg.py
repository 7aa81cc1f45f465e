"""JPEG pictures: the segments of one, and where each of several in a row ends (ISO/IEC 10918-1 Annex B)."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from harness.core.formats import Scan
from harness.errors import MediaError
from harness.media.coded import CodedVideo

_SOI, _EOI, _SOS, _DHT, _DQT, _TEM = 0xD8, 0xD9, 0xDA, 0xC4, 0xDB, 0x01
_RESTARTS = range(0xD0, 0xD8)
# Frame headers; DHT, JPG and DAC lie between them and are none.
_FRAME_HEADERS = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_CHROMA = {(1, 1): "4:4:4", (2, 1): "4:2:2", (2, 2): "4:2:0"}
_READ = 1 << 20


def parse(picture: bytes) -> CodedVideo:
    """Read the headers of one JPEG picture.

    Raises:
        MediaError: it is no JPEG picture, is damaged, or lacks the tables that every picture must carry
            (PS3.5 A.4.1).
    """
    if picture[:2] != bytes([0xFF, _SOI]):
        raise MediaError("the frame does not begin with the JPEG marker SOI")
    seen: dict[int, bytes] = {}
    place = 2
    while _SOS not in seen:
        marker, place = _marker(picture, place)
        length = int.from_bytes(picture[place : place + 2], "big")
        if length < 2 or place + length > len(picture):
            raise MediaError(f"the JPEG segment FF{marker:02X} ends outside the picture; the frame is damaged")
        seen[marker] = picture[place + 2 : place + length]
        place += length
    for marker, name in ((_DQT, "DQT"), (_DHT, "DHT")):
        if marker not in seen:
            raise MediaError(f"the JPEG frame carries no {name} segment; each frame needs its own (PS3.5 A.4.1)")
    headers = [marker for marker in seen if marker in _FRAME_HEADERS]
    if len(headers) != 1:
        raise MediaError(f"the JPEG frame has {len(headers)} frame headers; one is needed")
    return _frame_header(headers[0], seen[headers[0]])


def _marker(picture: bytes, place: int) -> tuple[int, int]:
    if picture[place : place + 1] != b"\xff":
        raise MediaError(f"no JPEG marker at byte {place}; the frame is damaged")
    while picture[place : place + 1] == b"\xff":  # fill bytes are allowed
        place += 1
    if place >= len(picture):
        raise MediaError("the JPEG frame ends inside its headers")
    return picture[place], place + 1


def _frame_header(marker: int, body: bytes) -> CodedVideo:
    components = body[5] if len(body) > 5 else 0
    if components not in (1, 3) or len(body) < 6 + 3 * components:
        raise MediaError("the JPEG frame header is damaged")
    rows, columns = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
    if not rows or not columns:
        raise MediaError("the JPEG frame header tells no size")
    chroma = "4:0:0"
    if components == 3:
        across, down = zip(*((body[n] >> 4, body[n] & 15) for n in (7, 10, 13)), strict=True)
        ratio = (across[0] // max(across[1], 1), down[0] // max(down[1], 1))
        chroma = _CHROMA.get(ratio, f"{ratio[0]}x{ratio[1]}")
    return CodedVideo(
        profile=marker,
        level=0,
        bit_depth=body[0],
        chroma=chroma,
        rows=rows,
        columns=columns,
        scan=Scan.PROGRESSIVE,
        full_range=True,
    )


def pictures(path: Path, sizes: tuple[int, ...] = ()) -> Iterator[bytes]:
    """The pictures of a file of JPEG pictures, one at a time.

    ``sizes`` are their lengths where they are known, each with at most one byte of padding; else the pictures are
    told apart by their markers. Bytes behind the last whole picture come as a last, damaged one.

    Raises:
        MediaError: the file cannot be read, or ``sizes`` go beyond its end.
    """
    try:
        with path.open("rb") as file:
            yield from _cut(file, path, sizes) if sizes else _split(file)
    except OSError as error:
        raise MediaError(f"{path}: cannot be read: {error.strerror}") from error


def _cut(file: BinaryIO, path: Path, sizes: tuple[int, ...]) -> Iterator[bytes]:
    for number, size in enumerate(sizes, 1):
        picture = file.read(size)
        if len(picture) < size:
            raise MediaError(f"{path}: frame {number} should have {size} bytes, the file has {len(picture)} left")
        yield picture


def _split(file: BinaryIO) -> Iterator[bytes]:
    """Cut after each EOI that ends a picture; a thumbnail inside a segment is passed over with its segment."""
    data = bytearray()
    place = 0
    in_scan = False

    def more() -> bool:
        block = file.read(_READ)
        data.extend(block)
        return bool(block)

    while True:
        if in_scan:
            found = data.find(b"\xff", place)
            place = len(data) if found < 0 else found
        while len(data) < place + 4 and more():
            pass
        if len(data) < place + 2:
            break
        if data[place] != 0xFF:  # padding between pictures, or damage
            place += 1
            continue
        marker = data[place + 1]
        if marker == _EOI:
            yield bytes(data[: place + 2])
            del data[: place + 2]
            place, in_scan = 0, False
            while data[:1] == b"\0" or (not data and more()):
                if data[:1] != b"\0":
                    break
                del data[:1]
        elif in_scan and (marker == 0 or marker in _RESTARTS):
            place += 2
        elif marker == 0xFF:
            place += 1
        elif marker in (_SOI, _TEM, 0) or marker in _RESTARTS:
            place += 2
        else:
            in_scan = marker == _SOS
            length = int.from_bytes(data[place + 2 : place + 4], "big")
            while len(data) < place + 2 + length and more():
                pass
            place += 2 + length
    if bytes(data).strip(b"\0"):
        yield bytes(data)
