"""Mutants that take a broken transfer badly: what had come, who calls next, and what is sent again."""

import time
from pathlib import Path
from threading import Event

from pydicom.filereader import read_file_meta_info
from pynetdicom.association import Association

from harness.errors import ObjectUnreadable
from harness.media.part10 import Piece, read_header, write_object
from harness.targets.embedded.hooks import (
    SUCCESS,
    Hooks,
    discard_part,
    keep,
    send_all,
    support_known,
)
from harness.targets.embedded.index import Level, StoredInstance
from harness.targets.embedded.mutants.mutant import Mutant
from harness.targets.embedded.store import ObjectStore

#: How long a transfer may take for the mutant that wants it quick, in seconds.
PATIENCE = 1.0

_CANNOT_UNDERSTAND = 0xC000
#: Tag and VR of encapsulated Pixel Data; in front of the first fragment are 12 bytes of its head, 8 of the empty offset
#: table and 8 of the head of the item (PS3.5 A.4).
_PIXEL_DATA = b"\xe0\x7f\x10\x00OB"
_BEFORE_FRAGMENT = 12 + 8 + 8
_MOST_HEADER = 64 * 1024


class _Memory:
    """What a mutant remembers: one process is one mutant."""

    def __init__(self) -> None:
        self.broke = Event()
        self.tried: set[str] = set()
        self.halves: dict[str, Path] = {}
        self.began: dict[int, float] = {}
        self.sent: list[StoredInstance] = []


_MEMORY = _Memory()


def _uid(path: Path) -> str:
    return str(read_file_meta_info(path).MediaStorageSOPInstanceUID)


def _close_what_came(half: Path) -> Path | None:
    """Make the part of an object an object of its own that parses; None where no video had come yet."""
    try:
        header = read_header(half)
        with half.open("rb") as file:
            start = file.read(_MOST_HEADER).find(_PIXEL_DATA) + _BEFORE_FRAGMENT
    except (ObjectUnreadable, EOFError):
        start = 0
    length = half.stat().st_size - start
    if start < _BEFORE_FRAGMENT or length < 2:
        half.unlink()
        return None
    closed = half.with_suffix(".half")
    write_object(closed, header, [Piece(half, start, length - length % 2)])
    half.unlink()
    return closed


def _keep_half(store: ObjectStore, half: Path) -> None:
    closed = _close_what_came(half)
    if closed is not None:
        keep(store, closed)


def _put_half_aside(store: ObjectStore, half: Path) -> None:
    closed = _close_what_came(half)
    if closed is not None:
        _MEMORY.halves[_uid(closed)] = closed


def _prefer_the_half(store: ObjectStore, received: Path) -> int:
    half = _MEMORY.halves.pop(_uid(received), None)
    if half is not None:
        received.unlink()
    return keep(store, half or received)


def _remember_the_loss(store: ObjectStore) -> None:
    _MEMORY.broke.set()


def _remember_what_was_tried(store: ObjectStore, half: Path) -> None:
    _MEMORY.tried.add(_uid(half))
    discard_part(store, half)


def _hang_up(association: Association) -> None:
    connection = association.dul.socket
    if _MEMORY.broke.is_set() and connection is not None:
        connection.close()
    support_known(association)


def _know_nobody(association: Association) -> None:
    if _MEMORY.broke.is_set():
        association.ae.require_calling_aet = ["NOBODY"]
    support_known(association)


def _refuse_second(store: ObjectStore, received: Path) -> int:
    if _uid(received) in _MEMORY.tried:
        received.unlink()
        return _CANNOT_UNDERSTAND
    return keep(store, received)


def _forget_second(store: ObjectStore, received: Path) -> int:
    uid = _uid(received)
    if uid in _MEMORY.tried:
        received.unlink()
        store.drop(uid)
        return SUCCESS
    _MEMORY.tried.add(uid)
    return keep(store, received)


def _drop_all(store: ObjectStore) -> None:
    for instance in store.index.instances(Level.IMAGE, {}):
        store.drop(instance.sop_instance_uid)


def _remember_what_is_sent(service: str, instances: list[StoredInstance]) -> list[StoredInstance] | int:
    _MEMORY.sent = instances
    return send_all(service, instances)


def _drop_what_was_sent(store: ObjectStore) -> None:
    for instance in _MEMORY.sent:
        store.drop(instance.sop_instance_uid)


def _abort_if_slow(association: Association, received: int) -> None:
    began = _MEMORY.began.setdefault(id(association), time.monotonic())
    if time.monotonic() - began > PATIENCE:
        association.abort(block=False)


MUTANTS = (
    Mutant("keeps-half-objects", "indexes what had come when a connection was lost", Hooks(broken=_keep_half)),
    Mutant(
        "serves-half-object-after-resend",
        "keeps what had come when a connection was lost, and prefers it to the same object sent again",
        Hooks(broken=_put_half_aside, store=_prefer_the_half),
    ),
    Mutant(
        "wedges-after-cut",
        "closes every connection after one was lost",
        Hooks(lost=_remember_the_loss, negotiate=_hang_up),
    ),
    Mutant(
        "refuses-after-interruption",
        "rejects every association after a connection was lost",
        Hooks(lost=_remember_the_loss, negotiate=_know_nobody),
    ),
    Mutant(
        "refuses-resend",
        "answers 0xC000 to an object that it once got in part",
        Hooks(broken=_remember_what_was_tried, store=_refuse_second),
    ),
    Mutant(
        "forgets-resend",
        "answers success to an object that it was sent before, and has it no more",
        Hooks(broken=_remember_what_was_tried, store=_forget_second),
    ),
    Mutant("loses-others-on-cut", "drops every object when a connection is lost", Hooks(lost=_drop_all)),
    Mutant(
        "drops-what-it-could-not-send",
        "drops an object when the connection is lost while it is sent",
        Hooks(lost=_drop_what_was_sent, retrieve=_remember_what_is_sent),
    ),
    Mutant(
        "impatient-with-slow-senders",
        f"aborts a transfer that takes more than {PATIENCE:g} s",
        Hooks(receiving=_abort_if_slow),
    ),
)
