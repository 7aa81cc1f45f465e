"""The results as they are laid out: by target and format, each cell with what was seen, its evidence and its pictures.

A report must stay readable and bounded however large the run. So observations are printed in full from the heaviest
outcome down until there are too many; reason and evidence of every cell are always printed, and the record has all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.core.conclusion import SettledCell
from harness.core.results import CheckInfo, Evidence, Outcome, Result
from harness.core.verification.report import Report
from harness.report.exhibits import Exhibits, Pair
from harness.report.summary import Column, Group, Row, Summary
from harness.report.verification.evidence import EvidenceIndex, Exhibited
from harness.report.verification.places import Places, field_anchor


@dataclass(frozen=True, slots=True)
class Detail:
    """How much is printed at most: ``values`` of observations in all, and ``picture_bytes`` of pictures in all."""

    values: int
    picture_bytes: int


#: What a browser still opens at once.
SCREEN = Detail(values=60_000, picture_bytes=6 * 2**20)


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One result of a cell. ``place`` is where the record has it; ``observed`` tells to print the observation."""

    result: Result
    place: str
    observed: bool
    evidence: tuple[Exhibited, ...]


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell; ``requirements`` and ``anomalies`` are ids."""

    anchor: str
    settled: SettledCell
    check: CheckInfo
    flaky: bool
    attempts: tuple[AttemptView, ...]
    requirements: tuple[str, ...]
    anomalies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """One field of the matrix with its cells. ``first`` tells that a new target begins."""

    anchor: str
    first: bool
    column: Column
    row: Row
    group: Group
    cells: tuple[CellView, ...]
    pairs: tuple[Pair, ...]


@dataclass(frozen=True, slots=True)
class Fields:
    """All fields, target by target; ``folded`` counts the results whose observation is only in the record."""

    fields: tuple[Field, ...]
    folded: int


def fields(
    summary: Summary, report: Report, places: Places, evidence: EvidenceIndex, exhibits: Exhibits, detail: Detail
) -> Fields:
    """Every cell of the report, bounded by ``detail``."""
    observed = _observed(summary.cells, detail.values)
    numbers = {id(result): number for number, result in enumerate(report.run.results)}
    found: list[Field] = []
    for place, column in enumerate(summary.columns):
        first = True
        for number, row in enumerate(summary.rows):
            group = row.groups[place]
            if group is None:
                continue
            cells = tuple(_cell(one, summary, places, evidence, observed, numbers) for one in group.cells)
            found.append(Field(field_anchor(number, place), first, column, row, group, cells, ()))
            first = False
    attempts = [attempt for field in found for cell in field.cells for attempt in cell.attempts]
    folded = sum(bool(one.result.observation) and not one.observed for one in attempts)
    return Fields(_with_pictures(found, exhibits, detail.picture_bytes), folded)


def _cell(
    one: SettledCell,
    summary: Summary,
    places: Places,
    evidence: EvidenceIndex,
    observed: frozenset[int],
    numbers: Mapping[int, int],
) -> CellView:
    return CellView(
        anchor=places.cells[one.cell.id],
        settled=one,
        check=summary.checks[one.cell.check],
        flaky=one.cell.id in summary.flaky,
        attempts=tuple(
            AttemptView(
                result, f"run.results[{numbers[id(result)]}]", id(result) in observed, evidence.of(result.evidence)
            )
            for result in one.attempts
        ),
        requirements=places.verified_by.get(one.cell.check, ()),
        anomalies=places.anomalies_of.get(one.cell.id, ()),
    )


def _observed(cells: Iterable[SettledCell], most: int) -> frozenset[int]:
    """The results whose observation is printed, by identity: heaviest outcome first, until the values are used up."""
    order = {outcome: place for place, outcome in enumerate(Outcome)}
    results = sorted(
        (attempt for one in cells for attempt in one.attempts if attempt.observation),
        key=lambda result: order[result.outcome],
    )
    chosen = set()
    for result in results:
        most -= _values(result.observation)
        if most < 0:
            break
        chosen.add(id(result))
    return frozenset(chosen)


def _values(value: object) -> int:
    if isinstance(value, Mapping):
        return 1 + sum(_values(entry) for entry in value.values())
    return 1 + sum(_values(entry) for entry in value) if isinstance(value, list | tuple) else 1


def _with_pictures(found: Iterable[Field], exhibits: Exhibits, most: int) -> tuple[Field, ...]:
    """The fields with their pictures: first every pair that differs, then one example for each field that is alike."""
    shown = list(found)
    kept = {place: _pictures(field) for place, field in enumerate(shown)}
    alike: dict[int, list[list[Evidence]]] = {}
    pairs: dict[int, list[Pair]] = {}
    for place, moments in kept.items():
        for moment in moments:
            if len({one.sha256 for one in moment}) == 1 and len(moment) > 1:
                alike.setdefault(place, []).append(moment)
            else:
                pairs.setdefault(place, []).extend(exhibits.pairs(moment, most))
    for place, moments in alike.items():
        pairs.setdefault(place, []).extend(exhibits.pairs(moments[len(moments) // 2], most))
    return tuple(
        Field(one.anchor, one.first, one.column, one.row, one.group, one.cells, tuple(pairs.get(place, ())))
        for place, one in enumerate(shown)
    )


def _pictures(field: Field) -> list[list[Evidence]]:
    """The pictures of all cells of a field, those of one moment of one result together, and each such set once."""
    sets: dict[tuple[tuple[str, str], ...], list[Evidence]] = {}
    for cell in field.cells:
        for attempt in cell.attempts:
            moments: dict[str, list[Evidence]] = {}
            for one in attempt.result.evidence:
                if one.role.startswith(("picture:sent:", "picture:returned:")):
                    moments.setdefault(one.role.split(":", 2)[2], []).append(one)
            for found in moments.values():
                sets.setdefault(tuple((one.role, one.sha256) for one in found), found)
    return list(sets.values())
