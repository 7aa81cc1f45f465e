"""Hold the findings of the newest run against the known ones: real products have faults, and CI must see new ones.

    python .ci/findings.py RUNS KNOWN

RUNS is a folder of run folders, KNOWN a file of lines "target check outcome" for everything that is neither PASS nor
open about not being offered. A finding that is not known, and a known one that is gone, fail; a line that ends in "?"
is about what comes and goes.
"""

import sys
from pathlib import Path

from harness.core.conclusion import settle
from harness.core.results import Outcome
from harness.report.record import read_run

FINDINGS = {Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE}


def main(runs: str, known: str) -> int:
    """Print every difference; 1 where there is one."""
    run = read_run(max(Path(runs).iterdir(), key=lambda folder: folder.name))
    cells = [cell for cell in settle(run) if cell.outcome in FINDINGS]
    found = {f"{cell.cell.target} {cell.cell.check} {cell.outcome}" for cell in cells}
    lines = [line.partition("#")[0].split() for line in Path(known).read_text("utf-8").splitlines()]
    expected = {" ".join(line[:3]) for line in lines if line}
    fleeting = {" ".join(line[:3]) for line in lines if line[3:] == ["?"]}
    for cell in cells:
        if f"{cell.cell.target} {cell.cell.check} {cell.outcome}" not in expected:
            print(f"new: {cell.cell.id} is {cell.outcome}: {cell.reason}")
    for line in sorted(expected - found - fleeting):
        print(f"gone: {line}")
    unfinished = [cell for cell in run.planned if cell not in {result.cell.id for result in run.results}]
    for cell_id in unfinished:
        print(f"no result: {cell_id}")
    return 1 if found | fleeting != expected or unfinished or not run.results else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
