"""A real PACS over TLS: Orthanc stores, gives back and moves, and neither side serves whom it does not trust."""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from harness.clients.dimse import DimseClient, RetryPolicy
from harness.core.endpoint import Endpoint, Tls
from harness.core.exchange import Ending
from harness.targets.embedded.authority import Authority
from harness.targets.engine import connect, gateway_address
from harness.targets.owner import OWNER_LABEL, RUN_LABEL, Owner
from harness.targets.processes import free_port
from tests.targets.conftest import Caller, MakeObject

IMAGE = "pytest-pacs/orthanc:1.12.7"
READY_SECONDS = 30.0


def missing(what: str) -> None:
    """On a desk a test may be skipped for want of a tool, in CI never."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what}, and CI must have it")


def write_configuration(folder: Path, files: str, *, port: int, storage: str, receiver: tuple[str, int]) -> None:
    """Orthanc's own words for TLS in both directions; it demands a certificate of who calls."""
    configuration = {
        "StorageDirectory": storage,
        "IndexDirectory": storage,
        "HttpServerEnabled": False,
        "DicomAet": "ORTHANC",
        "DicomPort": port,
        "DicomAlwaysAllowMove": True,
        "DicomAlwaysAllowGet": True,
        "DicomTlsEnabled": True,
        "DicomTlsCertificate": f"{files}/certificate.pem",
        "DicomTlsPrivateKey": f"{files}/key.pem",
        "DicomTlsTrustedCertificates": f"{files}/authority.pem",
        "DicomTlsRemoteCertificateRequired": True,
        "DicomModalities": {
            "receiver": {"AET": "RCV", "Host": receiver[0], "Port": receiver[1], "UseDicomTls": True},
            "us": {"AET": "PYTEST_PACS", "Host": receiver[0], "Port": receiver[1], "UseDicomTls": True},
        },
    }
    (folder / "orthanc.json").write_text(json.dumps(configuration))


@contextmanager
def native(authority: Authority, folder: Path) -> Iterator[Endpoint]:
    """The installed program."""
    program = shutil.which("Orthanc")
    if program is None:
        missing("Orthanc is not installed")
    port, receiver_port = free_port("127.0.0.1"), free_port("127.0.0.1")
    files, storage = str(authority.folder), str(folder / "storage")
    receiver = ("127.0.0.1", receiver_port)
    write_configuration(authority.folder, files, port=port, storage=storage, receiver=receiver)
    command = [sys.executable, "-m", "harness.targets.warden", "--", str(program), f"{files}/orthanc.json"]
    with (
        (folder / "orthanc.log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log) as process,
    ):
        try:
            yield Endpoint("127.0.0.1", port, "ORTHANC", receiver_aet="RCV", receiver_port=receiver_port)
        finally:
            process.communicate(timeout=30)


@contextmanager
def container(authority: Authority, folder: Path) -> Iterator[Endpoint]:
    """The image that `make images` builds."""
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "image", "inspect", IMAGE], capture_output=True).returncode
    ):
        missing(f"the image {IMAGE} is not here")
    with connect() as client:
        host = gateway_address(client)
    receiver_port = free_port(host)
    files = str(authority.folder)
    receiver = ("host.docker.internal", receiver_port)
    write_configuration(authority.folder, "/tls", port=4242, storage="/tmp/storage", receiver=receiver)
    command = ["docker", "run", "--rm", "--detach", "--publish", "127.0.0.1::4242", "--volume", f"{files}:/tls:ro"]
    # The sweep of the next run removes it by these where this one is killed.
    command += ["--label", f"{RUN_LABEL}=test-tls", "--label", f"{OWNER_LABEL}={Owner.current()}"]
    command += ["--add-host", "host.docker.internal:host-gateway", IMAGE, "/tls/orthanc.json"]
    name = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    try:
        published = subprocess.run(
            ["docker", "port", name, "4242/tcp"], capture_output=True, text=True, check=True
        ).stdout
        port = int(published.splitlines()[0].rpartition(":")[2])
        yield Endpoint(
            "127.0.0.1", port, "ORTHANC", receiver_aet="RCV", receiver_host=host, receiver_port=receiver_port
        )
    finally:
        log = subprocess.run(["docker", "logs", name], capture_output=True, check=False)
        (folder / "orthanc.log").write_bytes(log.stdout + log.stderr)
        subprocess.run(["docker", "rm", "--force", "--volumes", name], capture_output=True, check=True)


@pytest.fixture(scope="module", params=[native, container], ids=["native", "container"])
def orthanc(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    authority = Authority(tmp_path_factory.mktemp("tls") / "folder")
    tls = authority.issue()
    folder = tmp_path_factory.mktemp("orthanc")
    start: Callable[[Authority, Path], Iterator[Endpoint]] = request.param
    with start(authority, folder) as endpoint:  # type: ignore[attr-defined]
        caller = Caller(replace(endpoint, tls=tls), folder)
        limit = time.monotonic() + READY_SECONDS
        while (echo := caller.client.echo()).status != 0:
            assert time.monotonic() < limit, echo.summary
            time.sleep(0.2)
        yield caller


def test_orthanc_keeps_a_video_over_tls(orthanc: Caller, make_object: MakeObject) -> None:
    made = make_object(bytes(range(256)) * 20_000)
    stored = orthanc.store(made)
    assert (stored.ending, stored.status) == (Ending.ANSWERED, 0), stored.summary
    for exchange, files in (orthanc.get(made), orthanc.move(made)):
        assert (exchange.ending, exchange.status, len(files)) == (Ending.ANSWERED, 0, 1), exchange.summary
        assert files[0].read_bytes()[-5_000_000:] == made[0].read_bytes()[-5_000_000:]


def test_orthanc_of_another_authority_is_not_trusted(orthanc: Caller, tmp_path: Path) -> None:
    exchange = asked(orthanc, Authority(tmp_path / "other").issue())
    assert exchange[0] is Ending.UNTRUSTED
    assert "127.0.0.1 was issued by no authority that we trust" in exchange[1]


@pytest.mark.parametrize("other", [True, False], ids=["of another authority", "missing"])
def test_our_certificate_that_orthanc_does_not_trust_is_told(orthanc: Caller, tmp_path: Path, other: bool) -> None:
    assert orthanc.endpoint.tls is not None
    mine = Authority(tmp_path / "other").issue() if other else Tls()
    ending, detail = asked(orthanc, Tls(orthanc.endpoint.tls.authorities, mine.certificate, mine.key))
    assert ending is Ending.UNTRUSTED
    assert ("does not trust our certificate" if other else "a certificate of ours") in detail


def test_orthanc_with_tls_ends_a_connection_without(orthanc: Caller) -> None:
    ending, detail = asked(orthanc, None)
    assert ending in (Ending.LOST, Ending.UNTRUSTED)
    assert "want" in detail
    assert "TLS here" in detail


def asked(caller: Caller, tls: Tls | None) -> tuple[Ending, str]:
    """How one C-ECHO ends with other certificates."""
    exchange = DimseClient(replace(caller.endpoint, tls=tls), retry=RetryPolicy(attempts=1)).echo()
    return exchange.ending, exchange.detail
