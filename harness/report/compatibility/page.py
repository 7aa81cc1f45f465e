"""The compatibility matrix as one HTML file that needs no network and no script: filters are style rules.

Text of claims and of runs is untrusted alike: all of it passes ``printable`` and the escaping of the template engine,
and an address becomes a link only where it is an HTTP one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from harness.core.claims import ClaimStatus
from harness.core.compatibility import ClaimedCell, Compatibility, Held, SeenCell
from harness.core.conclusion import SettledCell
from harness.core.counterparts import Beside, Counts
from harness.core.results import Outcome, Run
from harness.report import summary
from harness.report.compatibility import rows as texts
from harness.report.pages import environment
from harness.report.summary import SIGNS
from harness.report.verification.places import field_anchor

#: A sign for each status that is claimed; other than those of what was seen, as a claim is no sight.
CLAIM_SIGNS = {
    ClaimStatus.ACCEPTED: "+",
    ClaimStatus.PARTIAL: "±",
    ClaimStatus.REFUSED: "−",  # noqa: RUF001 - a minus is meant
    ClaimStatus.UNKNOWN: "?",
}


@dataclass(frozen=True, slots=True)
class Alike:
    """Checks that came to the same for the same reason."""

    outcome: Outcome
    checks: str
    reason: str


@dataclass(frozen=True, slots=True)
class RowView:
    """One row with its details: pairs of field and cell, for those that have more to say."""

    text: texts.RowText
    details: list[tuple[texts.CellText, SeenCell | ClaimedCell]]


@dataclass(frozen=True, slots=True)
class Made:
    """What made the file: the harness, and when, as ISO 8601 in UTC."""

    harness: str
    when: str


def places(run: Run, link: str) -> dict[tuple[str, str, str], str]:
    """Where in the report of a run, which lies at ``link``, the cells of a target and format are."""
    read = summary.summarise(run)
    return {
        (link, column.id, row.format): f"{link}#{field_anchor(number, place)}"
        for number, row in enumerate(read.rows)
        for place, column in enumerate(read.columns)
        if link and row.format is not None and row.groups[place] is not None
    }


def render(
    matrix: Compatibility,
    counted: Sequence[Counts],
    figures: Sequence[Beside],
    made: Made,
    links: Mapping[tuple[str, str, str], str],
) -> str:
    """The whole page."""
    templates = environment(
        {
            "label": summary.label,
            "head": texts.head,
            "web": web_address,
            "alike": alike,
            "together": together,
        }
    )
    templates.tests |= {"unsourced": texts.unsourced}
    signs = SIGNS | {f"claim-{status.value}": sign for status, sign in CLAIM_SIGNS.items()}
    products = [(product, [_view(row) for row in texts.rows(product, matrix)]) for product in matrix.products]
    return templates.get_template("compatibility.html").render(
        matrix=matrix,
        made=made,
        products=products,
        twins=[column.id.endswith("_frag") for column in matrix.formats],
        kinds=_kinds(products),
        signs=signs,
        links=links,
        counted=counted,
        figures=figures,
        classes=texts.CLASS_MEANING,
        standings=texts.STANDING_MEANING,
        statuses=texts.STATUS_MEANING,
        origins=texts.KIND_MEANING,
        outcomes=summary.OUTCOME_MEANING,
        partial_meaning=summary.PARTIAL_MEANING,
    )


def alike(cells: Iterable[SettledCell]) -> list[Alike]:
    """The checks of a field, heaviest first, said once for all that share a reason."""
    found: dict[tuple[Outcome, str], list[str]] = {}
    for one in cells:
        name = one.cell.check + (f" [{one.cell.variant}]" if one.cell.variant else "")
        found.setdefault((one.outcome, "" if one.outcome is Outcome.PASS else one.reason), []).append(name)
    order = list(Outcome)
    lines = [Alike(outcome, ", ".join(names), reason) for (outcome, reason), names in found.items()]
    return sorted(lines, key=lambda one: order.index(one.outcome))


def together(held: Iterable[Held]) -> list[list[Held]]:
    """Findings of a field that stand alike to the same claims, so that each claim is said once."""
    found: list[list[Held]] = []
    for one in held:
        for group in found:
            first = group[0]
            if (first.comparison, first.before.each) == (one.comparison, one.before.each):
                group.append(one)
                break
        else:
            found.append([one])
    return found


def web_address(address: str) -> str:
    """The address where a browser may follow it, else nothing."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    return address if parts.scheme in ("http", "https") and parts.netloc else ""


def _kinds(products: Iterable[tuple[object, list[RowView]]]) -> dict[str, int]:
    """How many rows of each class there are; classes are never added up."""
    found = [row.text.kind for _, rows in products for row in rows]
    return {kind: found.count(kind) for kind in texts.CLASS_MEANING if kind in found}


def _view(row: texts.RowText) -> RowView:
    cells: Mapping[str, SeenCell | ClaimedCell] = row.row.cells
    return RowView(row, [(text, cells[text.format]) for text in row.cells if text and text.anchor])
