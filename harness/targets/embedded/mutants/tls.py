"""Mutants that answer callers over TLS whom they should turn away (PS3.15 Annex B)."""

import socket
import ssl
from typing import Any, cast

from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.mutants.mutant import Mutant

#: Type of the record with which a caller begins TLS (RFC 8446 5.1).
_HANDSHAKE = b"\x16"


def _ask_for_no_certificate(context: ssl.SSLContext) -> ssl.SSLContext:
    context.verify_mode = ssl.CERT_NONE
    return context


def _take_old_versions(context: ssl.SSLContext) -> ssl.SSLContext:
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


class _AlsoPlain:
    """Speaks TLS with those who begin it, and DICOM with all others."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._context = context

    def wrap_socket(self, connected: socket.socket, **options: Any) -> socket.socket:
        """Look at the first byte before it is decided."""
        if connected.recv(1, socket.MSG_PEEK) != _HANDSHAKE:
            return connected
        return self._context.wrap_socket(connected, **options)


def _speak_plainly(context: ssl.SSLContext) -> ssl.SSLContext:
    return cast(ssl.SSLContext, _AlsoPlain(context))


MUTANTS = (
    Mutant(
        "tls-without-client-certificate",
        "asks its callers over TLS for no certificate",
        Hooks(secure=_ask_for_no_certificate),
    ),
    Mutant("tls-of-old-versions", "takes TLS 1.0 and 1.1", Hooks(secure=_take_old_versions)),
    Mutant("answers-without-tls", "answers callers without TLS on its port for TLS", Hooks(secure=_speak_plainly)),
)
