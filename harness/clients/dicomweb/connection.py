"""One HTTP service, spoken to with the proof of who we are: what every request of it shares.

Strategy: how a conversation ended is told as an :class:`~harness.core.exchange.Exchange` whose status is the HTTP code.
A 401 renews the proof of who we are once; what may pass by itself is tried again and stays in the record. Certificates
are always verified, redirects are told and not followed, and no text leaves without the secrets taken out.
"""

import hashlib
import os
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, urljoin, urlsplit

import httpx

from harness.clients.dicomweb.answers import excerpt, read_limited
from harness.clients.dicomweb.auth import make_authenticator
from harness.clients.dicomweb.ended import Ended, ended_by
from harness.clients.dicomweb.multipart import CHUNK
from harness.clients.dicomweb.upload import Body
from harness.clients.dimse.retry import RetryPolicy
from harness.core.endpoint import Timeouts, Tls, WebEndpoint, is_loopback
from harness.core.exchange import Ending, Exchange
from harness.core.implementation import IMPLEMENTATION_VERSION_NAME
from harness.errors import UsageError

_UNAUTHORIZED, _FORBIDDEN = 401, 403


@dataclass(frozen=True, slots=True)
class Said:
    """What came of an answer: words for a person, and numbers for the verdict."""

    detail: str = ""
    reason: int | None = None
    payload_bytes: int = 0
    failed: bool = False


class Connection:
    """The connections to one service below ``web.base``.

    ``environ`` holds the secrets, ``clock`` counts seconds.

    Raises:
        UsageError: a setting, a secret or a certificate file is missing.
        EnvironmentProblem: the optional package of the authentication is not installed.
    """

    def __init__(
        self,
        web: WebEndpoint,
        *,
        timeouts: Timeouts | None = None,
        environ: Mapping[str, str] = os.environ,
        clock: Callable[[], float] = time.monotonic,
        retry: RetryPolicy | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if urlsplit(web.base).username is not None:
            raise UsageError("the base URL holds a user name or password; name their environment variables instead")
        self.web = web
        self.base = web.base.rstrip("/")
        self._timeouts = timeouts or Timeouts()
        self._retry = retry or RetryPolicy()
        self._sleep = sleep
        # Made first: without its proof nothing needs to be opened.
        self._auth = make_authenticator(
            web.auth, environ=environ, verify=_token_trust(web.tls), timeouts=self._timeouts, clock=clock
        )
        self._http = httpx.Client(
            verify=_trust(web.tls, with_system=False),
            timeout=httpx.Timeout(
                connect=self._timeouts.connect,
                read=self._timeouts.answer,
                write=self._timeouts.stall,
                pool=None,
            ),
            headers={"User-Agent": IMPLEMENTATION_VERSION_NAME, "Accept-Encoding": "identity"},
            # What is meant for this machine never leaves it by a proxy of the environment.
            trust_env=not is_loopback(urlsplit(self.base).hostname or ""),
        )

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def read(self, answer: httpx.Response) -> bytes:
        """A small answer without our secrets: taken out before anything is cut, since a part of one would stay."""
        return self._auth.redact(read_limited(answer.iter_bytes(CHUNK)).decode("utf-8", "replace")).encode()

    def excerpt(self, text: str) -> str:
        """The beginning of a header or address from outside, without our secrets."""
        return excerpt(self._auth.redact(text).encode())

    def within(self, uri: str, asked: str) -> str | None:
        """An address that the answer to ``asked`` named, made whole; None where it is of another origin.

        Our proof of who we are goes with every request, so that nothing but the service itself is ever asked.
        """
        try:
            whole, home = urlsplit(urljoin(asked, uri)), urlsplit(self.base)
            same = _origin(whole) == _origin(home)
        except ValueError:  # a port that is none
            return None
        return whole._replace(fragment="").geturl() if same and whole.username is None else None

    def run(
        self,
        service: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        read: Callable[[httpx.Response], Said],
        *,
        body: Body | bytes | None = None,
    ) -> Exchange:
        """One request to ``target``, a place below the base or a whole address, and what came of it.

        ``read`` reads the answer, and is called again for another try. Without a header ``Accept`` none is sent.
        """

        url = self.base + target if target.startswith("/") else target

        def attempt() -> Exchange:
            start = time.monotonic()
            try:
                exchange = self._converse(service, method, url, headers, read, body)
            except Ended as ended:
                exchange = Exchange(service, ended.ending, detail=ended.detail)
            sent = exchange.payload_bytes or (body.sent if isinstance(body, Body) else 0)
            return replace(
                exchange,
                detail=self._auth.redact(exchange.detail),
                seconds=time.monotonic() - start,
                payload_bytes=sent,
            )

        return self._retry.run(attempt, sleep=self._sleep)

    def _converse(
        self,
        service: str,
        method: str,
        url: str,
        headers: Mapping[str, str],
        read: Callable[[httpx.Response], Said],
        body: Body | bytes | None,
    ) -> Exchange:
        """One request and its answer; after a 401 once more, with a new proof of who we are."""
        renewed = False
        while True:
            request = self._http.build_request(method, url, headers=dict(headers), content=body)
            if "Accept" not in headers:
                del request.headers["Accept"]  # which httpx adds by itself
            if self.web.tls.server_name is not None:
                request.extensions["sni_hostname"] = self.web.tls.server_name
            if self._auth.signs_body:
                request.headers["X-Amz-Content-SHA256"] = _sha256(body)
            self._auth.sign(request)
            try:
                answer = self._http.send(request, stream=True)
                try:
                    if answer.status_code == _UNAUTHORIZED and not renewed and self._auth.renew():
                        renewed = True
                        continue
                    # From here on bytes are on their way, and another limit counts.
                    request.extensions["timeout"]["read"] = self._timeouts.stall
                    said = read(answer)
                finally:
                    answer.close()
            except (httpx.HTTPError, httpx.StreamError) as error:
                waited = request.extensions["timeout"]["read"]
                raise ended_by(error, url, self._timeouts, waited=waited) from None
            return Exchange(
                service,
                Ending.ANSWERED,
                status=409 if said.failed else answer.status_code,
                detail=self._told(answer, said, renewed),
                payload_bytes=said.payload_bytes,
                failure_reason=said.reason,
            )

    def _told(self, answer: httpx.Response, said: Said, renewed: bool) -> str:
        code, parts = answer.status_code, [said.detail]
        if said.failed:
            parts.insert(0, f"answered {code}, and yet not stored")
        if code == _UNAUTHORIZED:
            again = ", also with a new token" if renewed else ""
            parts.insert(0, f"not authorised: the service does not take our {self.web.auth.kind} proof{again}")
        elif code == _FORBIDDEN:
            parts.insert(0, f"not authorised: our {self.web.auth.kind} proof is wrong, or does not allow this")
        elif answer.is_redirect:
            parts.insert(
                0,
                f"points to {excerpt(answer.headers.get('Location', '').split('?')[0].encode())}, "
                "which is not followed; set the base to it",
            )
        return "; ".join(part for part in parts if part)


def _origin(parts: SplitResult) -> tuple[str, str | None, int | None]:
    """Scheme, host and port (RFC 6454 4). Raises ValueError where the port is none."""
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def _sha256(body: Body | bytes | None) -> str:
    return body.sha256 if isinstance(body, Body) else hashlib.sha256(body or b"").hexdigest()


def _trust(tls: Tls, *, with_system: bool) -> ssl.SSLContext:
    """Whom we trust: the authorities named, or those of the system.

    Raises:
        UsageError: a file cannot be read as PEM.
    """
    try:
        context = ssl.create_default_context(cafile=tls.authorities)
        if with_system:
            context.load_default_certs()
        if tls.certificate is not None:
            context.load_cert_chain(tls.certificate, tls.key)
    except OSError as error:  # ssl.SSLError is one
        files = ", ".join(file for file in (tls.authorities, tls.certificate, tls.key) if file)
        raise UsageError(
            f"tls: {files} cannot be used ({error.strerror or 'no PEM'}); give PEM files that fit"
        ) from None
    return context


def _token_trust(tls: Tls) -> ssl.SSLContext:
    """The provider of tokens is often a public service, whoever vouches for the PACS."""
    return _trust(replace(tls, certificate=None, key=None), with_system=True)
