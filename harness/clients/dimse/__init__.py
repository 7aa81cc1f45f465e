"""DIMSE: C-ECHO, C-STORE, C-FIND, C-GET, C-MOVE and negotiation alone, on pynetdicom's coding of PDUs."""

from harness.clients.dimse.acceptance import Offer
from harness.clients.dimse.client import DimseClient
from harness.clients.dimse.receiver import Receiver
from harness.clients.dimse.retry import RetryPolicy
from harness.clients.dimse.storing import Storable

__all__ = ["DimseClient", "Offer", "Receiver", "RetryPolicy", "Storable"]
