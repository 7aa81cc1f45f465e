"""A web server of our own for one video and one spectator: loopback only, under a name that nobody can guess."""

import json
import re
import secrets
import shutil
import threading
from functools import cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self, cast

from harness.clients.browser.page import page

_LARGEST_REPORT = 1 << 16
_CHUNK = 1 << 16
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


class Theatre(ThreadingHTTPServer):
    """Context manager: serves the page, the video with byte ranges (RFC 9110 14), and takes the page's one report.

    ``media_type`` is what the video is served as; ``limit`` is how many seconds the page gives it.
    """

    daemon_threads = True

    def __init__(self, video: Path, media_type: str, limit: float) -> None:
        super().__init__(("127.0.0.1", 0), _Request)
        self.video, self.media_type, self.limit = video, media_type, limit
        self.told = threading.Event()
        self.report: dict[str, Any] = {}
        self._secret = secrets.token_urlsafe(16)

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.shutdown()
        self.server_close()

    @cached_property
    def address(self) -> str:
        """Where the page is."""
        return f"http://127.0.0.1:{self.server_port}{self.path_of('page')}"

    def path_of(self, what: str) -> str:
        """The path of the page, the video or the report."""
        return f"/{self._secret}/{what}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that has enough of a video closes the connection; that is no error."""


class _Request(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        theatre = cast(Theatre, self.server)
        if self.path == theatre.path_of("page"):
            body = page(theatre.path_of("video"), theatre.path_of("report"), theatre.limit)
            self._head(HTTPStatus.OK, "text/html; charset=utf-8", len(body))
            self.wfile.write(body)
        elif self.path == theatre.path_of("video"):
            self._video(theatre)
        else:
            self._head(HTTPStatus.NOT_FOUND, "text/plain", 0)

    def do_POST(self) -> None:
        theatre = cast(Theatre, self.server)
        length = int(self.headers.get("Content-Length", "0"))
        if self.path != theatre.path_of("report") or length > _LARGEST_REPORT:
            self._head(HTTPStatus.NOT_FOUND, "text/plain", 0)
            return
        theatre.report = json.loads(self.rfile.read(length))
        self._head(HTTPStatus.NO_CONTENT, "text/plain", 0)
        theatre.told.set()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal belongs to the run."""

    def _head(self, status: HTTPStatus, media_type: str, length: int, content_range: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        if status is not HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(length))
        if content_range:
            self.send_header("Content-Range", content_range)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Cache-Control", "no-store")
        self.end_headers()

    def _video(self, theatre: Theatre) -> None:
        size = theatre.video.stat().st_size
        start, end = _asked(self.headers.get("Range", ""), size)
        if start >= end:
            self._head(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, theatre.media_type, 0, f"bytes */{size}")
            return
        partial = "Range" in self.headers
        self._head(
            HTTPStatus.PARTIAL_CONTENT if partial else HTTPStatus.OK,
            theatre.media_type,
            end - start,
            f"bytes {start}-{end - 1}/{size}" if partial else "",
        )
        with theatre.video.open("rb") as file:
            file.seek(start)
            if end == size:
                shutil.copyfileobj(file, self.wfile, _CHUNK)
                return
            left = end - start
            while left:
                left -= self.wfile.write(file.read(min(left, _CHUNK)))


def _asked(header: str, size: int) -> tuple[int, int]:
    """First byte and the one behind the last of a Range header with one range; all of it for any other."""
    found = _RANGE.fullmatch(header)
    if found is None or found.groups() == ("", ""):
        return 0, size
    first, last = found.groups()
    if not first:
        return max(0, size - int(last)), size
    return int(first), min(size, int(last) + 1) if last else size
