"""C-STORE of a Part 10 file, streamed from disk in the one context that fits it exactly (PS3.4 B.2, PS3.7 9.1.1)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pynetdicom.dsutils import split_dataset
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

from harness.clients.dimse.association import Association, Proposal
from harness.clients.dimse.commands import C_STORE, MEDIUM, WITH_DATA, Value
from harness.clients.dimse.messages import Progress, expect_response
from harness.clients.dimse.operation import MESSAGE_ID, Answer, next_message, required, status_detail


@dataclass(frozen=True, slots=True)
class Storable:
    """A Part 10 file and what it says of itself."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str

    @property
    def proposal(self) -> Proposal:
        """The context that it needs."""
        return Proposal(self.sop_class_uid, self.transfer_syntax_uid)


def store_first(association: Association, objects: Sequence[Storable], progress: Progress) -> tuple[Answer, int]:
    """Send the first object whose context was accepted; returns the answer, and its place among ``objects``.

    Raises:
        Ended: REFUSED with the results of the last one where none was accepted; as the messenger otherwise.
    """
    accepted = {(one.abstract_syntax, one.transfer_syntax): one for one in association.contexts if one.accepted}
    places = [place for place, one in enumerate(objects) if _pair(one) in accepted]
    chosen = objects[places[0] if places else -1]
    context = accepted.get(_pair(chosen))
    if context is None or context.answered_syntax != context.transfer_syntax:
        # It says what is missing, or wrong with the answer.
        context = required(
            association, chosen.sop_class_uid, f"{chosen.sop_class_uid} with {chosen.transfer_syntax_uid}"
        )
    command: dict[str, Value] = {
        "AffectedSOPClassUID": chosen.sop_class_uid,
        "CommandField": C_STORE,
        "MessageID": MESSAGE_ID,
        "Priority": MEDIUM,
        "CommandDataSetType": WITH_DATA,
        "AffectedSOPInstanceUID": chosen.sop_instance_uid,
    }
    _, offset = split_dataset(chosen.path)
    with chosen.path.open("rb") as file:
        file.seek(offset)
        association.messenger.send(context.context_id, command, file, progress)
    message = next_message(association, C_STORE)
    status = expect_response(message, C_STORE, MESSAGE_ID)
    return Answer(status, status_detail(message, status, STORAGE_SERVICE_CLASS_STATUS)), places[0]


def _pair(one: Storable) -> tuple[str, str]:
    return one.sop_class_uid, one.transfer_syntax_uid
