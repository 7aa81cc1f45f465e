"""What the tests of C-MOVE share: our receiver, and peers that send to it, coded by hand like all scripted ones."""

import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path

from harness.clients.dimse import Receiver
from tests.clients.conftest import CLASS, LIMITS, SYNTAX, Peer, item, store_request, sub_items

KEYS = {"study_uid": "1.2.3", "series_uid": "1.2.3.4", "instance_uid": "1.2.3.4.5"}
C_MOVE_RSP = 0x8021


def receiver(into: Path, *, syntax: str = SYNTAX, grace: float = 1.0) -> Receiver:
    return Receiver("127.0.0.1", 0, "RCV", into=into, contexts=[(CLASS, syntax)], timeouts=LIMITS, grace=grace)


def answer_move(p: Peer, *then: Callable[[], object], status: int = 0) -> None:
    """Take a C-MOVE, do what is due, and answer it."""
    p.accept()
    p.read_message()
    for step in then:
        step()
    p.answer(C_MOVE_RSP, status, NumberOfCompletedSuboperations=int(status == 0))
    p.release()


def deliver(ours: Receiver, instance: str = KEYS["instance_uid"]) -> None:
    """Store an object to our receiver."""
    with socket.create_connection(("127.0.0.1", ours.port)) as connected:
        p = Peer(connected)
        begin_store(p, instance)
        end_store(p)


def send_slowly(ours: Receiver, *, seconds: float) -> None:
    """Store an object to our receiver, in twelve fragments."""
    with socket.create_connection(("127.0.0.1", ours.port)) as connected:
        p = Peer(connected)
        begin_store(p)
        for _ in range(11):
            time.sleep(seconds / 12)
            p.send_data(1, bytes(100), last=False)
        end_store(p)


def begin_store(p: Peer, instance: str = KEYS["instance_uid"]) -> None:
    begin_association(p)
    p.send_message(1, store_request(instance), b"")


def end_store(p: Peer) -> None:
    p.send_data(1, bytes(100))
    assert p.read_message()[1].Status == 0
    p.send_pdu(5, bytes(4))
    assert p.read_pdu()[0] == 6


def begin_association(p: Peer, *syntaxes: str, sop_class: str = CLASS) -> dict[int, bytes]:
    """Propose one context to our receiver, with the syntax that it takes or these; return the items of its answer."""
    names = b"".join(item(0x40, syntax.encode()) for syntax in syntaxes or (SYNTAX,))
    context = item(0x20, b"\1\0\0\0" + item(0x30, sop_class.encode()) + names)
    user = item(0x50, item(0x51, bytes([0, 0, 64, 0])) + item(0x52, b"1.2.3"))
    head = struct.pack(">HH16s16s32x", 1, 0, b"RCV".ljust(16), b"PEER".ljust(16))
    p.send_pdu(1, head + item(0x10, b"1.2.840.10008.3.1.1.1") + context + user)
    kind, body = p.read_pdu()
    assert kind == 2
    return dict(sub_items(body[68:]))


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 2
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)
