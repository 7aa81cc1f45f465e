import subprocess
import sys
from dataclasses import replace

import psutil
import pytest

from harness.targets.owner import Owner


def test_this_process_is_alive() -> None:
    owner = Owner.current()
    assert owner.is_alive
    assert not owner.is_gone


def test_owner_survives_its_text() -> None:
    owner = Owner(pid=12, created=1700000000.25, host="a host")
    assert Owner.from_text(f"{owner}\n") == owner


@pytest.mark.parametrize("text", ["", "12", "12 now here", "x 1.0 here"])
def test_foreign_text_is_no_owner(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Owner.from_text(text)


def test_ended_process_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        owner = replace(Owner.current(), pid=process.pid, created=psutil.Process(process.pid).create_time())
        assert owner.is_alive
    assert owner.is_gone


def test_killed_but_unreaped_process_is_gone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        seen = psutil.Process(process.pid)
        owner = replace(Owner.current(), pid=process.pid, created=seen.create_time())
        process.kill()
        while seen.status() != psutil.STATUS_ZOMBIE:
            pass
        assert owner.is_gone


def test_reused_process_number_is_another_process() -> None:
    owner = Owner.current()
    assert replace(owner, created=owner.created - 3600).is_gone


def test_process_of_another_host_is_never_gone() -> None:
    assert not Owner(pid=2**22 + 1, created=0.0, host="elsewhere.invalid").is_gone
