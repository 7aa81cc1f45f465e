"""C-MOVE to our receiver, and the receiver itself."""

import errno
import socket
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian

from harness.clients.dimse import DimseClient, Receiver
from harness.clients.dimse.storage import StorageInbox
from harness.core.endpoint import Timeouts
from harness.core.exchange import Ending
from harness.errors import DiskTooSmall, PortTaken
from tests.clients.conftest import CLASS, LIMITS, SYNTAX, Clients, Peer, Sample, ScriptedPeer, item, store_request

StartPeer = Callable[..., ScriptedPeer]
MakeSample = Callable[[int], Sample]
KEYS = {"study_uid": "1.2.3", "series_uid": "1.2.3.4", "instance_uid": "1.2.3.4.5"}
OBJECT = {"sop_class_uid": CLASS, "transfer_syntax_uid": SYNTAX}
C_GET_RSP, C_MOVE_RSP = 0x8010, 0x8021
PENDING = 0xFF00


def receiver(into: Path, *, syntax: str = SYNTAX, grace: float = 1.0) -> Receiver:
    return Receiver("127.0.0.1", 0, "RCV", into=into, contexts=[(CLASS, syntax)], timeouts=LIMITS, grace=grace)


def test_move_brings_the_object_from_a_real_archive(
    archive: tuple[int, dict[str, Any]], client: Clients, tmp_path: Path
) -> None:
    port, move_to = archive
    with receiver(tmp_path / "in", syntax=ExplicitVRLittleEndian) as ours:
        move_to["port"] = ours.port
        exchange, files = client(port, limits=Timeouts()).move(**KEYS, receiver=ours)
        assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
        assert ours.received == {"1.2.3.4.5": files[0]}
    assert exchange.payload_bytes > 0
    assert str(dcmread(files[0]).PatientName) == "Test^Video"


def test_what_the_receiver_had_to_refuse_is_told(
    archive: tuple[int, dict[str, Any]], client: Clients, tmp_path: Path
) -> None:
    port, move_to = archive
    with receiver(tmp_path / "in") as ours:
        move_to["port"] = ours.port
        exchange, files = client(port, limits=Timeouts()).move(**KEYS, receiver=ours)
        assert [offer.accepted for offer in ours.offers] == [False]
    assert exchange.ending is Ending.ANSWERED
    assert exchange.status != 0
    assert f"proposed {ExplicitVRLittleEndian}" in exchange.detail
    assert files == ()


def moving_peer(deliver: Callable[[], None], *, late: float, status: int = 0) -> Callable[[Peer], None]:
    """A peer whose object sets out ``late`` seconds after its final response."""

    def script(p: Peer) -> None:
        p.accept()
        command = p.read_message()[1]
        assert command.MoveDestination == "RCV"
        timer = threading.Timer(late, deliver)
        timer.start()
        p.answer(C_MOVE_RSP, status, NumberOfCompletedSuboperations=1)
        p.release()
        timer.join()

    return script


def test_move_waits_for_an_object_that_arrives_after_the_final_response(
    peer: StartPeer, client: Clients, sample: MakeSample, tmp_path: Path
) -> None:
    one = sample(50_000)
    with receiver(tmp_path / "in") as ours:

        def deliver() -> None:
            assert client(ours.port).store(one.path, **one.arguments).status == 0

        scripted = peer(moving_peer(deliver, late=0.3))
        exchange, files = client(scripted.port).move(**KEYS, receiver=ours)
    assert exchange.status == 0
    assert [file.read_bytes().endswith(one.data) for file in files] == [True]


def test_move_says_when_a_promised_object_never_came(peer: StartPeer, client: Clients, tmp_path: Path) -> None:
    with receiver(tmp_path / "in", grace=0.2) as ours:
        scripted = peer(moving_peer(lambda: None, late=0))
        exchange, files = client(scripted.port).move(**KEYS, receiver=ours)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert "no association reached our receiver" in exchange.detail
    assert files == ()


def test_the_answer_limit_of_a_move_does_not_count_while_the_object_arrives(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    with receiver(tmp_path / "in") as ours:

        def script(p: Peer) -> None:
            p.accept()
            p.read_message()
            send_slowly(ours, seconds=1.2)
            p.answer(C_MOVE_RSP, 0, NumberOfCompletedSuboperations=1)
            p.release()

        exchange, files = client(peer(script).port).move(**KEYS, receiver=ours)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert len(files) == 1


def send_slowly(ours: Receiver, *, seconds: float) -> None:
    """Store an object to our receiver, in twelve fragments."""
    with socket.create_connection(("127.0.0.1", ours.port)) as connected:
        p = Peer(connected)
        begin_store(p)
        for index in range(12):
            time.sleep(seconds / 12)
            p.send_data(1, bytes(100), last=index == 11)
        assert p.read_message()[1].Status == 0
        p.send_pdu(5, bytes(4))
        assert p.read_pdu()[0] == 6


def begin_store(p: Peer) -> None:
    begin_association(p)
    p.send_message(1, store_request(), b"")


def begin_association(p: Peer) -> None:
    """Propose the one context that our receiver takes."""
    context = item(0x20, b"\1\0\0\0" + item(0x30, CLASS.encode()) + item(0x40, SYNTAX.encode()))
    user = item(0x50, item(0x51, bytes([0, 0, 64, 0])) + item(0x52, b"1.2.3"))
    head = struct.pack(">HH16s16s32x", 1, 0, b"RCV".ljust(16), b"PEER".ljust(16))
    p.send_pdu(1, head + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user)
    assert p.read_pdu()[0] == 2


def test_the_receiver_of_two_clients_keeps_both_objects(client: Clients, sample: MakeSample, tmp_path: Path) -> None:
    one = sample(300_000)
    with receiver(tmp_path / "in") as ours:
        senders: list[DimseClient] = [client(ours.port, limits=Timeouts()) for _ in range(2)]
        statuses: list[int | None] = []
        threads = [
            threading.Thread(target=lambda s=s: statuses.append(s.store(one.path, **one.arguments).status))
            for s in senders
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert statuses == [0, 0]
    assert sorted(file.name for file in (tmp_path / "in").iterdir()) == ["0001.dcm", "0002.dcm"]


def test_a_port_that_is_taken_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = Receiver("127.0.0.1", port, "RCV", into=tmp_path, contexts=[(CLASS, SYNTAX)])
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}.*another port"), taken:
            pass


def test_closing_ends_open_associations_and_sweeps_what_is_partial(tmp_path: Path) -> None:
    with receiver(tmp_path / "in") as ours:
        connected = socket.create_connection(("127.0.0.1", ours.port))
        p = Peer(connected)
        begin_store(p)
        p.send_data(1, bytes(5000), last=False)
        wait_until(lambda: any((tmp_path / "in").iterdir()))
    assert list((tmp_path / "in").iterdir()) == []
    connected.close()


def test_a_full_disk_is_told_as_our_own_problem(
    peer: StartPeer, client: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with receiver(tmp_path / "in") as ours:
        monkeypatch.setattr(StorageInbox, "begin", full)

        def deliver() -> None:
            with socket.create_connection(("127.0.0.1", ours.port)) as connected, suppress(EOFError):
                p = Peer(connected)
                begin_store(p)
                p.read_pdu()

        def script(p: Peer) -> None:
            p.accept()
            p.read_message()
            deliver()
            p.answer(C_MOVE_RSP, 0xB000, NumberOfFailedSuboperations=1)
            assert p.read_pdu()[0] == 7

        scripted = peer(script)
        with pytest.raises(DiskTooSmall, match="C-MOVE: no space left"):
            client(scripted.port).move(**KEYS, receiver=ours)


def test_what_is_no_storage_gets_an_abort(tmp_path: Path) -> None:
    with receiver(tmp_path / "in") as ours:
        mark = ours.mark()
        with socket.create_connection(("127.0.0.1", ours.port)) as connected:
            p = Peer(connected)
            begin_association(p)
            p.send_message(1, {"CommandField": 0x30, "MessageID": 1, "AffectedSOPClassUID": "1.2.840.10008.1.1"})
            assert p.read_pdu()[0] == 7
        wait_until(lambda: "C-ECHO-RQ arrived at a Storage SCP" in ours.what_came(mark))


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 2
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
