"""The rows of the matrix in the words that every output uses, with names that stay the same from run to run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.core.claims import ClaimKind, ClaimStatus, Confidence, FormatClaim, Topic
from harness.core.compatibility import (
    STATUS_WEIGHT,
    ClaimedCell,
    ClaimedRow,
    Compatibility,
    FormatColumn,
    ProductRows,
    SeenCell,
    SeenRow,
)
from harness.core.conclusion import EVIDENCE_MEANING
from harness.core.results import Outcome
from harness.core.standing import Standing
from harness.report.summary import label

#: The class of what was not seen but said; no value of :class:`~harness.core.endpoint.EvidenceClass`.
CLAIMED = "CLAIMED"

CLASS_MEANING = {kind.value: meaning for kind, meaning in EVIDENCE_MEANING.items()} | {
    CLAIMED: "Somebody says so. Nothing was seen here. Who, where, when and how far it can be trusted stands with "
    "each claim; claims that contradict each other are all kept."
}

STANDING_MEANING = {
    Standing.BROKEN: "Claimed, and seen to be otherwise to the user's harm: accepted as told and refused or failed.",
    Standing.BETTER: "Claimed to be refused, and seen to work.",
    Standing.CONFIRMED: "Seen as claimed by somebody else. A claim that is a measurement confirms nothing.",
    Standing.UNDECIDED: "Seen, and the claim leaves it open, or claims of the same weight contradict each other.",
    Standing.UNTESTED: "Claimed, and nothing was seen that decides.",
    Standing.UNCLAIMED: "Nothing is claimed, or only by a measurement.",
}

STATUS_MEANING = {
    ClaimStatus.ACCEPTED: "Said to be taken.",
    ClaimStatus.PARTIAL: "Said to be taken in some circumstances.",
    ClaimStatus.REFUSED: "Said not to be taken.",
    ClaimStatus.UNKNOWN: "Nobody who is trusted says anything. Unknown is never filled in.",
}

KIND_MEANING = {
    ClaimKind.MEASURED: "a running product was asked",
    ClaimKind.PRODUCT_SOURCE: "read in the code or the shipped configuration of the product",
    ClaimKind.VENDOR_DOCUMENT: "a document of the vendor",
    ClaimKind.SECOND_HAND: "somebody else's account",
    ClaimKind.SOURCE_ANALYSIS: "the analysis whose vendor table and percentages are tested here",
}

STORED = {Outcome.PASS: "stored", Outcome.UNSUPPORTED: "refused", Outcome.FAIL: "not kept"}


@dataclass(frozen=True, slots=True)
class CellText:
    """One field: its word, the name of its tone, and lines below. ``anchor`` is empty where there is no more to say."""

    format: str
    word: str
    tone: str
    lines: tuple[str, ...]
    anchor: str


@dataclass(frozen=True, slots=True)
class RowText:
    """One row; ``cells`` are in the order of the formats, None where a row has nothing on one."""

    kind: str
    title: str
    lines: tuple[str, ...]
    cells: tuple[CellText | None, ...]
    row: SeenRow | ClaimedRow


def rows(product: ProductRows, matrix: Compatibility) -> Iterator[RowText]:
    """What was seen, then what is claimed."""
    for seen in product.seen:
        source = seen.source
        lines = [f"{source.date}, {source.target}", f"run {source.run_id}"]
        lines += [f"as {seen.configuration}"] if seen.configuration else []
        yield RowText(
            source.evidence_class.value,
            source.version or "version not known",
            tuple(lines),
            tuple(_seen(product, seen, seen.cells.get(one.id)) for one in matrix.formats),
            seen,
        )
    for claimed in product.claimed:
        told = (claimed.configuration, claimed.date and f"of {claimed.date}")
        yield RowText(
            CLAIMED,
            claimed.name or "release not stated",
            tuple(one for one in told if one),
            tuple(_claimed(product, claimed, claimed.cells.get(one.id)) for one in matrix.formats),
            claimed,
        )


def head(column: FormatColumn) -> str:
    """The id of a format in words that can be broken."""
    return column.id.replace("_", " ")


def unsourced(claim: FormatClaim) -> bool:
    """Whether a claim gives no source of its own."""
    return claim.basis.confidence is Confidence.NONE or claim.basis.source is None or claim.basis.source.unsourced


def _seen(product: ProductRows, row: SeenRow, cell: SeenCell | None) -> CellText | None:
    if cell is None:
        return None
    lines = [f"{cell.passed} of {cell.applicable}"] if cell.applicable else []
    if cell.stored is not None:
        only = f" by {' and '.join(cell.only_by)} only" if cell.only_by else ""
        lines.append(STORED[cell.stored] + only)
    if against := against_text(cell):
        lines.append(against)
    if cell.differs_from_before:
        lines.append("other than measured before")
    elif cell.as_before:
        lines.append("as measured before")
    anchor = name("seen", row.source.run_id, row.source.target, cell.format)
    return CellText(cell.format, label(cell.standing), cell.standing.value, tuple(lines), anchor)


def against_text(cell: SeenCell) -> str:
    """How claims stand, such as ``unsourced claim broken 3 of 4``; empty where nothing is compared."""
    if (found := cell.against_claims) is None:
        return ""
    standing, k, n = found
    if standing is Standing.UNCLAIMED:
        return standing.value
    text = standing.value if k == n else f"{standing.value} {k} of {n}"
    deciding = [one.comparison for one in cell.held if one.comparison.standing is standing]
    claims = [one.claim for one in deciding if one.claim] + [each for one in deciding for each in one.contradicting]
    return f"{'unsourced ' if claims and all(unsourced(one) for one in claims) else ''}claim {text}"


def _claimed(product: ProductRows, row: ClaimedRow, cell: ClaimedCell | None) -> CellText | None:
    if cell is None:
        return None
    others = [one for one in cell.statuses[1:] if one is not ClaimStatus.UNKNOWN]
    lines = [_where(cell, cell.status), *(f"{one.value} {_where(cell, one)}" for one in others)] if others else []
    lines += [f"unsourced: {one.value}" for one in cell.untrusted]
    if cell.measured:
        lines.append("measured before")
    if cell.contradicted:
        lines.append("contradicted")
    if (playback := _heaviest(cell.others)) is not None:
        lines.append(f"playback {playback.value}")
    anchor = ""
    if cell.claims or cell.others:
        anchor = name("claimed", product.id, row.name, row.configuration, cell.format)
    tone = ClaimStatus.PARTIAL if others else cell.status
    return CellText(cell.format, cell.status.value, f"claim-{tone.value}", tuple(lines), anchor)


def _where(cell: ClaimedCell, status: ClaimStatus) -> str:
    """By which services, or where these do not tell it apart in which SOP classes, the status is claimed."""
    own = [place for place, view in cell.views if view.status is status]
    others = [place for place, view in cell.views if view.status not in (status, ClaimStatus.UNKNOWN)]
    services = dict.fromkeys(place.service for place in own)
    if not {*services} & {place.service for place in others}:
        return f"by {', '.join(one or 'unnamed services' for one in services)}"
    return f"in {', '.join(dict.fromkeys(place.sop_class or 'unnamed classes' for place in own))}"


def _heaviest(claims: Iterable[FormatClaim]) -> ClaimStatus | None:
    found = {claim.status for claim in claims if claim.topic is Topic.PLAYBACK and not unsourced(claim)}
    return next((one for one in STATUS_WEIGHT if one in found and one is not ClaimStatus.UNKNOWN), None)


def name(*parts: str) -> str:
    """A name inside the page: the same for the same parts, and different for different ones."""
    return ":".join("".join(_safe(char) for char in part) for part in parts)


def _safe(char: str) -> str:
    if char.isascii() and (char.isalnum() or char == "."):
        return char
    return "-" if char == "_" else f"_{ord(char):x}_"
