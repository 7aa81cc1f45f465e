"""C-MOVE: what an earlier attempt or an earlier move asked for is never counted for a later one."""

import socket
from collections.abc import Callable
from pathlib import Path

from pydicom import dcmread

from harness.core.exchange import Ending
from tests.clients.conftest import Clients, Peer, ScriptedPeer
from tests.clients.senders import KEYS, answer_move, begin_store, deliver, end_store, receiver, wait_until

StartPeer = Callable[..., ScriptedPeer]


def test_another_attempt_of_a_move_does_not_count_what_the_one_before_brought(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    with receiver(tmp_path / "in") as ours:

        def breaks_off(p: Peer) -> None:
            p.accept()
            p.read_message()
            deliver(ours)
            p.abort()

        scripted = peer(breaks_off, lambda p: answer_move(p, lambda: deliver(ours)))
        exchange, files = client(scripted.port, attempts=2).move(**KEYS, receiver=ours)
        assert ours.received == {"1.2.3.4.5": files[0]}
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert [attempt.ending for attempt in exchange.earlier] == [Ending.ABORTED]
    assert len(files) == 1
    assert list((tmp_path / "in").iterdir()) == list(files)


def test_what_set_out_before_another_attempt_is_not_counted_for_it(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    with receiver(tmp_path / "in") as ours, socket.create_connection(("127.0.0.1", ours.port)) as connected:
        late = Peer(connected)

        def breaks_off(p: Peer) -> None:
            p.accept()
            p.read_message()
            begin_store(late)
            wait_until(lambda: any((tmp_path / "in").iterdir()))
            p.abort()

        scripted = peer(breaks_off, lambda p: answer_move(p, lambda: end_store(late), lambda: deliver(ours)))
        exchange, files = client(scripted.port, attempts=2).move(**KEYS, receiver=ours)
    assert exchange.status == 0
    assert exchange.detail == "a late object of an earlier C-MOVE was dropped: 1.2.3.4.5"
    assert list((tmp_path / "in").iterdir()) == list(files)
    assert len(files) == 1


def test_a_late_object_of_an_earlier_move_is_dropped_and_told(peer: StartPeer, client: Clients, tmp_path: Path) -> None:
    with receiver(tmp_path / "in", grace=0.1) as ours:
        scripted = peer(
            answer_move, lambda p: answer_move(p, lambda: deliver(ours), lambda: deliver(ours, "1.2.3.4.6"))
        )
        first, nothing = client(scripted.port).move(**KEYS, receiver=ours)
        second, files = client(scripted.port).move(**{**KEYS, "instance_uid": "1.2.3.4.6"}, receiver=ours)
    assert (first.status, nothing) == (0, ())
    assert second.status == 0
    assert second.detail == "a late object of an earlier C-MOVE was dropped: 1.2.3.4.5"
    assert [dcmread(file).file_meta.MediaStorageSOPInstanceUID for file in files] == ["1.2.3.4.6"]
    assert list((tmp_path / "in").iterdir()) == list(files)


def test_a_late_object_that_comes_between_two_moves_leaves_no_file(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    with receiver(tmp_path / "in", grace=0.1) as ours:
        client(peer(answer_move).port).move(**KEYS, receiver=ours)
        deliver(ours)
    assert list((tmp_path / "in").iterdir()) == []


def test_the_same_instance_may_be_moved_twice(peer: StartPeer, client: Clients, tmp_path: Path) -> None:
    with receiver(tmp_path / "in") as ours:
        scripted = peer(lambda p: answer_move(p, lambda: deliver(ours)))
        moves = [client(scripted.port).move(**KEYS, receiver=ours) for _ in range(2)]
    assert [(exchange.detail, len(files)) for exchange, files in moves] == [("", 1), ("", 1)]


def test_an_object_that_nobody_ever_asked_for_counts(peer: StartPeer, client: Clients, tmp_path: Path) -> None:
    with receiver(tmp_path / "in") as ours:
        scripted = peer(lambda p: answer_move(p, lambda: deliver(ours, "1.9.9"), lambda: deliver(ours)))
        _, files = client(scripted.port).move(**KEYS, receiver=ours)
    assert [dcmread(file).file_meta.MediaStorageSOPInstanceUID for file in files] == ["1.9.9", "1.2.3.4.5"]
