"""The receiver of C-MOVE itself: what it takes, what it says, and how it ends."""

import socket
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.clients.dimse import DimseClient, Receiver
from harness.core.endpoint import Timeouts
from harness.core.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from harness.errors import PortTaken
from tests.clients.conftest import CLASS, LIMITS, SYNTAX, Clients, Peer, Sample, ScriptedPeer, sub_items
from tests.clients.senders import KEYS, answer_move, begin_association, begin_store, receiver, wait_until

StartPeer = Callable[..., ScriptedPeer]
MakeSample = Callable[[int], Sample]


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


def test_of_several_syntaxes_in_a_context_the_awaited_one_is_chosen_and_any_other_still_taken(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    syntaxes = ("1.2.840.10008.1.2.4.50", SYNTAX, "1.2.840.10008.1.2.4.107")
    pairs = [(CLASS, syntax) for syntax in syntaxes]
    chosen: list[str] = []
    with Receiver("127.0.0.1", 0, "RCV", into=tmp_path, contexts=pairs, timeouts=LIMITS, grace=0) as ours:

        def propose(*proposed: str) -> None:
            with socket.create_connection(("127.0.0.1", ours.port)) as connected:
                answer = dict(sub_items(begin_association(Peer(connected), *proposed)[0x21][4:]))
                chosen.append(answer[0x40].decode())

        scripted = peer(
            lambda p: answer_move(p, lambda: propose(*syntaxes), lambda: propose(syntaxes[0]), status=0xA702)
        )
        for syntax in syntaxes:
            client(scripted.port).move(**KEYS, receiver=ours, sop_class_uid=CLASS, transfer_syntax_uid=syntax)
    assert chosen[::2] == list(syntaxes)
    assert chosen[1::2] == [syntaxes[0]] * 3


def test_the_receiver_names_us_and_not_our_library(tmp_path: Path) -> None:
    with receiver(tmp_path / "in") as ours, socket.create_connection(("127.0.0.1", ours.port)) as connected:
        said = dict(sub_items(begin_association(Peer(connected))[0x50]))
    assert (said[0x52].decode(), said[0x55].decode()) == (IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME)


def test_a_port_that_is_taken_says_what_to_do(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        taken = Receiver("127.0.0.1", port, "RCV", into=tmp_path, contexts=[(CLASS, SYNTAX)])
        with pytest.raises(PortTaken, match=f"127.0.0.1:{port}.*start the run again"), taken:
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


def test_what_is_no_storage_gets_an_abort(tmp_path: Path) -> None:
    with receiver(tmp_path / "in") as ours:
        mark = ours.mark()
        with socket.create_connection(("127.0.0.1", ours.port)) as connected:
            p = Peer(connected)
            begin_association(p)
            p.send_message(1, {"CommandField": 0x30, "MessageID": 1, "AffectedSOPClassUID": "1.2.840.10008.1.1"})
            assert p.read_pdu()[0] == 7
        wait_until(lambda: "C-ECHO-RQ arrived at a Storage SCP" in ours.what_came(mark))
