"""Finds the place of a fault in a stream of bytes that passes in pieces of any length.

Strategy: the place is a number of bytes and never a time, so that the same fault happens to the same byte each time.
A stream that begins with an A-ASSOCIATE PDU is read as DICOM; of anything else, such as TLS or HTTP, bytes are
counted, and every protocol adds some to the object, so that a share of its size lies inside it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from harness.core.faults import HOLDING, Fault, Place

#: Types of the first PDU of either side, and of the one that carries messages (PS3.8 9.3.1).
_ASSOCIATE: Final = (0x01, 0x02)
_P_DATA: Final = 0x04
#: Bytes of the head of a PDU, and of the head of an item inside P-DATA-TF (PS3.8 9.3.5).
_HEAD: Final = 6
#: Where bytes are only counted, FIRST is behind a handshake and the head of a message, if the object is larger.
_COUNTED_FIRST: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of a data set inside what was fed: where they begin there, and where in their fragment."""

    start: int
    length: int
    done: int  #: bytes of the fragment before these
    whole: int  #: length of the fragment
    last: bool  #: whether it is the last fragment of its data set


class Framing:
    """Follows the PDUs of one direction of an association; what is no PDU is passed over."""

    def __init__(self) -> None:
        self._head = bytearray()
        self._kind = 0
        self._left = 0  # of the PDU
        self._fragment = self._fragment_left = 0
        self._control = 0

    def feed(self, data: bytes | memoryview) -> Iterator[Piece]:
        """The pieces of data sets in the next bytes of the stream; consume all of them before the next call."""
        at = 0
        while at < len(data):
            if self._fragment_left:
                step = min(self._fragment_left, len(data) - at)
                if not self._control & 1:
                    yield self._piece(at, step)
                self._fragment_left -= step
            elif self._left and self._kind != _P_DATA:
                step = min(self._left, len(data) - at)
                self._left -= step
            else:
                step = min(_HEAD - len(self._head), len(data) - at)
                self._head += data[at : at + step]
                if len(self._head) == _HEAD:
                    self._begin()
                    if self._kind == _P_DATA and self._left_empty():
                        yield self._piece(at + step, 0)
            at += step

    def _begin(self) -> None:
        """Take a whole head: of an item inside P-DATA-TF, else of a PDU."""
        if self._left:
            length, self._control = struct.unpack(">LxB", self._head)
            self._fragment = self._fragment_left = max(length - 2, 0)
            self._left = max(self._left - 4 - length, 0)
        else:
            self._kind, self._left = struct.unpack(">BxL", self._head)
            self._control = 1
        self._head.clear()

    def _left_empty(self) -> bool:
        """Whether an empty fragment of a data set has just begun, which some peers end a data set with."""
        return not self._control & 1 and self._fragment == 0

    def _piece(self, start: int, length: int) -> Piece:
        done = self._fragment - self._fragment_left
        return Piece(start, length, done, self._fragment, bool(self._control & 2))


class FaultPoint:
    """Where a fault happens in one direction of one connection.

    ``data_bytes`` counts the bytes of data sets that passed, which ends at the place where the fault lets nothing
    pass any more.
    """

    def __init__(self, fault: Fault) -> None:
        self._fault = fault
        self._stops = fault.kind in HOLDING
        self._framing: Framing | None = None
        self._passed = 0
        self.data_bytes = 0
        self.found = False

    @property
    def inside(self) -> bool:
        """Whether the stream is read as DICOM; else ``data_bytes`` stays 0."""
        return self._framing is not None

    def find(self, data: bytes | memoryview) -> int | None:
        """Offset of the place in the next bytes of the stream, None where it is not in them or was before."""
        if not self._passed and data and data[0] in _ASSOCIATE:
            self._framing = Framing()
        offset = self._counted(len(data)) if self._framing is None else self._inside(self._framing, data)
        self._passed += len(data)
        return offset

    def _counted(self, length: int) -> int | None:
        size = self._fault.size
        place = {Place.FIRST: min(_COUNTED_FIRST, size // 4), Place.MIDDLE: size // 2, Place.LAST: size - 1}
        offset = place[self._fault.place] - self._passed
        if self.found or not 0 <= offset < length:
            return None
        self.found = True
        return offset

    def _inside(self, framing: Framing, data: bytes | memoryview) -> int | None:
        offset = None
        for piece in framing.feed(data):
            if self.found and self._stops:
                continue
            within = None if self.found else self._within(piece)
            if within is not None:
                self.found, offset = True, piece.start + within
            self.data_bytes += within if within is not None and self._stops else piece.length
        return offset

    def _within(self, piece: Piece) -> int | None:
        """How many bytes of the piece lie before the place; None where it is not in the piece."""
        if self._fault.place is Place.MIDDLE:
            offset = self._fault.size // 2 - self.data_bytes
        elif self._fault.place is Place.FIRST or piece.last:
            offset = piece.whole // 2 - piece.done
        else:
            return None
        return offset if 0 <= offset < piece.length or offset == piece.length == 0 else None
