"""``report.html``: the interoperability verification report as one file that needs no network and no script.

This module prepares what the templates lay out. Every text from the record passes ``printable`` and the
escaping of the template engine; the page itself forbids scripts and every connection.
"""

from dataclasses import dataclass
from pathlib import Path

from harness.core.conclusion import (
    DECISION_RULE,
    EVIDENCE_MEANING,
    SettledCell,
    Standing,
    run_verdict,
    settle,
)
from harness.core.endpoint import EvidenceClass
from harness.core.results import CheckInfo, Plain, Result, Run
from harness.report import summary, wording
from harness.report.exhibits import Exhibit, Exhibits, Pair
from harness.report.manifest import file_sha256
from harness.report.pages import environment
from harness.report.record import RECORD

OUTPUT = "report.html"

#: A sign for each standing, so that colour is never alone; the word always stands beside it.
SIGNS = {
    Standing.FAIL: "✕",
    Standing.ERROR: "!",
    Standing.INCONCLUSIVE: "?",
    Standing.PARTIAL: "◐",
    Standing.PASS: "✓",
    Standing.UNSUPPORTED: "⊘",
    Standing.NOT_RUN: "○",
    Standing.NOT_APPLICABLE: "–",  # noqa: RUF001 - a dash is meant
}


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One result of a cell, ready to print."""

    result: Result
    observation: wording.Node
    files: list[Exhibit]
    pairs: list[Pair]


@dataclass(frozen=True, slots=True)
class CellView:
    """One cell, ready to print."""

    settled: SettledCell
    check: CheckInfo
    flaky: bool
    attempts: list[AttemptView]


@dataclass(frozen=True, slots=True)
class GroupView:
    """The cells of one target and one row, with the name that the matrix links to."""

    anchor: str
    row: summary.Row
    group: summary.Group
    cells: list[CellView]


@dataclass(frozen=True, slots=True)
class TargetView:
    """One target with its groups; ``ended`` is empty where its end was not recorded."""

    column: summary.Column
    details: wording.Node
    ended: wording.Node
    files: list[Exhibit]
    groups: list[GroupView]


def render(run: Run, folder: Path) -> str:
    """The whole page; pictures are taken from the evidence in ``folder``."""
    templates = environment(
        {
            "label": summary.label,
            "bytes": wording.size,
            "tree": wording.tree,
            "anchor": anchor,
        }
    )
    exhibits = Exhibits(folder)
    cells = settle(run)
    rows = summary.matrix_rows(run)
    columns = summary.columns(run)
    targets = [_target(run, exhibits, rows, place, column) for place, column in enumerate(columns)]
    record = folder / RECORD
    return templates.get_template("report.html").render(
        run=run,
        conclusion=run_verdict(run),
        decision_rule=DECISION_RULE,
        cells=cells,
        unplanned=len({cell.cell.id for cell in cells} - set(run.planned)),
        counts=summary.counts_by_class(run),
        outcome_meaning=summary.OUTCOME_MEANING,
        partial_meaning=summary.PARTIAL_MEANING,
        classes=[(kind, EVIDENCE_MEANING[kind], _of_class(columns, kind)) for kind in EvidenceClass],
        rows=rows,
        columns=columns,
        findings=[(one, [_format_label(run, name) for name in one.formats]) for one in summary.findings(run)],
        targets=targets,
        checks=[(check, _counts_of(run, check)) for check in run.checks],
        clips=[(name, _clip(clip)) for name, clip in run.clips.items()],
        pictures=list(exhibits.pictures.values()),
        signs=SIGNS,
        record_sha256=file_sha256(record) if record.is_file() else "",
        Standing=Standing,
    )


def anchor(row: int, column: int) -> str:
    """The name inside the page of the cells of one matrix field."""
    return f"cells-{column}-{row}"


def _target(
    run: Run, exhibits: Exhibits, rows: tuple[summary.Row, ...], place: int, column: summary.Column
) -> TargetView:
    groups = []
    for number, row in enumerate(rows):
        group = row.groups[place]
        if group is not None:
            cells = [_cell(run, exhibits, cell) for cell in group.cells]
            groups.append(GroupView(anchor(number, place), row, group, cells))
    record = column.record
    if record is None:
        return TargetView(column, "none", "", [], groups)
    ended = wording.tree(_readable_sizes(record.ended)) if record.ended else ""
    return TargetView(column, wording.tree(record.details), ended, exhibits.files(record.evidence), groups)


def _cell(run: Run, exhibits: Exhibits, settled: SettledCell) -> CellView:
    attempts = [
        AttemptView(
            result,
            wording.tree(result.observation),
            exhibits.files(result.evidence),
            exhibits.pairs(result.evidence),
        )
        for result in settled.attempts
    ]
    return CellView(settled, summary.check_of(run, settled.cell.check), settled.flaky, attempts)


def _of_class(columns: tuple[summary.Column, ...], kind: EvidenceClass) -> list[str]:
    return [column.id for column in columns if column.evidence_class is kind]


def _format_label(run: Run, format_id: str) -> str:
    suffix = summary.uid_suffix(run, format_id)
    return f"{summary.format_name(run, format_id)} ({suffix})" if suffix else format_id


def _counts_of(run: Run, check: CheckInfo) -> list[str]:
    found = summary.counts_by_class(run, check=check.id)
    return [f"{name}: {summary.counts_text(counts)}" for name, counts in found.items()]


def _clip(clip: object) -> wording.Node:
    return wording.tree(_readable_sizes(clip) if isinstance(clip, dict) else clip)


def _readable_sizes(values: Plain) -> Plain:
    """Byte counts among these values in units that a person reads."""
    return {
        name: wording.size(value) if name in ("size", "memory_peak") and isinstance(value, int) else value
        for name, value in values.items()
    }
