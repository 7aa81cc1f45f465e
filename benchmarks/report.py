"""Render the verification report of an invented run; print seconds, size and peak memory of every output.

    python -m benchmarks.report [CELLS]

A run of a tenth of the cells goes first, so that the figures can be read as ratios: what is linear costs ten times as
much. Memory is the peak of the resident set, each output in a process of its own, with the run already in memory.
"""

import json
import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tabulate import tabulate

from harness.core.plain import plain
from harness.core.sizes import MIB, show_size
from harness.core.verification.dossier import Dossier
from harness.core.verification.report import compile_report
from harness.report.manifest import write_manifest
from harness.report.record import RECORD
from harness.report.verification import document
from harness.report.verification.bundle import write_bundle
from harness.report.verification.record import REPORT, encoded
from harness.report.verification.rendering import Rendering
from harness.report.verification.views import VIEWS
from tests.report.large import make_large

COMPILE, BUNDLE = "what follows", "a bundle of all"

#: At most so many seconds for each output, and bytes for all of them, of 10,000 cells.
SECONDS = 10.0
MEMORY = 500 * MIB


def outputs() -> dict[str, Callable[[Rendering], bytes]]:
    """What is rendered, by file name."""
    return {
        REPORT: lambda rendering: encoded(rendering.report),
        **VIEWS,
        "both PDF files": lambda rendering: document.render(rendering).archive,
    }


def main(cells: str = "10000") -> int:
    """Run the benchmark; 1 where it takes longer or needs more than is wanted."""
    rows = []
    small = _measured(int(cells) // 10)
    large = _measured(int(cells))
    for name, (seconds, size, peak) in large.items():
        before = small[name]
        ratio = f"{seconds / before[0]:.1f}" if before[0] else ""
        rows.append(
            (name, f"{before[0]:.2f} s", f"{seconds:.2f} s", ratio, show_size(size) if size else "", show_size(peak))
        )
    print(tabulate(rows, ("output", f"{int(cells) // 10} cells", f"{cells} cells", "ratio", "size", "peak memory")))
    slowest = max(seconds for name, (seconds, _, _) in large.items() if name != BUNDLE)
    highest = max(peak for _, _, peak in large.values())
    print(
        f"the slowest output in {slowest:.2f} s, all of them in {large[BUNDLE][0]:.2f} s, at most {show_size(highest)}"
    )
    return int(slowest > SECONDS or highest > MEMORY)


def _measured(cells: int) -> dict[str, tuple[float, int, int]]:
    """Seconds, size and peak memory in bytes of compiling and of each output."""
    context = multiprocessing.get_context("spawn")
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in (COMPILE, *outputs(), BUNDLE):
            with context.Pool(1) as pool:
                found[name] = pool.apply(_one, (name, cells, folder))
    return found


def _one(name: str, cells: int, folder: str) -> tuple[float, int, int]:
    place = Path(folder) / f"{cells}-{name}"
    run = make_large(place, cells)
    (place / RECORD).write_text(json.dumps(plain(run)))
    write_manifest(place)
    started = time.monotonic()
    size = 0
    if name == BUNDLE:
        write_bundle(place, Dossier(), Path(folder) / "bundles")
    else:
        report = compile_report(run, Dossier())
        if name != COMPILE:
            started = time.monotonic()
            size = len(outputs()[name](Rendering(report, place)))
    seconds = time.monotonic() - started
    unit = 1 if sys.platform == "darwin" else 1024
    return seconds, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
