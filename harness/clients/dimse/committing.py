"""Storage commitment from the asking side: N-ACTION, and the report wherever it comes (PS3.4 J)."""

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace

from harness.clients.dimse.association import Association
from harness.clients.dimse.client import DimseClient
from harness.clients.dimse.commitment import COMMITMENT_PROPOSALS, ReportBox, request
from harness.clients.dimse.messages import Progress
from harness.clients.dimse.operation import Answer
from harness.clients.dimse.receiver import Receiver
from harness.core.commitment import CommitmentReport
from harness.core.exchange import Exchange


def commit(
    client: DimseClient,
    references: Sequence[tuple[str, str]],
    *,
    receiver: Receiver | None,
    limit: float = 30.0,
    hold: float = 5.0,
) -> tuple[Exchange, CommitmentReport | None]:
    """Ask for storage commitment of instances, given as class and UID, and await the report.

    The exchange is that of N-ACTION. After its success the report is awaited for ``limit`` seconds, for ``hold`` of
    them over the same association, and over associations to ``receiver``. ``detail`` tells of reports that came for
    other transactions, and of what broke at our receiver; ``reached_receiver`` whether anything came there. What broke
    of our own is raised.
    """
    box = receiver.reports if receiver is not None else ReportBox()
    began = answered = time.monotonic()
    transaction = ""
    start = receiver.mark() if receiver is not None else None

    def talk(association: Association, _: Progress) -> Answer:
        nonlocal answered, transaction
        transaction = f"2.25.{uuid.uuid4().int}"  # a new one per attempt: the earlier one may be known already
        answer, answered = request(association, transaction, references, box, hold=min(hold, limit))
        return answer

    exchange = client.run("N-ACTION", COMMITMENT_PROPOSALS, talk)
    if exchange.status != 0:
        return exchange, None
    report = box.wait(transaction, answered, limit)
    told = []
    if strays := box.others_since(began, transaction):
        told.append(f"reports came for other transactions: {', '.join(strays)}")
    if receiver is not None and start is not None:
        receiver.check()
        exchange = replace(exchange, reached_receiver=receiver.reached_since(start))
        told += receiver.problems_since(start)
    return replace(exchange, detail="; ".join(filter(None, (exchange.detail, *told)))), report
