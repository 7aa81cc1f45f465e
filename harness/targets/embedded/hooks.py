"""The seams where an embedded PACS can behave in another way, each with the well-behaved default.

The services ask the hooks and hold no special cases: :data:`WELL_BEHAVED` is a PACS as it should be, a
mutant replaces one hook, and so does a benign variation, such as another legal order of answers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from ssl import SSLContext
from typing import cast

from pydicom import Dataset
from pynetdicom import (
    ALL_TRANSFER_SYNTAXES,
    DEFAULT_TRANSFER_SYNTAXES,
    AllStoragePresentationContexts,
    evt,
)
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at run time
    StorageCommitmentPushModel,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)

from harness.targets.embedded.index import Level, StoredInstance
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.hooks import WELL_BEHAVED_WEB, WebHooks

SUCCESS = 0x0000
#: The services that bring an object, and those that retrieve one, as hooks are told of them.
STORE, STOW_RS = "C-STORE", "STOW-RS"
GET, MOVE, WADO_RS, WADO_URI = "C-GET", "C-MOVE", "WADO-RS", "WADO-URI"
COMMITMENT = str(StorageCommitmentPushModel)

#: Why an instance is not committed (PS3.3 C.14.1.1).
NO_SUCH_INSTANCE, CLASS_INSTANCE_CONFLICT = 0x0112, 0x0119

#: The storage SOP classes that the PACS knows.
STORAGE = frozenset(str(context.abstract_syntax) for context in AllStoragePresentationContexts)
_KNOWN: dict[str, frozenset[str]] = {
    **{
        str(uid): frozenset(DEFAULT_TRANSFER_SYNTAXES)
        for uid in (
            Verification,
            StorageCommitmentPushModel,
            StudyRootQueryRetrieveInformationModelFind,
            StudyRootQueryRetrieveInformationModelGet,
            StudyRootQueryRetrieveInformationModelMove,
        )
    },
    **{uid: frozenset(ALL_TRANSFER_SYNTAXES) for uid in STORAGE},
}


def supported_context(abstract_syntax: str, transfer_syntaxes: Sequence[str]) -> PresentationContext:
    """A context that the PACS supports; storage classes in both roles, as C-GET needs (PS3.4 C.5.3)."""
    context = PresentationContext()
    context.abstract_syntax = abstract_syntax
    context.transfer_syntax = list(transfer_syntaxes)
    if abstract_syntax in STORAGE:
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


def any_size(service: str, size: int) -> int:
    """Have room for an object of any size."""
    return SUCCESS


def keep(store: ObjectStore, received: Path) -> int:
    """Keep the object as it came."""
    store.add(received)
    return SUCCESS


def discard_part(store: ObjectStore, part: Path) -> None:
    """Remove the part of an object whose transfer did not end."""
    part.unlink(missing_ok=True)


def as_it_is(context: SSLContext) -> SSLContext:
    """Speak TLS as PS3.15 Annex B wants it."""
    return context


def answer_all(answers: list[Dataset]) -> list[Dataset]:
    """Answer a query with every match."""
    return answers


def send_all(service: str, instances: list[StoredInstance]) -> list[StoredInstance]:
    """Send every instance that was asked for."""
    return instances


def send_as_kept(association: Association, service: str, instance: StoredInstance) -> StoredInstance | None:
    """Send what is kept; whether it fits into a context of the association is for the sub-operation to tell."""
    return instance


@dataclass(frozen=True, slots=True)
class Reference:
    """An instance by its UIDs, as a commitment request and its report name it."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Commitment:
    """What is reported of a commitment request: what is committed, and what is not with its Failure Reason."""

    committed: tuple[Reference, ...]
    failed: tuple[tuple[Reference, int], ...]


def commit_what_is_kept(store: ObjectStore, references: tuple[Reference, ...]) -> Commitment | None:
    """Commit to what is in the store, and tell the rest with its reason."""
    committed, failed = [], []
    for reference in references:
        kept = store.index.instances(Level.IMAGE, {"SOPInstanceUID": reference.sop_instance_uid})
        if not kept or not kept[0].path.is_file():
            failed.append((reference, NO_SUCH_INSTANCE))
        elif kept[0].sop_class_uid != reference.sop_class_uid:
            failed.append((reference, CLASS_INSTANCE_CONFLICT))
        else:
            committed.append(reference)
    return Commitment(tuple(committed), tuple(failed))


@dataclass(frozen=True, slots=True)
class Hooks:
    """How a PACS behaves.

    ``negotiate`` sets the supported contexts of an association before they are compared with the proposal.
    ``echo`` gives the status of C-ECHO, or its whole answer. ``receiving`` is told, during each C-STORE, how many
    bytes of the data set have come so far. ``room`` is told ``C-STORE`` or ``STOW-RS``, and the bytes of an object that
    came by it, and gives the status with which it is refused, or 0. ``store`` takes over a received file and gives
    the status of C-STORE, also for what came by STOW-RS. ``answers`` may change the answers of a query, or give the
    status of its failure. ``retrieve`` is told the service, ``C-GET``, ``C-MOVE``, ``WADO-RS`` or ``WADO-URI``, and
    gives the instances to send, or an int: the final status, with nothing sent. ``sub_operation`` is told of each C-GET
    or C-MOVE, and its service, before an instance is sent. ``broken`` takes over the file with the part of an object
    whose transfer did not end; ``lost`` is told of every association that ended without release. ``secure`` may change
    how TLS is spoken. ``send`` is told the association that asked, and gives what is sent in place of each instance by
    C-GET or C-MOVE, None for nothing, as though it had been sent. ``commit`` gives what a commitment request is
    answered with, or None for no report at all. ``web`` is what only DICOMweb has.
    """

    negotiate: Callable[[Association], None] = support_known
    echo: Callable[[], int | Dataset] = succeed
    receiving: Callable[[Association, int], None] | None = None
    room: Callable[[str, int], int] = any_size
    store: Callable[[ObjectStore, Path], int] = keep
    answers: Callable[[list[Dataset]], list[Dataset] | int] = answer_all
    retrieve: Callable[[str, list[StoredInstance]], list[StoredInstance] | int] = send_all
    sub_operation: Callable[[evt.Event, str], None] | None = None
    broken: Callable[[ObjectStore, Path], None] = discard_part
    lost: Callable[[ObjectStore], None] | None = None
    secure: Callable[[SSLContext], SSLContext] = as_it_is
    send: Callable[[Association, str, StoredInstance], StoredInstance | None] = send_as_kept
    commit: Callable[[ObjectStore, tuple[Reference, ...]], Commitment | None] = commit_what_is_kept
    web: WebHooks = WELL_BEHAVED_WEB


WELL_BEHAVED = Hooks()
