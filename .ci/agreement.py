"""Hold an emulated PACS against the real one: the same cells, and the same answers to them.

    python .ci/agreement.py EMULATED REAL EXPLAINED

EMULATED and REAL are folders with run folders, of which the newest counts; each run has one target. Compared are the
verdict of each cell and what was answered: how it ended, its status, the result of each presentation context, and the
largest PDU. EXPLAINED is a file of lines "cell # why" for what may differ, each cell without its target. A difference
that is not explained fails, and so does an explanation without a difference.
"""

import sys
from pathlib import Path
from typing import Any

from harness.core.endpoint import EvidenceClass
from harness.core.results import Outcome, Result, Run
from harness.report.record import read_run

#: A comparison that saw neither of these would agree on nothing.
NEEDED = {Outcome.PASS, Outcome.UNSUPPORTED}


def answer(result: Result) -> dict[str, Any]:
    """What of a result is the target's own, and no matter of time."""
    exchange = result.observation.get("exchange") or {}
    contexts = exchange.get("contexts") or ()
    return {
        "verdict": result.outcome.value,
        "ending": exchange.get("ending"),
        "status": exchange.get("status"),
        "contexts": [(one["transfer_syntax"], one["result"]) for one in contexts],
        "largest PDU": (exchange.get("pdus") or {}).get("theirs"),
    }


def answers(folder: str, kind: EvidenceClass) -> dict[str, dict[str, Any]]:
    """The answers of the newest run, by cell without its target.

    Raises:
        SystemExit: the run is not what it should be.
    """
    run: Run = read_run(max(Path(folder).iterdir(), key=lambda path: path.name))
    if [target.evidence_class for target in run.targets] != [kind]:
        sys.exit(f"{run.run_id}: one target of class {kind} is needed")
    if {result.cell.id for result in run.results} != set(run.planned):
        sys.exit(f"{run.run_id}: not every planned cell has a result")
    if not {result.outcome for result in run.results} >= NEEDED:
        sys.exit(f"{run.run_id}: holds no {' and '.join(sorted(NEEDED))}, so agreement would say nothing")
    name = run.targets[0].id
    return {result.cell.id.removeprefix(f"{name}--"): answer(result) for result in run.results}


def main(emulated: str, real: str, explained: str) -> int:
    """Print every difference; 1 where one is not explained, or an explanation is not needed."""
    played, seen = answers(emulated, EvidenceClass.EMULATED), answers(real, EvidenceClass.MEASURED)
    lines = [line.partition("#") for line in Path(explained).read_text("utf-8").splitlines() if line.strip()]
    why = {cell.strip(): reason.strip() for cell, _, reason in lines if cell.strip()}
    differing = {cell for cell in played.keys() | seen.keys() if played.get(cell) != seen.get(cell)}
    for cell in sorted(differing):
        one, other = played.get(cell) or {}, seen.get(cell) or {}
        told = [
            f"{key} {one.get(key)} is {other.get(key)}" for key in {**one, **other} if one.get(key) != other.get(key)
        ]
        print(f"{'explained' if cell in why else 'differs'}: {cell}: {'; '.join(told)} {why.get(cell, '')}".rstrip())
    for cell in sorted(why.keys() - differing):
        print(f"agrees, and is explained: {cell}")
    print(f"{len(played.keys() | seen.keys())} cells, {len(differing)} differ, {len(differing & why.keys())} explained")
    return 1 if differing != why.keys() else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
