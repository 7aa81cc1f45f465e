"""Names by which the parts of a report lead to each other. They are numbered: no text of a record is in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.core.verification.report import Report
from harness.report.summary import Summary


@dataclass(frozen=True, slots=True)
class Places:
    """Ids of a record to names inside the report."""

    cells: Mapping[str, str]
    checks: Mapping[str, str]
    requirements: Mapping[str, str]
    targets: Mapping[str, str]
    anomalies: Mapping[str, str]
    anomalies_of: Mapping[str, tuple[str, ...]]
    clips: Mapping[str, str]
    verified_by: Mapping[str, tuple[str, ...]]


def field_anchor(row: int, column: int) -> str:
    """The name of the cells of one field of the matrix."""
    return f"cells-{column}-{row}"


def places_of(summary: Summary, report: Report) -> Places:
    """Name everything that is led to. ``anomalies_of`` are ids by cell, ``verified_by`` requirement ids by check."""
    of_cell: dict[str, list[str]] = {}
    for anomaly in report.anomalies:
        for cell in anomaly.cells:
            of_cell.setdefault(cell, []).append(anomaly.id)
    of_check: dict[str, list[str]] = {}
    for traced in report.trace.requirements:
        for check in traced.checks:
            of_check.setdefault(check, []).append(traced.requirement.id)
    return Places(
        cells=_numbered("cell", (one.cell.id for one in summary.cells)),
        checks=_numbered("check", summary.checks),
        requirements=_numbered("requirement", (one.requirement.id for one in report.trace.requirements)),
        targets=_numbered("target", (one.id for one in summary.columns)),
        anomalies=_numbered("anomaly", (one.id for one in report.anomalies)),
        anomalies_of={cell: tuple(found) for cell, found in of_cell.items()},
        clips=_numbered("clip", report.run.clips),
        verified_by={check: tuple(found) for check, found in of_check.items()},
    )


def _numbered(kind: str, ids: Iterable[str]) -> dict[str, str]:
    return {name: f"{kind}-{number}" for number, name in enumerate(dict.fromkeys(ids), start=1)}
