"""``trace.csv``: requirement, check, cell and evidence file, one row for each way through, for a spreadsheet or a tool.

Rows are RFC 4180 in UTF-8. Text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
import io
from collections.abc import Iterator

from harness.core.results import Result
from harness.core.verification.report import Report
from harness.core.verification.trace import OnTarget, Traced
from harness.report import wording
from harness.report.verification.rendering import Rendering

COLUMNS = (
    *("requirement", "text", "level", "source", "origin", "fingerprint", "target", "evidence class", "verdict"),
    *("check", "format", "variant", "outcome", "reason", "evidence", "sha256"),
)

#: What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render(rendering: Rendering) -> bytes:
    """The whole file; what nothing verifies, and checks that verify nothing, have a row of their own."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([_cell(value) for value in row] for row in _rows(rendering.report))
    return file.getvalue().encode()


def _rows(report: Report) -> Iterator[tuple[str, ...]]:
    results: dict[str, list[Result]] = {}
    for result in report.run.results:
        results.setdefault(result.cell.id, []).append(result)
    uncovered = dict(report.trace.uncovered)
    for traced in report.trace.requirements:
        known = traced.requirement
        about = (known.id, known.text, known.level, known.source, known.origin, traced.fingerprint)
        if known.id in uncovered:
            reason = uncovered[known.id] or "no check verifies it, and no reason is given"
            yield (*about, "", "", "NOT SHOWN", "", "", "", "", reason, "", "")
        for on in traced.on:
            yield from _cells(about, on, traced, results)
    for check in report.trace.orphans:
        yield ("", "verifies no requirement", "", "", "", "", "", "", "", check, "", "", "", "", "", "")


def _cells(
    about: tuple[str, ...], on: OnTarget, traced: Traced, results: dict[str, list[Result]]
) -> Iterator[tuple[str, ...]]:
    here = (*about, on.target, on.evidence_class or "", on.verdict)
    if not on.cells:
        yield (*here, " ".join(traced.checks), "", "", "NOT_RUN", "; ".join(on.reasons), "", "")
    for cell in on.cells:
        if cell not in results:
            yield (*here, cell.rpartition("--")[2], "", "", "NOT_RUN", "the run ended before this cell", "", "")
        for result in results.get(cell, ()):
            asked = result.cell
            row = (*here, asked.check, asked.format or "", asked.variant or "", result.outcome, result.reason)
            for evidence in result.evidence:
                yield (*row, evidence.path, evidence.sha256)
            if not result.evidence:
                yield (*row, "", "")


def _cell(value: str) -> str:
    text = wording.printable(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
