"""C-MOVE to our receiver: what arrives, and what is told of it."""

import errno
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from harness.clients.dimse.storage import StorageInbox
from harness.core.endpoint import Timeouts
from harness.core.exchange import Ending
from harness.errors import DiskTooSmall
from tests.clients.conftest import CLASS, Clients, Peer, Sample, ScriptedPeer, store_request
from tests.clients.senders import (
    C_MOVE_RSP,
    KEYS,
    answer_move,
    begin_association,
    begin_store,
    deliver,
    receiver,
    send_slowly,
)

StartPeer = Callable[..., ScriptedPeer]
MakeSample = Callable[[int], Sample]


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


@pytest.mark.parametrize("reached", [True, False])
def test_a_move_tells_whether_anything_reached_our_receiver(
    peer: StartPeer, client: Clients, tmp_path: Path, *, reached: bool
) -> None:
    with receiver(tmp_path / "in") as ours:

        def knock() -> None:
            if reached:
                with socket.create_connection(("127.0.0.1", ours.port)) as connected:
                    begin_association(Peer(connected))

        scripted = peer(lambda p: answer_move(p, knock, status=0xC000))
        exchange, _ = client(scripted.port).move(**KEYS, receiver=ours)
        assert exchange.reached_receiver is reached
        again, _ = client(peer(lambda p: answer_move(p, status=0xC000)).port).move(**KEYS, receiver=ours)
        assert again.reached_receiver is False


def test_an_association_that_stays_open_between_moves_reaches_our_receiver_each_time(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    with receiver(tmp_path / "in") as ours, socket.create_connection(("127.0.0.1", ours.port)) as connected:
        p = Peer(connected)
        begin_association(p)

        def reuse() -> None:
            p.send_message(1, store_request(), bytes(100))
            assert p.read_message()[1].Status == 0

        scripted = peer(lambda asker: answer_move(asker, reuse))
        moves = [client(scripted.port).move(**KEYS, receiver=ours) for _ in range(2)]
    assert [(exchange.reached_receiver, len(files)) for exchange, files in moves] == [(True, 1), (True, 1)]


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


def test_what_broke_several_times_in_one_move_is_not_told_again_in_the_next(
    peer: StartPeer, client: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with receiver(tmp_path / "in") as ours:

        def fails(p: Peer) -> None:
            p.accept()
            p.read_message()
            for _ in range(2):
                with socket.create_connection(("127.0.0.1", ours.port)) as connected:
                    sender = Peer(connected)
                    begin_store(sender)
                    assert sender.read_pdu()[0] == 7
            p.answer(C_MOVE_RSP, 0xC000)
            assert p.read_pdu()[0] == 7

        first, second = peer(fails), peer(lambda p: answer_move(p, lambda: deliver(ours)))
        with monkeypatch.context() as broken:
            broken.setattr(StorageInbox, "begin", full)
            with pytest.raises(DiskTooSmall):
                client(first.port).move(**KEYS, receiver=ours)
        exchange, files = client(second.port).move(**KEYS, receiver=ours)
    assert (exchange.status, len(files)) == (0, 1)


def test_a_move_can_take_some_syntaxes_only(
    archive: tuple[int, dict[str, Any]], client: Clients, tmp_path: Path
) -> None:
    port, move_to = archive
    with receiver(tmp_path / "in") as ours:
        move_to["port"] = ours.port
        asker = client(port, limits=Timeouts())
        only, files = asker.move(
            **KEYS, receiver=ours, sop_class_uid=CLASS, transfer_syntax_uid=None, only=(ExplicitVRLittleEndian,)
        )
        assert (only.status, len(files)) == (0, 1)
        refused, _ = asker.move(**KEYS, receiver=ours, sop_class_uid=CLASS, only=(ImplicitVRLittleEndian,))
        as_before, _ = asker.move(**KEYS, receiver=ours)
        assert [offer.accepted for offer in ours.offers] == [True, False, False]
    assert refused.status != 0
    assert as_before.status != 0
