"""What no ordinary user asks: everything in one negotiation, a store that breaks off, a caller without TLS.

Each answer is an Exchange, so that what a PACS makes of it is judged like any other conversation.
"""

from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from pynetdicom.dsutils import split_dataset

from harness.clients.dimse.association import MAX_CONTEXTS, Association
from harness.clients.dimse.client import DimseClient
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import Progress
from harness.clients.dimse.operation import Answer, required
from harness.clients.dimse.storage import store_command
from harness.clients.dimse.terms import Proposal, Terms
from harness.core.exchange import Ending, Exchange

#: PDUs of a store that is to break off, in bytes: small, so that it breaks off near to where it should.
BROKEN_PDU = 4096


class Break(StrEnum):
    """How a conversation is broken off."""

    ABORT = "A-ABORT"  #: as PS3.8 9.3.8 has it
    CLOSE = "closed connection"  #: as a crash or a network has it


def propose_all(
    client: DimseClient, proposals: Sequence[Proposal], *, lead: Sequence[Proposal] = ()
) -> tuple[Exchange, ...]:
    """Propose any number of contexts, at most 128 per association (PS3.8 9.3.2.2); exchanges in order.

    ``lead`` stands at the head of every association.
    """
    room = MAX_CONTEXTS - len(lead)
    return tuple(client.propose([*lead, *proposals[start : start + room]]) for start in range(0, len(proposals), room))


def break_off_store(
    client: DimseClient,
    path: Path,
    *,
    sop_class_uid: str,
    sop_instance_uid: str,
    transfer_syntax_uid: str,
    after: int,
    how: Break,
) -> Exchange:
    """C-STORE the first ``after`` bytes of a data set, at most, and break off.

    BROKEN_OFF with the bytes sent in ``payload_bytes``; another ending where the peer broke it off before.
    """
    _, offset = split_dataset(path)

    def talk(association: Association, progress: Progress) -> Answer:
        context = required(association, sop_class_uid, f"{sop_class_uid} with {transfer_syntax_uid}")
        command = store_command(sop_class_uid, sop_instance_uid)
        with path.open("rb") as file:
            file.seek(offset)
            association.messenger.send_part(context.context_id, command, file, progress, count=after)
        association.break_off(abort=how is Break.ABORT)
        raise Ended(Ending.BROKEN_OFF, f"{how} after {progress.done} bytes of the data set")

    small = client.like(terms=Terms(max_sent=BROKEN_PDU))
    return small.run("C-STORE", [Proposal(sop_class_uid, transfer_syntax_uid)], talk)


def without_tls(client: DimseClient) -> DimseClient:
    """The same client, that knows of no TLS."""
    return client.like(endpoint=replace(client.endpoint, tls=None))


def without_certificate(client: DimseClient) -> DimseClient:
    """The same client, that shows no certificate of its own."""
    tls = client.endpoint.tls
    return client.like(
        endpoint=replace(client.endpoint, tls=None if tls is None else replace(tls, certificate=None, key=None))
    )
