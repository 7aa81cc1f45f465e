"""Everything of a run that is not PASS, said once for all cells and formats that share it."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

from harness.core.conclusion import SettledCell, Standing, standing_of
from harness.core.results import Outcome
from harness.report.alike import pattern, said_once
from harness.report.summary import Summary, grouped


@dataclass(frozen=True, slots=True)
class Finding:
    """Cells of one target that came to the same, for one reason. ``checks`` empty means all checks of
    ``formats``.

    ``formats`` empty means checks that are about the target itself.
    """

    outcome: Outcome
    target: str
    formats: tuple[str, ...]
    checks: tuple[str, ...]
    reason: str


#: Outcomes whose reasons are each told as they are; of all others, those that differ in numbers are said once.
EXACT = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE)


def findings(summary: Summary) -> tuple[Finding, ...]:
    """Everything that is not PASS, heaviest first."""
    weight = {outcome: place for place, outcome in enumerate(Outcome)}
    order = {column.id: place for place, column in enumerate(summary.columns)}
    found = [one for row in summary.rows for group in row.groups for one in _of_group(group.cells if group else ())]
    merged = [_joined(alike) for _, alike in grouped(found, _same)]
    return tuple(sorted(merged, key=lambda one: (weight[one.outcome], order[one.target])))


def _of_group(cells: Sequence[SettledCell]) -> Iterator[Finding]:
    """Findings of the cells of one target and row."""
    if not cells:
        return
    target, format_id = cells[0].cell.target, cells[0].cell.format
    formats = () if format_id is None else (format_id,)
    if format_id is not None and standing_of(cells) is Standing.UNSUPPORTED:
        # The refusal explains every cell.
        reasons = [cell.reason for cell in cells if cell.outcome is Outcome.UNSUPPORTED]
        yield Finding(Outcome.UNSUPPORTED, target, formats, (), reasons[0])
        return
    wrong = [cell for cell in cells if cell.outcome is not Outcome.PASS]
    for (outcome, _), alike in grouped(wrong, lambda one: (one.outcome, said(one.outcome, one.reason))):
        everything = len(alike) == len(cells) and format_id is not None
        checks = () if everything else tuple(dict.fromkeys(one.cell.check for one in alike))
        yield Finding(outcome, target, formats, checks, said_once([one.reason for one in alike]))


def said(outcome: Outcome, reason: str) -> str:
    """The same for all reasons that are told once where cells came to this outcome."""
    return reason if outcome in EXACT else pattern(reason)


def _same(one: Finding) -> Hashable:
    return one.target, one.outcome, one.checks, said(one.outcome, one.reason)


def _joined(alike: Sequence[Finding]) -> Finding:
    formats = tuple(name for one in alike for name in one.formats)
    return replace(alike[0], formats=formats, reason=said_once([one.reason for one in alike]))
