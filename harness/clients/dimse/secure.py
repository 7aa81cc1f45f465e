"""DIMSE over TLS (PS3.15 Annex B): contexts, and a :class:`Connection` that encrypts.

Strategy: the same non-blocking connection, with the four places where it touches the socket replaced, so that
every limit and every ending stays as it is. The peer's certificate is always verified, and a server's name too;
nothing switches that off. Why no secure connection came about is told in words that name the next step.
"""

import selectors
import socket
import ssl
import time
import warnings
from contextlib import suppress
from typing import Final

from harness.clients.dimse.ended import Ended
from harness.clients.dimse.wire import MAX_PDU, Connection
from harness.core.endpoint import Tls
from harness.core.exchange import Ending
from harness.errors import DataFileError, UsageError

#: The most that one TLS record carries, in bytes (RFC 8446 5.1): written at once, so that each step shows movement.
RECORD: Final = 16 * 1024

#: What is wrong with a peer's certificate, and what to do, by OpenSSL's verify code; any other is in its own words.
_UNTRUSTED: Final = "was issued by no authority that we trust: name the PEM file of its authority in authorities"
_NAME: Final = "is for another name: connect by a name that it holds, or state that as server_name"
VERIFY_CODES: Final = {
    9: "is not valid yet: see the clocks on both sides",
    10: "has expired: renew it",
    18: _UNTRUSTED,  # self-signed
    19: _UNTRUSTED,  # a self-signed one in its chain
    20: _UNTRUSTED,  # its issuer is not here
    21: _UNTRUSTED,  # only itself came, and its issuer is not here
    62: _NAME,  # host name
    64: _NAME,  # IP address
}

_WANTS_OURS: Final = "the peer wants a certificate of ours: state certificate and key"
_DOUBTS_OURS: Final = "the peer does not trust our certificate: have its authority imported there"
_NO_TLS: Final = "what answered speaks no TLS: see whether this is the PACS's port for TLS"

#: OpenSSL's name of what went wrong, by its ending: an alert of the peer (RFC 8446 6.2), or bytes that are no TLS.
FAILURES: Final = {
    "ALERT_CERTIFICATE_REQUIRED": _WANTS_OURS,
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the peer showed no certificate: have one set there",
    "ALERT_UNKNOWN_CA": _DOUBTS_OURS,
    "ALERT_BAD_CERTIFICATE": _DOUBTS_OURS,
    "ALERT_CERTIFICATE_UNKNOWN": _DOUBTS_OURS,
    "ALERT_UNSUPPORTED_CERTIFICATE": _DOUBTS_OURS,
    "ALERT_CERTIFICATE_REVOKED": "the peer says that our certificate is revoked: have it renewed",
    "ALERT_CERTIFICATE_EXPIRED": "the peer says that our certificate has expired: renew it",
    "ALERT_HANDSHAKE_FAILURE": "the peer broke the handshake off: it may want a certificate of ours (certificate and "
    "key), or share no cipher with us",
    "ALERT_PROTOCOL_VERSION": "the peer wants another version of TLS than 1.2 and 1.3",
    "UNSUPPORTED_PROTOCOL": "the peer wants another version of TLS than 1.2 and 1.3",
    "NO_SHARED_CIPHER": "the peer shares no cipher with us",
    "WRONG_VERSION_NUMBER": _NO_TLS,
    "RECORD_LAYER_FAILURE": _NO_TLS,
    "HTTP_REQUEST": _NO_TLS,
}


def client_context(tls: Tls, *, only: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    """How we connect: with TLS 1.2 and later, or with ``only`` this version, whatever our own policy says of it.

    Raises:
        DataFileError: a file of ``tls`` cannot be used; the message names it.
        UsageError: there is a key, and no certificate for it.
    """
    context = _context(tls, ssl.PROTOCOL_TLS_CLIENT)
    if only is not None:
        _speak_only(context, only)
    return context


def can_speak(version: ssl.TLSVersion) -> bool:
    """Whether the TLS library of this machine can ask a peer for this version at all."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _speak_only(context, version)
    begun = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="peer")
    try:
        begun.do_handshake()
    except ssl.SSLWantReadError:  # it has asked, and waits for the answer
        return True
    except ssl.SSLError:
        return False
    return False


def _speak_only(context: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    # Old versions sign with SHA-1, which security levels above 0 forbid: the peer shall refuse it, not we.
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.maximum_version = version
        context.minimum_version = version


def server_context(tls: Tls, *, mutual: bool = False) -> ssl.SSLContext:
    """How we are connected to. A peer's certificate is verified if it shows one, which with ``mutual`` it must.

    Raises:
        DataFileError, UsageError: as :func:`client_context`; also where there is no certificate to show.
    """
    if tls.certificate is None:
        raise UsageError("who is connected to over TLS must show a certificate; state certificate and key")
    context = _context(tls, ssl.PROTOCOL_TLS_SERVER)
    context.verify_mode = ssl.CERT_REQUIRED if mutual else ssl.CERT_OPTIONAL
    return context


def _context(tls: Tls, protocol: int) -> ssl.SSLContext:
    # Not create_default_context(): from Python 3.13 on it also refuses authorities that lack optional extensions, as
    # those of hospitals do, so that the same PACS would be trusted on one machine and not on the other.
    context = ssl.SSLContext(protocol)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # PS3.15 B.9, RFC 9325 3.1.1
    context.options |= ssl.OP_NO_RENEGOTIATION
    if tls.authorities is None:
        purpose = ssl.Purpose.SERVER_AUTH if protocol == ssl.PROTOCOL_TLS_CLIENT else ssl.Purpose.CLIENT_AUTH
        context.load_default_certs(purpose)
    else:
        try:
            context.load_verify_locations(tls.authorities)
        except OSError as problem:  # ssl.SSLError is one
            raise DataFileError(tls.authorities, "authorities", f"no authorities in PEM: {problem}") from None
    if tls.certificate is not None:
        try:
            context.load_cert_chain(tls.certificate, tls.key, password=_no_password)
        except OSError as problem:
            files = " and ".join(file for file in (tls.certificate, tls.key) if file)
            raise DataFileError(
                files, "certificate and key", f"no certificate with its unencrypted key in PEM: {problem}"
            ) from None
    elif tls.key is not None:
        raise UsageError(f"{tls.key}: a key without its certificate; state certificate too")
    return context


def _no_password() -> str:
    """Instead of OpenSSL's question on the terminal."""
    return ""


class SecureConnection(Connection):
    """PDUs over TLS; to be used after :meth:`begin`.

    ``server_name`` is the name or address that the peer's certificate must hold; None where the peer connected to
    us. Until the peer's first byte of DICOM, every method, and making one, also raises :class:`Ended` with UNTRUSTED.
    """

    def __init__(
        self,
        connected: socket.socket,
        context: ssl.SSLContext,
        *,
        stall: float,
        max_pdu: int = MAX_PDU,
        server_name: str | None = None,
    ) -> None:
        try:
            self._tls = context.wrap_socket(
                connected,
                server_side=server_name is None,
                server_hostname=server_name,
                do_handshake_on_connect=False,
            )
        except OSError:  # the peer is gone already
            raise self._closed_early() from None
        super().__init__(self._tls, stall=stall, max_pdu=max_pdu)
        self._peer = server_name or "the peer"
        self._trusted = False  # a byte of DICOM came, so both sides have taken each other's certificates
        self._first: bytes | None = None  # read ahead; empty where the peer ended the connection
        self._broke: OSError | None = None  # came while reading ahead

    def begin(self, limit: float) -> None:
        """Agree on keys and see who the peer is, within ``limit`` seconds."""
        end = time.monotonic() + limit
        while True:
            try:
                self._tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                events = selectors.EVENT_READ
            except ssl.SSLWantWriteError:
                events = selectors.EVENT_WRITE
            except ssl.SSLEOFError:
                raise self._closed_early() from None
            except ssl.SSLError as problem:
                raise self._untrusted(problem) or Ended(
                    Ending.UNTRUSTED, f"the TLS handshake failed: {problem.reason or problem}"
                ) from None
            except OSError:  # a reset is how a peer ends that was still being sent to
                raise self._closed_early() from None
            if not self._select(events, max(0.0, end - time.monotonic())):
                raise Ended(Ending.TIMED_OUT, f"no TLS handshake within {limit:g} s")

    def close(self) -> None:
        """Say that nothing follows, if that is possible at once, and close; may be called twice."""
        with suppress(OSError, ValueError):
            self._tls.unwrap()  # sends close_notify (RFC 8446 6.1) and does not wait for the peer's
        super().close()

    def _write(self, view: bytes | memoryview) -> int:
        try:
            return self._tls.send(view[:RECORD])
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def _read(self, view: memoryview) -> int:
        if self._broke is not None:
            raise self._broke
        if self._first is not None:
            first = self._first
            if first:  # the end of the connection stays the end
                self._first = None
                view[:1] = first
            return len(first)
        try:
            count = self._tls.recv_into(view)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None
        except ssl.SSLError as problem:
            # In TLS 1.3 the peer judges our certificate after our handshake is over.
            raise (None if self._trusted else self._untrusted(problem)) or problem from None
        self._trusted = True
        return count

    def _arrived(self) -> bool:
        """Read ahead: what is readable on the socket may be no byte of the peer's, but TLS's own."""
        if self._first is None and self._broke is None:
            byte = memoryview(bytearray(1))
            try:
                self._first = bytes(byte[: self._read(byte)])
            except BlockingIOError:
                return False
            except OSError as problem:
                self._broke = problem
        return True

    def _pending(self) -> bool:
        return self._first is not None or self._broke is not None or self._tls.pending() > 0

    def _peek(self) -> bytes:
        self._arrived()
        if self._broke is not None:
            raise self._broke
        return self._first or b""

    def _untrusted(self, problem: ssl.SSLError) -> Ended | None:
        """What an error says of certificates, names and protocols; None where it says nothing of them."""
        if isinstance(problem, ssl.SSLCertVerificationError):
            said = VERIFY_CODES.get(problem.verify_code, "cannot be trusted")
            return Ended(Ending.UNTRUSTED, f"the certificate of {self._peer} {said} ({problem.verify_message})")
        reason = problem.reason or ""
        words = next((words for name, words in FAILURES.items() if reason.endswith(name)), None)
        return Ended(Ending.UNTRUSTED, f"{words} ({reason})") if words else None

    @staticmethod
    def _closed_early() -> Ended:
        return Ended(
            Ending.UNTRUSTED,
            "the peer closed the connection in the TLS handshake: see whether this is its port for TLS, and its log",
        )
