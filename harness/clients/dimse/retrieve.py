"""C-GET and C-MOVE of one instance, Study Root (PS3.4 C.4.2, C.4.3).

C-GET brings the object over the association that asked, on a storage context for which the peer must grant us
the SCP role (PS3.4 C.5.3). C-MOVE makes the peer open an association of its own to our :class:`Receiver`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pynetdicom.status import QR_GET_SERVICE_CLASS_STATUS, QR_MOVE_SERVICE_CLASS_STATUS

from harness.clients.dimse.association import Association
from harness.clients.dimse.commands import C_GET, C_MOVE, C_STORE, MEDIUM, WITH_DATA, Value
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import Progress, expect_response
from harness.clients.dimse.operation import (
    IMPLICIT_LE,
    MESSAGE_ID,
    PENDING,
    Answer,
    next_message,
    required,
    status_detail,
    sub_operations,
)
from harness.clients.dimse.query import identifier
from harness.clients.dimse.receiver import Mark, Receiver
from harness.clients.dimse.storage import Received, StorageInbox
from harness.clients.dimse.terms import Proposal
from harness.core.exchange import Ending

STUDY_ROOT_MOVE: Final = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_GET: Final = "1.2.840.10008.5.1.4.1.2.2.3"
MOVE_PROPOSALS: Final = (Proposal(STUDY_ROOT_MOVE, IMPLICIT_LE),)


def get_proposals(sop_class_uid: str, transfer_syntax_uids: tuple[str, ...]) -> tuple[Proposal, ...]:
    """The contexts of a C-GET: the service, and those in which the object may come, one for each syntax."""
    storage = (Proposal(sop_class_uid, syntax, as_scp=True) for syntax in transfer_syntax_uids)
    return Proposal(STUDY_ROOT_GET, IMPLICIT_LE), *storage


def get(
    association: Association,
    keys: Mapping[str, str],
    sop_class_uid: str,
    into: Path,
    received: list[Received],
    progress: Progress,
    *,
    insist: bool = False,
) -> Answer:
    """Ask for an instance, and fill ``received`` as objects arrive; returns the final response.

    With ``insist`` it is asked for although the SCP role was refused.

    Raises:
        Ended: REFUSED with a detail that names the service, the storage context or the role.
    """
    service = required(association, STUDY_ROOT_GET, "C-GET (Study Root)")
    required(association, sop_class_uid, "the storage context")
    if sop_class_uid not in association.scp_classes and not insist:
        raise Ended(
            Ending.REFUSED,
            f"the SCP role for {sop_class_uid} was refused (PS3.4 C.5.3)",
        )
    agreed = {
        context.context_id: (context.abstract_syntax, context.transfer_syntax)
        for context in association.contexts
        if context.accepted and context.abstract_syntax == sop_class_uid
    }
    inbox = StorageInbox(into, agreed, received.append)
    try:
        association.messenger.send(service.context_id, _command(STUDY_ROOT_GET, C_GET), identifier(keys, level="IMAGE"))
        while True:
            message = next_message(association, C_GET, inbox=inbox, progress=progress)
            if message.field == C_STORE:
                inbox.finish(association.messenger, message)
                continue
            status = expect_response(message, C_GET, MESSAGE_ID)
            if status not in PENDING:
                detail = status_detail(message, status, QR_GET_SERVICE_CLASS_STATUS)
                return Answer(status, detail, sub_operations(message))
    finally:
        inbox.discard()


def move(
    association: Association,
    keys: Mapping[str, str],
    receiver: Receiver,
    mark: Mark,
    received: list[Received],
    progress: Progress,
) -> Answer:
    """Ask the peer to send an instance to our receiver, and fill ``received`` with what came since ``mark``.

    Returns the final response.
    The answer limit starts again with every byte that reaches the receiver. After a success the object may
    still be on its way, so the receiver is given its grace.
    """
    service = required(association, STUDY_ROOT_MOVE, "C-MOVE (Study Root)")

    def moving() -> float:
        progress.reach(receiver.bytes_since(mark))
        return receiver.last_moved

    try:
        command = {**_command(STUDY_ROOT_MOVE, C_MOVE), "MoveDestination": receiver.aet}
        association.messenger.send(service.context_id, command, identifier(keys, level="IMAGE"))
        while True:
            message = next_message(association, C_MOVE, also_moving=moving)
            status = expect_response(message, C_MOVE, MESSAGE_ID)
            if status not in PENDING:
                break
        counters = sub_operations(message)
        if status == 0 or counters.completed:
            receiver.wait_for(keys["SOPInstanceUID"], mark)
        detail = status_detail(message, status, QR_MOVE_SERVICE_CLASS_STATUS)
        seen = receiver.what_came(mark)
        return Answer(status, "; ".join(part for part in (detail, seen) if part), counters)
    finally:
        received.extend(receiver.received_since(mark))
        progress.reach(receiver.bytes_since(mark))
        receiver.check()


def _command(sop_class: str, field: int) -> dict[str, Value]:
    return {
        "AffectedSOPClassUID": sop_class,
        "CommandField": field,
        "MessageID": MESSAGE_ID,
        "Priority": MEDIUM,
        "CommandDataSetType": WITH_DATA,
    }
