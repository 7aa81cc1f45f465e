"""The place of a fault: the same byte, in whatever pieces the stream passes."""

import struct

import pytest

from harness.clients.faultpoint import FaultPoint
from harness.core.faults import Fault, FaultKind, Place

RELEASE = struct.pack(">BxL", 5, 4) + bytes(4)
ASSOCIATE = struct.pack(">BxL", 1, 80) + bytes(80)


def item(data: bytes, *, command: bool = False, last: bool = False) -> bytes:
    return struct.pack(">LBB", len(data) + 2, 1, int(command) | (2 if last else 0)) + data


def pdu(*items: bytes) -> bytes:
    body = b"".join(items)
    return struct.pack(">BxL", 4, len(body)) + body


COMMAND = pdu(item(b"\1" * 50, command=True, last=True))
#: A data set of 10 + 20 + 8 bytes: two fragments in one PDU, the last one alone.
STREAM = ASSOCIATE + COMMAND + pdu(item(b"a" * 10), item(b"b" * 20)) + pdu(item(b"c" * 8, last=True)) + RELEASE
SIZE = 38


def positions(fault: Fault, stream: bytes, step: int) -> tuple[list[int], FaultPoint]:
    point = FaultPoint(fault)
    found = []
    for at in range(0, len(stream), step):
        offset = point.find(stream[at : at + step])
        if offset is not None:
            found.append(at + offset)
    return found, point


@pytest.mark.parametrize("step", [1, 3, 7, 1000])
@pytest.mark.parametrize(
    ("place", "position", "before"),
    [
        (Place.FIRST, STREAM.index(b"a") + 5, 5),
        (Place.MIDDLE, STREAM.index(b"b") + 9, 19),
        (Place.LAST, STREAM.index(b"c") + 4, 34),
    ],
)
def test_place_is_the_same_byte_of_the_data_set_however_the_stream_is_cut(place, position, before, step):
    found, point = positions(Fault(FaultKind.CUT, place, SIZE), STREAM, step)
    assert found == [position]
    assert point.data_bytes == before
    assert point.inside


def test_place_in_an_only_fragment_lies_inside_it():
    stream = ASSOCIATE + COMMAND + pdu(item(b"a" * 9, last=True))
    for place in (Place.FIRST, Place.MIDDLE, Place.LAST):
        found, _ = positions(Fault(FaultKind.CUT, place, 9), stream, 1000)
        assert found == [stream.index(b"a") + 4]


def test_empty_last_fragment_is_where_the_last_one_is():
    stream = ASSOCIATE + COMMAND + pdu(item(b"a" * 9)) + pdu(item(b"", last=True)) + RELEASE
    for step in (1, 1000):
        found, _ = positions(Fault(FaultKind.CUT, Place.LAST, 9), stream, step)
        assert found == [len(stream) - len(RELEASE)]


def test_what_lets_bytes_pass_counts_all_of_the_data_set():
    _, point = positions(Fault(FaultKind.CORRUPT, Place.MIDDLE, SIZE), STREAM, 5)
    assert point.data_bytes == SIZE


def test_command_set_is_never_the_place():
    found, point = positions(Fault(FaultKind.CUT, Place.FIRST, 50), ASSOCIATE + COMMAND + RELEASE, 9)
    assert found == []
    assert point.data_bytes == 0


@pytest.mark.parametrize(
    ("place", "position"), [(Place.FIRST, 250_000), (Place.MIDDLE, 500_000), (Place.LAST, 999_999)]
)
def test_bytes_are_counted_where_the_stream_is_not_dicom(place, position):
    position = min(position, 64 * 1024) if place is Place.FIRST else position
    stream = b"\x16\x03\x01" + bytes(1_010_000)  # a record of TLS
    found, point = positions(Fault(FaultKind.CUT, place, 1_000_000), stream, 65536)
    assert found == [position]
    assert not point.inside


def test_first_place_of_a_small_counted_object_lies_before_its_middle():
    found, _ = positions(Fault(FaultKind.CUT, Place.FIRST, 1000), b"POST / HTTP/1.1" + bytes(1500), 64)
    assert found == [250]
