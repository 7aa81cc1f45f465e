"""Peers for the DIMSE client: real ones by pynetdicom, and scripted ones that say exactly what a test wants.

The scripted peer codes its PDUs by hand, so that the client is not tested against its own coding.
"""

import os
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_context, evt
from pynetdicom.dsutils import create_file_meta, decode, encode

from harness.clients.dimse import DimseClient, RetryPolicy
from harness.clients.dimse.query import STUDY_ROOT_FIND
from harness.clients.dimse.retrieve import STUDY_ROOT_GET, STUDY_ROOT_MOVE
from harness.core.endpoint import Endpoint, Timeouts, Tls

CLASS = "1.2.840.10008.5.1.4.1.1.77.1.1.1"
SYNTAX = "1.2.840.10008.1.2.4.102"
#: Short, so that running into one of them is quick.
LIMITS = Timeouts(connect=1.0, association=0.5, answer=0.5, stall=0.5)


class Peer:
    """One accepted connection, spoken to PDU by PDU."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.socket.settimeout(10)
        self.proposed: list[tuple[int, str, str]] = []
        self.syntaxes: list[list[str]] = []  # everything proposed in each context
        self.takes = 0  # the longest PDU that the requestor takes
        self.broken_off = 0  # bytes of the data set that came before it broke off
        self.longest = 0  # the longest PDU that arrived
        self.implementation: tuple[str, str] = ("", "")  # class UID and version name of the requestor

    def read_exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            piece = self.socket.recv(min(count - len(data), 65536))
            if not piece:
                raise EOFError
            data += piece
        return bytes(data)

    def read_pdu(self) -> tuple[int, bytes]:
        kind, length = struct.unpack(">BxL", self.read_exactly(6))
        self.longest = max(self.longest, length)
        return kind, self.read_exactly(length)

    def send_pdu(self, kind: int, body: bytes) -> None:
        self.socket.sendall(struct.pack(">BxL", kind, len(body)) + body)

    def read_request(self) -> None:
        """Read A-ASSOCIATE-RQ and note its contexts."""
        kind, body = self.read_pdu()
        assert kind == 1
        offset = 68
        while offset < len(body):
            item, length = struct.unpack_from(">BxH", body, offset)
            if item == 0x20:
                number = body[offset + 4]
                names = []
                inner = offset + 8
                while inner < offset + 4 + length:
                    size = struct.unpack_from(">BxH", body, inner)[1]
                    names.append(body[inner + 4 : inner + 4 + size].decode())
                    inner += 4 + size
                self.proposed.append((number, names[0], names[1]))
                self.syntaxes.append(names[1:])
            elif item == 0x50:
                said = dict(sub_items(body[offset + 4 : offset + 4 + length]))
                self.implementation = (said[0x52].decode(), said[0x55].decode())
                self.takes = int.from_bytes(said[0x51])
            offset += 4 + length

    def accept(
        self,
        results: Mapping[int, int] | None = None,
        *,
        max_pdu: int = 16384,
        roles: Sequence[str] = (),
        syntaxes: Mapping[int, str] | None = None,
        version: str = "PEER_1",
        leave_out: Sequence[int] = (),
    ) -> None:
        """Read the request and answer A-ASSOCIATE-AC; ``results`` by context id, accepted where not said."""
        self.read_request()
        items = b""
        for number, _, proposed in self.proposed:
            if number not in leave_out:
                name = (syntaxes or {}).get(number, proposed).encode()
                sub = struct.pack(">BxH", 0x40, len(name)) + name
                result = (results or {}).get(number, 0)
                items += struct.pack(">BxHBxBx", 0x21, 4 + len(sub), number, result) + sub
        user = struct.pack(">BxHL", 0x51, 4, max_pdu) + item(0x52, b"1.2.3.4")
        for uid in roles:
            user += item(0x54, struct.pack(">H", len(uid)) + uid.encode() + b"\0\1")
        user += item(0x55, version.encode())
        head = struct.pack(">HH16s16s32x", 1, 0, b"PEER".ljust(16), b"US".ljust(16))
        self.send_pdu(2, head + item(0x10, b"1.2.840.10008.3.1.1.1") + items + item(0x50, user))

    def read_message(self, *, pause: Callable[[int], None] = lambda _: None) -> tuple[int, Dataset, int]:
        """Read a message: context id, command, length of the data set; ``pause`` gets its bytes so far."""
        command: Dataset | None = None
        raw, data = b"", 0
        while True:
            kind, body = self.read_pdu()
            if kind != 4:
                raise EOFError(f"PDU type {kind}")
            offset = 0
            while offset < len(body):
                length, number, control = struct.unpack_from(">LBB", body, offset)
                fragment = body[offset + 6 : offset + 4 + length]
                offset += 4 + length
                if control & 1:
                    raw += fragment
                else:
                    data += len(fragment)
                    self.broken_off = data
                    pause(data)
                if control == 3:
                    command = decode(BytesIO(raw), True, True)
                    if command.CommandDataSetType == 0x0101:
                        return number, command, 0
                elif control == 2:
                    assert command is not None
                    return number, command, data

    def send_message(self, number: int, elements: Mapping[str, Any], data: bytes | None = None) -> None:
        """Send a command, and its data set in fragments of 1000 bytes."""
        command = Dataset()
        command.CommandDataSetType = 0x0101 if data is None else 0
        for keyword, value in elements.items():
            setattr(command, keyword, value)
        raw = encode(command, True, True)
        assert raw is not None
        self.send_pdu(4, struct.pack(">LBB", len(raw) + 2, number, 3) + raw)
        if data is not None:
            self.send_data(number, data)

    def send_data(self, number: int, data: bytes, *, last: bool = True) -> None:
        pieces = [data[at : at + 1000] for at in range(0, len(data), 1000)]
        for index, piece in enumerate(pieces):
            control = 2 if last and index == len(pieces) - 1 else 0
            self.send_pdu(4, struct.pack(">LBB", len(piece) + 2, number, control) + piece)

    def answer(self, field: int, status: int, *, number: int = 1, **elements: Any) -> None:
        """Answer message 1 with a final response."""
        base = {"CommandField": field, "MessageIDBeingRespondedTo": 1, "Status": status}
        self.send_message(number, {**base, **elements})

    def abort(self, source: int = 0, reason: int = 0) -> None:
        self.send_pdu(7, bytes([0, 0, source, reason]))

    def release(self) -> None:
        """Answer the release that should come now."""
        kind, _ = self.read_pdu()
        assert kind == 5
        self.send_pdu(6, bytes(4))


def item(kind: int, value: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(value)) + value


def sub_items(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of each item in a row of them."""
    while body:
        kind, length = struct.unpack_from(">BxH", body)
        yield kind, body[4 : 4 + length]
        body = body[4 + length :]


class ScriptedPeer:
    """Runs one script per connection, in order, the last one again for all that follow; over TLS if ``secured``."""

    def __init__(self, scripts: Sequence[Callable[[Peer], None]], secured: ssl.SSLContext | None = None) -> None:
        self._secured = secured
        self._scripts = list(scripts)
        self._listener = socket.socket()
        # Small, so that what the peer does not read soon stops the sender.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.port = int(self._listener.getsockname()[1])
        self.connections: list[Peer] = []
        self.problems: list[BaseException] = []
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            script = self._scripts[min(len(self.connections), len(self._scripts) - 1)]
            try:
                if self._secured is not None:
                    accepted.settimeout(10)
                    accepted = self._secured.wrap_socket(accepted, server_side=True)
                self.connections.append(Peer(accepted))
                script(self.connections[-1])
            except (EOFError, ConnectionError, ssl.SSLError):
                pass
            except BaseException as problem:  # noqa: BLE001 - told to the test in stop()
                self.problems.append(problem)
            accepted.close()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(12)
        assert not self._thread.is_alive()
        if self.problems:
            raise self.problems[0]


def store_request(instance: str = "1.2.3.4.5", sop_class: str = CLASS) -> Mapping[str, Any]:
    return {
        "CommandField": 1,
        "MessageID": 9,
        "Priority": 0,
        "AffectedSOPClassUID": sop_class,
        "AffectedSOPInstanceUID": instance,
    }


@dataclass
class Clients:
    """Makes clients with short limits; ``slept`` collects the delays between attempts."""

    slept: list[float] = field(default_factory=list)

    def __call__(
        self,
        port: int,
        *,
        attempts: int = 1,
        limits: Timeouts = LIMITS,
        on_progress: Callable[[str, int, int], None] | None = None,
        tls: Tls | None = None,
    ) -> DimseClient:
        return DimseClient(
            Endpoint("127.0.0.1", port, "PEER", timeouts=limits, tls=tls),
            retry=RetryPolicy(attempts),
            on_progress=on_progress,
            sleep=self.slept.append,
        )


@dataclass(frozen=True)
class Sample:
    """A Part 10 file with random bytes as its payload."""

    path: Path
    instance: str
    data: bytes

    @property
    def arguments(self) -> dict[str, Any]:
        """What store() wants to know."""
        return {
            "sop_class_uid": CLASS,
            "sop_instance_uid": self.instance,
            "transfer_syntax_uid": SYNTAX,
            "size": self.path.stat().st_size,
        }


@pytest.fixture
def peer() -> Iterator[Callable[..., ScriptedPeer]]:
    """``peer(script, ...)`` starts a scripted peer."""
    started: list[ScriptedPeer] = []

    def start(*scripts: Callable[[Peer], None], secured: ssl.SSLContext | None = None) -> ScriptedPeer:
        started.append(ScriptedPeer(scripts, secured))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.fixture
def client() -> Clients:
    return Clients()


@pytest.fixture
def sample(tmp_path: Path) -> Callable[[int], Sample]:
    """``sample(size)`` writes an object with a payload of that many bytes."""

    def make(size: int) -> Sample:
        instance = "1.2.3.4.5"
        dataset = Dataset()
        dataset.SOPClassUID = CLASS
        dataset.SOPInstanceUID = instance
        dataset.StudyInstanceUID = "1.2.3"
        dataset.SeriesInstanceUID = "1.2.3.4"
        dataset.PatientID = "SYNTHETIC"
        raw = encode(dataset, False, True)
        assert raw is not None
        pixels = struct.pack(
            "<HH2sHLHHLHHL", 0x7FE0, 0x10, b"OB", 0, 0xFFFFFFFF, 0xFFFE, 0xE000, 0, 0xFFFE, 0xE000, size
        )
        data = raw + pixels + os.urandom(size) + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)
        meta = create_file_meta(sop_class_uid=CLASS, sop_instance_uid=instance, transfer_syntax=SYNTAX)
        path = tmp_path / "sample.dcm"
        head = DicomBytesIO()
        write_file_meta_info(head, meta)
        path.write_bytes(bytes(128) + b"DICM" + head.getvalue() + data)
        return Sample(path, instance, data)

    return make


@pytest.fixture
def archive() -> Iterator[tuple[int, dict[str, Any]]]:
    """A real Query/Retrieve SCP with one small object: its port, and the address to which C-MOVE sends."""
    kept = Dataset()
    kept.SOPClassUID, kept.SOPInstanceUID = CLASS, "1.2.3.4.5"
    kept.StudyInstanceUID, kept.SeriesInstanceUID, kept.PatientName = "1.2.3", "1.2.3.4", "Test^Video"
    kept.file_meta = Dataset()
    kept.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    move_to: dict[str, Any] = {}

    def on_get(event: evt.Event) -> Iterator[Any]:
        yield 1
        yield 0xFF00, kept

    def on_move(event: evt.Event) -> Iterator[Any]:
        yield "127.0.0.1", move_to["port"], {"contexts": [build_context(CLASS, ExplicitVRLittleEndian)]}
        yield 1
        yield 0xFF00, kept

    def on_find(event: evt.Event) -> Iterator[Any]:
        answer = Dataset()
        answer.QueryRetrieveLevel = "IMAGE"
        answer.SOPInstanceUID = event.identifier.SOPInstanceUID
        answer.SOPClassesInStudy = ["1.2", "1.3"]
        answer.PatientName = "Test^Video"
        answer.Rows = 64
        yield 0xFF00, answer

    entity = AE()
    entity.add_supported_context(STUDY_ROOT_GET)
    entity.add_supported_context(STUDY_ROOT_MOVE)
    entity.add_supported_context(STUDY_ROOT_FIND)
    entity.add_supported_context(CLASS, ExplicitVRLittleEndian, scu_role=True, scp_role=True)
    handlers = [(evt.EVT_C_GET, on_get), (evt.EVT_C_MOVE, on_move), (evt.EVT_C_FIND, on_find)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    yield server.server_address[1], move_to
    server.shutdown()


@pytest.fixture(autouse=True)
def nothing_is_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """No thread and no socket may outlive an operation."""
    before = set(threading.enumerate())
    yield
    left = {thread for thread in threading.enumerate() if thread not in before and thread.is_alive()}
    for thread in left:
        thread.join(3)
    assert not {thread.name for thread in left if thread.is_alive()}
