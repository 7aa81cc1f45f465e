"""A run that was killed: what was finished can be read, and nothing else is left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from harness.core.results import Run
from harness.errors import RecordError
from harness.plugin.command import main
from harness.report.record import read_run

LIMIT = 60.0

#: Temporary files of the killed run must go with it, so it gets a folder of its own for them.
COMMAND = [sys.executable, "-m", "pytest", "--pacs=embedded", "--pacs-format=h264_hp41", "--pacs-reports=reports"]


def until(condition, what: str):
    end = time.monotonic() + LIMIT
    while time.monotonic() < end:
        if found := condition():
            return found
        time.sleep(0.05)
    raise AssertionError(f"not within {LIMIT:g} s: {what}")


def started_record(folder: Path) -> Run | None:
    for path in folder.glob("reports/*/run.json"):
        try:
            run = read_run(path)
        except RecordError:
            return None
        return run if len(run.results) >= 6 else None
    return None


def processes_in(folder: Path) -> list[str]:
    """Command lines that name the folder; a zombie has none."""
    found = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if str(folder) in line:
            found.append(line)
    return found


@pytest.fixture
def killed(tmp_path: Path) -> Path:
    """The folder in which a run was killed after some results."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    run = subprocess.Popen(
        COMMAND, cwd=tmp_path, env=os.environ | {"TMPDIR": str(temporary)}, stdout=subprocess.DEVNULL
    )
    try:
        until(lambda: started_record(tmp_path), "some results")
        assert processes_in(temporary), "the embedded PACS should run now"
        assert list(temporary.iterdir())
    finally:
        run.send_signal(signal.SIGKILL)
        run.wait()
    return tmp_path


def test_nothing_is_left_of_a_killed_run_but_its_finished_results(killed, capsys):
    temporary = killed / "tmp"
    until(lambda: not processes_in(temporary), "no process of the killed run")
    until(lambda: not list(temporary.iterdir()), "no temporary file of the killed run")

    folder = next((killed / "reports").iterdir())
    run = read_run(folder)
    assert run.finished == ""
    assert {result.outcome for result in run.results} == {"PASS"}

    assert main(["report", str(folder)]) == 10
    assert "NOT SHOWN" in capsys.readouterr().out
    assert (folder / "report.html").exists()

    again = subprocess.run([*COMMAND, "-k", "not MiB"], cwd=killed, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout
