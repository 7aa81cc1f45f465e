"""What a whole run comes to: the decision rule printed in every report, and the standing of groups of cells.

Everything here is worked out from a :class:`~harness.core.results.Run`, so that an old record can be
concluded again. A planned cell without a result counts as NOT_RUN: an interrupted run can never look
complete.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any

from harness.core.endpoint import EvidenceClass
from harness.core.results import Cell, Outcome, Plain, Result, Run

#: The decision rule in words; :func:`decide` follows it line by line.
DECISION_RULE = (
    "NOT MET: a cell is FAIL, or a cell of a required format is UNSUPPORTED in a check of level SHALL.",
    "NOT SHOWN: otherwise, where a cell is ERROR or INCONCLUSIVE, a planned cell has no result, the run was ended "
    "before its end, a target has no PASS in a cell of a format, or a required format is not PASS, with content that "
    "came back, on every target of the run; what counts for a required format are the checks of level SHALL that the "
    "chosen profile asks.",
    "MET: otherwise.",
    "One requirement or risk control on one target: the same, held against the cells of its checks there. It is MET "
    "by MEASURED evidence alone and where every check of it that applies has a PASS, NOT APPLICABLE where each of "
    "these cells is, and otherwise NOT SHOWN.",
)

#: What a verdict of MET is worth, by the class of its evidence.
EVIDENCE_MEANING = {
    EvidenceClass.MEASURED: "A real product was exercised, in the version and configuration given; "
    "the result is valid for these only.",
    EvidenceClass.EMULATED: "A server of this harness played documented limits of a product; not a test "
    "of that product.",
    EvidenceClass.SELF_TEST: "A server of this harness was exercised as itself; the result concerns the "
    "harness and no product.",
}

#: Families of checks that look at content which came back: without one, a required format is not shown.
CONTENT_FAMILIES = frozenset({"retrieve", "playback", "size"})

_WEIGHT = tuple(Outcome)


class RunVerdict(Enum):
    """The verdict on a run; the value is the exit code of the test run."""

    MET = 0
    NOT_MET = 1
    NOT_SHOWN = 10

    @property
    def label(self) -> str:
        """The verdict as it is printed, such as ``NOT MET``."""
        return self.name.replace("_", " ")


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The verdict on a run with every reason for it; each reason is one line for a person."""

    verdict: RunVerdict
    reasons: tuple[str, ...]


class Standing(StrEnum):
    """What a group of cells comes to, such as all checks of one format on one target."""

    FAIL = "FAIL"  #: at least one cell is FAIL
    ERROR = "ERROR"  #: at least one cell is ERROR, none is FAIL
    INCONCLUSIVE = "INCONCLUSIVE"  #: at least one cell is INCONCLUSIVE, none is FAIL or ERROR
    PARTIAL = "PARTIAL"  #: some cells are PASS, others UNSUPPORTED or NOT_RUN
    PASS = "PASS"  # noqa: S105 - every cell that applies is PASS
    UNSUPPORTED = "UNSUPPORTED"  #: refused; cells that could not run because of it may be among them
    NOT_RUN = "NOT_RUN"  #: no cell was executed
    NOT_APPLICABLE = "NOT_APPLICABLE"  #: the target offers none of the services asked for


def standing(outcomes: Iterable[Outcome]) -> Standing:
    """The standing of a group of cells; an empty group is NOT_RUN."""
    seen = set(outcomes)
    for decisive in (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE):
        if decisive in seen:
            return Standing(decisive.value)
    if seen == {Outcome.NOT_APPLICABLE}:
        return Standing.NOT_APPLICABLE
    seen.discard(Outcome.NOT_APPLICABLE)
    if Outcome.PASS in seen:
        return Standing.PASS if len(seen) == 1 else Standing.PARTIAL
    return Standing.UNSUPPORTED if Outcome.UNSUPPORTED in seen else Standing.NOT_RUN


@dataclass(frozen=True, slots=True)
class SettledCell:
    """One cell with what it came to.

    ``attempts`` holds its results in order of time: normally one, none where the run ended before the cell,
    and several where it was repeated; then the heaviest decides, so that a pass never hides an earlier
    failure. ``deciding`` is that result, None where the cell never ran, and ``outcome`` the one that counts.
    """

    cell: Cell
    attempts: tuple[Result, ...]
    deciding: Result | None = field(init=False, compare=False)
    outcome: Outcome = field(init=False, compare=False)

    def __post_init__(self) -> None:
        deciding = min(self.attempts, key=lambda result: _WEIGHT.index(result.outcome), default=None)
        object.__setattr__(self, "deciding", deciding)
        object.__setattr__(self, "outcome", Outcome.NOT_RUN if deciding is None else deciding.outcome)

    @property
    def left_out(self) -> bool:
        """Whether who started the run chose a profile that does not ask this; such a cell stands for nothing."""
        return self.deciding is not None and self.deciding.observation.get("kind") == "LeftOut"

    @property
    def flaky(self) -> bool:
        """Whether it did not come to the same at once: it was repeated, or an exchange in it was."""
        return len(self.attempts) > 1 or any(_has_earlier(attempt.observation) for attempt in self.attempts)

    @property
    def reason(self) -> str:
        """Why, in words."""
        return "the run ended before this cell" if self.deciding is None else self.deciding.reason


def _has_earlier(observation: Plain) -> bool:
    """Look for a history of attempts (:attr:`harness.core.exchange.Exchange.earlier`) anywhere inside."""
    waiting: list[Any] = [observation]
    while waiting:
        value = waiting.pop()
        # A record holds nothing but these, and there are very many of them.
        if isinstance(value, dict):
            if value.get("earlier"):
                return True
            waiting += value.values()
        elif isinstance(value, list | tuple):
            waiting += value
    return False


def settle(run: Run) -> tuple[SettledCell, ...]:
    """Every cell of a run: the planned ones in planned order, then those that ran without being planned."""
    attempts: dict[str, list[Result]] = {cell_id: [] for cell_id in run.planned}
    for result in run.results:
        attempts.setdefault(result.cell.id, []).append(result)
    return tuple(
        SettledCell(found[0].cell if found else _cell_from_id(cell_id, run), tuple(found))
        for cell_id, found in attempts.items()
    )


def standing_of(cells: Iterable[SettledCell]) -> Standing:
    """The standing of a group of cells by those that the chosen profile asks; NOT_RUN where it asks none."""
    return standing(one.outcome for one in cells if not one.left_out)


@dataclass(frozen=True, slots=True)
class Rule:
    """What the decision rule must know besides cells.

    ``optional`` are checks that the standard does not demand, ``content`` those that look at content which came back.
    """

    required: tuple[str, ...]
    planned: frozenset[str]
    optional: frozenset[str]
    content: frozenset[str]

    @classmethod
    def of(cls, run: Run) -> "Rule":
        """The rule as it is for a run."""
        return cls(
            required=run.required,
            planned=frozenset(run.planned),
            optional=frozenset(check.id for check in run.checks if check.level in ("SHOULD", "MAY")),
            content=frozenset(check.id for check in run.checks if check.family in CONTENT_FAMILIES),
        )

    def demands(self, one: SettledCell) -> bool:
        """Whether a cell counts for a required format: the standard demands it, and the chosen profile asks it."""
        return one.cell.check not in self.optional and not one.left_out

    def refused(self, one: SettledCell) -> bool:
        """Whether a cell is a refusal of what is required."""
        return one.outcome is Outcome.UNSUPPORTED and one.cell.format in self.required and self.demands(one)


@dataclass(frozen=True, slots=True)
class Decision:
    """What some cells come to by the rule: the ``cells`` that decided, and in words what besides is ``lacking``."""

    verdict: RunVerdict
    cells: tuple[SettledCell, ...]
    lacking: tuple[str, ...] = ()


def decide(cells: Sequence[SettledCell], targets: Iterable[str], rule: Rule, *, whole: bool) -> Decision:
    """Hold cells against :data:`DECISION_RULE`.

    ``whole`` tells that they are all cells of the targets. Where they are those of some checks only, a required format
    is asked of the cells that are about formats and apply, and content need not have come back in any.
    """
    if against := tuple(one for one in cells if one.outcome is Outcome.FAIL or rule.refused(one)):
        return Decision(RunVerdict.NOT_MET, against)
    undecided = tuple(one for one in cells if one.outcome in (Outcome.ERROR, Outcome.INCONCLUSIVE))
    # Per target, because targets may differ in evidence class, and a PASS of one class never speaks for another.
    of_target = _by_target(cells, targets)
    lacking = [f"no {what} is PASS on {name}" for name, found in of_target.items() if (what := _unproved(found))]
    if not of_target:
        lacking.append("the run has no cell")
    if lost := sum(not one.attempts for one in cells):
        lacking.append(f"{lost} of {sum(one.cell.id in rule.planned for one in cells)} planned cells have no result")
    for name, found in of_target.items():
        lacking += _required_not_passed(found, name, rule, whole=whole)
    return Decision(RunVerdict.NOT_SHOWN if undecided or lacking else RunVerdict.MET, undecided, tuple(lacking))


def run_verdict(run: Run) -> Conclusion:
    """Judge a whole run by :data:`DECISION_RULE`."""
    cells = settle(run)
    targets = dict.fromkeys([target.id for target in run.targets] + [one.cell.target for one in cells])
    found = decide(cells, targets, Rule.of(run), whole=True)
    reasons = [_reason(one) for one in sorted(found.cells, key=lambda one: one.outcome is not Outcome.FAIL)]
    # What would have come after the last result is not known, and neither is what was left of the targets.
    killed = () if run.finished else ("the run was ended before its end",)
    verdict = RunVerdict.NOT_SHOWN if killed and found.verdict is RunVerdict.MET else found.verdict
    if verdict is not RunVerdict.MET:
        return Conclusion(verdict, (*reasons, *found.lacking, *killed))
    reasons = [
        f"{name}: {sum(one.outcome is Outcome.PASS for one in of)} of {len(of)} cells are "
        "PASS, none is FAIL, ERROR or INCONCLUSIVE"
        for name, of in _by_target(cells, targets).items()
    ]
    required = f"PASS on every target: {', '.join(run.required)}" if run.required else "none"
    return Conclusion(RunVerdict.MET, (*reasons, f"required formats: {required}"))


def _by_target(cells: Iterable[SettledCell], targets: Iterable[str]) -> dict[str, list[SettledCell]]:
    found: dict[str, list[SettledCell]] = {name: [] for name in targets}
    for one in cells:
        found[one.cell.target].append(one)
    return found


def _reason(one: SettledCell) -> str:
    required = f" and {one.cell.format} is required" if one.outcome is Outcome.UNSUPPORTED else ""
    return f"{one.cell.id} is {one.outcome}{required}: {one.reason}"


def _unproved(cells: list[SettledCell]) -> str:
    """What kind of cell a target still owes a PASS of; that it answers and refuses says nothing of any format."""
    of_formats = [one for one in cells if one.cell.format is not None]
    if any(one.outcome is Outcome.PASS for one in of_formats or cells):
        return ""
    return "cell of a format" if of_formats else "cell"


def _required_not_passed(cells: Iterable[SettledCell], target: str, rule: Rule, *, whole: bool) -> Iterator[str]:
    outcomes: dict[str, list[Outcome]] = {}
    proved: set[str] = set()
    for one in cells:
        if one.cell.format is None or not rule.demands(one):
            continue
        outcomes.setdefault(one.cell.format, []).append(one.outcome)
        if one.outcome is Outcome.PASS and one.cell.check in rule.content:
            proved.add(one.cell.format)
    for format_id in rule.required if whole or outcomes else ():
        found = outcomes.get(format_id)
        if found is None:
            yield f"{format_id} is required and has no cell on {target}"
            continue
        came_to = standing(found)
        if came_to is Standing.NOT_APPLICABLE and not whole:
            continue
        if came_to is not Standing.PASS:
            yield f"{format_id} is required and {came_to} on {target}"
        elif whole and format_id not in proved:
            yield f"{format_id} is required and no content of it came back from {target}"


def _cell_from_id(cell_id: str, run: Run) -> Cell:
    """Read :attr:`Cell.id` backwards; only a cell that left no result needs it."""
    target, *middle, check = cell_id.split("--")
    format_id = middle.pop(0) if middle and middle[0] in run.formats else None
    return Cell(target, check, format_id, "--".join(middle) or None)
