"""The kill matrix: which check was seen to fail on which mutant, printed after the tests that saw it."""

from collections.abc import Iterable, Sequence
from typing import Any

#: Names of the properties by which a test tells what it saw: "check mutant", "check", and "variation".
KILLED, SPARED, BENIGN = "pacs-killed", "pacs-spared", "pacs-benign"


def kill_matrix(reports: Iterable[Any]) -> str:
    """The matrix with its counts, from the reports of tests that passed; empty where none of them told anything."""
    told: dict[str, set[str]] = {KILLED: set(), SPARED: set(), BENIGN: set()}
    for report in reports:
        for name, value in report.user_properties:
            if name in told:
                told[name].add(str(value))
    pairs = {tuple(pair.split(" ", 1)) for pair in told[KILLED]}
    checks, mutants = (sorted({pair[place] for pair in pairs}) for place in (0, 1))
    if not pairs:
        return ""
    spared = len(told[SPARED] & set(checks))
    return "\n".join(
        [
            *_columns(checks),
            *(f"{mutant:<40} {_row(mutant, checks, pairs)}" for mutant in mutants),
            "",
            f"{len(mutants)} mutants, {len(checks)} checks, {len(told[BENIGN])} benign variations",
            f"each mutant makes at least one check fail; {spared} of {len(checks)} checks were seen to pass on the "
            "well-behaved PACS, and no check failed on a variation",
        ]
    )


def _row(mutant: str, checks: Sequence[str], pairs: set[tuple[str, ...]]) -> str:
    return "".join("X" if (check, mutant) in pairs else "." for check in checks)


def _columns(checks: Sequence[str]) -> list[str]:
    """The names of the checks, written from top to bottom above their columns."""
    height = max(map(len, checks))
    names = [check.rjust(height) for check in checks]
    return [f"{'':<40} {''.join(name[line] for name in names)}" for line in range(height)]
