"""Sending stored objects in C-STORE sub-operations with flat memory.

pynetdicom's C-GET and C-MOVE loops count sub-operations and answer well, but want whole data sets. They get
a :class:`StoredDataset`, which only names a file, and the association is prepared to send that file as a
stream: PDUs of limited size, read while the socket takes them. Without the limit on queued PDUs pynetdicom
reads the whole file into memory as fast as the disk allows.
"""

import time
from typing import Any

from pydicom import Dataset
from pynetdicom.association import Association
from pynetdicom.dul import DULServiceProvider
from pynetdicom.pdu_primitives import P_DATA, MaximumLengthNotification

from harness.targets.embedded.index import StoredInstance

#: Largest PDU that is sent or offered to be received, in bytes, whatever the peer would take.
MAX_PDU = 256 * 1024

_QUEUED_PDUS = 16


class StoredDataset(Dataset):
    """Stands for a stored object where pynetdicom wants a data set; holds the UID and the file only."""

    def __init__(self, instance: StoredInstance) -> None:
        super().__init__()
        self.SOPInstanceUID = instance.sop_instance_uid
        self.file = instance.path


def fits(association: Association, instance: StoredInstance) -> bool:
    """Whether an instance can go over an association in its own syntax."""
    pair = (instance.sop_class_uid, instance.transfer_syntax_uid)
    return any(
        (context.abstract_syntax, context.transfer_syntax[0]) == pair for context in association.accepted_contexts
    )


def _limit_pdus(association: Association) -> None:
    peer = association.acceptor if association.is_requestor else association.requestor
    for item in peer.user_information:
        if isinstance(item, MaximumLengthNotification):
            # Zero is "no limit" (PS3.8 D.1).
            item.maximum_length_received = min(item.maximum_length_received or MAX_PDU, MAX_PDU)


def _limit_queue(dul: DULServiceProvider) -> None:
    send = dul.send_pdu

    def send_pdu(primitive: object) -> None:
        # Only data waits and fails: an abort must always get through to a provider that is shutting down.
        while isinstance(primitive, P_DATA) and dul.to_provider_queue.qsize() >= _QUEUED_PDUS:
            if not dul.is_alive():
                raise ConnectionError("the connection ended while an object was being sent")
            time.sleep(0.0005)
        send(primitive)  # type: ignore[arg-type]

    dul.send_pdu = send_pdu  # type: ignore[method-assign]


def prepare(association: Association, *, originator: str | None = None) -> None:
    """Make an association send :class:`StoredDataset` objects as streams.

    To be called once both sides' limits are known and before anything is sent. ``originator`` is the AE
    title of who asked for a C-MOVE (PS3.7 9.1.1.1.6).
    """
    _limit_pdus(association)
    _limit_queue(association.dul)
    send = association.send_c_store

    def send_c_store(dataset: StoredDataset, **options: Any) -> Dataset:
        if originator is not None:
            # pynetdicom would name the PACS itself.
            options["originator_aet"] = originator
        return send(dataset.file, **options)

    association.send_c_store = send_c_store  # type: ignore[assignment, method-assign]
