"""The results as paper shows them: complete, and said once for all cells that came to the same.

A report on screen unfolds each cell. On paper ten thousand of them would hide what matters, so that a check has one row
for each outcome on a target, and in it one line for each reason with everything that it holds for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.core.conclusion import SettledCell
from harness.core.results import CheckInfo, Outcome
from harness.report.exhibits import Pair
from harness.report.summary import Column, Group, Row, Summary, grouped
from harness.report.verification.evidence import Exhibited
from harness.report.verification.results import Field
from harness.report.verification.view import View

#: A column needs this share of a page to stay readable; more of them need the page turned.
_COLUMNS_UPRIGHT = 5

#: Fields with pictures that are shown of one target.
_PICTURED = 3


@dataclass(frozen=True, slots=True)
class Line:
    """One reason, where it holds, and the ids of its evidence."""

    reason: str
    where: str
    evidence: str


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """Cells of one check and target that came to the same. ``anomalies`` are ids; ``flaky`` counts cells."""

    outcome: Outcome
    count: int
    lines: tuple[Line, ...]
    anomalies: tuple[str, ...]
    flaky: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One check of one target; ``requirements`` are ids, ``notes`` what was remarked at its results."""

    check: CheckInfo
    requirements: tuple[str, ...]
    rows: tuple[OutcomeRow, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tested:
    """Everything that was asked of one target; ``first`` and ``last`` are when results were begun, ISO 8601."""

    column: Column
    first: str
    last: str
    checks: tuple[Asked, ...]
    pictured: tuple[tuple[Field, Pair], ...]


@dataclass(frozen=True, slots=True)
class Printed:
    """What only the print template needs: ``matrix`` has all checks of the targets themselves in its first row."""

    matrix: tuple[Row, ...]
    turned: bool
    tested: tuple[Tested, ...]


def printed(view: View) -> Printed:
    """Bring the results of ``view`` into the order of paper; linear in them."""
    of_target = {name: cells for name, cells in grouped(view.summary.cells, lambda one: one.cell.target)}
    exhibits = {one.exhibit.evidence.path: one for one in view.evidence}
    return Printed(
        matrix=_matrix(view.summary),
        turned=len(view.columns) > _COLUMNS_UPRIGHT,
        tested=tuple(_tested(one, of_target.get(one.id, []), view, exhibits) for one in view.columns),
    )


def _matrix(summary: Summary) -> tuple[Row, ...]:
    own = [row for row in summary.rows if row.format is None]
    formats = tuple(row for row in summary.rows if row.format is not None)
    if not own:
        return formats
    joined = (_joined(groups) for groups in zip(*(row.groups for row in own), strict=True))
    return (Row(None, "Checks of the target itself", "", tuple(joined)), *formats)


def _joined(groups: Iterable[Group | None]) -> Group | None:
    found = [group for group in groups if group is not None]
    if not found:
        return None
    return Group(tuple(cell for group in found for cell in group.cells), any(group.flaky for group in found))


def _tested(column: Column, cells: Sequence[SettledCell], view: View, exhibits: Mapping[str, Exhibited]) -> Tested:
    begun = sorted(attempt.started for one in cells for attempt in one.attempts)
    of_check = {name: found for name, found in grouped(cells, lambda one: one.cell.check)}
    pictured = [field for field in view.fields if field.column.id == column.id and field.pairs]
    pictured.sort(key=lambda field: all(pair.identical for pair in field.pairs))
    return Tested(
        column=column,
        first=begun[0] if begun else "",
        last=begun[-1] if begun else "",
        checks=tuple(_asked(view, view.summary.checks[name], found, exhibits) for name, found in of_check.items()),
        pictured=tuple((field, _most_telling(field.pairs)) for field in pictured[:_PICTURED]),
    )


def _most_telling(pairs: Iterable[Pair]) -> Pair:
    return min(pairs, key=lambda pair: pair.identical)


def _asked(view: View, check: CheckInfo, cells: Sequence[SettledCell], exhibits: Mapping[str, Exhibited]) -> Asked:
    of_outcome: dict[Outcome, list[SettledCell]] = {}
    for one in cells:
        of_outcome.setdefault(one.outcome, []).append(one)
    return Asked(
        check=check,
        requirements=view.places.verified_by.get(check.id, check.verifies),
        rows=tuple(_row(view, outcome, of_outcome[outcome], exhibits) for outcome in Outcome if outcome in of_outcome),
        notes=tuple(dict.fromkeys(note for one in cells for attempt in one.attempts for note in attempt.notes)),
    )


def _row(view: View, outcome: Outcome, cells: Sequence[SettledCell], exhibits: Mapping[str, Exhibited]) -> OutcomeRow:
    lines = tuple(
        Line(reason, _where(found), _evidence(found, exhibits))
        for reason, found in grouped(cells, lambda one: one.reason)
    )
    anomalies = (name for one in cells for name in view.places.anomalies_of.get(one.cell.id, ()))
    flaky = sum(one.cell.id in view.summary.flaky for one in cells)
    return OutcomeRow(outcome, len(cells), lines, tuple(dict.fromkeys(anomalies)), flaky)


def _where(cells: Iterable[SettledCell]) -> str:
    """Formats and variants in one line; formats that have the same variants share them."""
    variants: dict[str, list[str]] = {}
    for one in cells:
        found = variants.setdefault(one.cell.format or "", [])
        if one.cell.variant:
            found.append(one.cell.variant)
    alike: dict[tuple[str, ...], list[str]] = {}
    for name, found in variants.items():
        alike.setdefault(tuple(found), []).append(name)
    parts = []
    for of_formats, names in alike.items():
        formats, listed = ", ".join(name for name in names if name), ", ".join(of_formats)
        parts.append(f"{formats} ({listed})" if formats and listed else formats or listed)
    return "; ".join(part for part in parts if part)


def _evidence(cells: Iterable[SettledCell], exhibits: Mapping[str, Exhibited]) -> str:
    """Ids of all evidence of these cells; those that follow each other as ``E3-E7``."""
    paths = {one.path for cell in cells for attempt in cell.attempts for one in attempt.evidence}
    numbers = sorted(int(exhibits[path].id.removeprefix("E")) for path in paths if path in exhibits)
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    return ", ".join(f"E{first}" if first == last else f"E{first}-E{last}" for first, last in spans)
