"""Storage Commitment Push Model: N-ACTION asks, N-EVENT-REPORT tells later, here or elsewhere (PS3.4 J).

Strategy: a report may come over the association that asked or over one that the PACS opens to us, so both end in one
:class:`ReportBox`, where the Transaction UID finds it. The association is held for a while only: a PACS that serves
one association at a time could not report before it is released.
"""

import threading
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from io import BytesIO
from typing import Final

from pydicom.dataset import Dataset
from pynetdicom import build_context
from pynetdicom.dsutils import decode, encode
from pynetdicom.presentation import PresentationContext
from pynetdicom.status import GENERAL_STATUS

from harness.clients.dimse.association import Association
from harness.clients.dimse.commands import N_ACTION, N_EVENT_REPORT, NO_DATA, RESPONSE, WITH_DATA, Value
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import Message, Messenger, ReleaseRequested, expect_response
from harness.clients.dimse.operation import (
    EXPLICIT_LE,
    IMPLICIT_LE,
    MESSAGE_ID,
    Answer,
    next_message,
    required,
    status_detail,
)
from harness.clients.dimse.terms import Proposal
from harness.core.commitment import CommitmentReport
from harness.core.exchange import Ending

STORAGE_COMMITMENT: Final = "1.2.840.10008.1.20.1"
#: The one instance of the class (PS3.4 J.3.5).
WELL_KNOWN_INSTANCE: Final = "1.2.840.10008.1.20.1.1"
COMMITMENT_PROPOSALS: Final = (Proposal(STORAGE_COMMITMENT, EXPLICIT_LE), Proposal(STORAGE_COMMITMENT, IMPLICIT_LE))
_REQUEST_COMMITMENT: Final = 1
_POLL: Final = 0.1


def commitment_context() -> PresentationContext:
    """The context on which we take reports, with the roles reversed as the peer proposes them (PS3.4 J.3.3)."""
    context = build_context(STORAGE_COMMITMENT, [EXPLICIT_LE, IMPLICIT_LE])
    context.scu_role = context.scp_role = True
    return context


class ReportBox:
    """Reports as they arrive, from whatever thread."""

    def __init__(self) -> None:
        self._reports: list[tuple[float, CommitmentReport]] = []
        self._changed = threading.Condition()

    def take(self, messenger: Messenger, message: Message, syntax: str, called_aet: str = "") -> None:
        """Keep a report and answer it with success (PS3.7 10.3.1).

        Raises:
            Ended: BAD_ANSWER where it is no report that can be read; nothing is answered then.
        """
        report = replace(_read(message, syntax), called_aet=called_aet)
        came = time.monotonic()
        answer: dict[str, Value] = {
            "AffectedSOPClassUID": STORAGE_COMMITMENT,
            "CommandField": N_EVENT_REPORT | RESPONSE,
            "MessageIDBeingRespondedTo": int(message.command.get("MessageID", 0)),
            "CommandDataSetType": NO_DATA,
            "Status": 0x0000,
            "AffectedSOPInstanceUID": WELL_KNOWN_INSTANCE,
            "EventTypeID": report.event,
        }
        try:
            messenger.send(message.context_id, answer)
        finally:  # what was reported stands, also where its answer can no longer be given
            with self._changed:
                self._reports.append((came, report))
                self._changed.notify_all()

    def wait(self, transaction_uid: str, since: float, limit: float) -> CommitmentReport | None:
        """The report of a transaction, awaited until ``limit`` seconds after the monotonic time ``since``."""
        with self._changed:
            while (found := self._find(transaction_uid, since)) is None:
                left = since + limit - time.monotonic()
                if left <= 0:
                    return None
                self._changed.wait(left)
        return found

    def has(self, transaction_uid: str) -> bool:
        """Whether the report of a transaction is there."""
        with self._changed:
            return any(report.transaction_uid == transaction_uid for _, report in self._reports)

    def others_since(self, moment: float, transaction_uid: str) -> tuple[str, ...]:
        """Transaction UIDs of reports that came since then and are not about this transaction."""
        with self._changed:
            return tuple(
                report.transaction_uid
                for came, report in self._reports
                if came >= moment and report.transaction_uid != transaction_uid
            )

    def _find(self, transaction_uid: str, since: float) -> CommitmentReport | None:
        for came, report in self._reports:
            if report.transaction_uid == transaction_uid:
                return replace(report, waited=max(0.0, came - since))
        return None


def request(
    association: Association,
    transaction_uid: str,
    references: Sequence[tuple[str, str]],
    box: ReportBox,
    *,
    hold: float,
) -> tuple[Answer, float]:
    """Ask for commitment of instances, given as class and UID, and take a report that comes here.

    Returns the answer to N-ACTION and the monotonic time at which it came. After a success the association is held for
    at most ``hold`` seconds, or until the report is in ``box``; how it ends then decides nothing.
    """
    context = required(association, STORAGE_COMMITMENT, "Storage Commitment Push Model")
    command: dict[str, Value] = {
        "RequestedSOPClassUID": STORAGE_COMMITMENT,
        "CommandField": N_ACTION,
        "MessageID": MESSAGE_ID,
        "CommandDataSetType": WITH_DATA,
        "RequestedSOPInstanceUID": WELL_KNOWN_INSTANCE,
        "ActionTypeID": _REQUEST_COMMITMENT,
    }
    data = _action(transaction_uid, references, context.transfer_syntax)
    association.messenger.send(context.context_id, command, data)
    while (message := next_message(association, N_ACTION)).field == N_EVENT_REPORT:
        box.take(association.messenger, message, context.transfer_syntax)
    status = expect_response(message, N_ACTION, MESSAGE_ID)
    answered = time.monotonic()
    if status == 0:
        _hold(association, transaction_uid, box, context.transfer_syntax, answered + hold)
    return Answer(status, status_detail(message, status, GENERAL_STATUS)), answered


def _hold(association: Association, transaction_uid: str, box: ReportBox, syntax: str, end: float) -> None:
    try:
        while time.monotonic() < end and not box.has(transaction_uid):
            if association.messenger.is_quiet(_POLL):
                continue
            message = association.messenger.receive(association.endpoint.timeouts.answer, "N-EVENT-REPORT-RQ")
            if message.field != N_EVENT_REPORT:
                return
            box.take(association.messenger, message, syntax)
    except ReleaseRequested:
        association.peer_released()
    except Ended:
        association.break_off(abort=False)


def _action(transaction_uid: str, references: Sequence[tuple[str, str]], syntax: str) -> BytesIO:
    """The Action Information (PS3.4 Table J.3-1)."""
    dataset = Dataset()
    dataset.TransactionUID = transaction_uid
    dataset.ReferencedSOPSequence = [_reference(*reference) for reference in references]
    raw = encode(dataset, syntax == IMPLICIT_LE, True)
    if raw is None:
        raise ValueError(f"the references {list(references)!r} cannot be encoded; give SOP Class and Instance UIDs")
    return BytesIO(raw)


def _reference(sop_class_uid: str, instance_uid: str) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class_uid, instance_uid
    return item


def _read(message: Message, syntax: str) -> CommitmentReport:
    """Read the Event Information (PS3.4 Table J.3-3)."""
    if message.command.get("AffectedSOPClassUID") != STORAGE_COMMITMENT:
        raise Ended(Ending.BAD_ANSWER, "an N-EVENT-REPORT arrived that is not of storage commitment")
    try:
        # Odd values are for the caller to judge; pydicom would warn of each.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = decode(BytesIO(message.data), syntax == IMPLICIT_LE, True)
            return CommitmentReport(
                transaction_uid=str(dataset.get("TransactionUID", "")),
                event=int(message.command.get("EventTypeID", 0)),
                committed=tuple(
                    str(item.ReferencedSOPInstanceUID) for item in dataset.get("ReferencedSOPSequence", ())
                ),
                failed=tuple(
                    (str(item.ReferencedSOPInstanceUID), int(item.get("FailureReason") or 0))
                    for item in dataset.get("FailedSOPSequence", ())
                ),
            )
    except Exception as problem:  # noqa: BLE001 - whatever a decoder makes of bytes from outside
        raise Ended(Ending.BAD_ANSWER, f"an N-EVENT-REPORT cannot be read: {problem!r}") from None
