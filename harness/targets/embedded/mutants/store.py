"""Mutants that take a video wrongly, or say so and do not: negotiation, C-ECHO and C-STORE."""

from collections.abc import Callable
from pathlib import Path
from threading import Event

from pydicom.uid import ImplicitVRLittleEndian
from pynetdicom import _config
from pynetdicom.association import Association

from harness.targets.embedded.hooks import (
    SUCCESS,
    Hooks,
    proposals,
    proposed_contexts,
    support_known,
    supported_context,
)
from harness.targets.embedded.mutants.mutant import Mutant
from harness.targets.embedded.store import ObjectStore

#: How much of an object the mutants that end a transfer let through, in bytes.
INTERRUPTED_AFTER = 128 * 1024

_CANNOT_UNDERSTAND = 0xC000
_CLASS_NOT_SUPPORTED = 0x0122


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


MUTANTS = (
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
)
