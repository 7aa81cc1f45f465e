"""What a product accepts by its claims, as a PACS of ours can play it: classes, syntaxes, largest object, settings.

What the claims leave open is listed and never guessed. :func:`settle` fills it by a policy that somebody chose, and
keeps the list, so that whatever was measured on such a PACS can say what of it was assumed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.core.claims import (
    UNCOMPRESSED,
    Claim,
    ClaimCell,
    ClaimStatus,
    Confidence,
    FormatClaim,
    LimitClaim,
    ProductClaims,
    Service,
    ServiceClaim,
    Setting,
    SettingClaim,
    Source,
    Topic,
)
from harness.core.told import told
from harness.errors import UnknownName

#: The services that an emulated PACS plays, and those of them that bring an object.
PLAYED = (
    Service.ECHO,
    Service.STORE,
    Service.FIND,
    Service.MOVE,
    Service.GET,
    Service.COMMITMENT,
    Service.STOW,
    Service.QIDO,
    Service.WADO,
    Service.WADO_URI,
)
DIMSE = PLAYED[: PLAYED.index(Service.COMMITMENT) + 1]
BRINGING = (Service.STORE, Service.STOW)

#: The settings that change how it answers. Ports are chosen by whoever starts it.
ANSWERING = (Setting.AE_TITLE, Setting.MAX_PDU, Setting.SYNTAX_REFUSAL, Setting.CLASS_REFUSAL)

#: The results that PS3.8 Table 9-18 gives for the two refusals; taken where a product's own are unknown.
STANDARD_REFUSALS: dict[Setting, str | int] = {Setting.SYNTAX_REFUSAL: 4, Setting.CLASS_REFUSAL: 3}


class UnknownPolicy(StrEnum):
    """What is done where the claims say nothing."""

    REFUSE = "refuse"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True, order=True)
class Offer:
    """One transfer syntax in one SOP class, by ids, and the service that brings it."""

    service: Service
    syntax: str
    sop_class: str


@dataclass(frozen=True, slots=True)
class Restrictions:
    """What a release takes. Every offer that was asked for is taken, refused or open.

    ``open`` tells why each offer in it is not known. ``services`` are those offered, ``silent`` those that nobody
    speaks of. ``largest`` has bytes for a service, None where there is said to be no limit, and no entry where
    nobody says. ``assumed`` says in words what :func:`settle` filled in, ``sources`` what was used.
    """

    product: str
    release: str
    configuration: str
    taken: frozenset[Offer]
    refused: frozenset[Offer]
    open: tuple[tuple[Offer, str], ...]
    services: frozenset[Service]
    silent: frozenset[Service]
    largest: tuple[tuple[Service, int | None], ...]
    settings: tuple[tuple[Setting, str | int], ...]
    sources: tuple[Source, ...]
    assumed: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether nothing is left open that an emulated PACS must answer."""
        return not self.open and not self.silent

    @property
    def refused_classes(self) -> frozenset[tuple[Service, str]]:
        """SOP classes of which no syntax is taken: they look like classes that are not supported."""
        alive = {(offer.service, offer.sop_class) for offer in (*self.taken, *(offer for offer, _ in self.open))}
        return frozenset({(offer.service, offer.sop_class) for offer in self.refused} - alive)

    @property
    def unknown(self) -> tuple[str, ...]:
        """In words, what the claims leave open: first what a policy decides, then what is not played."""
        return tuple(text for text, _ in _left_open(self, ""))

    def setting(self, name: Setting) -> str | int | None:
        """A value as shipped, None where unknown."""
        return dict(self.settings).get(name)


def restrictions_of(
    product: ProductClaims,
    release: str,
    *,
    formats: Sequence[str],
    classes: Sequence[str],
    configuration: str = "",
    least: Confidence = Confidence.LOW,
) -> Restrictions:
    """What ``release`` takes of ``formats`` and the uncompressed syntaxes in all ``classes``.

    Claims below the confidence ``least`` do not count: NONE lets unsourced statements in.

    Raises:
        UnknownName: there is no claim on that release with that configuration.
    """
    if product.release(release, configuration) is None:
        known = (f"{one.name or 'unstated'} {one.configuration}".strip() for one in product.releases)
        raise UnknownName(f"release of {product.product}", f"{release} {configuration}".strip(), known)
    claims = product.claims_on(release, configuration)
    trusted = [claim for claim in claims if claim.basis.trusted(least)]
    used: list[Claim] = []
    services, silent = _services(trusted, used)
    taken: list[Offer] = []
    refused: list[Offer] = []
    open_: list[tuple[Offer, str]] = []
    for service in BRINGING:
        if service not in services | silent:
            continue
        for offer in (Offer(service, s, c) for s in (*formats, *UNCOMPRESSED) for c in classes):
            view = told(claims, ClaimCell(offer.syntax, offer.sop_class, service), least)
            if view.claim is None:
                open_.append((offer, view.why_unknown))
                continue
            used.append(view.claim)
            if view.status is ClaimStatus.PARTIAL:
                open_.append((offer, f"claimed in part{f': {note}' if (note := view.claim.basis.note) else ''}"))
            else:
                (taken if view.status is ClaimStatus.ACCEPTED else refused).append(offer)
    limits = _limits(trusted, services, used)
    settings = _settings(trusted, used)
    return Restrictions(
        product=product.id,
        release=release,
        configuration=configuration,
        taken=frozenset(taken),
        refused=frozenset(refused),
        open=tuple(open_),
        services=services,
        silent=silent,
        largest=limits,
        settings=settings,
        sources=tuple(dict.fromkeys(claim.basis.source for claim in used if claim.basis.source is not None)),
    )


def settle(restrictions: Restrictions, policy: UnknownPolicy) -> Restrictions:
    """The same restrictions with everything that was left open filled by ``policy``, and told in ``assumed``.

    A limit that nobody states is not played. Refusals that are unknown are those of the standard.
    """
    accept = policy is UnknownPolicy.ACCEPT
    opened = frozenset(offer for offer, _ in restrictions.open)
    known = dict(restrictions.settings)
    word = "accepted" if accept else "refused"
    return replace(
        restrictions,
        taken=restrictions.taken | (opened if accept else frozenset()),
        refused=restrictions.refused | (frozenset() if accept else opened),
        open=(),
        services=restrictions.services | (restrictions.silent if accept else frozenset()),
        silent=frozenset(),
        settings=tuple((STANDARD_REFUSALS | known).items()),
        assumed=tuple(f"{text}: {filled}" for text, filled in _left_open(restrictions, word)),
    )


def _services(claims: Iterable[Claim], used: list[Claim]) -> tuple[frozenset[Service], frozenset[Service]]:
    """The services that are offered, and those of which nothing is known.

    Who says that objects are stored by C-STORE says that C-STORE is offered, and who does not say by which service
    means C-STORE, unless another claim denies it. Storage commitment is DIMSE: where all else of DIMSE is denied, so is
    this.
    """
    offered, silent = set(), set()
    said = sorted((one for one in claims if isinstance(one, ServiceClaim)), key=lambda one: one.basis.rank)
    stored = [
        one
        for one in claims
        if isinstance(one, FormatClaim)
        and one.topic is Topic.STORAGE
        and one.status in (ClaimStatus.ACCEPTED, ClaimStatus.PARTIAL)
    ]
    for service in PLAYED:
        claim = next((one for one in said if service in one.services and one.status is not ClaimStatus.UNKNOWN), None)
        by = [one for one in stored if service in ((Service.STORE,) if one.services is None else one.services)]
        if claim is not None and claim.status is not ClaimStatus.PARTIAL:
            used.append(claim)
            if claim.status is ClaimStatus.ACCEPTED:
                offered.add(service)
        elif by:
            offered.add(service)
        else:
            silent.add(service)
    if not (offered | silent - {Service.COMMITMENT}).intersection(DIMSE):
        silent.discard(Service.COMMITMENT)
    return frozenset(offered), frozenset(silent)


def _limits(
    claims: Iterable[Claim], services: frozenset[Service], used: list[Claim]
) -> tuple[tuple[Service, int | None], ...]:
    limits: list[tuple[Service, int | None]] = []
    said = [one for one in claims if isinstance(one, LimitClaim)]
    for service in BRINGING:
        fitting = [one for one in said if service in services and (one.services is None or service in one.services)]
        if not fitting:
            continue
        best = min(one.basis.rank for one in fitting)
        # Of claims with the same weight the smallest limit is played: what is below it is taken by all of them.
        equal = [one for one in fitting if one.basis.rank == best]
        claim = min(equal, key=lambda one: float("inf") if one.largest is None else one.largest)
        used.append(claim)
        limits.append((service, claim.largest))
    return tuple(limits)


def _settings(claims: Iterable[Claim], used: list[Claim]) -> tuple[tuple[Setting, str | int], ...]:
    said = sorted((one for one in claims if isinstance(one, SettingClaim)), key=lambda one: one.basis.rank)
    settings: list[tuple[Setting, str | int]] = []
    for name in ANSWERING:
        fitting = [one for one in said if one.setting is name]
        equal = {one.value for one in fitting if one.basis.rank == fitting[0].basis.rank}
        if len(equal) == 1:
            used.append(fitting[0])
            settings.append((name, fitting[0].value))
    return tuple(settings)


def _left_open(restrictions: Restrictions, word: str) -> Iterable[tuple[str, str]]:
    """What is left open, in words, each with what it is filled with where a policy fills it with ``word``."""
    for service in PLAYED:
        if service in restrictions.silent:
            yield f"whether {service} is offered (no source tells)", word
    # Whether a silent service takes a syntax is not worth a line besides: that it is silent says it.
    by_syntax: dict[tuple[Service, str, str], list[str]] = {}
    for offer, why in restrictions.open:
        if offer.service not in restrictions.silent:
            by_syntax.setdefault((offer.service, offer.syntax, why), []).append(offer.sop_class)
    lines: dict[tuple[Service, str, str], list[str]] = {}
    for (service, syntax, why), classes in by_syntax.items():
        lines.setdefault((service, ", ".join(classes), why), []).append(syntax)
    for (service, in_classes, why), syntaxes in lines.items():
        yield f"{service} of {', '.join(syntaxes)} in {in_classes} ({why})", word
    limits = dict(restrictions.largest)
    for service in BRINGING:
        if service in restrictions.services and service not in limits:
            yield f"largest object by {service} (no source tells)", "no limit is played"
    known = dict(restrictions.settings)
    # An AE title and what answers a presentation context exist in DIMSE alone.
    for name in ANSWERING if Service.STORE in restrictions.services | restrictions.silent else ():
        if name not in known:
            yield f"{name} (no source tells)", str(STANDARD_REFUSALS.get(name, "the emulated PACS's own"))
