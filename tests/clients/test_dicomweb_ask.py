"""Any resource asked for in any way: what was sent, and what is told of what came."""

import email
import hashlib
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from harness.clients.dicomweb import WebClient
from harness.clients.dicomweb.parts import Joined
from harness.clients.dimse import RetryPolicy
from harness.core.endpoint import Timeouts, WebEndpoint
from harness.core.exchange import Ending
from harness.core.sizes import MIB
from harness.core.webanswer import DESCRIBED_PARTS, Part


class Answering:
    """A server that gives one answer to everything and keeps what it was asked."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 200, {"Content-Type": "video/mp4"}, b"video"
        self.announced: int | None = None
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *arguments: object) -> None:
                pass

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                content = self.rfile.read(length)
                outer.asked.append((self.command, self.path, dict(self.headers), content))
                self.send_response(outer.status)
                for name, value in outer.headers.items():
                    self.send_header(name, value)
                announced = len(outer.body) if outer.announced is None else outer.announced
                self.send_header("Content-Length", str(announced))
                self.end_headers()
                for start in range(0, len(outer.body), MIB):
                    self.wfile.write(outer.body[start : start + MIB])
                self.close_connection = announced != len(outer.body)

            def do_POST(self) -> None:
                self.do_GET()

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/web"


@pytest.fixture
def service() -> Iterator[Answering]:
    answering = Answering()
    thread = Thread(target=answering.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield answering
    answering.server.shutdown()
    thread.join()
    answering.server.server_close()


@pytest.fixture
def web(service: Answering) -> Iterator[WebClient]:
    limits = Timeouts(connect=2, answer=5, stall=5)
    with WebClient(WebEndpoint(service.base), timeouts=limits, retry=RetryPolicy(attempts=1), environ={}) as client:
        yield client


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_single_part_is_told_with_everything_it_says(service, web, tmp_path):
    service.status = 206
    service.headers = {"Content-Type": "Video/MP4; transfer-syntax=1.2.3", "Content-Range": "bytes 3-7/20"}
    answer, (path,) = web.ask(
        "WADO-RS rendered", "/here?x=1", accept="video/mp4", byte_range="bytes=3-7", into=tmp_path
    )
    _, asked, headers, _ = service.asked[0]
    assert (asked, headers["Accept"], headers["Range"]) == ("/web/here?x=1", "video/mp4", "bytes=3-7")
    assert (answer.exchange.service, answer.exchange.status, answer.resource) == ("WADO-RS rendered", 206, "/here")
    assert (answer.media_type, answer.transfer_syntax, answer.multipart) == ("video/mp4", "1.2.3", False)
    assert (answer.content_range, answer.announced, answer.came) == ("bytes 3-7/20", 5, 5)
    assert answer.parts == (Part("video/mp4", "1.2.3", 5),)
    assert path.read_bytes() == b"video"
    assert answer.carried.sha256 == digest(b"video")


def test_without_accept_no_such_header_is_sent(service, web):
    web.ask("WADO-RS", "/here", accept=None)
    assert "accept" not in {name.lower() for name in service.asked[0][2]}


def test_parts_of_any_kind_are_described_and_joined(service, web, tmp_path):
    contents = [b"", b"odd", b"even"]
    body = b"".join(b"--b\r\nContent-Type: image/jpeg; transfer-syntax=1.2\r\n\r\n" + one + b"\r\n" for one in contents)
    service.headers, service.body = {"Content-Type": 'multipart/related; boundary="b"'}, body + b"--b--\r\n"
    answer, files = web.ask("WADO-RS bulk data", "/here", accept="*/*", into=tmp_path)
    assert [path.read_bytes() for path in files] == contents
    assert [part.length for part in answer.parts] == [0, 3, 4]
    assert (answer.part_count, answer.multipart) == (3, True)
    assert (answer.content_type, answer.content_syntax) == ("image/jpeg", "1.2")
    assert answer.carried.length == 7
    assert answer.carried.sha256 == digest(b"oddeven")
    assert answer.carried.padded_sha256 == digest(b"odd\0even")


def test_many_parts_are_counted_and_not_all_described(service, web):
    count = DESCRIBED_PARTS + 5
    service.headers = {"Content-Type": "multipart/related; boundary=b"}
    service.body = b"--b\r\n\r\nx\r\n" * count + b"--b--"
    answer, files = web.ask("WADO-RS bulk data", "/here", accept="*/*")
    assert (answer.part_count, len(answer.parts), files) == (count, DESCRIBED_PARTS, ())
    assert answer.carried.length == count


def test_success_without_a_byte_carries_nothing(service, web, tmp_path):
    service.body = b""
    answer, (path,) = web.ask("WADO-URI", "/here", accept="*/*", into=tmp_path)
    assert (answer.exchange.status, answer.announced, answer.came, answer.carried) == (200, 0, 0, None)
    assert path.stat().st_size == 0


def test_refusal_is_told_in_its_own_words_and_leaves_no_file(service, web, tmp_path):
    service.status, service.body, service.headers = 406, b"<p>no such\nsyntax</p>", {"Content-Type": "text/html"}
    answer, files = web.ask("WADO-RS", "/here", accept="text/css", into=tmp_path)
    assert (answer.exchange.status, answer.exchange.detail) == (406, "no such syntax")
    assert (files, answer.carried, list(tmp_path.iterdir())) == ((), None, [])


@pytest.mark.parametrize(
    ("kind", "body", "announced", "ending"),
    [
        ("video/mp4", b"vid", 5, Ending.LOST),
        ("multipart/related; boundary=b", b"--b\r\n\r\nvid", None, Ending.BAD_ANSWER),
        ("multipart/related", b"vid", None, Ending.BAD_ANSWER),
    ],
)
def test_answer_that_ends_early_carries_nothing_and_leaves_no_file(
    service, web, tmp_path, kind, body, announced, ending
):
    service.headers, service.body, service.announced = {"Content-Type": kind}, body, announced
    answer, files = web.ask("WADO-URI", "/here", accept="*/*", into=tmp_path)
    assert (answer.exchange.ending, answer.exchange.status) == (ending, None)
    assert (files, answer.carried, list(tmp_path.iterdir())) == ((), None, [])


def test_64_mib_are_hashed_in_flat_memory_without_a_file(service, web):
    service.body = bytes(64 * MIB)
    tracemalloc.start()
    try:
        answer, files = web.ask("vendor REST frame", "/here", accept="*/*")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (answer.carried.sha256, files) == (digest(service.body), ())
    assert peak < 8 * MIB


@pytest.mark.parametrize(
    ("uri", "whole"),
    [
        ("{root}/other/bulk?x=1", "{root}/other/bulk?x=1"),
        ("bulk/1", "{root}/web/a/bulk/1"),
        ("/bulk", "{root}/bulk"),
        ("//127.0.0.1:{port}/bulk", "{root}/bulk"),
        ("{root}/bulk#fragment", "{root}/bulk"),
        ("http://127.0.0.1:1/bulk", None),
        ("https://127.0.0.1:{port}/bulk", None),
        ("http://example.org/bulk", None),
        ("http://example.org@127.0.0.1:{port}/bulk", None),
        ("file:///etc/passwd", None),
        ("http://127.0.0.1:port/bulk", None),
    ],
)
def test_only_addresses_of_the_service_itself_are_followed(service, web, uri, whole):
    root, port = service.base.removesuffix("/web"), service.server.server_port
    expected = whole and whole.format(root=root, port=port)
    assert web.within(uri.format(root=root, port=port), "/a/metadata") == expected


def test_default_port_is_the_same_written_or_not():
    with WebClient(WebEndpoint("https://pacs.example/web"), environ={}) as web:
        assert web.within("https://pacs.example:443/bulk", "/metadata") == "https://pacs.example:443/bulk"
        assert web.within("https://pacs.example:444/bulk", "/metadata") is None


def test_metadata_and_video_are_sent_as_two_parts(service, web, tmp_path: Path):
    service.headers, service.body = {"Content-Type": "application/dicom+json"}, b"{}"
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(bytes(range(256)) * 5)
    exchange = web.store_described(b"[]", clip, "1.2", media_type="video/mp4", location="video")
    method, path, headers, content = service.asked[0]
    assert (exchange.service, exchange.status, method, path) == ("STOW-RS", 200, "POST", "/web/studies/1.2")
    message = email.message_from_bytes(b"Content-Type: " + headers["Content-Type"].encode() + b"\r\n\r\n" + content)
    described, video = message.get_payload()
    assert message.get_param("type") == described.get_content_type() == "application/dicom+json"
    assert described.get_payload(decode=True) == b"[]"
    assert (video.get_content_type(), video["Content-Location"]) == ("video/mp4", "video")
    assert clip.read_bytes() in content
    assert exchange.payload_bytes == int(headers["Content-Length"]) == len(content)


@pytest.mark.parametrize(
    "parts", [[b""], [b"\0"], [b"\0\0"], [b"a\0"], [b"a", b"\0"], [b"abc", b"de\0", b"f"], [b"ab\0\0", b""]]
)
@pytest.mark.parametrize("step", [1, 2, 100])
def test_hashes_of_what_passes_do_not_depend_on_the_blocks(parts, step):
    joined = Joined()
    for part in parts:
        for start in range(0, len(part), step):
            joined.write(part[start : start + step])
        joined.end_part(len(part))
    whole = b"".join(parts)
    carried = joined.carried
    assert (carried.length, carried.sha256) == (len(whole), digest(whole))
    assert carried.unpadded_sha256 == digest(whole[:-1] if whole.endswith(b"\0") else whole)
    assert carried.padded_sha256 == digest(b"".join(part + b"\0" * (len(part) % 2) for part in parts))
