"""``pacs-harness diff``: what changed between two runs, for people and for nightly jobs."""

import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from tabulate import tabulate

from harness.core.difference import Difference, FigureChange, difference
from harness.core.joining import protocol_differences
from harness.core.plain import to_plain
from harness.core.results import Run
from harness.core.sizes import show_size
from harness.errors import UnknownName, UsageError
from harness.report.record import read_run
from harness.report.wording import printable


def show_difference(before: Path, after: Path, renamed: Sequence[str], *, as_json: bool = False) -> int:
    """Print what differs; 0 where every verdict is the same, 1 where one is not.

    Raises:
        HarnessError: a run cannot be read, or a renamed target is in neither.
    """
    old, new = read_run(before), read_run(after)
    found = difference(old, new, renamed=_names(renamed, old, new), notes=protocol_differences(old, new))
    sys.stdout.write(json.dumps(to_plain(found), indent=2) + "\n" if as_json else _text(found, old, new))
    return 0 if found.same_verdicts else 1


def _names(renamed: Iterable[str], old: Run, new: Run) -> dict[str, str]:
    names = {}
    for pair in renamed:
        one, separator, other = pair.partition("=")
        if not (one and separator and other):
            raise UsageError(f"--as: {pair!r} is not OLD=NEW")
        for name, run in ((one, old), (other, new)):
            known = [target.id for target in run.targets]
            if name not in known:
                raise UnknownName(f"target of {run.run_id}", name, known)
        names[one] = other
    return names


def _text(found: Difference, old: Run, new: Run) -> str:
    parts = [f"{old.run_id} -> {new.run_id}"]
    parts += [f"not like with like: {note}" for note in found.notes]
    if found.cells:
        rows = [
            (one.change, one.cell, f"{_outcome(one.before)} -> {_outcome(one.after)}", printable(one.reason)[:100])
            for one in found.cells
        ]
        parts.append(tabulate(rows, headers=("", "cell", "verdict", "reason"), tablefmt="plain"))
    else:
        parts.append("every verdict is the same")
    parts += [f"grew: {one.what}: {_figure(one)}" for one in found.figures]
    return "\n\n".join(parts) + "\n"


def _outcome(outcome: str | None) -> str:
    return "none" if outcome is None else outcome


def _figure(one: FigureChange) -> str:
    if one.unit == "bytes":
        return f"{show_size(int(one.before))} -> {show_size(int(one.after))}"
    return f"{one.before:.1f} {one.unit} -> {one.after:.1f} {one.unit}"
