"""The mutants: one table of named misbehaviours of a PACS, each of them one hook replaced.

Most damage an object before it is kept, so that every way of getting it back shows the damage; those that
are about one service act there. A check is trusted once a mutant of this table made it fail.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event

from pydicom import Dataset
from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import _config
from pynetdicom.association import Association

from harness.errors import UnknownName
from harness.targets.embedded import damage, reencode
from harness.targets.embedded.hooks import (
    GET,
    MOVE,
    SUCCESS,
    Hooks,
    keep,
    proposals,
    proposed_contexts,
    send_all,
    support_known,
    supported_context,
)
from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.store import ObjectStore

#: How much of an object the mutants that end a transfer let through, in bytes.
INTERRUPTED_AFTER = 128 * 1024

_CANNOT_UNDERSTAND = 0xC000
_UNABLE_TO_PERFORM = 0xA702
_CLASS_NOT_SUPPORTED = 0x0122


@dataclass(frozen=True, slots=True)
class Mutant:
    """A PACS that misbehaves in one way. ``does`` completes the sentence "This PACS ..."."""

    name: str
    does: str
    hooks: Hooks


def _damaging(damaged: damage.Damage) -> Hooks:
    def keep_damaged(store: ObjectStore, received: Path) -> int:
        damaged(received)
        return keep(store, received)

    return Hooks(store=keep_damaged)


def _swap_payloads(store: ObjectStore, received: Path) -> int:
    other = store.latest()
    if other is not None:
        damage.exchange_payloads(received, other.path)
    return keep(store, received)


def _discard(store: ObjectStore, received: Path) -> int:
    received.unlink()
    return SUCCESS


def _answering(status: int) -> Callable[[ObjectStore, Path], int]:
    """Keep nothing and say so."""

    def refuse(store: ObjectStore, received: Path) -> int:
        received.unlink()
        return status

    return refuse


def _hang(store: ObjectStore, received: Path) -> int:
    Event().wait()
    return SUCCESS


def _accept_everything(association: Association) -> None:
    # Lets pynetdicom serve C-STORE for classes that it does not know.
    _config.UNRESTRICTED_STORAGE_SERVICE = True
    association.acceptor.supported_contexts = [
        supported_context(abstract, syntaxes) for abstract, syntaxes in proposals(association).items()
    ]


def _accept_another_syntax(association: Association) -> None:
    for context in proposed_contexts(association):
        context.transfer_syntax = [ImplicitVRLittleEndian]
    support_known(association)


def _abort(association: Association, received: int) -> None:
    if received > INTERRUPTED_AFTER:
        association.abort(block=False)


def _close(association: Association, received: int) -> None:
    connection = association.dul.socket
    if received > INTERRUPTED_AFTER and connection is not None:
        connection.close()


def _find_nothing(answers: list[Dataset]) -> list[Dataset]:
    return []


def _count_one_frame(answers: list[Dataset]) -> list[Dataset]:
    for answer in answers:
        if "NumberOfFrames" in answer:
            answer.NumberOfFrames = 1
    return answers


def _name_another_instance(answers: list[Dataset]) -> list[Dataset]:
    for answer in answers:
        if "SOPInstanceUID" in answer:
            answer.SOPInstanceUID = f"{answer.SOPInstanceUID[:62]}.1"
    return answers


def _only(service: str, misbehave: Callable[[list[StoredInstance]], list[StoredInstance] | int]) -> Hooks:
    """Misbehave in one of the two retrieve services."""

    def retrieve(asked: str, instances: list[StoredInstance]) -> list[StoredInstance] | int:
        return misbehave(instances) if asked == service else send_all(asked, instances)

    return Hooks(retrieve=retrieve)


def _nothing(instances: list[StoredInstance]) -> list[StoredInstance] | int:
    return []


def _fail(instances: list[StoredInstance]) -> list[StoredInstance] | int:
    return _UNABLE_TO_PERFORM


def _damaged_copies(instances: list[StoredInstance]) -> list[StoredInstance] | int:
    copies = []
    for instance in instances:
        copy = Path(shutil.copyfile(instance.path, instance.path.with_suffix(".sent")))
        damage.flip_one_byte(copy)
        copies.append(replace(instance, path=copy))
    return copies


MUTANTS = (
    # Payload
    Mutant("flips-one-byte", "inverts one byte in the middle of the payload", _damaging(damage.flip_one_byte)),
    Mutant("truncates-payload", "loses the last tenth of the payload", _damaging(damage.truncate)),
    Mutant(
        "drops-last-fragment",
        "loses the last fragment where there are several",
        _damaging(damage.drop_last_fragment),
    ),
    Mutant("swaps-payloads", "exchanges the payloads of two objects stored in a row", Hooks(store=_swap_payloads)),
    Mutant(
        "truncates-over-size",
        f"loses the last tenth of a payload over {damage.LARGE} bytes",
        _damaging(damage.truncate_large),
    ),
    Mutant(
        "loses-tail-after-size",
        f"loses what is behind the first {damage.LARGE} bytes of a payload",
        _damaging(damage.keep_first_bytes),
    ),
    # Frames
    Mutant("reencodes-silently", "encodes the same frames again", _damaging(reencode.reencode)),
    Mutant("drops-frames", "loses the frame in the middle", _damaging(reencode.drop_frame)),
    Mutant("reorders-frames", "exchanges the two frames in the middle", _damaging(reencode.swap_frames)),
    # Encapsulation
    Mutant("adds-offset-table", "adds a Basic Offset Table of four bytes", _damaging(damage.add_offset_table)),
    Mutant("splits-fragments", "cuts each fragment into two", _damaging(damage.split_fragments)),
    # Attributes
    Mutant(
        "rewrites-number-of-frames",
        "counts one frame less in the object",
        _damaging(damage.count_one_frame_less),
    ),
    Mutant(
        "rewrites-patient",
        "replaces the patient's name and birth date",
        _damaging(damage.change_header(PatientName="ANOTHER^PATIENT", PatientBirthDate="19010101")),
    ),
    Mutant("rewrites-frame-time", "replaces the frame time", _damaging(damage.change_header(FrameTime="66.67"))),
    Mutant("rewrites-rows", "says eight rows more than there are", _damaging(damage.add_rows)),
    Mutant(
        "transcodes-metadata",
        "drops private and some optional attributes",
        _damaging(damage.drop_attributes),
    ),
    Mutant("changes-syntax-label", "labels the object with another transfer syntax", _damaging(damage.relabel)),
    # Association and C-STORE
    Mutant("accepts-everything", "accepts every context that is proposed", Hooks(negotiate=_accept_everything)),
    Mutant("accepts-without-storing", "answers success and keeps nothing", Hooks(store=_discard)),
    Mutant(
        "accepts-another-syntax",
        "accepts a transfer syntax that was not proposed",
        Hooks(negotiate=_accept_another_syntax),
    ),
    Mutant("fails-store", "answers C-STORE with 0xC000", Hooks(store=_answering(_CANNOT_UNDERSTAND))),
    Mutant("hangs", "never answers C-STORE", Hooks(store=_hang)),
    Mutant("aborts-in-mid-transfer", "aborts while it receives an object", Hooks(receiving=_abort)),
    Mutant("closes-in-mid-transfer", "closes the connection while it receives an object", Hooks(receiving=_close)),
    Mutant("fails-echo", "answers C-ECHO with 0x0122", Hooks(echo=lambda: _CLASS_NOT_SUPPORTED)),
    # Query
    Mutant("query-finds-nothing", "answers every query with no match", Hooks(answers=_find_nothing)),
    Mutant("query-wrong-attributes", "answers queries with one frame", Hooks(answers=_count_one_frame)),
    Mutant(
        "answers-with-another-instance",
        "answers queries with a SOP Instance UID that nobody stored",
        Hooks(answers=_name_another_instance),
    ),
    # Retrieve
    Mutant("retrieves-nothing-on-get", "answers C-GET with success and no object", _only(GET, _nothing)),
    Mutant("retrieves-nothing-on-move", "answers C-MOVE with success and no object", _only(MOVE, _nothing)),
    Mutant("fails-get", "answers C-GET with 0xA702", _only(GET, _fail)),
    Mutant("fails-move", "answers C-MOVE with 0xA702", _only(MOVE, _fail)),
    Mutant("damages-on-get", "inverts one byte of what C-GET sends", _only(GET, _damaged_copies)),
    Mutant("damages-on-move", "inverts one byte of what C-MOVE sends", _only(MOVE, _damaged_copies)),
)


def mutant(name: str) -> Mutant:
    """The mutant of that name.

    Raises:
        UnknownName: there is none.
    """
    by_name = {candidate.name: candidate for candidate in MUTANTS}
    if name not in by_name:
        raise UnknownName("mutant", name, by_name)
    return by_name[name]
