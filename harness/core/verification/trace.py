"""Requirements to checks to cells to evidence, and what each requirement came to on each target."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.core.conclusion import Decision, Rule, RunVerdict, SettledCell, decide, settle
from harness.core.coverage import expanded, linked, orphans, uncovered
from harness.core.endpoint import EvidenceClass
from harness.core.requirements import Requirement
from harness.core.results import Outcome, Run
from harness.core.verification.dossier import Dossier, RiskControl


class Shown(StrEnum):
    """What was shown of a requirement or risk control on one target."""

    MET = "MET"  #: by MEASURED evidence, every check of it executed
    NOT_MET = "NOT MET"  #: something that it asks was seen not to hold, whatever the class of evidence
    NOT_SHOWN = "NOT SHOWN"  #: not decided, not executed, or by evidence that counts towards no requirement
    NOT_APPLICABLE = "NOT APPLICABLE"  #: the target offers none of what its checks ask for, and says so


@dataclass(frozen=True, slots=True)
class OnTarget:
    """What a requirement or risk control came to on one target, with reasons from the heaviest down.

    ``counts`` pairs outcomes with numbers, those that are zero left out; ``cells`` are ids, whose evidence the run has.
    """

    target: str
    evidence_class: EvidenceClass | None
    verdict: Shown
    reasons: tuple[str, ...]
    counts: tuple[tuple[Outcome, int], ...]
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Traced:
    """One requirement with every check that verifies it, whether the run asked it or not."""

    requirement: Requirement
    fingerprint: str
    checks: tuple[str, ...]
    on: tuple[OnTarget, ...]


@dataclass(frozen=True, slots=True)
class TracedRisk:
    """One risk control with what its checks came to."""

    control: RiskControl
    on: tuple[OnTarget, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The trace both ways. ``uncovered`` pairs requirements without a check with the written reason, empty for none;
    ``orphans`` are checks that verify nothing."""

    requirements: tuple[Traced, ...]
    risks: tuple[TracedRisk, ...]
    uncovered: tuple[tuple[str, str], ...]
    orphans: tuple[str, ...]


def trace(run: Run, dossier: Dossier) -> Trace:
    """Trace a run: what the record requires, and what people added to it."""
    checks = tuple(run.known_checks.values())
    catalogue = linked(run.requirements, checks)
    own = linked(dossier.requirements, checks, catalogue)
    requirements = (*catalogue, *own)
    standing = {one.id: one.checks for one in requirements}
    grid = _Grid.of(run)
    return Trace(
        requirements=tuple(Traced(one, one.fingerprint, one.checks, grid.on(one.checks)) for one in requirements),
        risks=tuple(TracedRisk(one, grid.on(expanded(one.checks, standing))) for one in dossier.risks),
        uncovered=tuple((one.id, one.not_tested) for one in uncovered(requirements)),
        orphans=orphans(checks, requirements),
    )


@dataclass(frozen=True, slots=True)
class _Grid:
    """The cells of a run by target and check, so that none is looked for."""

    rule: Rule
    classes: Mapping[str, EvidenceClass | None]
    cells: Mapping[tuple[str, str], list[SettledCell]]

    @classmethod
    def of(cls, run: Run) -> "_Grid":
        classes: dict[str, EvidenceClass | None] = {one.id: one.evidence_class for one in run.targets}
        cells: dict[tuple[str, str], list[SettledCell]] = {}
        for one in settle(run):
            cells.setdefault((one.cell.target, one.cell.check), []).append(one)
            # A target that never came up is known by its results alone, or by nothing but what was planned.
            if classes.get(one.cell.target) is None:
                classes[one.cell.target] = one.attempts[0].evidence_class if one.attempts else None
        return cls(Rule.of(run), classes, cells)

    def on(self, checks: Sequence[str]) -> tuple[OnTarget, ...]:
        """What some checks came to on each target; nothing where there is none."""
        return tuple(self._on(target, checks) for target in self.classes) if checks else ()

    def _on(self, target: str, checks: Sequence[str]) -> OnTarget:
        cells = [one for check in checks for one in self.cells.get((target, check), ())]
        idle = [check for check in checks if all(map(_idle, self.cells.get((target, check), ())))]
        found = decide(cells, (target,), self.rule, whole=False)
        verdict, why = _verdict(cells, idle, found, self.classes[target])
        outcomes = [one.outcome for one in cells]
        return OnTarget(
            target=target,
            evidence_class=self.classes[target],
            verdict=verdict,
            reasons=(*why, *_told(cells, found)),
            counts=tuple((outcome, outcomes.count(outcome)) for outcome in Outcome if outcome in outcomes),
            cells=tuple(one.cell.id for one in cells),
        )


def _idle(one: SettledCell) -> bool:
    return one.outcome is Outcome.NOT_RUN


def _verdict(
    cells: Sequence[SettledCell], idle: Sequence[str], found: Decision, kind: EvidenceClass | None
) -> tuple[Shown, tuple[str, ...]]:
    """The verdict, and what of it the cells do not tell."""
    if found.verdict is RunVerdict.NOT_MET:
        return Shown.NOT_MET, found.lacking
    if not cells:
        return Shown.NOT_SHOWN, (f"not asked in this run: {', '.join(idle)}",)
    if all(one.outcome is Outcome.NOT_APPLICABLE for one in cells) and not idle:
        came_to, lacking = Shown.NOT_APPLICABLE, ["the target offers none of what the checks ask for, and says so"]
    else:
        came_to = Shown.MET if found.verdict is RunVerdict.MET and not idle else Shown.NOT_SHOWN
        lacking = [*found.lacking, *([f"not executed: {', '.join(idle)}"] if idle else [])]
    if came_to is Shown.NOT_SHOWN or {kind, *_kinds(cells)} <= {EvidenceClass.MEASURED}:
        return came_to, tuple(lacking)
    kinds = ", ".join(sorted({one or "unknown" for one in (kind, *_kinds(cells))}))
    every = "all PASS" if {one.outcome for one in cells} == {Outcome.PASS} else f"comes to {came_to}"
    return Shown.NOT_SHOWN, (f"{every}, but {kinds} evidence counts towards no requirement", *lacking)


def _kinds(cells: Iterable[SettledCell]) -> set[EvidenceClass]:
    return {attempt.evidence_class for one in cells for attempt in one.attempts}


#: What is said of the cells of one outcome, heaviest first.
_WORDS = {
    Outcome.FAIL: "FAIL",
    Outcome.ERROR: "ERROR",
    Outcome.INCONCLUSIVE: "INCONCLUSIVE",
    Outcome.PASS: "PASS",
    Outcome.UNSUPPORTED: "refused openly",
    Outcome.NOT_RUN: "not executed",
    Outcome.NOT_APPLICABLE: "not applicable",
}


def _told(cells: Sequence[SettledCell], found: Decision) -> Iterator[str]:
    """Which formats came to what, those that decided first."""
    deciding = {one.outcome for one in found.cells}
    required = " although required" if Outcome.UNSUPPORTED in deciding else ""
    for outcome in sorted(_WORDS, key=lambda outcome: outcome not in deciding):
        if of := [one for one in cells if one.outcome is outcome]:
            yield f"{_WORDS[outcome]}{required if outcome is Outcome.UNSUPPORTED else ''}: {_names(of)}"


def _names(cells: Iterable[SettledCell]) -> str:
    """Cells as checks with their formats."""
    formats: dict[str, dict[str, None]] = {}
    others: dict[str, int] = {}
    for one in cells:
        of = formats.setdefault(one.cell.check, {})
        if one.cell.format is None:
            others[one.cell.check] = others.get(one.cell.check, 0) + 1
        else:
            of[one.cell.format] = None
    return "; ".join(
        f"{check} of {', '.join(of)}" if of else f"{check} in {others[check]} cells" if others[check] > 1 else check
        for check, of in formats.items()
    )
