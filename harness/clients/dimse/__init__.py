"""DIMSE: C-ECHO, C-STORE, C-FIND, C-GET, C-MOVE, negotiation alone, and probes, on pynetdicom's coding of PDUs."""

from harness.clients.dimse.acceptance import Offer
from harness.clients.dimse.client import DimseClient
from harness.clients.dimse.committing import commit
from harness.clients.dimse.receiver import Receiver
from harness.clients.dimse.retry import RetryPolicy
from harness.clients.dimse.storing import Storable, store_first
from harness.clients.dimse.terms import Proposal, Terms

__all__ = [
    "DimseClient",
    "Offer",
    "Proposal",
    "Receiver",
    "RetryPolicy",
    "Storable",
    "Terms",
    "commit",
    "store_first",
]
