"""A verification report brought into the order in which it is laid out, once for screen and print.

Nothing is decided here: the view pairs what the report says with the names by which its parts lead to each other, from
requirement to check to cell to evidence file and back. It is linear in the results.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.core.conclusion import EVIDENCE_MEANING
from harness.core.endpoint import EvidenceClass
from harness.core.qualification.standing import told
from harness.core.results import Outcome, Run
from harness.core.verification.anomalies import Anomaly
from harness.core.verification.completeness import BLOCKS, Block
from harness.core.verification.report import Report
from harness.core.verification.systems import Fact
from harness.report.exhibits import Exhibits, Picture
from harness.report.findings import Finding, findings
from harness.report.manifest import file_sha256
from harness.report.record import RECORD
from harness.report.summary import (
    PARTIAL_MEANING,
    Column,
    Row,
    Summary,
    format_name,
    uid_suffix,
)
from harness.report.verification.clips import ClipView, clips
from harness.report.verification.evidence import EvidenceIndex, Exhibited
from harness.report.verification.headline import Headlines, headlines
from harness.report.verification.places import Places
from harness.report.verification.plots import Plot, plots
from harness.report.verification.rendering import Rendering
from harness.report.verification.results import SCREEN, Detail, Field, fields
from harness.report.verification.together import Compressed, MissingView, Natured, compressed, executions, missing
from harness.report.verification.traced import CheckView, RequirementView, RiskView, checks, requirements, risks

#: Findings that stand before the blocks; all cells are in block 9.
MOST_FINDINGS = 60
#: Checks that one finding names; it leads to them, and each cell names its own.
MOST_CHECKS = 8


@dataclass(frozen=True, slots=True)
class BlockView:
    """One block. ``template`` is the file that lays it out, ``missing`` what it owes."""

    number: str
    title: str
    anchor: str
    template: str
    missing: tuple[MissingView, ...]


@dataclass(frozen=True, slots=True)
class TargetView:
    """One system under test; ``facts`` are everything known of it, each with who tells it."""

    anchor: str
    column: Column
    facts: tuple[Fact, ...]
    files: tuple[Exhibited, ...]
    counts: tuple[tuple[Outcome, int], ...]


@dataclass(frozen=True, slots=True)
class AnomalyView:
    """One anomaly with its name inside the page."""

    anchor: str
    anomaly: Anomaly
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FindingView:
    """One finding with the names of its formats."""

    finding: Finding
    formats: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the templates lay out. ``run_sha256`` is of ``run.json``, empty where it is not beside."""

    report: Report
    run: Run
    summary: Summary
    record_sha256: str
    run_sha256: str
    verdict_name: str
    verdict_meaning: str
    headlines: Headlines
    decision_rule: tuple[str, ...]
    classes: tuple[tuple[EvidenceClass, str, tuple[str, ...]], ...]
    blocks: tuple[BlockView, ...]
    places: Places
    targets: tuple[TargetView, ...]
    requirements: tuple[RequirementView, ...]
    risks: tuple[RiskView, ...]
    checks: tuple[CheckView, ...]
    findings: tuple[FindingView, ...]
    anomalies: tuple[AnomalyView, ...]
    clips: tuple[ClipView, ...]
    compressed: tuple[Compressed, ...]
    executions: tuple[Natured, ...]
    fields: tuple[Field, ...]
    folded: int
    evidence: tuple[Exhibited, ...]
    pictures: tuple[Picture, ...]
    plots: tuple[Plot, ...]

    @property
    def outcomes(self) -> Mapping[Outcome, str]:
        """Every outcome with what it says and does not say."""
        return dict(self.report.texts.outcomes)

    @property
    def partial_meaning(self) -> str:
        """What PARTIAL says of a field of the matrix."""
        return PARTIAL_MEANING

    @property
    def signatures(self) -> tuple[tuple[str, str], ...]:
        """The roles that sign, each with what the signature means."""
        return self.report.texts.signatures

    @property
    def recorded_otherwise(self) -> bool:
        """Whether the record was closed with another verdict than the rule gives now."""
        return bool(self.run.conclusion) and self.run.conclusion.replace("_", " ") != self.report.verdict

    @property
    def missing(self) -> tuple[MissingView, ...]:
        """Every mandatory field without a value, in the order of the blocks."""
        return tuple(one for block in self.blocks for one in block.missing)

    @property
    def qualification(self) -> tuple[str, ...]:
        """What was shown of the harness itself on the host of the run."""
        return told(self.run)

    @property
    def most_findings(self) -> int:
        """How many findings stand before the blocks."""
        return MOST_FINDINGS

    @property
    def most_checks(self) -> int:
        """How many checks a finding names."""
        return MOST_CHECKS

    @property
    def format_rows(self) -> tuple[tuple[int, Row], ...]:
        """The rows of the matrix that are about a format, each with its number."""
        return tuple((number, row) for number, row in enumerate(self.summary.rows) if row.format is not None)

    @property
    def own_rows(self) -> tuple[tuple[int, Row], ...]:
        """The rows of the matrix that are about a target as a whole, each with its number."""
        return tuple((number, row) for number, row in enumerate(self.summary.rows) if row.format is None)

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns of the matrix."""
        return self.summary.columns


def prepare(rendering: Rendering, detail: Detail = SCREEN) -> View:
    """Bring a report into the order in which it is laid out; ``detail`` bounds how much of each cell is printed."""
    report, run = rendering.report, rendering.report.run
    summary, places, evidence = rendering.summary, rendering.places, rendering.evidence
    exhibits = Exhibits(rendering.folder)
    shown = fields(summary, report, places, evidence, exhibits, detail)
    return View(
        report=report,
        run=run,
        summary=summary,
        record_sha256=rendering.record_sha256,
        run_sha256=_run_sha256(rendering.folder),
        verdict_name=report.verdict.replace(" ", "_"),
        verdict_meaning=dict(report.texts.verdicts).get(report.verdict, ""),
        headlines=headlines(summary, report),
        decision_rule=report.texts.decision_rule,
        classes=_classes(summary),
        blocks=tuple(_block(one, report) for one in BLOCKS),
        places=places,
        targets=tuple(_target(one, report, places, evidence) for one in summary.columns),
        requirements=requirements(report, places),
        risks=risks(report, places),
        checks=checks(summary, report, places),
        findings=tuple(FindingView(one, tuple(named(run, name) for name in one.formats)) for one in findings(summary)),
        anomalies=tuple(
            AnomalyView(places.anomalies[one.id], one, tuple(named(run, name) for name in one.formats))
            for one in report.anomalies
        ),
        clips=clips(run, places),
        compressed=compressed(report.lossy.clips),
        executions=executions(report.samples),
        fields=shown.fields,
        folded=shown.folded,
        evidence=evidence.all,
        pictures=tuple(exhibits.pictures.values()),
        plots=plots(summary),
    )


def named(run: Run, format_id: str) -> str:
    """A format by its name, told apart from its twin by the end of its UID."""
    suffix = uid_suffix(run, format_id)
    return f"{format_name(run, format_id)} ({suffix})" if suffix else format_name(run, format_id)


def _block(block: Block, report: Report) -> BlockView:
    slug = block.title.lower().replace(",", "").replace(" ", "_")
    return BlockView(
        block.number,
        block.title,
        f"block-{block.number}",
        f"{block.number}_{slug}.html",
        missing(one for one in report.missing if one.block == block.number),
    )


def _target(column: Column, report: Report, places: Places, evidence: EvidenceIndex) -> TargetView:
    facts = {one.subject: one.facts for one in report.systems.targets}
    counts = {one.target: one.outcomes for one in report.counts}
    return TargetView(
        places.targets[column.id],
        column,
        facts.get(column.id, ()),
        evidence.of(column.record.evidence) if column.record else (),
        counts.get(column.id, ()),
    )


def _classes(summary: Summary) -> tuple[tuple[EvidenceClass, str, tuple[str, ...]], ...]:
    return tuple(
        (kind, EVIDENCE_MEANING[kind], tuple(one.id for one in summary.columns if one.evidence_class is kind))
        for kind in EvidenceClass
    )


def _run_sha256(folder: Path) -> str:
    record = folder / RECORD
    return file_sha256(record) if record.is_file() else ""
