"""The REST services of dcm4chee-arc-light 5.x that the harness uses, answering as the archive's documents say.

It knows: a status that is not STARTED at first; devices that POST makes and PUT changes; unique AE titles, which
POST of a device registers (``registers``; early archives did not) and which nobody gets twice; and a
configuration that other services see only after a reload.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

ROOT = "/dcm4chee-arc"


class Archive:
    """The state behind the services; tests set it up and look at it.

    ``polls`` is how often the status is not yet STARTED; ``failures`` overrules answers by method and path.
    """

    def __init__(self, *, polls: int = 0, registers: bool = True) -> None:
        self.polls = polls
        self.registers = registers
        self.failures: dict[tuple[str, str], tuple[int, str]] = {}
        self.devices: dict[str, dict[str, Any]] = {
            "dcm4chee-arc": {
                "dicomDeviceName": "dcm4chee-arc",
                "dicomNetworkAE": [{"dicomAETitle": "DCM4CHEE", "dicomTransferCapability": ["MPEG2"]}],
                "dcmDevice": {
                    "dcmKeyStorePin": "hidden-pin",
                    "dcmArchiveDevice": {"dcmOverwritePolicy": "SAME_SOURCE"},
                },
            }
        }
        self.unique = {"DCM4CHEE"}
        self.requests: list[str] = []
        self.reloads = 0
        self._active: dict[str, tuple[str, int]] = {}
        self.url = ""

    def peer(self, title: str) -> tuple[str, int] | None:
        """Where C-MOVE and storage commitment reports for an AE title go, as of the last reload."""
        return self._active.get(title)

    def answer(self, method: str, target: str, body: bytes) -> tuple[int, str]:
        """Status and text for a request; ``target`` is without the root."""
        parts = urlsplit(target)
        self.requests.append(f"{method} {target}")
        if (method, parts.path) in self.failures:
            return self.failures[method, parts.path]
        found = re.fullmatch(r"/(devices|unique/aets)/([^/]+)", parts.path)
        name = unquote(found[2]) if found else ""
        match method, found[1] if found else parts.path:
            case "GET", "/ctrl/status":
                self.polls -= 1
                return 200, json.dumps({"status": "STARTED" if self.polls < 0 else "STARTING"})
            case "POST", "/ctrl/reload":
                self.reloads += 1
                self._reload()
                return 204, ""
            case "GET", "devices":
                return (200, json.dumps(self.devices[name])) if name in self.devices else (404, "no such Device")
            case "POST" | "PUT", "devices":
                return self._write(name, json.loads(body), new=method == "POST")
            case "POST", "unique/aets":
                if name in self.unique:
                    return 409, json.dumps({"errorMessage": f"Application Entity Title {name} already registered."})
                self.unique.add(name)
                return 204, ""
            case "GET", "/aes":
                wanted = parse_qs(parts.query)["dicomAETitle"]
                return 200, json.dumps(
                    [
                        {"dicomDeviceName": device, "dicomAETitle": title}
                        for device, content in self.devices.items()
                        for title in _titles(content)
                        if title in wanted
                    ]
                )
        return 404, "Not Found"

    def _write(self, name: str, device: dict[str, Any], *, new: bool) -> tuple[int, str]:
        if device["dicomDeviceName"] != name:
            return 400, "Device name in content does not match Device name in URL"
        if [key for key in device if key.startswith("dicomNetwork")] != ["dicomNetworkConnection", "dicomNetworkAE"]:
            return 500, "IndexOutOfBoundsException: AEs refer to connections that were not read yet"
        if not new and name not in self.devices:
            return 404, "no such Device"
        if self.registers:
            before = _titles(self.devices.get(name, {})) if not new else set()
            taken = (_titles(device) - before) & self.unique
            if taken:
                return 409, f"AE Title {taken.pop()} already exists"
            self.unique |= _titles(device)
        if new and name in self.devices:
            return 500, "ConfigurationAlreadyExistsException"
        self.devices[name] = device
        return 204, ""

    def _reload(self) -> None:
        for device in self.devices.values():
            connections = device.get("dicomNetworkConnection", [])
            for entity in device["dicomNetworkAE"]:
                for reference in entity.get("dicomNetworkConnectionReference", []):
                    connection = connections[int(reference.removeprefix("/dicomNetworkConnection/"))]
                    address = connection["dicomHostname"], connection["dicomPort"]
                    if entity["dicomAETitle"] in self.unique:
                        self._active[entity["dicomAETitle"]] = address


def _titles(device: dict[str, Any]) -> set[str]:
    return {entity["dicomAETitle"] for entity in device.get("dicomNetworkAE", [])}


@contextmanager
def serving(archive: Archive) -> Iterator[Archive]:
    """The services on a loopback port, whose address becomes ``archive.url``."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not self.path.startswith(ROOT):
                code, text = 404, "Not Found"
            elif self.command in ("POST", "PUT") and body and self.headers.get("Content-Type") != "application/json":
                code, text = 415, "Unsupported Media Type"
            else:
                code, text = archive.answer(self.command, self.path.removeprefix(ROOT), body)
            self.send_response(code)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        do_GET = do_POST = do_PUT = _answer  # noqa: N815 - names that the library asks for

        def log_message(self, format: str, *args: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        archive.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield archive
        finally:
            server.shutdown()
            thread.join()
