"""Requirements to checks to cells to evidence, and what each requirement came to on each target."""

from dataclasses import dataclass

from harness.core.endpoint import EvidenceClass
from harness.core.requirements import Requirement
from harness.core.results import Outcome, Run
from harness.core.verification.dossier import Dossier, RiskControl


@dataclass(frozen=True, slots=True)
class OnTarget:
    """What a requirement or risk control came to on one target. ``verdict`` is MET, NOT MET or NOT SHOWN.

    ``counts`` pairs outcomes with numbers, those that are zero left out; ``cells`` are ids, whose evidence the run has.
    """

    target: str
    evidence_class: EvidenceClass | None
    verdict: str
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
    """Trace a run."""
    return Trace((), (), (), ())
