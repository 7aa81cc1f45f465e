"""What changed between two runs: verdicts that appeared, vanished or changed, and figures that grew."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.core.conclusion import SettledCell, settle
from harness.core.results import Cell, Outcome, Run

#: A cell counts as slower where it took this many times as long and at least this much longer, in seconds.
SLOWER, SLOWER_BY = 1.5, 1.0
#: A target counts as larger where its memory peak is this many times as large.
LARGER = 1.25


class Change(StrEnum):
    """How a cell of the second run stands to that of the first."""

    APPEARED = "appeared"  #: only the second run has it
    VANISHED = "vanished"  #: only the first run has it
    BETTER = "better"
    WORSE = "worse"
    OTHER = "changed"  #: another outcome that is neither


@dataclass(frozen=True, slots=True)
class CellChange:
    """One cell whose verdict is not the same; an outcome is None where the run has no such cell."""

    cell: str
    change: Change
    before: Outcome | None
    after: Outcome | None
    reason: str


@dataclass(frozen=True, slots=True)
class FigureChange:
    """A figure that grew: seconds of a cell, or the memory peak of a target in bytes."""

    what: str
    unit: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Everything that differs. ``notes`` say what makes the comparison less than like with like."""

    cells: tuple[CellChange, ...]
    figures: tuple[FigureChange, ...]
    notes: tuple[str, ...] = ()

    @property
    def same_verdicts(self) -> bool:
        """Whether every cell came to the same in both runs."""
        return not self.cells


#: What a change to an outcome means; a pair that is not here, in either direction, is neither better nor worse.
_RANK = {Outcome.PASS: 0, Outcome.UNSUPPORTED: 1, Outcome.INCONCLUSIVE: 2, Outcome.FAIL: 3}


def difference(
    before: Run, after: Run, *, renamed: Mapping[str, str] | None = None, notes: tuple[str, ...] = ()
) -> Difference:
    """Compare two runs cell by cell. ``renamed`` maps targets of the first run to their names in the second.

    Where each run has one target, the two are compared whatever they are called.
    """
    names = dict(renamed or {})
    if not names and len(before.targets) == len(after.targets) == 1:
        names = {before.targets[0].id: after.targets[0].id}
    old = {_name(one.cell, names): one for one in settle(before)}
    new = {_name(one.cell, {}): one for one in settle(after)}
    changes = [
        change
        for name in (*old, *(name for name in new if name not in old))
        if (change := _change(name, old.get(name), new.get(name))) is not None
    ]
    return Difference(tuple(changes), (*_slower(old, new), *_larger(before, after, names)), notes)


def _name(cell: Cell, names: Mapping[str, str]) -> str:
    return Cell(names.get(cell.target, cell.target), cell.check, cell.format, cell.variant).id


def _change(name: str, old: SettledCell | None, new: SettledCell | None) -> CellChange | None:
    if old is None and new is not None:
        return CellChange(name, Change.APPEARED, None, new.outcome, new.reason)
    if new is None and old is not None:
        return CellChange(name, Change.VANISHED, old.outcome, None, old.reason)
    if old is None or new is None or old.outcome is new.outcome:
        return None
    return CellChange(name, _direction(old.outcome, new.outcome), old.outcome, new.outcome, new.reason)


def _direction(old: Outcome, new: Outcome) -> Change:
    if old in _RANK and new in _RANK:
        return Change.WORSE if _RANK[new] > _RANK[old] else Change.BETTER
    # What no longer ran, or no longer could, may hide anything.
    return Change.WORSE if old is Outcome.PASS or new is Outcome.FAIL else Change.OTHER


def _slower(old: Mapping[str, SettledCell], new: Mapping[str, SettledCell]) -> tuple[FigureChange, ...]:
    found = []
    for name in old.keys() & new.keys():
        one, other = old[name].deciding, new[name].deciding
        if one is None or other is None or Outcome.PASS not in (one.outcome, other.outcome):
            continue
        if other.seconds > one.seconds * SLOWER and other.seconds - one.seconds > SLOWER_BY:
            found.append(FigureChange(name, "s", one.seconds, other.seconds))
    return tuple(sorted(found, key=lambda figure: figure.before - figure.after))


def _larger(before: Run, after: Run, names: Mapping[str, str]) -> tuple[FigureChange, ...]:
    old = {names.get(target.id, target.id): target.ended.get("memory_peak") for target in before.targets}
    return tuple(
        FigureChange(f"memory peak of {target.id}", "bytes", one, other)
        for target in after.targets
        if isinstance(one := old.get(target.id), int)
        and isinstance(other := target.ended.get("memory_peak"), int)
        and other > one * LARGER
    )
