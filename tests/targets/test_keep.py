"""Targets that are kept after the run go on until the watcher is told to end them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from harness.errors import EngineUnavailable
from harness.targets.compose import ComposeTarget
from harness.targets.definition import load_definition
from harness.targets.engine import connect, has_image
from harness.targets.leftovers import sweep_leftovers
from harness.targets.owner import RUN_LABEL

KEEPER = """
import sys
from pathlib import Path
from harness.targets.factory import make_target
from harness.targets.scratch import RunScratch

name, run_id, folder = sys.argv[1:]
with RunScratch(run_id, parent=Path(folder), keep=True) as scratch:
    target = make_target(name)
    endpoint = target.start(scratch.place(name, Path(folder) / "evidence"))
    (scratch.path / "objects").mkdir()
    pid = scratch.hand_over({name: target.keep()})
    target.stop()
print(pid, endpoint.host, endpoint.port, endpoint.aet)
"""

ECHO = """
import sys
from harness.core.endpoint import Endpoint
from harness.targets.readiness import answers_echo
sys.exit(not answers_echo(Endpoint(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
"""


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.1)


def answers(*address: str) -> bool:
    return subprocess.run([sys.executable, "-c", ECHO, *address], check=False).returncode == 0


def kept(name: str, run_id: str, folder: Path) -> tuple[int, list[str]]:
    """Run a harness that keeps its target; its watcher, and host, port and AE title."""
    done = subprocess.run(
        [sys.executable, "-c", KEEPER, name, run_id, str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pid, *address = done.stdout.split()
    return int(pid), address


def end(pid: int) -> None:
    watcher = psutil.Process(pid)
    watcher.send_signal(signal.SIGTERM)
    watcher.wait(30)


def test_kept_target_outlives_the_harness_until_it_is_ended(tmp_path: Path) -> None:
    pid, address = kept("embedded", "kept", tmp_path)
    scratch = tmp_path / "pytest-pacs-kept"
    try:
        assert answers(*address)
        assert sweep_leftovers(parent=tmp_path) == ()
        assert sorted(entry.name for entry in scratch.iterdir()) == ["embedded", "owner"]
    finally:
        end(pid)
    until(lambda: not answers(*address))
    assert not scratch.exists()


def test_kept_target_ends_with_a_killed_watcher_and_is_swept(tmp_path: Path) -> None:
    pid, address = kept("embedded", "kept", tmp_path)
    psutil.Process(pid).kill()
    until(lambda: not answers(*address))
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    assert sweep_leftovers(parent=tmp_path) == (f"folder {tmp_path / 'pytest-pacs-kept'}",)


def test_kept_container_goes_when_it_is_ended(tmp_path: Path) -> None:
    name, run_id = "dcmtk@3.6.7", f"kept-{os.getpid()}"
    image = ComposeTarget(load_definition(name))._image
    try:
        with connect() as client:
            here = has_image(client, image)
    except EngineUnavailable:
        here = False
    if not here:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(f"image {image} is not here; run 'make images'")
    pid, address = kept(name, run_id, tmp_path)
    filters: dict[str, str | list[str] | bool] | None = {"label": f"{RUN_LABEL}={run_id}"}
    with connect() as client:
        try:
            assert answers(*address)
            sweep_leftovers(parent=tmp_path)
            assert len(client.containers.list(filters=filters)) == 1
        finally:
            end(pid)
        assert not client.containers.list(all=True, filters=filters)
        assert not client.networks.list(filters=filters)
