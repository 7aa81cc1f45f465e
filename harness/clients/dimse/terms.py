"""What we say of ourselves when we ask for an association, besides its presentation contexts."""

import ssl
from dataclasses import dataclass

from harness.clients.dimse.wire import MAX_PDU


@dataclass(frozen=True, slots=True)
class Proposal:
    """A context to propose. ``as_scp`` asks for the SCP role, as C-GET needs it (PS3.7 D.3.3.4).

    ``other_syntaxes`` stand behind ``transfer_syntax`` in the same context, and the peer picks one of all. Nothing but
    a question about that choice has any.
    """

    abstract_syntax: str
    transfer_syntax: str
    as_scp: bool = False
    other_syntaxes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """How an association is asked for.

    ``max_pdu`` is the longest P-DATA-TF PDU that we offer to take, in bytes, 0 for no limit (PS3.8 D.1). ``max_sent``
    caps what we send, whatever the peer takes. ``tls_version`` is the only version of TLS that we speak; None for 1.2
    and later ones.
    """

    max_pdu: int = MAX_PDU
    max_sent: int = MAX_PDU
    tls_version: ssl.TLSVersion | None = None
