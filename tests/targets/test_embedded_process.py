"""The embedded PACS as a process: starts, tells how it is, ends in every way it can, and stays small."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest

import harness
from harness.clients.dicomweb import WebClient
from harness.core.endpoint import EvidenceClass, Runtime
from harness.errors import TargetUnhealthy, UnknownName
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.target import Place
from tests.targets.conftest import Embedded, MakeObject

SECONDS = 5.0

#: A server process and what it said when it was ready.
Server = tuple["subprocess.Popen[str]", dict[str, Any]]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("test", tmp_path / "scratch", tmp_path / "evidence")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    command = [sys.executable, "-m", "harness.targets.embedded", "--storage", str(tmp_path / "storage")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, json.loads(process.stdout.readline())
        process.kill()


def ended(pid: int) -> bool:
    limit = time.monotonic() + SECONDS
    while psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


def test_a_started_target_says_who_it_is_and_how_it_is(place: Place) -> None:
    target = EmbeddedTarget()
    assert not target.state().alive
    endpoint = target.start(place)
    try:
        identity, state = target.identity(), target.state()
        assert (identity.version, identity.runtime) == (harness.__version__, Runtime.EMBEDDED)
        assert identity.evidence_class is EvidenceClass.SELF_TEST
        assert {"python", "pynetdicom", "pydicom", "starlette", "uvicorn"} == dict(identity.details).keys()
        assert state.alive
        assert state.memory_peak is None or 10 << 20 < state.memory_peak < 200 << 20
        assert endpoint.receiver_port not in (None, endpoint.port)
    finally:
        target.stop()
    target.stop()
    assert (target.state().alive, target.state().exit_code) == (False, 0)
    assert target.state().memory_peak == state.memory_peak
    assert (place.evidence / "embedded.log").is_file()


def test_a_target_can_be_started_again(place: Place) -> None:
    target = EmbeddedTarget()
    for _ in range(2):
        target.start(place)
        assert target.state().alive
        target.stop()


def test_the_identity_names_the_mutant() -> None:
    assert dict(EmbeddedTarget(mutant="hangs").identity().details)["mutant"] == "hangs"


def test_an_unknown_mutant_is_named_with_the_known_ones() -> None:
    with pytest.raises(UnknownName, match=r"'no-such'.*flips-one-byte"):
        EmbeddedTarget(mutant="no-such")


def test_a_server_that_does_not_start_is_unhealthy_and_shows_its_log(
    place: Place, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho the reason >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(broken))
    target = EmbeddedTarget()
    with pytest.raises(TargetUnhealthy, match=r"ended before it was ready.*\nthe reason"):
        target.start(place)
    assert not target.state().alive


def test_it_listens_on_the_loopback_interface_only(server: Server) -> None:
    process, ready = server
    listening = {
        tuple(connection.laddr)
        for connection in psutil.Process(process.pid).net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening == {("127.0.0.1", ready["port"]), ("127.0.0.1", ready["web_port"])}


def test_a_mutant_has_no_variations(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "harness.targets.embedded", "--storage", str(tmp_path / "storage")]
    command += ["--misbehave", "hangs", "--vary", "slow"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, "--misbehave excludes --vary" in ended.stderr) == (2, True)


def test_it_ends_when_its_input_ends(server: Server) -> None:
    process, _ = server
    process.stdin.close()
    assert process.wait(SECONDS) == 0


def test_it_ends_on_sigterm(server: Server) -> None:
    process, _ = server
    process.send_signal(signal.SIGTERM)
    assert process.wait(SECONDS) == 0


def test_it_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    parent = f"""
        import time
        from pathlib import Path
        from harness.targets.embedded.target import EmbeddedTarget
        from harness.targets.target import Place
        target = EmbeddedTarget()
        target.start(Place("test", Path({str(tmp_path / "scratch")!r}), Path({str(tmp_path / "evidence")!r})))
        print(target._process.pid, flush=True)
        time.sleep(60)
    """
    command = [sys.executable, "-c", textwrap.dedent(parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        assert psutil.pid_exists(pid)
        os.kill(process.pid, signal.SIGKILL)
        assert ended(pid)


def test_memory_stays_flat_over_http(embedded: Embedded, make_object: MakeObject, tmp_path: Path) -> None:
    size = 200 << 20
    payload = tmp_path / "payload"
    with payload.open("wb") as file:
        file.truncate(size)
    made = make_object(payload)
    payload.unlink()
    uids = [str(made[1][name].value) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    with embedded() as (target, _), WebClient(target.web) as client:
        before = target.state().memory_peak
        if before is None:
            pytest.skip("the system does not tell the memory peak of a process")
        assert client.store(made[0], uids[0]).status == 200
        made[0].unlink()
        exchange, (received,) = client.retrieve(*uids, tmp_path / "received")
        assert (exchange.status, received.stat().st_size > size) == (200, True)
        received.unlink()
        place = "/studies/{}/series/{}/instances/{}".format(*uids)
        for path, accept in (("/bulkdata", "*/*"), ("/rendered", "video/mp4"), ("/metadata", "*/*")):
            with httpx.stream("GET", target.web.base + place + path, headers={"Accept": accept}) as answer:
                length = sum(map(len, answer.iter_bytes()))
            assert (length >= size) == (path != "/metadata")
        assert target.state().memory_peak - before < size // 4


def test_memory_stays_flat(embedded: Embedded, make_object: MakeObject, tmp_path: Path) -> None:
    size = 96 << 20
    payload = tmp_path / "payload"
    with payload.open("wb") as file:
        file.truncate(size)
    made = make_object(payload)
    payload.unlink()
    with embedded() as (target, caller):
        before = target.state().memory_peak
        if before is None:
            pytest.skip("the system does not tell the memory peak of a process")
        assert caller.store(made).status == 0x0000
        for exchange, received in (caller.get(made), caller.move(made)):
            assert exchange.status == 0x0000
            assert [path.stat().st_size > size for path in received] == [True]
        assert target.state().memory_peak - before < size // 4
    made[0].unlink()
