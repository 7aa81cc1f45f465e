"""Why a verdict is what it is, in words for somebody who reads one page."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.core.conclusion import SettledCell
from harness.core.results import CheckInfo, Outcome
from harness.core.verification.report import Report
from harness.report.summary import Summary


@dataclass(frozen=True, slots=True)
class Headline:
    """One question that came to the same on one target: in ``cells`` of the ``asked`` cells that it has there."""

    outcome: Outcome
    check: CheckInfo
    target: str
    formats: tuple[str, ...]
    cells: int
    asked: int


@dataclass(frozen=True, slots=True)
class Headlines:
    """What decides, most cells first, and the ``other`` reasons that no cell stands for."""

    lines: tuple[Headline, ...]
    other: tuple[str, ...]


def headlines(summary: Summary, report: Report) -> Headlines:
    """The cells that decide, said once for each question and target."""
    failed = [one for one in summary.cells if one.outcome is Outcome.FAIL]
    open_ = [one for one in summary.cells if one.outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE)]
    deciding = failed or open_
    told = {one.cell.id for one in deciding}
    # A reason that is about a cell begins with its id.
    other = tuple(reason for reason in report.reasons if reason.partition(" is ")[0] not in told)
    return Headlines(tuple(sorted(_lines(summary, deciding), key=lambda one: -one.cells)), other)


def _lines(summary: Summary, deciding: Iterable[SettledCell]) -> Iterable[Headline]:
    asked: dict[tuple[str, str], int] = {}
    for one in summary.cells:
        if one.outcome not in (Outcome.NOT_APPLICABLE, Outcome.NOT_RUN):
            asked[one.cell.target, one.cell.check] = asked.get((one.cell.target, one.cell.check), 0) + 1
    alike: dict[tuple[str, str, Outcome], list[SettledCell]] = {}
    for one in deciding:
        alike.setdefault((one.cell.target, one.cell.check, one.outcome), []).append(one)
    for (target, check, outcome), cells in alike.items():
        formats = tuple(dict.fromkeys(one.cell.format for one in cells if one.cell.format is not None))
        yield Headline(outcome, summary.checks[check], target, formats, len(cells), asked[target, check])
