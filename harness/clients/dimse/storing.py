"""A sender that offers several objects and sends the one that fits: each syntax in a context of its own (PS3.4 B.2)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pynetdicom.dsutils import split_dataset
from pynetdicom.status import STORAGE_SERVICE_CLASS_STATUS

from harness.clients.dimse.association import Association
from harness.clients.dimse.client import DimseClient
from harness.clients.dimse.commands import C_STORE
from harness.clients.dimse.messages import Progress, expect_response
from harness.clients.dimse.operation import MESSAGE_ID, Answer, next_message, required, status_detail
from harness.clients.dimse.storage import store_command
from harness.clients.dimse.terms import Proposal
from harness.core.exchange import Exchange


@dataclass(frozen=True, slots=True)
class Storable:
    """A Part 10 file and what it says of itself."""

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str


def store_first(client: DimseClient, objects: Sequence[Storable]) -> tuple[Exchange, int | None]:
    """Offer several objects in one association, and C-STORE the first whose context is accepted.

    Returns its place among ``objects`` too, None where none was accepted. REFUSED with the peer's results then.
    """
    chosen: int | None = None

    def talk(association: Association, progress: Progress) -> Answer:
        nonlocal chosen
        accepted = {(one.abstract_syntax, one.transfer_syntax): one for one in association.contexts if one.accepted}
        pairs = [(one.sop_class_uid, one.transfer_syntax_uid) for one in objects]
        chosen = next((place for place, pair in enumerate(pairs) if pair in accepted), None)
        sent = objects[chosen or 0]
        context = accepted.get(pairs[chosen or 0])
        if context is None or context.answered_syntax != context.transfer_syntax:
            # It says what is missing, or wrong with the answer.
            context = required(association, sent.sop_class_uid, f"{sent.sop_class_uid} with {sent.transfer_syntax_uid}")
        _, offset = split_dataset(sent.path)
        with sent.path.open("rb") as file:
            file.seek(offset)
            command = store_command(sent.sop_class_uid, sent.sop_instance_uid)
            association.messenger.send(context.context_id, command, file, progress)
        message = next_message(association, C_STORE)
        status = expect_response(message, C_STORE, MESSAGE_ID)
        return Answer(status, status_detail(message, status, STORAGE_SERVICE_CLASS_STATUS))

    proposals = [Proposal(one.sop_class_uid, one.transfer_syntax_uid) for one in objects]
    return client.run("C-STORE", proposals, talk), chosen
