"""``trace.csv``: requirement, check, cell and evidence file, one row for each way through, for a spreadsheet or a tool.

Rows are RFC 4180 in UTF-8. Text that a spreadsheet would take for a formula gets an apostrophe in front.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.core.conclusion import SettledCell, settle
from harness.core.verification.report import Report
from harness.core.verification.trace import OnTarget
from harness.report.verification.rendering import Rendering
from harness.report.wording import guarded

#: The columns. The first tells what a row begins with: a requirement, a risk control, or a check without either.
COLUMNS = (
    *("from", "id", "text", "level", "source", "origin", "fingerprint", "target", "evidence class", "verdict"),
    *("check", "format", "variant", "outcome", "reason", "evidence", "sha256"),
)

#: What a row begins with, in the order of the columns up to the fingerprint.
_Head = tuple[str, ...]

#: The cells of a run by target and check.
_Cells = Mapping[tuple[str, str], Sequence[SettledCell]]


def render(rendering: Rendering) -> bytes:
    """The whole file; what nothing verifies, and checks that verify nothing, have a row of their own."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(guarded, row) for row in _rows(rendering.report))
    return file.getvalue().encode()


def _rows(report: Report) -> Iterator[Sequence[str]]:
    cells: dict[tuple[str, str], list[SettledCell]] = {}
    for one in settle(report.run):
        cells.setdefault((one.cell.target, one.cell.check), []).append(one)
    uncovered = dict(report.trace.uncovered)
    for traced in report.trace.requirements:
        known = traced.requirement
        about = (known.text, known.level, known.source, known.origin, traced.fingerprint)
        head: _Head = ("requirement", known.id, *about)
        if not traced.checks:
            reason = uncovered.get(known.id) or "no check verifies it, and no reason is given"
            yield _padded(*head, "", "", "NOT SHOWN", "", "", "", "", reason)
        yield from _ways(head, traced.checks, traced.on, cells)
    for risk in report.trace.risks:
        head = ("risk control", risk.control.id, risk.control.text, "", f"shows {risk.control.shows}", "", "")
        yield from _ways(head, risk.checks, risk.on, cells)
    titles = {check.id: check.title for check in report.run.known_checks.values()}
    for check in report.trace.orphans:
        yield _padded("check", "", titles[check], "", "", "", "", "", "", "", check, "", "", "", "verifies nothing")


def _ways(head: _Head, checks: Iterable[str], on: Iterable[OnTarget], cells: _Cells) -> Iterator[Sequence[str]]:
    checks = tuple(checks)
    for one in on:
        here = (*head, one.target, one.evidence_class or "", one.verdict)
        for check in checks:
            found = cells.get((one.target, check), ())
            if not found:
                yield _padded(*here, check, "", "", "", "not asked in this run")
            for cell in found:
                yield from _of_cell((*here, check, cell.cell.format or "", cell.cell.variant or ""), cell)


def _of_cell(here: _Head, cell: SettledCell) -> Iterator[Sequence[str]]:
    if not cell.attempts:
        yield _padded(*here, cell.outcome, cell.reason)
    for attempt in cell.attempts:
        row = (*here, attempt.outcome, attempt.reason)
        for evidence in attempt.evidence:
            yield (*row, evidence.path, evidence.sha256)
        if not attempt.evidence:
            yield _padded(*row)


def _padded(*values: str) -> Sequence[str]:
    return (*values, *[""] * (len(COLUMNS) - len(values)))
