"""Everything of a run that is not PASS, said once for all cells and formats that share it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.core.conclusion import SettledCell, Standing, standing_of
from harness.core.results import Outcome, Run
from harness.report.summary import Summary, description


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


def findings(summary: Summary) -> tuple[Finding, ...]:
    """Everything that is not PASS, heaviest first."""
    weight = {outcome: place for place, outcome in enumerate(Outcome)}
    order = {column.id: place for place, column in enumerate(summary.columns)}
    merged: dict[tuple[object, ...], Finding] = {}
    for row in summary.rows:
        for group in row.groups:
            for key, finding in _of_group(summary.run, group.cells if group else ()):
                merged[key] = _joined(merged[key], finding) if key in merged else finding
    return tuple(sorted(merged.values(), key=lambda one: (weight[one.outcome], order[one.target])))


def _of_group(run: Run, cells: Sequence[SettledCell]) -> Iterable[tuple[tuple[object, ...], Finding]]:
    """Findings of the cells of one target and row, each with the key of those that are the same finding."""
    if not cells:
        return
    target, format_id = cells[0].cell.target, cells[0].cell.format
    formats = () if format_id is None else (format_id,)
    if format_id is not None and standing_of(cells) is Standing.UNSUPPORTED:
        # The refusal explains every cell, and a fragmentable twin is refused for the same reason.
        reasons = [cell.reason for cell in cells if cell.outcome is Outcome.UNSUPPORTED]
        twin = description(run, format_id).get("twin_of") or format_id
        yield (target, twin), Finding(Outcome.UNSUPPORTED, target, formats, (), reasons[0])
        return
    alike: dict[tuple[Outcome, str], list[str]] = {}
    for cell in cells:
        if cell.outcome is not Outcome.PASS:
            alike.setdefault((cell.outcome, cell.reason), []).append(cell.cell.check)
    for (outcome, reason), found in alike.items():
        everything = len(found) == len(cells) and format_id is not None
        checks = () if everything else tuple(dict.fromkeys(found))
        yield (target, outcome, reason, checks), Finding(outcome, target, formats, checks, reason)


def _joined(one: Finding, other: Finding) -> Finding:
    reason = one.reason if other.reason in one.reason else f"{one.reason}; {other.reason}"
    return Finding(one.outcome, one.target, one.formats + other.formats, one.checks, reason)
