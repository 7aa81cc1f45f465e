"""Fixtures for all tests of the harness, and how ``pytest -n 4 tests`` shares them out among workers."""

import re
from pathlib import PurePosixPath
from typing import Any

import pytest

from tests.checks.kill_matrix import kill_matrix

pytest_plugins = ["pytester"]

#: Tests that look at what an engine has as a whole, which another worker would change under their eyes.
ENGINE = {
    "test_companions",
    "test_compose",
    "test_dcmtk_target",
    "test_images",
    "test_keep",
    "test_orthanc_tls",
    "test_releases",
}

#: Begins the parameters of a test of a check: the mutant, which is started once for all its rows, and the check.
ROW = re.compile(r"\[(?P<mutant>[a-z0-9-]+|None)-[A-Z]{3}-")


def group_of(nodeid: str) -> str:
    """Tests of one group run in one worker, in their order, and share its fixtures."""
    path = PurePosixPath(nodeid.split("::")[0])
    if path.stem in ENGINE:
        return "engine"
    # Each runs pytest by itself, or starts a PACS of its own, and shares nothing.
    if path.parent.name == "plugin" or (nodeid.endswith("]") and path.stem == "test_variations"):
        return nodeid
    row = ROW.search(nodeid) if path.stem == "test_kills" else None
    return f"{path}-{row['mutant']}" if row else str(path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Share out groups, not tests; the mark ``xdist_group`` does nothing in pytest 9.2 (pytest-xdist 1386)."""
    from xdist.scheduler import LoadScopeScheduling

    # Else the few long tests would come last, and one worker would wait for the other.
    config.option.loadscopereorder = False

    class GroupScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of(nodeid)

    return GroupScheduling(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the kill matrix where its tests ran."""
    if text := kill_matrix(terminalreporter.getreports("passed")):
        terminalreporter.section("kill matrix: checks by mutants, X where the check was seen to fail")
        terminalreporter.write_line(text)
