"""Fixtures for all tests of the harness, and how they are shared out among several workers."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

TESTS = Path(__file__).parent

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


def group_of(item: pytest.Item) -> str | None:
    """Tests of one group run in one worker, in order; None where a test shares nothing with others."""
    if item.path.stem in ENGINE:
        return "engine"
    if TESTS / "plugin" in item.path.parents:
        return None
    callspec = getattr(item, "callspec", None)
    # What the bench is made from: one started PACS for all checks that look at it.
    bench = callspec.params.get("bench") if callspec is not None else None
    return f"{item.path.stem}-{bench}" if bench is not None else item.path.stem


def pytest_itemcollected(item: pytest.Item) -> None:
    """Name the group of a test for xdist, which reads it before any hook of ours could change a list of items."""
    group = group_of(item)
    if group is not None:
        item.add_marker(pytest.mark.xdist_group(group))
