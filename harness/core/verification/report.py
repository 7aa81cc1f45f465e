"""The verification report as a value: everything that any output of it shows, worked out from a run and a dossier."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from uuid import NAMESPACE_URL, uuid5

from harness import __version__
from harness.core.conclusion import run_verdict, settle
from harness.core.endpoint import EvidenceClass
from harness.core.results import Outcome, Run
from harness.core.verification.anomalies import Anomaly, anomalies
from harness.core.verification.approval import approval_problems
from harness.core.verification.completeness import BLOCKS, Block, Missing, missing
from harness.core.verification.deviations import Deviation, deviations
from harness.core.verification.dossier import Dossier
from harness.core.verification.lossy import Disclosure, disclosure
from harness.core.verification.references import unmatched
from harness.core.verification.samples import METHOD, Sample, samples
from harness.core.verification.systems import Systems, system_tables
from harness.core.verification.texts import CLASSES, LIMITS, OUTCOMES, RULE, SCOPE, SIGNATURES, VERDICTS
from harness.core.verification.trace import Trace, trace

SCHEMA = "pytest-pacs/report/1"
TITLE = "Interoperability verification report"


class Completeness(StrEnum):
    """Whether every mandatory field has a value."""

    DRAFT = "draft"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Counts:
    """The cells of one target: ``planned`` is the sum of all ``outcomes`` but those of cells that were not planned."""

    target: str
    planned: int
    unplanned: int
    outcomes: tuple[tuple[Outcome, int], ...]


@dataclass(frozen=True, slots=True)
class ClassUsed:
    """A class of evidence that the run has: what it is worth, its targets, and why it was used; empty for no reason."""

    evidence_class: EvidenceClass
    meaning: str
    targets: tuple[str, ...]
    justification: str


@dataclass(frozen=True, slots=True)
class Texts:
    """What every report says, whatever the run: views print these and no others of their own."""

    scope: tuple[str, ...]
    limits: tuple[str, ...]
    decision_rule: tuple[str, ...]
    verdicts: tuple[tuple[str, str], ...]
    signatures: tuple[tuple[str, str], ...]
    outcomes: tuple[tuple[Outcome, str], ...]
    sample_method: str


@dataclass(frozen=True, slots=True)
class Report:
    """A verification report. ``uuid`` depends on run and dossier alone, so that the same report is the same bytes.

    ``harness`` is the version that worked this out, which may be another one than that of the run.
    ``approval_problems`` say how the approval of the protocol does not fit the run, ``unmatched`` which references of
    the dossier lead nowhere.
    """

    schema: str
    harness: str
    uuid: str
    title: str
    blocks: tuple[Block, ...]
    texts: Texts
    completeness: Completeness
    missing: tuple[Missing, ...]
    dossier: Dossier
    run: Run
    verdict: str
    reasons: tuple[str, ...]
    counts: tuple[Counts, ...]
    systems: Systems
    trace: Trace
    anomalies: tuple[Anomaly, ...]
    deviations: tuple[Deviation, ...]
    samples: tuple[Sample, ...]
    classes: tuple[ClassUsed, ...]
    approval_problems: tuple[str, ...]
    unmatched: tuple[str, ...]
    lossy: Disclosure


def compile_report(run: Run, dossier: Dossier) -> Report:
    """Work out everything that follows from a run and what people added to it."""
    conclusion = run_verdict(run)
    absent = missing(run, dossier)
    return Report(
        schema=SCHEMA,
        harness=__version__,
        uuid=_uuid(run, dossier),
        title=TITLE,
        blocks=BLOCKS,
        texts=Texts(SCOPE, LIMITS, RULE, VERDICTS, SIGNATURES, OUTCOMES, METHOD),
        completeness=Completeness.DRAFT if absent else Completeness.COMPLETE,
        missing=absent,
        dossier=dossier,
        run=run,
        verdict=conclusion.verdict.label,
        reasons=conclusion.reasons,
        counts=counts_by_target(run),
        systems=system_tables(run, dossier),
        trace=trace(run, dossier),
        anomalies=anomalies(run, dossier),
        deviations=deviations(run, dossier),
        samples=samples(run),
        classes=_classes(run, dossier),
        approval_problems=approval_problems(run, dossier),
        unmatched=unmatched(dossier, run),
        lossy=disclosure(run, dossier),
    )


def counts_by_target(run: Run) -> tuple[Counts, ...]:
    """How many cells of each target came to what; every outcome is named."""
    planned = set(run.planned)
    found: dict[str, dict[Outcome, int]] = {}
    unplanned: dict[str, int] = {}
    for one in settle(run):
        of_target = found.setdefault(one.cell.target, dict.fromkeys(Outcome, 0))
        of_target[one.outcome] += 1
        unplanned[one.cell.target] = unplanned.get(one.cell.target, 0) + (one.cell.id not in planned)
    return tuple(
        Counts(target, sum(outcomes.values()) - unplanned[target], unplanned[target], tuple(outcomes.items()))
        for target, outcomes in found.items()
    )


def _classes(run: Run, dossier: Dossier) -> tuple[ClassUsed, ...]:
    classes = {one.id: one.evidence_class for one in run.targets}
    for result in run.results:
        classes.setdefault(result.cell.target, result.evidence_class)
    return tuple(
        ClassUsed(kind, meaning, targets, dossier.info.emulation if kind is EvidenceClass.EMULATED else "")
        for kind, meaning in CLASSES
        if (targets := tuple(id for id, one in classes.items() if one is kind))
    )


def _uuid(run: Run, dossier: Dossier) -> str:
    sources = "\n".join(f"{one.role} {one.name} {one.sha256}" for one in dossier.sources)
    return str(uuid5(NAMESPACE_URL, hashlib.sha256(f"{run.run_id}\n{run.finished}\n{sources}".encode()).hexdigest()))
