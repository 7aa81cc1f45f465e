"""STOW-RS, QIDO-RS and WADO-RS against the in-repository service."""

import hashlib
import os
import socket
import struct
import tracemalloc
from pathlib import Path

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filewriter import dcmwrite

from harness.clients.dicomweb import WebClient
from harness.clients.dicomweb.ended import Ended
from harness.clients.dicomweb.multipart import receive
from harness.clients.dimse import RetryPolicy
from harness.core.endpoint import Timeouts, Tls, WebEndpoint
from harness.core.exchange import Ending
from harness.core.sizes import MIB
from harness.errors import UsageError
from harness.targets.embedded.authority import Authority
from tests.clients.authorities import served
from tests.clients.web_service import WebService

STUDY, SERIES, INSTANCE = "1.2.3", "1.2.3.4", "1.2.3.4.5"
LIMITS = Timeouts(connect=0.5, answer=0.5, stall=0.5)


def make_object(path: Path, size: int = 4096) -> Path:
    """A Part 10 file with one fragment of ``size`` bytes."""
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.4.1", INSTANCE
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = STUDY, SERIES
    dataset.PatientName, dataset.PatientID, dataset.InstanceNumber = "Test^Käthe", "P1", 1
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.Rows = dataset.Columns = 64
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    dcmwrite(path, dataset, enforce_file_format=True)
    with path.open("ab") as file:
        file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, 0xFFFFFFFF))
        file.write(struct.pack("<HHI", 0xFFFE, 0xE000, 0) + struct.pack("<HHI", 0xFFFE, 0xE000, size))
        block = os.urandom(min(size, MIB))
        for _ in range(size // len(block)):
            file.write(block)
        file.write(struct.pack("<HHI", 0xFFFE, 0xE0DD, 0))
    return path


def client(base: str, **rest) -> WebClient:
    settings = {key: rest.pop(key) for key in ("auth", "tls", "max_request") if key in rest}
    return WebClient(
        WebEndpoint(base, **settings), timeouts=LIMITS, retry=RetryPolicy(attempts=1), **({"environ": {}} | rest)
    )


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def object_file(tmp_path):
    return make_object(tmp_path / "object.dcm")


@pytest.fixture
def service(tmp_path):
    with WebService(tmp_path / "service") as service:
        yield service


def test_object_comes_back_byte_for_byte(service, object_file, tmp_path):
    with client(service.base) as web:
        stored = web.store(object_file, STUDY)
        exchange, (path,) = web.retrieve(STUDY, SERIES, INSTANCE, tmp_path / "in")
    assert (stored.service, stored.ending, stored.status, stored.detail) == ("STOW-RS", Ending.ANSWERED, 200, "")
    assert (exchange.service, exchange.status, exchange.detail) == ("WADO-RS", 200, "")
    assert digest(path) == digest(object_file)
    assert stored.payload_bytes > object_file.stat().st_size
    assert exchange.summary == "WADO-RS answered with HTTP status 200"


def test_single_part_is_asked_for_where_multipart_is_not_given(service, object_file, tmp_path):
    service.rules.single_part = True
    with client(service.base) as web:
        web.store(object_file, STUDY)
        exchange, (path,) = web.retrieve(STUDY, SERIES, INSTANCE, tmp_path / "in")
    assert exchange.status == 200
    assert "406" in exchange.detail
    assert digest(path) == digest(object_file)


@pytest.mark.parametrize(
    ("level", "query"),
    [
        ("STUDY", {"StudyInstanceUID": STUDY, "PatientName": "", "PatientID": ""}),
        ("IMAGE", {"StudyInstanceUID": STUDY, "SeriesInstanceUID": SERIES, "SOPInstanceUID": INSTANCE, "Rows": ""}),
    ],
)
def test_query_answers_with_keywords_and_text(service, object_file, level, query):
    with client(service.base) as web:
        web.store(object_file, STUDY)
        exchange, (answer,) = web.find(query, level=level)
        nothing, none = web.find(query | {"StudyInstanceUID": "9.9"}, level=level)
    assert exchange.status == 200
    assert answer.keys() == query.keys()
    assert all(answer[key] == value for key, value in query.items() if value)
    assert answer.get("Rows", "64") == "64"
    assert answer.get("PatientName", "Test^Käthe") == "Test^Käthe"
    assert (nothing.status, none) == (204, ())


def test_64_mib_go_up_and_down_in_flat_memory(service, tmp_path):
    large = make_object(tmp_path / "large.dcm", 64 * MIB)
    with WebClient(WebEndpoint(service.base), environ={}) as web:
        tracemalloc.start()
        try:
            stored = web.store(large, STUDY)
            exchange, (path,) = web.retrieve(STUDY, SERIES, INSTANCE, tmp_path / "in")
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert (stored.status, exchange.status) == (200, 200)
    assert path.stat().st_size == large.stat().st_size
    assert digest(path) == digest(large)
    assert peak < 8 * MIB


def test_object_over_the_documented_limit_is_not_sent(service, object_file):
    with client(service.base, max_request=1000) as web:
        assert "1,000 at most; nothing was sent" in web.too_large(object_file)
        with pytest.raises(UsageError, match="nothing was sent"):
            web.store(object_file, STUDY)
    with client(service.base, max_request=MIB) as web:
        assert web.too_large(object_file) is None
    assert service.seen == []


def test_object_over_the_limit_of_the_service_is_refused_as_too_large(service, object_file):
    service.rules.limit = 1000
    with client(service.base) as web:
        assert web.store(object_file, STUDY).status == 413


FAILED = '{{"00081198": {{"vr": "SQ", "Value": [{{"00081197": {{"vr": "US", "Value": [{}]}}}}]}}}}'
WARNED = '{{"00081199": {{"vr": "SQ", "Value": [{{"00081196": {{"vr": "US", "Value": [45056]}}}}]}}}}'


@pytest.mark.parametrize(
    ("status", "body", "told", "reason"),
    [
        (409, FAILED.format(0xC122), 409, 0xC122),
        (202, FAILED.format(0x0110), 409, 0x0110),
        (200, FAILED.format(0xA700), 409, 0xA700),
        (200, f"[{FAILED.format(0xC122)}]", 409, 0xC122),
        (202, WARNED, 202, 0xB000),
        (200, "[]", 200, None),
        (400, "<html><p>no  such\nthing</p></html>", 400, None),
    ],
)
def test_failures_listed_in_the_answer_are_read(service, object_file, status, body, told, reason):
    body = body if "{{" in body else body.replace("{", "{{").replace("}", "}}")
    service.rules.answer = (status, "application/dicom+json", body)
    with client(service.base) as web:
        exchange = web.store(object_file, STUDY)
    assert (exchange.status, exchange.failure_reason) == (told, reason)
    assert "<" not in exchange.detail
    if status == 400:
        assert exchange.detail == "no such thing"


def test_redirect_is_told_and_not_followed(service, object_file):
    service.rules.answer = (307, "text/plain", "")
    with client(service.base) as web:
        exchange = web.store(object_file, STUDY)
    assert exchange.status == 307
    assert f"points to {service.root}/elsewhere, which is not followed" in exchange.detail


def test_answer_of_another_kind_is_a_bad_answer(service, tmp_path):
    service.rules.answer = (200, "text/html", "<p>log in</p>")
    with client(service.base) as web:
        exchange, paths = web.retrieve(STUDY, SERIES, INSTANCE, tmp_path / "in")
        asked, _ = web.find({"StudyInstanceUID": STUDY}, level="STUDY")
    assert (exchange.ending, paths) == (Ending.BAD_ANSWER, ())
    assert "text/html" in exchange.detail
    assert asked.ending is Ending.BAD_ANSWER


def test_object_that_is_cut_off_is_lost_and_leaves_no_file(service, object_file, tmp_path):
    service.rules.cut = True
    with client(service.base) as web:
        web.store(object_file, STUDY)
        exchange, paths = web.retrieve(STUDY, SERIES, INSTANCE, tmp_path / "in")
    assert exchange.ending is Ending.LOST
    assert paths == ()
    assert list((tmp_path / "in").iterdir()) == []


@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_parts_are_told_apart_wherever_the_blocks_are_cut(tmp_path, step):
    first, second = b"one\r\n--b not a boundary\r\n-", b"\r\n\r\n"
    whole = (
        b"preamble\r\n--bound  \r\nContent-Type: application/dicom\r\nX: y\r\n\r\n" + first
        + b"\r\n--bound\r\n\r\n" + second + b"\r\n--bound--\r\nepilogue"
    )  # fmt: skip
    blocks = (whole[at : at + step] for at in range(0, len(whole), step))
    paths = receive(blocks, 'multipart/related; type="application/dicom"; boundary=bound', tmp_path)
    assert [path.read_bytes() for path in paths] == [first, second]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--bound\r\n\r\nhalf",
        b"--bound\r\nContent-Type: text/html\r\n\r\nx\r\n--bound--",
        b"--bound\r\n" + b"x" * 99999,
    ],
)
def test_broken_multipart_is_a_bad_answer_and_leaves_no_file(tmp_path, body):
    with pytest.raises(Ended) as caught:
        receive(iter([body]), "multipart/related; boundary=bound", tmp_path)
    assert caught.value.ending is Ending.BAD_ANSWER
    assert list(tmp_path.iterdir()) == []


def test_closed_port_says_that_nothing_listens(object_file):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        with client(f"http://127.0.0.1:{port}") as web:
            exchange = web.store(object_file, STUDY)
    assert exchange.ending is Ending.UNREACHABLE
    assert f"nothing listens at 127.0.0.1:{port}" in exchange.detail


@pytest.mark.parametrize(
    ("scheme", "ending", "words"),
    [("http", Ending.TIMED_OUT, "sent nothing for 0.5 s"), ("https", Ending.UNREACHABLE, "no connection with")],
)
def test_silent_host_says_which_limit_passed(object_file, scheme, ending, words):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        web = client(f"{scheme}://127.0.0.1:{silent.getsockname()[1]}")
        exchange = web.store(object_file, STUDY)
        web.close()
    assert exchange.ending is ending
    assert words in exchange.detail


def test_unknown_host_is_unreachable(object_file):
    with client("http://no-such-host.invalid") as web:
        exchange = web.store(object_file, STUDY)
    assert exchange.ending is Ending.UNREACHABLE


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path / "authority")


def test_service_over_tls_is_verified_and_used(authority, object_file, tmp_path):
    with WebService(tmp_path / "s", tls=served(authority.issue())) as service:
        web = client(service.base, tls=authority.trust)
        assert web.store(object_file, STUDY).status == 200
        web.close()


@pytest.mark.parametrize("case", ["wrong authority", "system", "other name", "expired", "server name"])
def test_certificate_that_does_not_fit_is_told_by_its_cause(authority, object_file, tmp_path, case):
    trust = {"wrong authority": Authority(tmp_path / "other").trust, "system": Tls()}.get(case, authority.trust)
    names = ("pacs.example",) if case in ("other name", "server name") else ()
    issued = authority.issue(*names, expired=case == "expired")
    if case == "server name":
        trust = Tls(authorities=trust.authorities, server_name="pacs.example")
    with WebService(tmp_path / "s", tls=served(issued)) as service, client(service.base, tls=trust) as web:
        exchange = web.store(object_file, STUDY)
    if case == "server name":
        assert exchange.status == 200
        return
    words = {"other name": "is made for another name", "expired": "is not valid today"}
    assert exchange.ending is Ending.UNTRUSTED
    assert words.get(case, "is not signed by an authority that is trusted here") in exchange.detail
    assert service.seen == []


def test_http_spoken_where_tls_is_meant_is_no_tls(service, object_file):
    with client(service.base.replace("http:", "https:")) as web:
        exchange = web.store(object_file, STUDY)
    assert exchange.ending is Ending.UNTRUSTED
    assert "no TLS connection with" in exchange.detail


def test_files_that_are_no_pem_are_refused_at_once(object_file):
    with pytest.raises(UsageError, match=r"object\.dcm cannot be used"):
        client("https://127.0.0.1", tls=Tls(authorities=str(object_file)))


def test_user_and_password_in_the_base_are_refused_without_being_repeated():
    with pytest.raises(UsageError) as caught:
        client("https://reader:p4ss@127.0.0.1")
    assert "p4ss" not in str(caught.value)
