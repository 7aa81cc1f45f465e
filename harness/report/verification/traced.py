"""The trace as it is laid out: requirements, risk controls and checks, each leading to the next."""

from dataclasses import dataclass

from harness.core.results import CheckInfo
from harness.core.verification.report import Report
from harness.core.verification.trace import Traced, TracedRisk
from harness.report.summary import Summary, counts_text
from harness.report.verification.places import Places
from harness.report.verification.together import OnTargets, on_targets


@dataclass(frozen=True, slots=True)
class RequirementView:
    """One requirement with its name inside the report, and what it came to, said once for targets that are alike."""

    anchor: str
    traced: Traced
    on: tuple[OnTargets, ...]


@dataclass(frozen=True, slots=True)
class RiskView:
    """One risk control, and what it came to in the same way."""

    traced: TracedRisk
    on: tuple[OnTargets, ...]


@dataclass(frozen=True, slots=True)
class CellLink:
    """A cell as a check leads to it; ``text`` tells it from the others of the same check and target."""

    anchor: str
    outcome: str
    text: str


@dataclass(frozen=True, slots=True)
class CheckView:
    """One check that was asked: ``requirements`` are ids, ``counts`` per evidence class in words, cells by target."""

    anchor: str
    info: CheckInfo
    requirements: tuple[str, ...]
    counts: tuple[str, ...]
    cells: tuple[tuple[str, tuple[CellLink, ...]], ...]


def requirements(report: Report, places: Places) -> tuple[RequirementView, ...]:
    """Every requirement, in order."""
    return tuple(
        RequirementView(places.requirements[one.requirement.id], one, on_targets(one.on))
        for one in report.trace.requirements
    )


def risks(report: Report, places: Places) -> tuple[RiskView, ...]:
    """Every risk control, in order."""
    return tuple(RiskView(one, on_targets(one.on)) for one in report.trace.risks)


def checks(summary: Summary, report: Report, places: Places) -> tuple[CheckView, ...]:
    """Every check that has a cell, with its cells."""
    cells: dict[str, dict[str, list[CellLink]]] = {}
    for one in summary.cells:
        text = " ".join(part for part in (one.cell.format, one.cell.variant) if part) or "the target"
        link = CellLink(places.cells[one.cell.id], one.outcome.value, text)
        cells.setdefault(one.cell.check, {}).setdefault(one.cell.target, []).append(link)
    counted = summary.counts_by_check()
    return tuple(
        CheckView(
            places.checks[name],
            info,
            places.verified_by.get(name, info.verifies),
            tuple(f"{kind}: {counts_text(found)}" for kind, found in counted.get(name, {}).items()),
            tuple((target, tuple(links)) for target, links in cells.get(name, {}).items()),
        )
        for name, info in summary.checks.items()
    )
