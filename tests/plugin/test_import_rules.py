"""The import rules are held: each contract is broken on purpose in a copy of the package."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

BREACHES = [
    ("core/formats.py", "import socket", "the core decides without I/O"),
    ("core/formats.py", "import pydicom", "the core decides without I/O"),
    ("core/formats.py", "import harness.media.values", "data flows one way"),
    ("report/record.py", "import harness.media.values", "a report is made from results alone"),
    ("checks/test_store.py", "import harness.clients.dimse", "checks see only the core and the marker"),
    ("targets/pool.py", "import harness.plugin.cells", "data flows one way"),
    ("qualification/truth.py", "import harness.plugin.bench", "data flows one way"),
    ("report/record.py", "import harness.qualification.truth", "a report is made from results alone"),
]


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "harness", tmp_path / "harness", ignore=shutil.ignore_patterns("__pycache__", "_data"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(("module", "line", "contract"), BREACHES)
def test_breach_of_a_contract_is_found(copy, module, line, contract):
    path = copy / "harness" / module
    path.write_text(path.read_text() + f"\n{line}\n")
    result = lint(copy)
    assert result.returncode != 0
    assert f"{contract}" in result.stdout
    assert "BROKEN" in result.stdout


def test_the_package_keeps_every_contract(copy):
    result = lint(copy)
    assert result.returncode == 0, result.stdout
