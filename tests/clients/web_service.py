"""A DICOMweb service on disk: STOW-RS, QIDO-RS and WADO-RS for callers that prove who they are.

Tokens come from its own token endpoint by client credentials and end after so many uses; signatures are computed anew
by botocore's signer. It is no PACS: it knows just what the client under test asks. Parsed without the client's code.
"""

import base64
import hashlib
import json
import re
import secrets
import socket
import ssl
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from pydicom import dcmread
from pydicom.datadict import tag_for_keyword

CHUNK = 256 * 1024
CLIENT_ID, CLIENT_SECRET = "harness", "s3cret-of-the-client"
USERNAME, PASSWORD = "reader", "p4ssword-of-the-reader"
ACCESS_KEY, SECRET_KEY, REGION = "AKIDEXAMPLE", "s1gning-key-of-the-tests", "us-east-1"


@dataclass
class Rules:
    """How the service behaves; may be changed while it runs.

    ``auth`` is None, "basic", "token" or "sigv4". A token is refused after ``token_uses`` uses and says that it lives
    ``token_life`` seconds. ``limit`` is the largest request in bytes. ``answer`` replaces every answer after the
    authentication: status, content type and body, ``{authorization}`` filled with what the caller sent.
    """

    auth: str | None = None
    token_uses: int | None = None
    token_life: object = 3600
    limit: int | None = None
    damage: bool = False
    single_part: bool = False
    cut: bool = False
    forgets: bool = False
    keeps_half: bool = False
    answer: tuple[int, str, str] | None = None


@dataclass
class WebService:
    """Runs on loopback inside ``with``; ``seen`` lists method, path and status of every request."""

    folder: Path
    rules: Rules = field(default_factory=Rules)
    tls: ssl.SSLContext | None = None

    def __enter__(self) -> "WebService":
        self.folder.mkdir(parents=True, exist_ok=True)
        self.tokens: dict[str, int] = {}
        self.issued: list[str] = []
        self.seen: list[tuple[str, str, int]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"service": self}))
        self._server.daemon_threads = True
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        self._server.handle_error = lambda *_: None  # a caller that hangs up is what some tests are about
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    @property
    def root(self) -> str:
        scheme = "http" if self.tls is None else "https"
        return f"{scheme}://127.0.0.1:{self._server.server_port}"

    @property
    def base(self) -> str:
        return f"{self.root}/dicomweb"

    def issue(self) -> str:
        token = secrets.token_urlsafe(24)
        self.tokens[token] = 0
        self.issued.append(token)
        return token


class _Handler(BaseHTTPRequestHandler):
    service: WebService
    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        self.left = int(self.headers.get("Content-Length", 0))
        rules, url = self.service.rules, urlsplit(self.path)
        if url.path == "/token":
            self._token()
            return
        denied = self._denied()
        if denied:
            self._say(denied, json.dumps({"error": "no valid proof"}))
        elif rules.answer is not None:
            status, kind, body = rules.answer
            self._say(status, body.format(authorization=self.headers.get("Authorization", "")), kind)
        elif rules.limit is not None and self.left > rules.limit:
            self._say(413, "too large", "text/plain")
        elif self.command == "POST":
            self._stow()
        elif url.path.endswith(("/studies", "/instances")):
            self._qido(url.path, parse_qs(url.query))
        elif url.path.endswith("/metadata"):
            self._metadata(url.path.split("/")[-2])
        else:
            self._wado(url.path.rsplit("/", 1)[-1])

    def _token(self) -> None:
        form = parse_qs(self._rest().decode())
        if urlsplit(self.path).query == "assertion":  # a signed assertion (RFC 7523), taken as it is
            granted = "assertion" in form
        else:
            granted = (form.get("client_id"), form.get("client_secret")) == ([CLIENT_ID], [CLIENT_SECRET])
        if not granted:
            # Some providers repeat what was sent in their description.
            self._say(401, json.dumps({"error": "invalid_client", "error_description": str(form)}))
            return
        answer = {
            "access_token": self.service.issue(),
            "token_type": "Bearer",
            "expires_in": self.service.rules.token_life,
        }
        self._say(200, json.dumps(answer))

    def _denied(self) -> int | None:
        rules, proof = self.service.rules, self.headers.get("Authorization", "")
        if rules.auth == "basic":
            expected = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
            return None if proof == f"Basic {expected}" else 401
        if rules.auth == "token":
            token = proof.removeprefix("Bearer ")
            if token not in self.service.tokens:
                return 401
            self.service.tokens[token] += 1
            return 401 if rules.token_uses is not None and self.service.tokens[token] > rules.token_uses else None
        if rules.auth == "sigv4":
            return None if self._signature_fits(proof) else 403
        return None

    def _signature_fits(self, proof: str) -> bool:
        found = re.fullmatch(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
            r"SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
            proof,
        )
        if found is None or found[1] != ACCESS_KEY or "x-amz-content-sha256" not in found[5].split(";"):
            return False
        signed = {name: self.headers[name] for name in found[5].split(";")}
        request = AWSRequest(method=self.command, url=self.service.root + self.path, headers=signed)
        request.context["timestamp"] = self.headers["X-Amz-Date"]
        signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), found[4], found[3])
        expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        return (found[3], found[4], found[6]) == (REGION, "medical-imaging", expected)

    def _stow(self) -> None:
        boundary = re.search(r'boundary="?([^";]+)', self.headers["Content-Type"])[1].encode()
        digest = hashlib.sha256()
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._read(1)
        tail = b"\r\n--" + boundary + b"--\r\n"
        path = self.service.folder / f"{secrets.token_hex(8)}.part"
        digest.update(head)
        with path.open("wb") as file:
            try:
                while self.left > len(tail):
                    block = self._read(min(CHUNK, self.left - len(tail)))
                    digest.update(block)
                    file.write(block)
            except ConnectionError:
                self._broke_off(path)
                raise
        end = self._rest()
        digest.update(end)
        whole = head.startswith(b"--" + boundary + b"\r\n") and end == tail
        if not whole or self.headers.get("X-Amz-Content-SHA256", digest.hexdigest()) != digest.hexdigest():
            self._say(400, "the body is not what was announced", "text/plain")
            return
        dataset = dcmread(path, stop_before_pixels=True)
        if self.service.rules.forgets:
            path.unlink()
        else:
            path.rename(self.service.folder / f"{dataset.SOPInstanceUID}.dcm")
        stored = {"00081155": {"vr": "UI", "Value": [str(dataset.SOPInstanceUID)]}}
        self._say(200, json.dumps({"00081199": {"vr": "SQ", "Value": [stored]}}), "application/dicom+json")

    def _broke_off(self, path: Path) -> None:
        """The caller hung up in the middle of an object."""
        if self.service.rules.keeps_half:
            dataset = dcmread(path, stop_before_pixels=True)
            path.rename(self.service.folder / f"{dataset.SOPInstanceUID}.dcm")
        else:
            path.unlink()

    def _qido(self, path: str, keys: dict[str, list[str]]) -> None:
        wanted = {key: value[0] for key, value in keys.items() if key != "includefield"}
        for level, uid in re.findall(r"/(studies|series)/([0-9.]+)", path):
            wanted[{"studies": "StudyInstanceUID", "series": "SeriesInstanceUID"}[level]] = uid
        names = [*wanted, *keys.get("includefield", ())]
        found = []
        for file in sorted(self.service.folder.glob("*.dcm")):
            dataset = dcmread(file, stop_before_pixels=True)
            if all(str(dataset.get(key)) == value for key, value in wanted.items()):
                kept = {f"{tag_for_keyword(name):08X}" for name in names}
                found.append({tag: value for tag, value in dataset.to_json_dict().items() if tag in kept})
        self._say(200 if found else 204, json.dumps(found) if found else "", "application/dicom+json")

    def _metadata(self, uid: str) -> None:
        dataset = dcmread(self.service.folder / f"{uid}.dcm", stop_before_pixels=True)
        self._say(200, json.dumps([dataset.to_json_dict()]), "application/dicom+json")

    def _wado(self, uid: str) -> None:
        rules, file = self.service.rules, self.service.folder / f"{uid}.dcm"
        multipart = self.headers["Accept"].startswith("multipart/related")
        if not file.is_file():
            self._say(404, "no such instance", "text/plain")
            return
        if "transfer-syntax=*" not in self.headers["Accept"] or (multipart and rules.single_part):
            self._say(406, "not acceptable", "text/plain")
            return
        self.send_response(200)
        kind = 'multipart/related; type="application/dicom"; boundary="a (b)"' if multipart else "application/dicom"
        self.send_header("Content-Type", kind)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        if multipart:
            self._chunk(b"--a (b)\r\nContent-Type: application/dicom;transfer-syntax=*\r\n\r\n")
        half, at = file.stat().st_size // 2, 0
        with file.open("rb") as source:
            while block := source.read(CHUNK):
                if rules.damage and at <= half < at + len(block):
                    block = bytearray(block)
                    block[half - at] ^= 1
                at += len(block)
                self._chunk(bytes(block))
                if rules.cut:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    self.close_connection = True
                    return
        if multipart:
            self._chunk(b"\r\n--a (b)--")
        self._chunk(b"")
        self.service.seen.append((self.command, self.path, 200))

    def _chunk(self, data: bytes) -> None:
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    def _say(self, status: int, body: str, kind: str = "application/json") -> None:
        self._rest()
        self.service.seen.append((self.command, self.path, status))
        self.send_response(status)
        self.send_header("Content-Type", kind)
        if 300 <= status < 400:
            self.send_header("Location", self.service.root + "/elsewhere")
        self.send_header("Content-Length", str(len(body.encode())))
        self.end_headers()
        self.wfile.write(body.encode())

    def _read(self, length: int) -> bytes:
        data = self.rfile.read(length)
        self.left -= len(data)
        if len(data) < length:
            raise ConnectionError
        return data

    def _rest(self) -> bytes:
        """What is left of the request; of a long one only the end is kept."""
        kept = b""
        while self.left:
            kept = self._read(min(CHUNK, self.left))
        return kept
