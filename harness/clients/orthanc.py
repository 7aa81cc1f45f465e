"""Orthanc's own REST interface: what it says that it keeps, and gives back, apart from DICOM and DICOMweb.

The paths are those of Orthanc 1.10 to 1.13; its index calls an instance by an identifier of its own.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx

from harness.clients.dicomweb.answers import excerpt
from harness.clients.dicomweb.client import ask
from harness.clients.dicomweb.connection import Connection, Said
from harness.clients.dicomweb.multipart import CHUNK
from harness.clients.dicomweb.parts import Joined
from harness.clients.dimse.retry import RetryPolicy
from harness.core.endpoint import RestEndpoint, Timeouts, WebEndpoint
from harness.core.exchange import REST_FILE, REST_FRAME, REST_STATE, Ending, Exchange
from harness.core.webanswer import Carried, WebAnswer

KIND: Final = "orthanc"
#: What an identifier of Orthanc consists of: the SHA-1 of the UIDs above, in five groups.
_IDENTIFIER: Final = frozenset("0123456789abcdef-")


#: Where it says what of itself, and what that is called here.
_ABOUT: Final = {
    "/system": {
        "Version": "version by its own interface",
        "ApiVersion": "version of its own interface",
        "DatabaseVersion": "database version",
        "DatabaseBackendPlugin": "database",
        "StorageAreaPlugin": "storage",
        "StorageCompression": "storage compression",
        "IngestTranscoding": "transcoding of what it stores",
    },
    "/statistics": {"CountInstances": "instances stored before", "TotalDiskSizeMB": "MiB stored before"},
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A short text that the product said, empty where it said none, and how it was asked."""

    exchange: Exchange
    text: str = ""


class OrthancClient:
    """A client of one Orthanc; use as a context manager, or call :meth:`close`."""

    def __init__(
        self,
        rest: RestEndpoint,
        *,
        like: WebEndpoint | None = None,
        timeouts: Timeouts | None = None,
        environ: Mapping[str, str] = os.environ,
        retry: RetryPolicy | None = None,
    ) -> None:
        """``like`` is the DICOMweb service of the same server: how it knows us and is trusted holds here too."""
        web = WebEndpoint(rest.base) if like is None else replace(like, base=rest.base)
        self._connection = Connection(web, timeouts=timeouts, environ=environ, retry=retry)
        self._clock = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def find(self, instance_uid: str) -> Statement:
        """Orthanc's identifier of an instance; empty text where it knows none by this SOP Instance UID."""
        said = self._say("POST", "/tools/lookup", instance_uid.encode())
        if said.exchange.status != httpx.codes.OK:
            return said
        try:
            found = [one["ID"] for one in json.loads(said.text) if one["Type"] == "Instance"]
        except (ValueError, KeyError, TypeError):
            found = [""]
        if found and (not isinstance(found[0], str) or not found[0] or not set(found[0]) <= _IDENTIFIER):
            broken = replace(said.exchange, ending=Ending.BAD_ANSWER, status=None, detail="no list of identifiers")
            return Statement(broken)
        return replace(said, text=found[0] if found else "")

    def file(self, identifier: str, into: Path) -> tuple[WebAnswer, tuple[Path, ...]]:
        """The stored Part 10 file, in ``into``."""
        return ask(self._connection, REST_FILE, f"/instances/{identifier}/file", accept="*/*", into=into)

    def frames(self, identifier: str, count: int, folder: Path) -> tuple[tuple[WebAnswer, ...], Carried | None]:
        """The coded bytes of the first ``count`` frames, one request each, joined; all of a stream are its first frame.

        Gives the first answer and the last. That is the first one without bytes where there is one, and then nothing
        is carried. Pictures go through ``folder`` one by one; a single frame of any size only through hashes.
        """
        joined = Joined()
        answers: list[WebAnswer] = []
        for index in range(count):
            target = f"/instances/{identifier}/frames/{index}/raw"
            into = folder if count > 1 else None
            answer, files = ask(self._connection, REST_FRAME, target, accept="*/*", into=into)
            answers = [*answers[:1], answer]
            if count == 1 or answer.carried is None:
                return tuple(answers), answer.carried
            for path in files:
                joined.end_part(_pass(path, joined))
        return tuple(answers), joined.carried

    def md5(self, identifier: str) -> Statement:
        """The MD5 that Orthanc noted of the file as it was stored."""
        return self._say("GET", f"/instances/{identifier}/attachments/dicom/md5")

    def size(self, identifier: str) -> Statement:
        """The size in bytes that Orthanc noted of the file as it was stored."""
        return self._say("GET", f"/instances/{identifier}/attachments/dicom/size")

    def verify_md5(self, identifier: str) -> Exchange:
        """Have Orthanc compare the noted MD5 with what it keeps: 200 says that they agree."""
        return self._say("POST", f"/instances/{identifier}/attachments/dicom/verify-md5", b"").exchange

    def about(self) -> tuple[tuple[str, str], ...]:
        """What it says of itself, by the name of each fact; what it does not say, or not in such words, is left out.

        The clock of the server is that of the Date of its answer, which counts whole seconds (RFC 9110 6.6.1).
        """
        told: dict[str, str] = {}
        for path, names in _ABOUT.items():
            said = self._say("GET", path)
            try:
                values = json.loads(said.text)
            except (ValueError, RecursionError):
                continue
            if isinstance(values, dict):
                told |= {name: _short(values[key]) for key, name in names.items() if values.get(key) not in (None, "")}
        if self._clock:
            told["server clock"] = self._clock
        return tuple(told.items())

    def _say(self, method: str, target: str, content: bytes | None = None) -> Statement:
        text = ""

        def read(answer: httpx.Response) -> Said:
            nonlocal text
            body = self._connection.read(answer)
            self._clock = _against_ours(answer.headers.get("Date", "")) or self._clock
            text = body.decode("utf-8", "replace").strip() if answer.is_success else ""
            return Said("" if answer.is_success else excerpt(body))

        exchange = self._connection.run(REST_STATE, method, target, {"Accept": "*/*"}, read, body=content)
        return Statement(exchange, text)


def _short(value: object) -> str:
    return excerpt((value if isinstance(value, str) else json.dumps(value)).encode("utf-8", "replace"))


def _against_ours(date: str) -> str:
    """How far a clock is ahead of ours, in words; empty where its time cannot be read."""
    try:
        ahead = (parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds()
    except (TypeError, ValueError):
        return ""
    return f"{ahead:+.1f} s against ours, by the Date of an HTTP answer, which is up to one second behind"


def _pass(path: Path, joined: Joined) -> int:
    """Hash a file and remove it; its length."""
    length = path.stat().st_size
    with path.open("rb") as file:
        while block := file.read(CHUNK):
            joined.write(block)
    path.unlink()
    return length
