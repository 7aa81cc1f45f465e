"""What is the same of several things, said once with all of them: fields, targets, checks, formats."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from harness.core.endpoint import EvidenceClass
from harness.core.results import Outcome
from harness.core.verification.completeness import Missing
from harness.core.verification.ratios import Compression
from harness.core.verification.samples import Sample
from harness.core.verification.trace import OnTarget, Shown
from harness.report.summary import grouped


@dataclass(frozen=True, slots=True)
class MissingView:
    """One mandatory field, with everything that lacks it; empty where the whole report does."""

    block: str
    field: str
    subjects: tuple[str, ...]
    clause: str
    supply: str


@dataclass(frozen=True, slots=True)
class OnTargets:
    """What a requirement or risk control came to in the same way on some targets."""

    targets: tuple[str, ...]
    evidence_class: EvidenceClass | None
    verdict: Shown
    counts: tuple[tuple[Outcome, int], ...]
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Executed:
    """Checks that were executed the same number of times on one target, with the same result."""

    target: str
    statement: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Natured:
    """The executions of all checks of one nature."""

    nature: str
    rationale: str
    rows: tuple[Executed, ...]


@dataclass(frozen=True, slots=True)
class Compressed:
    """One clip, with the names of all formats that it was sent in; of a clip without a format, its own."""

    names: tuple[str, ...]
    compression: Compression


def missing(found: Iterable[Missing]) -> tuple[MissingView, ...]:
    """Fields with all that lack them, in the order of the first."""
    return tuple(
        MissingView(
            field.block, field.field, tuple(one.subject for one in of if one.subject), field.clause, field.supply
        )
        for field, of in grouped(found, lambda one: replace(one, subject=""))
    )


def on_targets(found: Iterable[OnTarget]) -> tuple[OnTargets, ...]:
    """Targets on which the same was shown, in the order of the first."""
    groups = grouped(found, lambda one: (one.evidence_class, one.verdict, one.counts, one.reasons))
    return tuple(OnTargets(tuple(one.target for one in of), *same) for same, of in groups)


def executions(samples: Iterable[Sample]) -> tuple[Natured, ...]:
    """The checks of each nature by target and by what is said of how often they ran."""
    return tuple(
        Natured(
            nature,
            of[0].rationale,
            tuple(
                Executed(target, statement, tuple(one.check for one in alike))
                for (target, statement), alike in grouped(of, lambda one: (one.target, one.statement))
            ),
        )
        for nature, of in grouped(samples, lambda one: str(one.nature))
    )


def compressed(found: Iterable[Compression]) -> tuple[Compressed, ...]:
    """Clips with all their formats: twins share a clip, and all that is told of it."""
    return tuple(
        Compressed(tuple(one.format or one.clip for one in of), of[0])
        for _, of in grouped(found, lambda one: replace(one, format=""))
    )
