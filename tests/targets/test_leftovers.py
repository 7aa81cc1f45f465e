import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.errors import UsageError
from harness.targets.leftovers import sweep_leftovers
from harness.targets.owner import OWNER_FILE, Owner
from harness.targets.scratch import RunScratch

DEAD = Owner.current()
DEAD = replace(DEAD, created=DEAD.created - 3600)


def wait_until_absent(path: Path) -> None:
    limit = time.monotonic() + 15
    while path.exists():
        assert time.monotonic() < limit, f"{path} is still there"
        time.sleep(0.05)


def test_scratch_is_there_and_then_gone(tmp_path: Path) -> None:
    children = set(psutil.Process().children())
    with RunScratch("r1", parent=tmp_path) as scratch:
        place = scratch.place("orthanc", tmp_path / "evidence")
        (place.scratch / "file").write_text("x")
        assert place.scratch.parent == tmp_path / "pytest-pacs-r1"
        assert place.evidence.is_dir()
    assert [path.name for path in tmp_path.iterdir()] == ["evidence"]
    assert set(psutil.Process().children()) == children
    scratch.close()


@pytest.mark.parametrize("run_id", ["", "../x", "a/b", "-rf", "a b"])
def test_run_id_must_be_a_safe_name(run_id: str) -> None:
    with pytest.raises(UsageError, match="run id"):
        RunScratch(run_id)


def test_two_runs_never_share_a_folder(tmp_path: Path) -> None:
    with RunScratch("r1", parent=tmp_path) as first:
        with pytest.raises(UsageError, match="another run id"), RunScratch("r1", parent=tmp_path):
            pass
        assert first.path.is_dir()


def test_killed_harness_leaves_no_scratch(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from harness.targets.scratch import RunScratch; "
        "s = RunScratch('killed', parent=Path(sys.argv[1])).__enter__(); print('ready', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert (tmp_path / "pytest-pacs-killed" / OWNER_FILE).exists()
        process.kill()
    wait_until_absent(tmp_path / "pytest-pacs-killed")


@pytest.mark.parametrize(
    ("owner", "stays"),
    [
        (str(DEAD), False),
        (str(Owner.current()), True),
        (str(replace(DEAD, host="elsewhere.invalid")), True),
        ("not an owner", True),
        (None, True),
    ],
    ids=["dead", "alive", "other host", "unreadable", "none"],
)
def test_sweep_removes_folders_of_the_dead_only(tmp_path: Path, owner: str | None, stays: bool) -> None:
    folder = tmp_path / "pytest-pacs-old"
    folder.mkdir()
    if owner is not None:
        (folder / OWNER_FILE).write_text(owner)
    removed = sweep_leftovers(parent=tmp_path)
    assert folder.exists() == stays
    assert (f"folder {folder}" in removed) != stays
