"""The results as paper shows them: complete, and said once for all cells that came to the same.

A report on screen unfolds each cell. On paper ten thousand of them would hide what matters, so that a check has one
line for each outcome and reason on a target, with every format and variant that it holds for.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.core.conclusion import SettledCell
from harness.core.results import CheckInfo, Outcome
from harness.report.alike import said_once
from harness.report.exhibits import Pair
from harness.report.findings import EXACT, said
from harness.report.summary import Column, Group, Row, Summary, grouped
from harness.report.verification.evidence import Exhibited
from harness.report.verification.results import Field
from harness.report.verification.view import FindingView, View

#: More columns than these need the page turned to stay readable, and so many fit side by side then.
_COLUMNS_UPRIGHT = 5
_COLUMNS_TURNED = 8

#: Fields with pictures that are shown of one target.
_PICTURED = 2

#: Runs of files that a line cites.
_SPANS = 10

#: Files whose hashes are printed; those that findings rest on come first.
_FILES = 250


@dataclass(frozen=True, slots=True)
class Line:
    """Cells of one check and target that came to the same: where, and the ids of evidence and anomalies."""

    outcome: Outcome
    count: int
    reason: str
    where: str
    evidence: str
    anomalies: tuple[str, ...]
    flaky: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One check of one target; ``requirements`` are ids, ``notes`` what was remarked at its results."""

    check: CheckInfo
    requirements: tuple[str, ...]
    lines: tuple[Line, ...]
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
    """What only the print template needs.

    The ``matrix`` has all checks of the targets themselves in its first row; ``turned`` tells that it needs a page on
    its side, and ``columns`` how many targets stand side by side. ``findings`` are those that weigh. ``unlisted``
    counts the files of evidence that ``files`` leaves out.
    """

    matrix: tuple[Row, ...]
    turned: bool
    columns: int
    findings: tuple[FindingView, ...]
    tested: tuple[Tested, ...]
    files: tuple[Exhibited, ...]
    unlisted: int


def printed(view: View) -> Printed:
    """Bring the results of ``view`` into the order of paper; linear in them."""
    of_target = dict(grouped(view.summary.cells, lambda one: one.cell.target))
    exhibits = {one.exhibit.evidence.path: one for one in view.evidence}
    files = _files(view, exhibits)
    listed = {one.exhibit.evidence.path: one for one in files}
    return Printed(
        matrix=_matrix(view.summary),
        turned=len(view.columns) > _COLUMNS_UPRIGHT,
        columns=_COLUMNS_TURNED,
        findings=tuple(one for one in view.findings if one.finding.outcome in EXACT),
        tested=tuple(_tested(one, of_target.get(one.id, []), view, listed) for one in view.columns),
        files=files,
        unlisted=len(view.evidence) - len(files),
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


def _files(view: View, exhibits: Mapping[str, Exhibited]) -> tuple[Exhibited, ...]:
    if len(view.evidence) <= _FILES:
        return view.evidence
    weighing = (one for one in view.summary.cells if one.outcome in EXACT)
    first = [one.evidence.path for target in view.targets for one in (file.exhibit for file in target.files)]
    first += [one.path for cell in weighing for attempt in cell.attempts for one in attempt.evidence]
    order = dict.fromkeys((*first, *exhibits))
    chosen = {path for path, _ in zip(order, range(_FILES), strict=False)}
    return tuple(one for one in view.evidence if one.exhibit.evidence.path in chosen)


def _tested(column: Column, cells: Sequence[SettledCell], view: View, exhibits: Mapping[str, Exhibited]) -> Tested:
    formats = frozenset(one.cell.format for one in cells if one.cell.format)
    begun = sorted(attempt.started for one in cells for attempt in one.attempts)
    pictured = [field for field in view.fields if field.column.id == column.id and field.pairs]
    pictured.sort(key=lambda field: all(pair.identical for pair in field.pairs))
    return Tested(
        column=column,
        first=begun[0] if begun else "",
        last=begun[-1] if begun else "",
        checks=tuple(
            _asked(view, view.summary.checks[name], found, exhibits, formats)
            for name, found in grouped(cells, lambda one: one.cell.check)
        ),
        pictured=tuple((field, _most_telling(field.pairs)) for field in pictured[:_PICTURED]),
    )


def _most_telling(pairs: Iterable[Pair]) -> Pair:
    return min(pairs, key=lambda pair: pair.identical)


def _asked(
    view: View,
    check: CheckInfo,
    cells: Sequence[SettledCell],
    exhibits: Mapping[str, Exhibited],
    formats: frozenset[str],
) -> Asked:
    weight = {outcome: place for place, outcome in enumerate(Outcome)}
    lines = [_line(view, found, exhibits, formats) for _, found in grouped(cells, _alike)]
    return Asked(
        check=check,
        requirements=view.places.verified_by.get(check.id, check.verifies),
        lines=tuple(sorted(lines, key=lambda one: weight[one.outcome])),
        notes=tuple(dict.fromkeys(note for one in cells for attempt in one.attempts for note in attempt.notes)),
    )


def _alike(one: SettledCell) -> str:
    return f"{one.outcome} {said(one.outcome, one.reason)}"


def _line(view: View, cells: Sequence[SettledCell], exhibits: Mapping[str, Exhibited], formats: frozenset[str]) -> Line:
    anomalies = (name for one in cells for name in view.places.anomalies_of.get(one.cell.id, ()))
    return Line(
        outcome=cells[0].outcome,
        count=len(cells),
        reason=said_once([one.reason for one in cells]),
        where=_where(cells, formats),
        evidence=_evidence(cells, exhibits),
        anomalies=tuple(dict.fromkeys(anomalies)),
        flaky=sum(one.cell.id in view.summary.flaky for one in cells),
    )


def _where(cells: Iterable[SettledCell], known: frozenset[str]) -> str:
    """Formats and variants in one line; formats that have the same variants share them.

    All formats that the target was asked about, which are ``known``, are not listed.
    """
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
        every = len(known) > 1 and known == set(names)
        formats = f"all {len(known)} formats" if every else ", ".join(name for name in names if name)
        listed = ", ".join(of_formats)
        parts.append(f"{formats} ({listed})" if formats and listed else formats or listed)
    return "; ".join(part for part in parts if part)


def _evidence(cells: Iterable[SettledCell], exhibits: Mapping[str, Exhibited]) -> str:
    """Ids of the evidence of these cells that is printed; those that follow each other as ``E3-E7``."""
    paths = {one.path for cell in cells for attempt in cell.attempts for one in attempt.evidence}
    numbers = sorted(int(exhibits[path].id.removeprefix("E")) for path in paths if path in exhibits)
    spans: list[list[int]] = []
    for number in numbers:
        if spans and spans[-1][1] == number - 1:
            spans[-1][1] = number
        else:
            spans.append([number, number])
    told = [f"E{first}" if first == last else f"E{first}-E{last}" for first, last in spans[:_SPANS]]
    rest = len(paths) - sum(last - first + 1 for first, last in spans[:_SPANS])
    if not told:
        return f"{rest} files" if rest > 1 else "1 file" if rest else ""
    return ", ".join(told) + (f" and {rest} more" if rest else "")
