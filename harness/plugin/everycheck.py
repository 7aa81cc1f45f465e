"""Every check of the package, known without pytest collecting it."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import harness.checks
from harness.core.observations import Observation
from harness.core.results import CheckInfo
from harness.marks import Over
from harness.plugin.cells import FAMILIES, LAST, MARKER


@dataclass(frozen=True, slots=True)
class Check:
    """A check function with what its marker says."""

    info: CheckInfo
    function: Callable[..., Observation]
    over: Over
    variants: tuple[str, ...]


Checks = Mapping[str, Check]


@cache
def every_check() -> Checks:
    """Every check by id, in the order in which a run asks them."""
    folder = Path(harness.checks.__path__[0])
    modules = [importlib.import_module(f"harness.checks.{path.stem}") for path in sorted(folder.glob("test_*.py"))]
    found = [
        Check(mark.kwargs["info"], function, mark.kwargs["over"], mark.kwargs["variants"])
        for module in modules
        for function in vars(module).values()
        for mark in getattr(function, "pytestmark", ())
        if mark.name == MARKER
    ]
    return {one.info.id: one for one in sorted(found, key=_place)}


def _place(check: Check) -> tuple[bool, int]:
    family = check.info.family
    return family in LAST, FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)
