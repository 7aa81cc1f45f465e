import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

WARDEN = [sys.executable, "-m", "harness.targets.warden", "--"]

#: Writes its process number to a file and waits.
WAITING = "import os, sys, time; open(sys.argv[1], 'w').write(f'{os.getpid()}\\n'); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAITING


def process_in(file: Path) -> psutil.Process:
    """The process whose number the file holds, once it is there in full."""
    limit = time.monotonic() + 20
    while not (file.exists() and file.read_text().endswith("\n")):
        assert time.monotonic() < limit
        time.sleep(0.02)
    return psutil.Process(int(file.read_text()))


@pytest.mark.parametrize(
    ("code", "expected"),
    [("pass", 0), ("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)],
)
def test_exit_code_is_passed_through(code: str, expected: int) -> None:
    process = subprocess.Popen([*WARDEN, sys.executable, "-c", code], stdin=subprocess.PIPE)
    assert process.wait(timeout=20) == expected
    process.communicate()


def test_program_ends_when_input_closes(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    process = subprocess.Popen([*WARDEN, sys.executable, "-c", WAITING, str(file)], stdin=subprocess.PIPE)
    program = process_in(file)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert not program.is_running()


def test_stubborn_program_is_killed_after_the_grace(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    impatient = (
        "import sys; import harness.targets.warden as w; w.GRACE = 0.3; "
        f"sys.exit(w.run([sys.executable, '-c', {STUBBORN!r}, {str(file)!r}]))"
    )
    process = subprocess.Popen([sys.executable, "-c", impatient], stdin=subprocess.PIPE)
    program = process_in(file)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGKILL
    assert not program.is_running()


def test_program_does_not_outlive_a_killed_harness(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    harness = (
        "import subprocess, time; "
        f"p = subprocess.Popen({[*WARDEN, sys.executable, '-c', WAITING, str(file)]!r}, stdin=subprocess.PIPE); "
        "time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", harness])
    program = process_in(file)
    warden = program.parent()
    assert warden is not None
    process.kill()
    process.wait()
    assert psutil.wait_procs([program, warden], timeout=10)[1] == []


def test_terminated_warden_ends_its_program(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    process = subprocess.Popen([*WARDEN, sys.executable, "-c", WAITING, str(file)], stdin=subprocess.PIPE)
    program = process_in(file)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=20) == 128 + signal.SIGTERM
    process.communicate()
    assert not program.is_running()


def test_missing_command_is_a_usage_message() -> None:
    done = subprocess.run(WARDEN, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "usage" in done.stderr
