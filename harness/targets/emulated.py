"""A product as its claims tell it, played by our own PACS: for rehearsing a sender, never a test of that product.

``emulated:NAME``, ``emulated:NAME@RELEASE`` or ``emulated:NAME@RELEASE:CONFIGURATION``, where NAME is a file of
``matrices/``. Whatever claims leave open is filled by a policy that somebody chose, or nothing starts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache

from harness.catalogue.claims import load_products
from harness.catalogue.places import data_folder
from harness.catalogue.read import load_formats, load_sop_classes
from harness.core.claims import UNCOMPRESSED, Confidence, ProductClaims, ProductKind, ReleaseClaims, Service, Setting
from harness.core.endpoint import (
    Endpoint,
    EvidenceClass,
    RestEndpoint,
    Runtime,
    TargetIdentity,
    TargetState,
    WebEndpoint,
)
from harness.core.formats import Format, SopClass
from harness.core.restrictions import DIMSE, PLAYED, Restrictions, UnknownPolicy, restrictions_of, settle
from harness.errors import UnknownName, UsageError
from harness.targets.embedded.restricted import Limits, Taken
from harness.targets.embedded.target import AET, EmbeddedTarget
from harness.targets.processes import file_sha256
from harness.targets.target import Place

#: What a target's name begins with.
PREFIX = "emulated:"

#: What is told of every emulated PACS: claims do not reach so far.
_NOT_PLAYED = (
    "its own interface, TLS, transcoding and rendered video; storage classes and transfer syntaxes that the catalogue "
    "does not have are refused"
)
_OURS = (
    "whatever no claim tells is answered as the embedded PACS does, such as statuses, attributes, media types and "
    "speed; an object over the largest is refused with 0xA700"
)


@dataclass(frozen=True, slots=True)
class Emulation:
    """How claims are read: what fills the cells that they leave open, and whether unsourced statements count."""

    unknown: UnknownPolicy | None = None
    unsourced: bool = False


#: Nothing is guessed, and unsourced statements do not count.
AS_CLAIMED = Emulation()


@dataclass(frozen=True, slots=True)
class Emulated:
    """What can be emulated: one release, with one configuration, of a product."""

    product: ProductClaims
    release: ReleaseClaims

    @property
    def name(self) -> str:
        """As ``--pacs`` takes it, in full."""
        release, configuration = _slug(self.release.name), _slug(self.release.configuration)
        return f"{PREFIX}{self.product.id}" + (f"@{release}" if release else "") + _after(":", configuration)

    def restrictions(self, *, unsourced: bool = False) -> Restrictions:
        """What its claims tell, with what they leave open."""
        return restrictions_of(
            self.product,
            self.release.name,
            formats=tuple(_formats()),
            classes=tuple(_classes()),
            configuration=self.release.configuration,
            least=Confidence.NONE if unsourced else Confidence.LOW,
        )


def all_emulated() -> Iterator[Emulated]:
    """Everything that can be emulated: every release of which something is claimed."""
    for product in _products().values():
        named = [release for release in product.releases if release.name]
        for release in named or product.releases:
            yield Emulated(product, release)


def find_emulated(name: str) -> Emulated:
    """What a name means; without a release that which its file tells last, as shipped.

    Raises:
        UnknownName: there is no such product, release or configuration.
        UsageError: the product was not looked at as shipped, so that a configuration must be named.
    """
    id, _, wanted = name.removeprefix(PREFIX).partition("@")
    products = _products()
    if id not in products:
        raise UnknownName("product of matrices/", id, products)
    can = [one for one in all_emulated() if one.product.id == id]
    if not wanted:
        shipped = [one for one in can if not one.release.configuration]
        if not shipped:
            raise UsageError(f"{name}: name a release and its configuration: {', '.join(one.name for one in can)}")
        return shipped[-1]
    for one in can:
        if one.name == f"{PREFIX}{id}@{wanted}":
            return one
    raise UnknownName("emulated release", name, (one.name for one in can))


def lacks(restrictions: Restrictions) -> str:
    """What must be known and is not, in one line; empty where nothing is missing."""
    parts = []
    if restrictions.silent:
        silent = ", ".join(service for service in PLAYED if service in restrictions.silent)
        parts.append(f"no trusted source tells whether these are offered: {silent}")
    # What a silent service takes is not missing besides.
    open_ = sum(offer.service not in restrictions.silent for offer, _ in restrictions.open)
    if open_:
        among = {*restrictions.taken, *restrictions.refused, *(offer for offer, _ in restrictions.open)}
        known = sum(offer.service not in restrictions.silent for offer in among)
        parts.append(f"{open_} of {known} combinations of service, syntax and SOP class are unknown")
    return "; ".join(parts)


class EmulatedTarget:
    """The embedded PACS within the limits that the claims on a product tell.

    Raises:
        UnknownName, UsageError: as :func:`find_emulated`; also where something is unknown and no policy was chosen.
    """

    evidence_class = EvidenceClass.EMULATED
    runtime = Runtime.EMBEDDED

    def __init__(self, name: str, emulation: Emulation = AS_CLAIMED) -> None:
        self._id, self._emulation, self._emulated = name, emulation, find_emulated(name)
        self._told = self._emulated.restrictions(unsourced=emulation.unsourced)
        if emulation.unknown is None and not self._told.complete:
            raise UsageError(
                f"--pacs={name}: {lacks(self._told)}; choose what is played there by --emulate-unknown=refuse or accept"
            )
        self._played = settle(self._told, emulation.unknown or UnknownPolicy.REFUSE)
        title = self._played.setting(Setting.AE_TITLE)
        self._pacs = EmbeddedTarget(
            name, aet=AET if title is None else str(title), limits=limits_of(self._played, self._emulated)
        )

    @property
    def id(self) -> str:
        """The name given on the command line; column head of the matrix."""
        return self._id

    def start(self, place: Place) -> Endpoint | None:
        """Start it; None where the claims deny DIMSE altogether.

        Raises:
            TargetUnhealthy: it did not become ready; it is stopped again.
        """
        endpoint = self._pacs.start(place)
        return endpoint if (self._told.services | self._told.silent).intersection(DIMSE) else None

    @property
    def web(self) -> WebEndpoint | None:
        """Its DICOMweb services; None where it plays none, or was not started."""
        web, offered = self._pacs.web, self._played.services
        if web is None or not offered.difference(DIMSE):
            return None
        return web if Service.WADO_URI in offered else replace(web, wado_uri=None)

    @property
    def rest(self) -> RestEndpoint | None:
        """None: what a product has besides the standard is not played."""
        return None

    def identity(self) -> TargetIdentity:
        """The product by its claims, with every source and everything that was assumed."""
        release, played = self._emulated.release, self._played
        own = self._pacs.identity()
        policy = self._emulation.unknown
        lowest = "none: unsourced statements count too" if self._emulation.unsourced else Confidence.LOW.value
        details = [
            ("emulated", "a server of this harness plays claims; not a test of the product"),
            ("claims", f"matrices/{played.product}.toml, release {release.name or 'not stated'}"),
            ("claims SHA-256", file_sha256(data_folder("matrices") / f"{played.product}.toml")),
            ("configuration", release.configuration or "as shipped"),
            ("least confidence of claims", lowest),
            ("unknown cells", "none" if self._told.complete else f"{policy}, by --emulate-unknown"),
            ("services", ", ".join(service for service in PLAYED if service in played.services) or "none"),
            ("not played", _NOT_PLAYED),
            ("not of the product", _OURS),
            *((f"assumed {number}", text) for number, text in enumerate(played.assumed, 1)),
            *((f"source {source.key}", _shown(source.title, source.version, source.date)) for source in played.sources),
            ("played by", f"{own.product} {own.version}"),
            *own.details,
        ]
        return TargetIdentity(
            self._id,
            product=f"{self._emulated.product.product} as claimed (emulated)",
            version=release.name or "release not stated",
            runtime=self.runtime,
            evidence_class=self.evidence_class,
            details=tuple(details),
        )

    def assumed(self, format: str | None) -> tuple[str, ...]:
        """What of the answers on a format was assumed, for the notes of a result; on all of them where it is None."""
        word = "accepted" if self._emulation.unknown is UnknownPolicy.ACCEPT else "refused"
        lines = []
        if self._told.silent:
            silent = ", ".join(service for service in PLAYED if service in self._told.silent)
            lines.append(f"assumed to be {word}, since no trusted source tells: {silent}")
        open_ = [one for one in self._told.open if one[0].service not in self._told.silent]
        if format is None:
            lines += [f"assumed to be {word}: {len(open_)} combinations of syntax and SOP class"] if open_ else []
        by_reason: dict[tuple[Service, str], list[str]] = {}
        for offer, why in open_:
            if offer.syntax == format:
                by_reason.setdefault((offer.service, why), []).append(offer.sop_class)
        for (service, why), classes in by_reason.items():
            lines.append(f"assumed to be {word}: {service} of {format} in {', '.join(classes)} ({why})")
        if self._emulation.unsourced:
            lines.append("unsourced statements count as claims")
        return tuple(f"emulated: {line}" for line in lines)

    def state(self) -> TargetState:
        """How the process is doing."""
        return self._pacs.state()

    def stop(self) -> None:
        """End the process. May be called twice."""
        self._pacs.stop()

    def keep(self) -> tuple[int, ...]:
        """See :class:`~harness.targets.target.Keepable`."""
        return self._pacs.keep()


def limits_of(played: Restrictions, what: Emulated) -> Limits:
    """The same by UIDs, which is what a PACS sees."""
    syntaxes = {id: format.uid for id, format in _formats().items()} | UNCOMPRESSED
    classes = {id: sop_class.uid for id, sop_class in _classes().items()}
    pdu = played.setting(Setting.MAX_PDU)
    release = f"{what.product.product} {what.release.name or '(release not stated)'}"
    return Limits(
        about=f"{EvidenceClass.EMULATED}: {release} as claimed; not a test of that product",
        services=played.services,
        taken=frozenset(Taken(one.service, classes[one.sop_class], syntaxes[one.syntax]) for one in played.taken),
        largest=tuple((service, size) for service, size in played.largest if size is not None),
        max_pdu=None if pdu is None else int(pdu),
        syntax_refusal=int(played.setting(Setting.SYNTAX_REFUSAL) or 0),
        class_refusal=int(played.setting(Setting.CLASS_REFUSAL) or 0),
    )


@cache
def _products() -> dict[str, ProductClaims]:
    """Those that keep objects; a viewer is no PACS."""
    return {id: product for id, product in load_products().items() if product.kind is not ProductKind.VIEWER}


@cache
def _formats() -> dict[str, Format]:
    return load_formats()


@cache
def _classes() -> dict[str, SopClass]:
    return load_sop_classes()


def _slug(text: str) -> str:
    """A text without what shells and file systems take for their own."""
    return re.sub(r"[^A-Za-z0-9.+_]+", "-", text.replace(" +", "-")).strip("-")


def _after(mark: str, text: str) -> str:
    return mark + text if text else ""


def _shown(*parts: str) -> str:
    return "; ".join(part for part in parts if part)
