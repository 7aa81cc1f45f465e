"""The compatibility matrix as Markdown: for a wiki or a pull request."""

import re
from collections.abc import Iterable, Iterator, Sequence

from harness.core.claims import Source
from harness.core.compatibility import ClaimedRow, Compatibility
from harness.core.counterparts import Beside, Counts
from harness.report.compatibility import rows as texts
from harness.report.compatibility.page import Made
from harness.report.summary import OUTCOME_MEANING, label
from harness.report.wording import printable

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|~$])")


def plain(text: str) -> str:
    """Text in which nothing is markup: one line, with every sign of Markdown and HTML taken literally."""
    line = " ".join(printable(text).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("@", "&#64;")
    return _SPECIAL.sub(r"\\\1", line)


def render(matrix: Compatibility, counted: Sequence[Counts], figures: Sequence[Beside], made: Made) -> str:
    """The whole text."""
    parts = [
        "# DICOM video: compatibility matrix",
        f"Made by {plain(made.harness)} at {plain(made.when)}. Classes of evidence never mix.",
        "\n".join(_matrix(matrix)),
        "## Legend",
        "\n".join(_legend()),
        "## Counts of releases",
        "Claims and sight are counted apart, over named and dated releases only.",
        "\n".join(f"- CLAIMED: {plain(one.claimed.text)}\n- MEASURED: {plain(one.seen)}" for one in counted),
        "## Claims on formats, and figures of our own clips beside them",
        "\n".join(line for one in figures for line in _figure(one)),
        "## Sources of the claims",
        "\n".join(_sources(matrix)) or "None.",
    ]
    return "\n\n".join(parts) + "\n"


def _matrix(matrix: Compatibility) -> Iterator[str]:
    yield _line(["Product", "Release", "Class", *(column.id for column in matrix.formats)])
    yield "|" + " --- |" * (len(matrix.formats) + 3)
    for product in matrix.products:
        for row in texts.rows(product, matrix):
            title = ", ".join((row.title, *row.lines))
            cells = ["" if one is None else ", ".join((one.word, *one.lines)) for one in row.cells]
            yield _line([product.product, title, row.kind, *cells])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(plain(cell) for cell in cells) + " |"


def _legend() -> Iterator[str]:
    meanings = [
        *texts.CLASS_MEANING.items(),
        *((label(outcome), meaning) for outcome, meaning in OUTCOME_MEANING.items()),
        *((status.value, meaning) for status, meaning in texts.STATUS_MEANING.items()),
        *((standing.value, meaning) for standing, meaning in texts.STANDING_MEANING.items()),
    ]
    for word, meaning in meanings:
        yield f"- **{plain(word)}**: {plain(meaning)}"


def _figure(one: Beside) -> Iterator[str]:
    claim = one.claim
    sourced = claim.basis.source is not None and not claim.basis.source.unsourced
    condition = f", {claim.condition}" if claim.condition else ""
    yield (
        f"- {plain(', '.join(claim.formats))}: {plain(claim.measure)} claimed {plain(claim.text + condition)}"
        f"{'' if sourced else ', unsourced'}"
    )
    for figure in one.figures:
        where = "inside" if figure.inside else "outside"
        yield f"  - beside it {plain(figure.measured_text)}, {where} the claimed range: {plain(figure.basis)}"
    for line in one.counts:
        yield f"  - {plain(line)}"
    if one.why_none:
        yield f"  - {plain(one.why_none)}"


def _sources(matrix: Compatibility) -> Iterator[str]:
    for product in matrix.products:
        found = {}
        for row in product.claimed:
            for source in _of_row(row):
                found[source.key] = source
        for source in found.values():
            told = [source.title, source.version, source.date, source.address or "no address", source.kind.value]
            told += ["unsourced"] if source.unsourced else []
            yield f"- {plain(product.product)}: {plain(', '.join(one for one in told if one))}"


def _of_row(row: ClaimedRow) -> Iterator[Source]:
    for cell in row.cells.values():
        for claim in (*cell.claims, *cell.others):
            if claim.basis.source is not None:
                yield claim.basis.source
    for one in row.besides:
        if one.basis is not None and one.basis.source is not None:
            yield one.basis.source
