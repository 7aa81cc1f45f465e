"""A run brought into the order in which people read it: a matrix of formats by targets, and counts.

Pure functions of a :class:`~harness.core.results.Run`, which is gone through once; every output shows what is worked
out here, so that no two of them can disagree.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from harness.core.conclusion import SettledCell, Standing, settle, standing_of
from harness.core.endpoint import EvidenceClass
from harness.core.results import CheckInfo, Outcome, Run, TargetRecord
from harness.core.verification.texts import OUTCOMES

#: What each outcome says and does not say; printed as the legend.
OUTCOME_MEANING = dict(OUTCOMES)

#: What a group of cells says where it is more than the outcome of the same name.
PARTIAL_MEANING = "Some checks of the format are PASS, others were refused or not executed."

#: A sign for each standing, outcome and verdict, so that colour is never alone; the word always stands beside it.
SIGNS = {
    Standing.FAIL.value: "✕",
    Standing.ERROR.value: "!",
    Standing.INCONCLUSIVE.value: "?",
    Standing.PARTIAL.value: "◐",
    Standing.PASS.value: "✓",
    Standing.UNSUPPORTED.value: "⊘",
    Standing.NOT_RUN.value: "○",
    Standing.NOT_APPLICABLE.value: "–",  # noqa: RUF001 - a dash is meant
    "MET": "✓",
    "NOT MET": "✕",
    "NOT SHOWN": "?",
    "NOT APPLICABLE": "–",  # noqa: RUF001
}

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
    """The cells of one target and one row. ``flaky`` tells whether any did not come to the same at once."""

    cells: tuple[SettledCell, ...]
    flaky: bool

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
class Summary:
    """A run as people read it. ``rows`` are the matrix; ``checks`` describes every check that has a cell, by its id."""

    run: Run
    cells: tuple[SettledCell, ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    checks: Mapping[str, CheckInfo]
    flaky: frozenset[str]

    def counts_by_class(self) -> dict[str, dict[Outcome, int]]:
        """The counts of each evidence class that occurs, by its label. The classes are never added up."""
        return _by_class(self.cells, self._labels())

    def counts_by_check(self) -> dict[str, dict[str, dict[Outcome, int]]]:
        """The counts of each evidence class for every check that has a cell, by its id."""
        labels = self._labels()
        return {name: _by_class(cells, labels) for name, cells in grouped(self.cells, lambda one: one.cell.check)}

    def _labels(self) -> dict[str, str]:
        return {column.id: column.class_label for column in self.columns}


def summarise(run: Run) -> Summary:
    """Bring a run into the order in which it is read."""
    cells = settle(run)
    found = _columns(run, cells)
    flaky = frozenset(one.cell.id for one in cells if one.flaky)
    known = {check.id: check for check in run.checks}
    for name in dict.fromkeys(one.cell.check for one in cells):
        # A record that does not describe a check says so instead of hiding the cell.
        known.setdefault(name, CheckInfo(name, "", name, "not described in the record", "", "", ()))
    return Summary(run, cells, found, _rows(run, cells, found, known, flaky), known, flaky)


Key = TypeVar("Key", bound=Hashable)
Entry = TypeVar("Entry")


def grouped(entries: Iterable[Entry], key: Callable[[Entry], Key]) -> Iterable[tuple[Key, list[Entry]]]:
    """Entries that have the same key together, in the order in which they first occur."""
    found: dict[Key, list[Entry]] = {}
    for one in entries:
        found.setdefault(key(one), []).append(one)
    return found.items()


def _columns(run: Run, cells: Iterable[SettledCell]) -> tuple[Column, ...]:
    """The targets in the order of the record; then those that are known from cells only."""
    found = {target.id: Column(target.id, target.evidence_class, target) for target in run.targets}
    for result in run.results:
        found.setdefault(result.cell.target, Column(result.cell.target, result.evidence_class, None))
    for cell in cells:
        found.setdefault(cell.cell.target, Column(cell.cell.target, None, None))
    return tuple(found.values())


def _rows(
    run: Run,
    cells: Iterable[SettledCell],
    columns: Iterable[Column],
    checks: Mapping[str, CheckInfo],
    flaky: frozenset[str],
) -> tuple[Row, ...]:
    """Checks of the targets themselves, then every format that has a cell, in the order of the catalogue."""
    own: dict[str, list[SettledCell]] = {}
    used: dict[str, list[SettledCell]] = {}
    for one in cells:
        if one.cell.format is None:
            own.setdefault(one.cell.check, []).append(one)
        else:
            used.setdefault(one.cell.format, []).append(one)
    targets = [column.id for column in columns]
    formats = [name for name in run.formats if name in used] + [name for name in used if name not in run.formats]
    return (
        *(Row(None, checks[name].title, "", _groups(targets, found, flaky)) for name, found in own.items()),
        *(
            Row(name, format_name(run, name), uid_suffix(run, name), _groups(targets, used[name], flaky))
            for name in formats
        ),
    )


def _groups(targets: Iterable[str], cells: Iterable[SettledCell], flaky: frozenset[str]) -> tuple[Group | None, ...]:
    found = {target: tuple(of_target) for target, of_target in grouped(cells, lambda one: one.cell.target)}
    return tuple(
        Group(found[target], any(one.cell.id in flaky for one in found[target])) if target in found else None
        for target in targets
    )


def _by_class(cells: Iterable[SettledCell], labels: Mapping[str, str]) -> dict[str, dict[Outcome, int]]:
    found: dict[str, list[SettledCell]] = {name: [] for name in labels.values()}
    for one in cells:
        found[labels[one.cell.target]].append(one)
    return {name: counts(of_class) for name, of_class in found.items()}


def label(name: str) -> str:
    """An outcome or standing as it is printed."""
    return str(name).replace("_", " ")


def counts(cells: Iterable[SettledCell]) -> dict[Outcome, int]:
    """How many cells came to each outcome; every outcome is named, and the sum is the number of cells."""
    found = Counter(cell.outcome for cell in cells)
    return {outcome: found[outcome] for outcome in Outcome}


def counts_text(found: Mapping[Outcome, int]) -> str:
    """Counts in one line, those that are zero left out."""
    return ", ".join(f"{number} {label(outcome)}" for outcome, number in found.items() if number) or "no cell"


def description(run: Run, format_id: str) -> Mapping[str, object]:
    """What the record says of a format; empty where it does not describe it."""
    found = run.formats.get(format_id)
    return found if isinstance(found, Mapping) else {}


def format_name(run: Run, format_id: str) -> str:
    """The name of a format, or its id."""
    return str(description(run, format_id).get("name") or format_id)


def uid_suffix(run: Run, format_id: str) -> str:
    """The end of the transfer syntax UID, such as ``.102.1``; the whole UID where it has another root."""
    return str(description(run, format_id).get("uid") or "").removeprefix(_UID_ROOT)
