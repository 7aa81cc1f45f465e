"""Storage commitment, Push Model, as SCP (PS3.4 J): N-ACTION in, N-EVENT-REPORT out on a new association.

The report goes to where the requester's AE title is known to be, and not before the answer to the request has left.
"""

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pydicom import Dataset
from pydicom.uid import UID
from pynetdicom import AE, build_role, evt
from pynetdicom.association import Association
from pynetdicom.dimse_messages import N_ACTION_RSP

from harness.clients.dimse.secure import client_context
from harness.core.endpoint import Tls
from harness.targets.embedded.hooks import COMMITMENT, SUCCESS, Commitment, Hooks, Reference
from harness.targets.embedded.store import ObjectStore

LOG = logging.getLogger(__name__)

#: The well-known instance that every request is made to (PS3.4 J.3.5).
INSTANCE: Final = "1.2.840.10008.1.20.1.1"

# Action and event types (PS3.4 J.3.2.1.1, J.3.3.1.1), and status codes of PS3.7 Annex C.
_REQUEST = 1
_ALL_COMMITTED, _FAILURES_EXIST = 1, 2
_PROCESSING_FAILURE = 0x0110
_INVALID_ARGUMENT = 0x0115
_NO_SUCH_ACTION = 0x0123

#: Waits in seconds before a requester that did not take the report is called again.
_AGAIN = (0.5, 2.0, 5.0)
_P_DATA = 0x04


@dataclass
class _Open:
    """What an association has asked for: answered means that the answer is on its way."""

    reports: list[tuple[str, Dataset]] = field(default_factory=list)
    answered: bool = False


class CommitmentProvider:
    """Answers the requests of one server; ``destinations`` are addresses by AE title."""

    def __init__(
        self,
        store: ObjectStore,
        hooks: Hooks,
        *,
        aet: str,
        destinations: Mapping[str, tuple[str, int]],
        tls: Tls | None = None,
    ) -> None:
        self._store, self._hooks = store, hooks
        self._aet, self._destinations, self._tls = aet, destinations, tls
        self._open: dict[int, _Open] = {}

    @property
    def handlers(self) -> list[Any]:
        """What the server binds."""
        return [
            (evt.EVT_N_ACTION, self._on_action),
            (evt.EVT_DIMSE_SENT, self._on_message),
            (evt.EVT_DATA_SENT, self._on_data),
        ]

    def forget(self, association: Association) -> None:
        """The association is over."""
        self._open.pop(id(association), None)

    def _on_action(self, event: evt.Event) -> tuple[int, Dataset | None]:
        requester = event.assoc.requestor.ae_title.strip()
        if event.action_type != _REQUEST:
            return _NO_SUCH_ACTION, None
        if requester not in self._destinations:
            LOG.warning("storage commitment: no address of %r is known", requester)
            return _PROCESSING_FAILURE, None
        try:
            asked = event.action_information
            transaction = str(asked.TransactionUID)
            references = tuple(
                Reference(str(item.ReferencedSOPClassUID), str(item.ReferencedSOPInstanceUID))
                for item in asked.ReferencedSOPSequence
            )
        except AttributeError as problem:
            LOG.warning("storage commitment: %s", problem)
            return _INVALID_ARGUMENT, None
        commitment = self._hooks.commit(self._store, references)
        LOG.info("storage commitment of %s instances: %s", len(references), commitment)
        if commitment is not None:
            report = _report(transaction, commitment, self._aet)
            self._open.setdefault(id(event.assoc), _Open()).reports.append((requester, report))
        return SUCCESS, None

    def _on_message(self, event: evt.Event) -> None:
        # Told just before the message is cut into PDUs.
        if isinstance(event.message, N_ACTION_RSP) and id(event.assoc) in self._open:
            self._open[id(event.assoc)].answered = True

    def _on_data(self, event: evt.Event) -> None:
        waiting = self._open.get(id(event.assoc))
        if event.data[0] == _P_DATA and waiting is not None and waiting.answered:
            self.forget(event.assoc)
            for requester, report in waiting.reports:
                threading.Thread(target=self._deliver, args=(requester, report), daemon=True).start()

    def _deliver(self, requester: str, report: Dataset) -> None:
        for wait in (*_AGAIN, None):
            if self._report_once(requester, report):
                return
            if wait is not None:
                time.sleep(wait)
        LOG.warning("storage commitment: %r took no report", requester)

    def _report_once(self, requester: str, report: Dataset) -> bool:
        """Whether the requester answered. We are the SCP of this association that we open (PS3.4 J.3.4)."""
        ae = AE(self._aet)
        ae.add_requested_context(COMMITMENT)
        host, port = self._destinations[requester]
        association = ae.associate(
            host,
            port,
            ae_title=requester,
            ext_neg=[build_role(UID(COMMITMENT), scu_role=False, scp_role=True)],
            tls_args=(client_context(self._tls), host) if self._tls is not None else None,
        )
        if not association.is_established:
            return False
        kind = _FAILURES_EXIST if "FailedSOPSequence" in report else _ALL_COMMITTED
        try:
            status, _ = association.send_n_event_report(report, kind, COMMITMENT, INSTANCE)
        except (RuntimeError, ValueError) as problem:
            LOG.warning("storage commitment: %s", problem)
            return False
        finally:
            if association.is_established:
                association.release()
        LOG.info("storage commitment: reported to %r, answered %s", requester, status.get("Status"))
        return "Status" in status


def _report(transaction: str, commitment: Commitment, aet: str) -> Dataset:
    """Event information (PS3.4 Table J.3-2)."""
    report = Dataset()
    report.TransactionUID = transaction
    report.RetrieveAETitle = aet
    if commitment.committed:
        report.ReferencedSOPSequence = [_item(reference) for reference in commitment.committed]
    if commitment.failed:
        report.FailedSOPSequence = [_item(reference, reason) for reference, reason in commitment.failed]
    return report


def _item(reference: Reference, reason: int | None = None) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = reference.sop_class_uid
    item.ReferencedSOPInstanceUID = reference.sop_instance_uid
    if reason is not None:
        item.FailureReason = reason
    return item
