"""Why a conversation over HTTP ended without an answer, told apart here, once."""

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx

from harness.core.endpoint import Timeouts
from harness.core.exchange import Ending

#: X509_V_ERR_* of OpenSSL (x509_vfy.h): the certificate of the peer is past its time, or made for another name.
_NOT_YET_VALID, _EXPIRED = 9, 10
_OTHER_NAMES = (62, 64)  # host name, address


class Ended(Exception):
    """An exchange that ended without a usable answer; never leaves this package."""

    def __init__(self, ending: Ending, detail: str) -> None:
        super().__init__(detail)
        self.ending = ending
        self.detail = detail


def ended_by(error: Exception, url: str, timeouts: Timeouts, *, waited: float | None = None) -> Ended:
    """What an error of the transport means, with address and next step; its own text may hold anything.

    ``waited`` is the limit in seconds for the bytes that did not come, that of an answer unless told.
    """
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    place = f"{parts.hostname}:{port}"
    causes = list(_causes(error))
    certificate = next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None)
    if certificate is not None:
        return Ended(Ending.UNTRUSTED, _distrust(certificate, place))
    if any(isinstance(one, ssl.SSLError) for one in causes):
        return Ended(
            Ending.UNTRUSTED,
            f"no TLS connection with {place} could be made; see that it speaks TLS there, and whether it asks for a "
            "certificate of ours (tls.certificate)",
        )
    if isinstance(error, httpx.ConnectTimeout):
        return Ended(
            Ending.UNREACHABLE, f"no connection with {place} within {timeouts.connect:g} s; see host, port and firewall"
        )
    if any(isinstance(one, ConnectionRefusedError) for one in causes):
        return Ended(Ending.UNREACHABLE, f"nothing listens at {place}; see that the service runs and the port is right")
    if isinstance(error, httpx.ConnectError):
        return Ended(Ending.UNREACHABLE, f"no connection with {place} could be made; see host name, network and proxy")
    if isinstance(error, httpx.WriteTimeout):
        return Ended(Ending.TIMED_OUT, f"{place} took no byte of the request for {timeouts.stall:g} s")
    if isinstance(error, httpx.ReadTimeout):
        return Ended(Ending.TIMED_OUT, f"{place} sent nothing for {waited or timeouts.answer:g} s")
    if isinstance(error, httpx.NetworkError | httpx.RemoteProtocolError):
        return Ended(Ending.LOST, f"{place} closed the connection before its answer was whole")
    if isinstance(error, httpx.ProxyError):
        return Ended(
            Ending.UNREACHABLE,
            f"the proxy of the environment let nobody through to {place}; see HTTPS_PROXY and NO_PROXY",
        )
    if isinstance(error, httpx.LocalProtocolError | httpx.UnsupportedProtocol):
        return Ended(Ending.UNREACHABLE, f"our request to {place} could not be written; see the base and the secrets")
    return Ended(Ending.BAD_ANSWER, f"the answer of {place} cannot be read ({type(error).__name__})")


def _distrust(error: ssl.SSLCertVerificationError, place: str) -> str:
    if error.verify_code in _OTHER_NAMES:
        return f"the certificate of {place} is made for another name; use that name in the base, or set tls.server_name"
    if error.verify_code in (_NOT_YET_VALID, _EXPIRED):
        return f"the certificate of {place} is not valid today; see its dates, and the clock of this machine"
    return (
        f"the certificate of {place} is not signed by an authority that is trusted here "
        f"({error.verify_message}); give its authority in tls.authorities"
    )


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
