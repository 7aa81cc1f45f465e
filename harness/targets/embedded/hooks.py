"""The seams where an embedded PACS can behave in another way, each with the well-behaved default.

The services ask the hooks and hold no special cases: :data:`WELL_BEHAVED` is a PACS as it should be, a
mutant replaces one hook. A benign variation, such as another legal order of answers, would be one more set
of hooks.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from pydicom import Dataset
from pynetdicom import (
    ALL_TRANSFER_SYNTAXES,
    DEFAULT_TRANSFER_SYNTAXES,
    AllStoragePresentationContexts,
)
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at run time
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.store import ObjectStore

SUCCESS = 0x0000
GET, MOVE = "C-GET", "C-MOVE"

_STORAGE = frozenset(str(context.abstract_syntax) for context in AllStoragePresentationContexts)
_KNOWN: dict[str, frozenset[str]] = {
    **{
        str(uid): frozenset(DEFAULT_TRANSFER_SYNTAXES)
        for uid in (
            Verification,
            StudyRootQueryRetrieveInformationModelFind,
            StudyRootQueryRetrieveInformationModelGet,
            StudyRootQueryRetrieveInformationModelMove,
        )
    },
    **{uid: frozenset(ALL_TRANSFER_SYNTAXES) for uid in _STORAGE},
}


def supported_context(abstract_syntax: str, transfer_syntaxes: Sequence[str]) -> PresentationContext:
    """A context that the PACS supports; storage classes in both roles, as C-GET needs (PS3.4 C.5.3)."""
    context = PresentationContext()
    context.abstract_syntax = abstract_syntax
    context.transfer_syntax = list(transfer_syntaxes)
    if abstract_syntax in _STORAGE:
        context.scu_role = context.scp_role = True
    return context


def proposed_contexts(association: Association) -> list[PresentationContext]:
    """The presentation contexts as the requestor sent them."""
    return cast(A_ASSOCIATE, association.requestor.primitive).presentation_context_definition_list


def proposals(association: Association) -> dict[str, list[str]]:
    """The transfer syntaxes proposed for each abstract syntax, in the order of the proposal."""
    proposed: dict[str, list[str]] = {}
    for context in proposed_contexts(association):
        proposed.setdefault(str(context.abstract_syntax), []).extend(map(str, context.transfer_syntax))
    return proposed


def support_known(association: Association) -> None:
    """Support what the PACS knows, the proposer's first choice first (PS3.8 9.3.3.2)."""
    association.acceptor.supported_contexts = [
        supported_context(abstract, [syntax for syntax in dict.fromkeys(syntaxes) if syntax in _KNOWN[abstract]])
        for abstract, syntaxes in proposals(association).items()
        if abstract in _KNOWN
    ]


def succeed() -> int:
    """Answer C-ECHO with success."""
    return SUCCESS


def keep(store: ObjectStore, received: Path) -> int:
    """Keep the object as it came."""
    store.add(received)
    return SUCCESS


def answer_all(answers: list[Dataset]) -> list[Dataset]:
    """Answer a query with every match."""
    return answers


def send_all(service: str, instances: list[StoredInstance]) -> list[StoredInstance]:
    """Send every instance that was asked for."""
    return instances


def forget(store: ObjectStore, half: Path | None) -> None:
    """Remove what had come of an object."""
    if half is not None:
        half.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a PACS behaves.

    ``negotiate`` sets the supported contexts of an association before they are compared with the proposal.
    ``echo`` gives the status of C-ECHO. ``receiving`` is told, during each C-STORE, how many bytes of the
    data set have come so far. ``store`` takes over a received file and gives the status of C-STORE.
    ``answers`` may change the answers of a query. ``retrieve`` is told the service, ``C-GET`` or
    ``C-MOVE``, and gives the instances to send, or an int: the final status, with nothing sent. ``broken``
    is told of an association that ended without release, and takes over the file with what had come of an
    object, if any.
    """

    negotiate: Callable[[Association], None] = support_known
    echo: Callable[[], int] = succeed
    receiving: Callable[[Association, int], None] | None = None
    store: Callable[[ObjectStore, Path], int] = keep
    answers: Callable[[list[Dataset]], list[Dataset]] = answer_all
    retrieve: Callable[[str, list[StoredInstance]], list[StoredInstance] | int] = send_all
    broken: Callable[[ObjectStore, Path | None], None] = forget


WELL_BEHAVED = Hooks()
