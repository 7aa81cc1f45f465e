"""Which format to send to a chosen set of products, as a computed answer with its evidence.

What was seen comes before what is claimed, and unknown is said. Only MEASURED runs count as seen, and only C-STORE
counts as taken without reserve, since that is how video is sent; a format that STOW-RS alone takes is taken in part.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.core.claims import (
    Claim,
    ClaimCell,
    ClaimStatus,
    Confidence,
    ProductClaims,
    ReleaseClaims,
    Service,
)
from harness.core.compatibility import ProductRows, SeenRow
from harness.core.endpoint import EvidenceClass
from harness.core.formats import Format
from harness.core.results import Outcome
from harness.core.told import Told, told

#: Rows of a picture from which it is HD; the tallest SD picture has 576 (PS3.5 Table 8-1).
HD_ROWS, SD_ROWS = 720, 576

#: Luma samples of the smallest HD picture, 1280 by 720.
_HD_LUMA = 1280 * HD_ROWS


class Picture(StrEnum):
    """Which pictures are to be sent."""

    HD = "HD"
    SD = "SD"


class Taken(StrEnum):
    """Whether a product takes a format. The order is that of preference."""

    SEEN = "seen to be stored"
    CLAIMED = "claimed to be stored"
    PARTLY = "in part"
    UNKNOWN = "unknown"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Chosen:
    """A product that is to be sent to. Empty texts leave release and configuration open."""

    rows: ProductRows
    claims: ProductClaims | None
    release: str = ""
    configuration: str = ""

    @property
    def name(self) -> str:
        """As the reader named it."""
        return " ".join(part for part in (self.rows.product, self.release, self.configuration) if part)


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a format counts as it does for one product, with the evidence in words."""

    product: str
    taken: Taken
    evidence: str


@dataclass(frozen=True, slots=True)
class Advice:
    """One format with a reason for each product. ``elsewhere`` is the count of releases known to take it."""

    format: Format
    reasons: tuple[Reason, ...]
    elsewhere: int

    def count(self, taken: Taken) -> int:
        """How many of the products it stands so with."""
        return sum(reason.taken is taken for reason in self.reasons)

    @property
    def by_all(self) -> bool:
        """Whether it is known to be taken by all, seen or claimed."""
        return all(reason.taken in (Taken.SEEN, Taken.CLAIMED) for reason in self.reasons)

    @property
    def text(self) -> str:
        """In a few words."""
        if self.by_all:
            seen = self.count(Taken.SEEN)
            return f"taken by all {len(self.reasons)}: {seen} seen, {len(self.reasons) - seen} claimed"
        found = [f"{taken}: {self.count(taken)}" for taken in Taken if self.count(taken)]
        return f"not known to be taken by all: {', '.join(found)}"


def carries(format: Format, picture: Picture) -> bool:
    """Whether the standard lets the format hold such pictures."""
    if not format.pictures:
        return picture is Picture.SD or not format.point.max_luma or format.point.max_luma >= _HD_LUMA
    if picture is Picture.HD:
        return any(one.rows >= HD_ROWS for one in format.pictures)
    return any(one.rows <= SD_ROWS or not one.exact for one in format.pictures)


def is_flat(format: Format) -> bool:
    """Whether the format is for ordinary video; stereo and frame-packed ones are for two views."""
    return not format.frame_packed and "Stereo" not in format.point.profile_name


def recommend(
    chosen: Sequence[Chosen], formats: Iterable[Format], picture: Picture, elsewhere: Mapping[str, int]
) -> tuple[Advice, ...]:
    """All formats that can hold ``picture``, the best first.

    Fewest refusals come first, then fewest unknown or partial, then most that were seen, then how many releases
    ``elsewhere`` are known to take it, then the order given.
    """
    fitting = [one for one in formats if is_flat(one) and carries(one, picture)]
    found = [
        Advice(one, tuple(_reason(product, one) for product in chosen), elsewhere.get(one.id, 0)) for one in fitting
    ]
    return tuple(sorted(found, key=_order))


def _order(advice: Advice) -> tuple[int, int, int, int]:
    open_ = advice.count(Taken.UNKNOWN) + advice.count(Taken.PARTLY)
    return advice.count(Taken.REFUSED), open_, -advice.count(Taken.SEEN), -advice.elsewhere


def _reason(product: Chosen, format: Format) -> Reason:
    seen = _seen(product, format)
    return Reason(product.name, *(seen or _claimed(product, format)))


def _seen(product: Chosen, format: Format) -> tuple[Taken, str] | None:
    """What the newest release that was measured shows; runs of it that differ count as the worst of them."""
    deciding = [
        row
        for row in product.rows.seen
        if row.source.evidence_class is EvidenceClass.MEASURED
        and ReleaseClaims(product.release, "", "", ()).speaks_of(row.source.version)
        and product.configuration in ("", row.configuration)
        and (cell := row.cells.get(format.id)) is not None
        and cell.stored is not None
    ]
    alike = [row for row in deciding if _release(row) == _release(deciding[-1])]
    found = [_of_row(row, format.id) for row in alike]
    return max(found, key=lambda one: list(Taken).index(one[0]), default=None)


def _release(row: SeenRow) -> tuple[str, str]:
    return row.source.version, row.configuration


def _of_row(row: SeenRow, format: str) -> tuple[Taken, str]:
    cell = row.cells[format]
    where = f"{row.source.text}{f', as {row.configuration}' if row.configuration else ''}"
    by = {service: [one for one in cell.storage if one.cell.service is service] for service in Service}
    failed = [one for one in cell.storage if one.outcome is Outcome.FAIL]
    if failed:
        return Taken.REFUSED, f"MEASURED not to be kept: {failed[0].reason} ({where})"
    stored = [one.cell.sop_class or "any" for one in by[Service.STORE] if one.outcome is Outcome.PASS]
    refused = [one for one in by[Service.STORE] if one.outcome is Outcome.UNSUPPORTED]
    if stored:
        words = f"MEASURED: stored by C-STORE in {', '.join(stored)}"
        if refused:
            words += f", refused in {', '.join(one.cell.sop_class or 'any' for one in refused)}"
        return Taken.SEEN, f"{words}; all checks: {cell.standing}, {cell.passed} of {cell.applicable} PASS ({where})"
    if any(one.outcome is Outcome.PASS for one in by[Service.STOW]):
        words = f"C-STORE refused: {refused[0].reason}" if refused else "C-STORE not decided"
        return Taken.PARTLY, f"MEASURED: stored by STOW-RS; {words} ({where})"
    return Taken.REFUSED, f"MEASURED: {refused[0].reason if refused else 'refused by STOW-RS'} ({where})"


def _claimed(product: Chosen, format: Format) -> tuple[Taken, str]:
    if product.claims is None:
        return Taken.UNKNOWN, "no MEASURED run decides, and nothing is claimed"
    doubted = ""
    for release, claims in _candidates(product, product.claims):
        taken, words = _status(claims, format, Confidence.LOW)
        if taken is not Taken.UNKNOWN:
            return taken, f"CLAIMED of {release}: {words}"
        if not doubted and (told_anyway := _status(claims, format, Confidence.NONE))[0] is not Taken.UNKNOWN:
            doubted = f"; only without a source, of {release}: {told_anyway[1]}"
    if configured := _configured_only(product, product.claims):
        return Taken.UNKNOWN, f"its claims speak of configurations only; name one, such as {configured}"
    return Taken.UNKNOWN, f"no MEASURED run decides, and no trusted source tells{doubted}"


def _configured_only(product: Chosen, claims: ProductClaims) -> str:
    """A configuration to name, where nothing is claimed of the product as shipped."""
    if product.configuration or any(not one.configuration for one in claims.releases):
        return ""
    newest = max(claims.releases, key=_age)
    return f"{claims.id}@{newest.name}:{newest.configuration}"


def _candidates(product: Chosen, claims: ProductClaims) -> list[tuple[str, tuple[Claim, ...]]]:
    """The claims that may speak of it: of the release asked for, or of each release, the newest first."""
    if product.release:
        name = f"release {product.release}"
        return [(name, claims.claims_on(product.release, product.configuration))]
    fitting = [one for one in claims.releases if one.configuration == product.configuration]
    ordered = sorted(fitting, key=_age, reverse=True)
    return [(f"release {one.name}" if one.name else "no stated release", one.claims) for one in ordered]


def _age(release: ReleaseClaims) -> tuple[bool, str]:
    """Later is newer; what is said of a release comes before what is said of none."""
    return bool(release.name), release.date


def _status(claims: Sequence[Claim], format: Format, least: Confidence) -> tuple[Taken, str]:
    views: dict[Service, dict[str, Told]] = {
        service: {one.id: told(claims, ClaimCell(format.id, one.id, service), least) for one in format.sop_classes}
        for service in (Service.STORE, Service.STOW)
    }
    by_store = {id_: view for id_, view in views[Service.STORE].items() if view.claim}
    accepted = [id_ for id_, view in by_store.items() if view.status is ClaimStatus.ACCEPTED]
    refused = [id_ for id_, view in by_store.items() if view.status is ClaimStatus.REFUSED]
    if accepted:
        words = f"accepted by C-STORE in {', '.join(accepted)}"
        words += f", refused in {', '.join(refused)}" if refused else ""
        return Taken.CLAIMED, words + _source(by_store[accepted[0]])
    if partial := [view for view in by_store.values() if view.status is ClaimStatus.PARTIAL]:
        return Taken.PARTLY, "in some circumstances" + _source(partial[0])
    stowed = [view for view in views[Service.STOW].values() if view.status is ClaimStatus.ACCEPTED]
    if stowed:
        words = "accepted by STOW-RS" + (", refused by C-STORE" if refused else ", C-STORE not told")
        return Taken.PARTLY, words + _source(stowed[0])
    if refused:
        return Taken.REFUSED, "refused" + _source(by_store[refused[0]])
    if web := [view for view in views[Service.STOW].values() if view.status is ClaimStatus.REFUSED]:
        return Taken.REFUSED, "refused by STOW-RS, C-STORE not told" + _source(web[0])
    return Taken.UNKNOWN, ""


def _source(view: Told) -> str:
    claim = view.claim
    if claim is None or claim.basis.source is None:
        return ""
    source = claim.basis.source
    told_of = ", ".join(one for one in (source.kind.value, source.title, source.version, source.date) if one)
    against = f"; {len(view.contradicting)} say otherwise" if view.contradicting else ""
    note = f"; {claim.basis.note}" if claim.basis.note else ""
    return f" ({told_of}; confidence {claim.basis.confidence}{against}{note})"
