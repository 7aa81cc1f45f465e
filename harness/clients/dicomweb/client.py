"""STOW-RS, QIDO-RS and WADO-RS of one object or study at a time (PS3.18 10.4 to 10.6).

Strategy: every request is streamed from, and every object into, a file. How the conversation ended is told as an
:class:`~harness.core.exchange.Exchange` whose status is the HTTP code. A 401 renews the proof of who we are once;
what may pass by itself is tried again and stays in the record. Certificates are always verified, redirects are told
and not followed, and no text leaves without the secrets taken out.
"""

import os
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from harness.clients.dicomweb.answers import excerpt, matches, read_limited, store_answer, store_failed
from harness.clients.dicomweb.auth import make_authenticator
from harness.clients.dicomweb.ended import Ended, ended_by
from harness.clients.dicomweb.multipart import CHUNK, DICOM, Upload, receive
from harness.clients.dimse.retry import RetryPolicy
from harness.core.endpoint import Timeouts, Tls, WebEndpoint, is_loopback
from harness.core.exchange import QIDO_RS, STOW_RS, WADO_RS, Ending, Exchange
from harness.core.implementation import IMPLEMENTATION_VERSION_NAME
from harness.errors import UsageError

_JSON: Final = "application/dicom+json"
_UNAUTHORIZED, _FORBIDDEN, _NOT_ACCEPTABLE = 401, 403, 406

#: Resources and their place below the base, by query level (PS3.18 Table 10.6.1-1).
_QUERIES: Final = {
    "STUDY": "/studies",
    "IMAGE": "/studies/{StudyInstanceUID}/series/{SeriesInstanceUID}/instances",
}


@dataclass(frozen=True, slots=True)
class _Said:
    """What came of an answer: words for a person, and numbers for the verdict."""

    detail: str = ""
    reason: int | None = None
    payload_bytes: int = 0
    failed: bool = False


class WebClient:
    """A client of one DICOMweb service; use as a context manager, or call :meth:`close`.

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
        self._base = web.base.rstrip("/")
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
            trust_env=not is_loopback(urlsplit(self._base).hostname or ""),
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def too_large(self, path: Path) -> str | None:
        """Why a file is not sent: the request would exceed the documented limit; None where it may be sent."""
        limit, size = self.web.max_request, Upload(path).length
        if limit is None or size <= limit:
            return None
        return f"the request has {size:,} bytes and the service documents {limit:,} at most; nothing was sent"

    def store(self, path: Path, study_uid: str) -> Exchange:
        """STOW-RS of a Part 10 file into its study, streamed and never changed (PS3.18 10.5).

        ``failure_reason`` is the failure or warning reason of the answer. A 200 or 202 that lists the object as failed
        is told as 409, which is what the standard has for it. ``payload_bytes`` counts the body as handed over.

        Raises:
            UsageError: the request is larger than the service documents; ask :meth:`too_large` before.
        """
        if obstacle := self.too_large(path):
            raise UsageError(f"{path.name}: {obstacle}; choose a smaller size")
        body = Upload(path)

        def read(answer: httpx.Response) -> _Said:
            text = self._read(answer)
            reason, detail = store_answer(text)
            return _Said(detail, reason, failed=answer.is_success and store_failed(text))

        headers = {"Content-Type": body.content_type, "Content-Length": str(body.length), "Accept": _JSON}
        return self._run(STOW_RS, "POST", f"/studies/{study_uid}", headers, read, body=body)

    def _read(self, answer: httpx.Response) -> bytes:
        """A small answer without our secrets: taken out before anything is cut, since a part of one would stay."""
        return self._auth.redact(read_limited(answer.iter_bytes(CHUNK)).decode("utf-8", "replace")).encode()

    def find(self, query: Mapping[str, str], *, level: str = "IMAGE") -> tuple[Exchange, tuple[dict[str, str], ...]]:
        """QIDO-RS for studies (``level`` STUDY) or instances (IMAGE): the matches as keyword and text (PS3.18 10.6).

        ``query`` maps keywords to values to match, empty ones to be returned, as in C-FIND.
        """
        found: list[dict[str, str]] = []
        place = _QUERIES[level].format_map(query)
        keys = {key: value for key, value in query.items() if value and value not in place.split("/")}
        fields = [key for key, value in query.items() if not value]

        def read(answer: httpx.Response) -> _Said:
            found.clear()
            text = self._read(answer)
            if not answer.is_success:
                return _Said(excerpt(text))
            found.extend(matches(text))
            return _Said()

        target = f"{place}?{httpx.QueryParams(keys | {'includefield': fields})}"
        return self._run(QIDO_RS, "GET", target, {"Accept": _JSON}, read), tuple(found)

    def retrieve(
        self, study_uid: str, series_uid: str, instance_uid: str, into: Path, *, transfer_syntax: str = "*"
    ) -> tuple[Exchange, tuple[Path, ...]]:
        """WADO-RS of one instance into files in ``into`` (PS3.18 10.4).

        ``*`` asks for the syntax that it is stored in (PS3.18 8.7.3.5.2). A service that gives the object only as a
        single part gets asked for that, after it answered 406.
        """
        received: list[Path] = []

        def read(answer: httpx.Response) -> _Said:
            for path in received:
                path.unlink(missing_ok=True)
            received.clear()
            if not answer.is_success:
                return _Said(excerpt(self._read(answer)))
            received.extend(receive(answer.iter_bytes(CHUNK), answer.headers.get("Content-Type", ""), into))
            return _Said(payload_bytes=answer.num_bytes_downloaded)

        into.mkdir(parents=True, exist_ok=True)
        target = f"/studies/{study_uid}/series/{series_uid}/instances/{instance_uid}"
        several = f'multipart/related; type="{DICOM}"; transfer-syntax={transfer_syntax}'
        exchange = self._run(WADO_RS, "GET", target, {"Accept": several}, read)
        if exchange.status == _NOT_ACCEPTABLE:
            single = f"{DICOM}; transfer-syntax={transfer_syntax}"
            exchange = self._run(WADO_RS, "GET", target, {"Accept": single}, read)
            told = "as multipart/related it was answered with 406, so it was asked for as a single part"
            exchange = replace(exchange, detail="; ".join(part for part in (told, exchange.detail) if part))
        return exchange, tuple(received)

    def _run(
        self,
        service: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        read: Callable[[httpx.Response], _Said],
        *,
        body: Upload | None = None,
    ) -> Exchange:
        def attempt() -> Exchange:
            start = time.monotonic()
            try:
                exchange = self._converse(service, method, self._base + target, headers, read, body)
            except Ended as ended:
                exchange = Exchange(service, ended.ending, detail=ended.detail)
            sent = exchange.payload_bytes or (body.sent if body else 0)
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
        read: Callable[[httpx.Response], _Said],
        body: Upload | None,
    ) -> Exchange:
        """One request and its answer; after a 401 once more, with a new proof of who we are."""
        renewed = False
        while True:
            request = self._http.build_request(method, url, headers=dict(headers), content=body)
            if self.web.tls.server_name is not None:
                request.extensions["sni_hostname"] = self.web.tls.server_name
            if self._auth.signs_body:
                request.headers["X-Amz-Content-SHA256"] = body.sha256 if body else _NOTHING_SHA256
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

    def _told(self, answer: httpx.Response, said: _Said, renewed: bool) -> str:
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


_NOTHING_SHA256: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


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
