"""A run brought into the order in which people read it: a matrix of formats by targets, counts and findings.

Pure functions of a :class:`~harness.core.results.Run`; every output shows what is worked out here, so that
no two of them can disagree.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.core.conclusion import SettledCell, Standing, settle, standing_of
from harness.core.endpoint import EvidenceClass
from harness.core.results import CheckInfo, Outcome, Run, TargetRecord
from harness.core.verification.texts import OUTCOMES

#: What each outcome says and does not say; printed as the legend.
OUTCOME_MEANING = dict(OUTCOMES)

#: What a group of cells says where it is more than the outcome of the same name.
PARTIAL_MEANING = "Some checks of the format are PASS, others were refused or not executed."

_UID_ROOT = "1.2.840.10008.1.2.4"


@dataclass(frozen=True, slots=True)
class Column:
    """One target of the matrix. ``record`` is None where the target never got as far as being recorded."""

    id: str
    evidence_class: EvidenceClass | None
    record: TargetRecord | None

    @property
    def class_label(self) -> str:
        """The evidence class, or that it is not known."""
        return "class not recorded" if self.evidence_class is None else self.evidence_class.value


@dataclass(frozen=True, slots=True)
class Group:
    """The cells of one target and one row."""

    cells: tuple[SettledCell, ...]

    @property
    def standing(self) -> Standing:
        """What the cells come to together."""
        return standing_of(self.cells)

    @property
    def passed(self) -> int:
        """Number of cells that are PASS."""
        return sum(cell.outcome is Outcome.PASS for cell in self.cells)

    @property
    def applicable(self) -> int:
        """Number of cells that apply and that the chosen profile asks: the n of k/n."""
        return sum(cell.outcome is not Outcome.NOT_APPLICABLE and not cell.left_out for cell in self.cells)

    @property
    def flaky(self) -> bool:
        """Whether any cell did not come to the same at once."""
        return any(cell.flaky for cell in self.cells)

    @property
    def text(self) -> str:
        """Such as ``PASS 7/7``; k/n is left out where nothing ran."""
        if self.standing in (Standing.NOT_RUN, Standing.NOT_APPLICABLE, Standing.UNSUPPORTED):
            return label(self.standing)
        return f"{label(self.standing)} {self.passed}/{self.applicable}"


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the matrix: a format, or a check that is about the target itself (``format`` is None)."""

    format: str | None
    title: str
    suffix: str
    groups: tuple[Group | None, ...]


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


def label(name: Standing | Outcome) -> str:
    """An outcome as it is printed."""
    return name.value.replace("_", " ")


def columns(run: Run) -> tuple[Column, ...]:
    """The targets in the order of the record; then those that are known from cells only."""
    found = {target.id: Column(target.id, target.evidence_class, target) for target in run.targets}
    for result in run.results:
        found.setdefault(result.cell.target, Column(result.cell.target, result.evidence_class, None))
    for cell in settle(run):
        found.setdefault(cell.cell.target, Column(cell.cell.target, None, None))
    return tuple(found.values())


def matrix_rows(run: Run) -> tuple[Row, ...]:
    """Checks of the targets themselves, then every format that has a cell, in the order of the catalogue."""
    cells = settle(run)
    targets = [column.id for column in columns(run)]
    own = dict.fromkeys(cell.cell.check for cell in cells if cell.cell.format is None)
    used = dict.fromkeys(cell.cell.format for cell in cells if cell.cell.format is not None)
    formats = [name for name in run.formats if name in used] + [name for name in used if name not in run.formats]
    rows = [
        Row(
            None,
            check_of(run, name).title,
            "",
            _groups(targets, [one for one in cells if _is_own(one, name)]),
        )
        for name in own
    ]
    for name in formats:
        groups = _groups(targets, [one for one in cells if one.cell.format == name])
        rows.append(Row(name, format_name(run, name), uid_suffix(run, name), groups))
    return tuple(rows)


def _is_own(one: SettledCell, check: str) -> bool:
    return one.cell.format is None and one.cell.check == check


def _groups(targets: Sequence[str], cells: Sequence[SettledCell]) -> tuple[Group | None, ...]:
    found = [tuple(cell for cell in cells if cell.cell.target == target) for target in targets]
    return tuple(Group(cells) if cells else None for cells in found)


def counts(cells: Iterable[SettledCell]) -> dict[Outcome, int]:
    """How many cells came to each outcome; every outcome is named, and the sum is the number of cells."""
    found = Counter(cell.outcome for cell in cells)
    return {outcome: found[outcome] for outcome in Outcome}


def counts_by_class(run: Run, *, check: str | None = None) -> dict[str, dict[Outcome, int]]:
    """The counts of each evidence class that occurs, by its label, of all cells or those of one check.

    The classes are never added up.
    """
    labels = {column.id: column.class_label for column in columns(run)}
    cells = [one for one in settle(run) if check in (None, one.cell.check)]
    return {
        name: counts(one for one in cells if labels[one.cell.target] == name) for name in dict.fromkeys(labels.values())
    }


def counts_text(found: Mapping[Outcome, int]) -> str:
    """Counts in one line, those that are zero left out."""
    return ", ".join(f"{number} {label(outcome)}" for outcome, number in found.items() if number) or "no cell"


def findings(run: Run) -> tuple[Finding, ...]:
    """Everything that is not PASS, heaviest first, said once for all cells and formats that share it."""
    order = [column.id for column in columns(run)]
    merged: dict[tuple[object, ...], Finding] = {}
    for row in matrix_rows(run):
        for group in row.groups:
            for key, finding in _of_group(run, group.cells if group else ()):
                merged[key] = _joined(merged[key], finding) if key in merged else finding
    weight = list(Outcome)
    return tuple(sorted(merged.values(), key=lambda one: (weight.index(one.outcome), order.index(one.target))))


def _of_group(run: Run, cells: Sequence[SettledCell]) -> Iterable[tuple[tuple[object, ...], Finding]]:
    """Findings of the cells of one target and row, each with the key of those that are the same finding."""
    if not cells:
        return
    target, format_id = cells[0].cell.target, cells[0].cell.format
    formats = () if format_id is None else (format_id,)
    if format_id is not None and standing_of(cells) is Standing.UNSUPPORTED:
        # The refusal explains every cell, and a fragmentable twin is refused for the same reason.
        reasons = [cell.reason for cell in cells if cell.outcome is Outcome.UNSUPPORTED]
        twin = _plain(run.formats.get(format_id)).get("twin_of") or format_id
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


def check_of(run: Run, check_id: str) -> CheckInfo:
    """What a check asks; a record that does not describe it says so instead of hiding the cell."""
    known = {check.id: check for check in run.checks}
    return known.get(check_id) or CheckInfo(check_id, "", check_id, "not described in the record", "", "")


def format_name(run: Run, format_id: str) -> str:
    """The name of a format, or its id."""
    return str(_plain(run.formats.get(format_id)).get("name") or format_id)


def uid_suffix(run: Run, format_id: str) -> str:
    """The end of the transfer syntax UID, such as ``.102.1``; the whole UID where it has another root."""
    return str(_plain(run.formats.get(format_id)).get("uid") or "").removeprefix(_UID_ROOT)


def _plain(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
