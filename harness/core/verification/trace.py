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

    MET = "MET"  #: by MEASURED evidence, with a PASS of every check of it that applies
    NOT_MET = "NOT MET"  #: something that it asks was seen not to hold, whatever the class of evidence
    NOT_SHOWN = "NOT SHOWN"  #: not decided, not executed, or by evidence of a class that cannot show it to be MET
    NOT_APPLICABLE = "NOT APPLICABLE"  #: the target, or the videos, have nothing that its checks ask for


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
    """One risk control with its checks, also where it names a requirement for them, and what these came to."""

    control: RiskControl
    checks: tuple[str, ...]
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
    risks = [(one, expanded(one.checks, standing)) for one in dossier.risks]
    grid = _Grid.of(run)
    return Trace(
        requirements=tuple(Traced(one, one.fingerprint, one.checks, grid.on(one.checks)) for one in requirements),
        risks=tuple(TracedRisk(one, of, grid.on(of)) for one, of in risks),
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
        absent = [check for check in checks if (target, check) not in self.cells]
        found = decide(cells, (target,), self.rule, whole=False)
        verdict, why = _verdict(cells, absent, found, self.classes[target])
        outcomes = [one.outcome for one in cells]
        return OnTarget(
            target=target,
            evidence_class=self.classes[target],
            verdict=verdict,
            reasons=(*why, *_told(cells, found, verdict)),
            counts=tuple((outcome, outcomes.count(outcome)) for outcome in Outcome if outcome in outcomes),
            cells=tuple(one.cell.id for one in cells),
        )


def _verdict(
    cells: Sequence[SettledCell], absent: Sequence[str], found: Decision, kind: EvidenceClass | None
) -> tuple[Shown, tuple[str, ...]]:
    """The verdict, and what of it the cells do not tell; ``absent`` are checks without a cell here."""
    if found.verdict is RunVerdict.NOT_MET:
        return Shown.NOT_MET, ()
    asked = (f"not asked in this run: {', '.join(absent)}",) if absent else ()
    if not cells:
        return Shown.NOT_SHOWN, asked
    came_to = _measured(cells, found.verdict) if not absent else Shown.NOT_SHOWN
    if came_to is Shown.NOT_SHOWN:
        return came_to, (*asked, *found.lacking)
    kinds = {kind, *(attempt.evidence_class for one in cells for attempt in one.attempts)}
    if kinds == {EvidenceClass.MEASURED}:
        return came_to, ()
    every = "all PASS" if {one.outcome for one in cells} == {Outcome.PASS} else f"comes to {came_to}"
    named = ", ".join(sorted(one or "unknown" for one in kinds))
    return Shown.NOT_SHOWN, (f"{every}, but {named} evidence shows no requirement to be MET",)


def _measured(cells: Sequence[SettledCell], verdict: RunVerdict) -> Shown:
    """What cells come to that are not NOT MET, if they are MEASURED."""
    if all(one.outcome is Outcome.NOT_APPLICABLE for one in cells):
        return Shown.NOT_APPLICABLE
    return Shown.MET if verdict is RunVerdict.MET and not _idle(cells) else Shown.NOT_SHOWN


def _idle(cells: Iterable[SettledCell]) -> frozenset[str]:
    """The checks that apply to the target and of which nothing was seen to hold: refused or not executed throughout."""
    applying = frozenset(one.cell.check for one in cells if one.outcome is not Outcome.NOT_APPLICABLE)
    return applying - {one.cell.check for one in cells if one.outcome is Outcome.PASS}


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


def _told(cells: Sequence[SettledCell], found: Decision, verdict: Shown) -> Iterator[str]:
    """Which formats came to what, those that decided first."""
    deciding = {one.outcome for one in found.cells}
    required = " although required" if Outcome.UNSUPPORTED in deciding else ""
    if verdict is Shown.NOT_SHOWN and not deciding:
        idle = _idle(cells)
        deciding = {one.outcome for one in cells if one.cell.check in idle}
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
