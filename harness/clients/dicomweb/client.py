"""STOW-RS, QIDO-RS, WADO-RS and WADO-URI of one object or study at a time (PS3.18 9, 10.4 to 10.6).

Every request is streamed from, and every object into, a file. Files of mixed kind: see :meth:`WebClient.ask`.
"""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

import httpx

from harness.clients.dicomweb.answers import excerpt, matches, store_answer, store_failed
from harness.clients.dicomweb.connection import Connection, Said
from harness.clients.dicomweb.multipart import CHUNK, DICOM, parse_content_type, receive
from harness.clients.dicomweb.parts import Arrival
from harness.clients.dicomweb.upload import Body, Piece
from harness.clients.dimse.retry import RetryPolicy
from harness.core.endpoint import Timeouts, WebEndpoint
from harness.core.exchange import QIDO_RS, STOW_RS, WADO_RS, Ending, Exchange
from harness.core.webanswer import WebAnswer
from harness.errors import UsageError

JSON: Final = "application/dicom+json"
_NOT_ACCEPTABLE = 406

#: Resources and their place below the base, by query level (PS3.18 Table 10.6.1-1).
_QUERIES: Final = {
    "STUDY": "/studies",
    "IMAGE": "/studies/{StudyInstanceUID}/series/{SeriesInstanceUID}/instances",
}


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
        self.web = web
        self._connection = Connection(web, timeouts=timeouts, environ=environ, clock=clock, retry=retry, sleep=sleep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def too_large(self, path: Path) -> str | None:
        """Why a file is not sent: the request would exceed the documented limit; None where it may be sent."""
        limit, size = self.web.max_request, Body.of_object(path).length
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
        return self._store(Body.of_object(path), study_uid)

    def store_described(
        self, metadata: bytes, bulk: Path, study_uid: str, *, media_type: str, location: str
    ) -> Exchange:
        """STOW-RS of one object as DICOM JSON and its video as a part of its own (PS3.18 10.5.2.2, 8.6.1.2).

        The metadata names ``location`` as the BulkDataURI of Pixel Data. Told as :meth:`store` does.
        """
        pieces = (
            Piece((("Content-Type", JSON),), metadata),
            Piece((("Content-Type", media_type), ("Content-Location", location)), bulk),
        )
        return self._store(Body(JSON, pieces), study_uid)

    def find(self, query: Mapping[str, str], *, level: str = "IMAGE") -> tuple[Exchange, tuple[dict[str, str], ...]]:
        """QIDO-RS for studies (``level`` STUDY) or instances (IMAGE): the matches as keyword and text (PS3.18 10.6).

        ``query`` maps keywords to values to match, empty ones to be returned, as in C-FIND.
        """
        found: list[dict[str, str]] = []
        place = _QUERIES[level].format_map(query)
        keys = {key: value for key, value in query.items() if value and value not in place.split("/")}
        fields = [key for key, value in query.items() if not value]

        def read(answer: httpx.Response) -> Said:
            found.clear()
            text = self._connection.read(answer)
            if not answer.is_success:
                return Said(excerpt(text))
            found.extend(matches(text))
            return Said()

        target = f"{place}?{httpx.QueryParams(keys | {'includefield': fields})}"
        return self._connection.run(QIDO_RS, "GET", target, {"Accept": JSON}, read), tuple(found)

    def retrieve(
        self, study_uid: str, series_uid: str, instance_uid: str, into: Path, *, transfer_syntax: str = "*"
    ) -> tuple[Exchange, tuple[Path, ...]]:
        """WADO-RS of one instance into files in ``into`` (PS3.18 10.4).

        ``*`` asks for the syntax that it is stored in (PS3.18 8.7.3.5.2). A service that gives the object only as a
        single part gets asked for that, after it answered 406.
        """
        received: list[Path] = []

        def read(answer: httpx.Response) -> Said:
            for path in received:
                path.unlink(missing_ok=True)
            received.clear()
            if not answer.is_success:
                return Said(excerpt(self._connection.read(answer)))
            received.extend(receive(answer.iter_bytes(CHUNK), answer.headers.get("Content-Type", ""), into))
            return Said(payload_bytes=answer.num_bytes_downloaded)

        into.mkdir(parents=True, exist_ok=True)
        target = f"/studies/{study_uid}/series/{series_uid}/instances/{instance_uid}"
        several = f'multipart/related; type="{DICOM}"; transfer-syntax={transfer_syntax}'
        exchange = self._connection.run(WADO_RS, "GET", target, {"Accept": several}, read)
        if exchange.status == _NOT_ACCEPTABLE:
            single = f"{DICOM}; transfer-syntax={transfer_syntax}"
            exchange = self._connection.run(WADO_RS, "GET", target, {"Accept": single}, read)
            told = "as multipart/related it was answered with 406, so it was asked for as a single part"
            exchange = replace(exchange, detail="; ".join(part for part in (told, exchange.detail) if part))
        return exchange, tuple(received)

    def ask(
        self,
        service: str,
        target: str,
        *,
        accept: str | None,
        byte_range: str | None = None,
        into: Path | None = None,
    ) -> tuple[WebAnswer, tuple[Path, ...]]:
        """GET any resource with any ``accept``, or without that header, and tell exactly what came.

        ``target`` is a place below the base, or an address that :meth:`within` or the settings gave. Each part goes
        into a file in ``into``; where that is None, nothing is kept besides the hashes.
        """
        return ask(self._connection, service, target, accept=accept, byte_range=byte_range, into=into)

    def within(self, uri: str, target: str) -> str | None:
        """An address named in the answer to ``target``, made whole; None where it is of another origin."""
        return self._connection.within(uri, self._connection.base + target)

    def _store(self, body: Body, study_uid: str) -> Exchange:
        def read(answer: httpx.Response) -> Said:
            text = self._connection.read(answer)
            reason, detail = store_answer(text)
            return Said(detail, reason, failed=answer.is_success and store_failed(text))

        headers = {"Content-Type": body.content_type, "Content-Length": str(body.length), "Accept": JSON}
        return self._connection.run(STOW_RS, "POST", f"/studies/{study_uid}", headers, read, body=body)


def ask(
    connection: Connection,
    service: str,
    target: str,
    *,
    accept: str | None,
    byte_range: str | None = None,
    into: Path | None = None,
) -> tuple[WebAnswer, tuple[Path, ...]]:
    """See :meth:`WebClient.ask`."""
    arrived = Arrival(into)
    head: dict[str, str] = {}

    def read(answer: httpx.Response) -> Said:
        nonlocal arrived
        arrived.forget()
        arrived = Arrival(into)
        head.clear()
        head.update({name.lower(): value for name, value in answer.headers.items()})
        if not answer.is_success:
            return Said(excerpt(connection.read(answer)))
        arrived.receive(answer.iter_bytes(CHUNK), head.get("content-type", ""))
        return Said(payload_bytes=answer.num_bytes_downloaded)

    if into is not None:
        into.mkdir(parents=True, exist_ok=True)
    headers = {name: value for name, value in (("Accept", accept), ("Range", byte_range)) if value is not None}
    exchange = connection.run(service, "GET", target, headers, read)
    kind, parameters = parse_content_type(head.get("content-type", ""))
    length = head.get("content-length", "")
    told = WebAnswer(
        exchange=exchange,
        resource=urlsplit(target).path,
        accept=accept,
        byte_range=byte_range,
        media_type=connection.excerpt(kind),
        transfer_syntax=connection.excerpt(parameters.get("transfer-syntax", "")),
        content_range=connection.excerpt(head["content-range"]) if "content-range" in head else None,
        announced=int(length) if length.isdecimal() else None,
        came=arrived.length if exchange.ending is not Ending.ANSWERED else exchange.payload_bytes,
        parts=arrived.parts,
        part_count=arrived.count,
        carried=arrived.carried if exchange.ending is Ending.ANSWERED else None,
    )
    return told, tuple(arrived.files)
