"""Figures over products, in the only form that can be checked: k of n named, dated releases.

A percentage over "all major vendors" names nobody and cannot be wrong. Here every release that counts is named with
its date, and every product that does not is named with the reason.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.core.claims import ClaimCell, ClaimStatus, Confidence, ProductClaims, ReleaseClaims, Service, Topic
from harness.core.told import Told, told

NO_DATE = "undated"
NOTHING_TOLD = "no trusted source tells of a release as shipped"

#: The order of weight: what is taken somewhere is taken.
_WEIGHT = (ClaimStatus.ACCEPTED, ClaimStatus.PARTIAL, ClaimStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class Counted:
    """One release with what its claims say. ``date`` is that of the release, or of the claim's source: ``as_told``."""

    product: str
    release: str
    date: str
    as_told: bool
    status: ClaimStatus

    @property
    def name(self) -> str:
        """The release as it is named in a statement."""
        return f"{self.product} {self.release} ({'as told ' if self.as_told else ''}{self.date})"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many releases take a format in some SOP class; ``left_out`` pairs a product with the reason."""

    topic: Topic
    format: str
    counted: tuple[Counted, ...]
    left_out: tuple[tuple[str, str], ...]

    @property
    def k(self) -> int:
        """How many take it."""
        return len(self._names(ClaimStatus.ACCEPTED))

    @property
    def n(self) -> int:
        """How many were counted."""
        return len(self.counted)

    @property
    def text(self) -> str:
        """The statement, with every release by name."""
        told_by = (
            f"accepted by {self.k} of {self.n} named, dated releases" if self.counted else "no dated release tells"
        )
        parts = [f"{self.format}, {self.topic}: {told_by}"]
        parts += [f"{status}: {', '.join(names)}" for status in _WEIGHT if (names := self._names(status))]
        for reason in (NO_DATE, NOTHING_TOLD):
            if names := [name for name, why in self.left_out if why == reason]:
                parts.append(f"left out, {reason}: {', '.join(names)}")
        return "; ".join(parts)

    def _names(self, status: ClaimStatus) -> list[str]:
        return [one.name for one in self.counted if one.status is status]


def tally(
    products: Iterable[ProductClaims],
    format: str,
    classes: Sequence[str],
    *,
    topic: Topic = Topic.STORAGE,
    services: Sequence[Service | None] = (Service.STORE, Service.STOW),
    least: Confidence = Confidence.LOW,
) -> Tally:
    """Count the newest dated release of each product, as shipped.

    ``classes`` are the SOP classes that may carry the format; one in which it is taken, by one of ``services``, is
    enough. Claims below the confidence ``least`` do not count. A product of which nothing at all is said on
    ``topic``, such as a viewer on storage, is not mentioned.
    """
    counted: list[Counted] = []
    left_out: list[tuple[str, str]] = []
    cells = [ClaimCell(format, sop_class, service, topic) for sop_class in classes for service in services]
    for product in products:
        if not any(claim.topic is topic for release in product.releases for claim in release.formats):
            continue
        stated = [one for one in product.releases if one.name and not one.configuration]
        candidates = [one for release in stated if (one := _count(product, release, cells, least))]
        dated = sorted((one for one in candidates if one.date), key=lambda one: one.date)
        if dated:
            counted.append(dated[-1])
        elif candidates:
            left_out.append((f"{product.product} {candidates[-1].release}", NO_DATE))
        else:
            left_out.append((product.product, NOTHING_TOLD))
    return Tally(topic, format, tuple(counted), tuple(left_out))


def _count(
    product: ProductClaims, release: ReleaseClaims, cells: Sequence[ClaimCell], least: Confidence
) -> Counted | None:
    views = [told(release.claims, cell, least) for cell in cells]
    for status in _WEIGHT:
        if deciding := next((view for view in views if view.status is status), None):
            date = release.date or _date(deciding)
            return Counted(product.product, release.name, date, not release.date, status)
    return None


def _date(view: Told) -> str:
    source = view.claim.basis.source if view.claim else None
    return source.date if source else ""
