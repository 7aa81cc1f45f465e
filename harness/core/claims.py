"""What is said of a PACS and video, as values: each claim with its source and how far that can be trusted.

Several claims on one cell may disagree, and all are kept. A cell that nobody speaks of is unknown, and unknown is
never filled in. :mod:`harness.core.told` says which claim counts, :mod:`harness.core.standing` how it stands against
what was seen.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

#: What ``classes`` of a claim holds where its source says that the SOP class does not matter.
ANY_CLASS = "any"

#: Transfer syntaxes that are no video format and still tell whether a SOP class is taken at all (PS3.5 A.1, A.2).
UNCOMPRESSED = {"implicit_le": "1.2.840.10008.1.2", "explicit_le": "1.2.840.10008.1.2.1"}


class ClaimKind(StrEnum):
    """Where a claim comes from. The order is that of weight, where the confidence is the same."""

    MEASURED = "measured"  #: a running product was asked
    PRODUCT_SOURCE = "product-source"  #: read in the code or the shipped configuration of the product
    VENDOR_DOCUMENT = "vendor-document"  #: conformance statement, manual, quota page
    SECOND_HAND = "second-hand"  #: somebody else's account of one of the above, or of nothing
    SOURCE_ANALYSIS = "source-analysis"  #: the analysis whose vendor table and percentages are to be tested


class Confidence(StrEnum):
    """How far a claim can be trusted. The order is that of weight."""

    HIGH = "high"  #: the vendor's own current document, the product's code, or measured
    MEDIUM = "medium"  #: a document through a mirror, or a rule from which the answer follows
    LOW = "low"  #: second-hand
    NONE = "none"  #: the source gives no source of its own, or nothing was found


class ClaimStatus(StrEnum):
    """What is claimed of a cell."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    PARTIAL = "partial"  #: in some circumstances, which the note tells where the source does
    UNKNOWN = "unknown"  #: looked for and not found; the note says where


class Topic(StrEnum):
    """What a claim on formats is about."""

    STORAGE = "storage"
    PLAYBACK = "playback"
    TRANSCODING = "transcoding"  #: into another transfer syntax, on retrieve


class Service(StrEnum):
    """A way to talk to a PACS."""

    ECHO = "C-ECHO"
    STORE = "C-STORE"
    FIND = "C-FIND"
    MOVE = "C-MOVE"
    GET = "C-GET"
    COMMITMENT = "storage commitment"
    DICOM_TLS = "DICOM over TLS"
    STOW = "STOW-RS"
    QIDO = "QIDO-RS"
    WADO = "WADO-RS"
    WADO_URI = "WADO-URI"
    REST = "own REST"  #: the product's own interface
    IMPORT = "bulk import"


#: The services that bring an object into a PACS.
STORING = (Service.STORE, Service.STOW, Service.REST, Service.IMPORT)


class Setting(StrEnum):
    """A value that a product has as it is shipped."""

    AE_TITLE = "ae_title"
    DICOM_PORT = "dicom_port"
    DICOM_TLS_PORT = "dicom_tls_port"
    HTTP_PORT = "http_port"
    HTTPS_PORT = "https_port"
    DICOMWEB_PATH = "dicomweb_path"
    MAX_PDU = "max_pdu"  #: bytes that it is ready to receive in one PDU (PS3.8 D.1)
    MAX_ASSOCIATIONS = "max_associations"
    SYNTAX_REFUSAL = "syntax_refusal"  #: result of a context whose syntax is not taken (PS3.8 Table 9-18)
    CLASS_REFUSAL = "class_refusal"  #: result of a context whose SOP class is not taken
    RETRIEVE_REFUSAL = "retrieve_refusal"  #: status of a C-GET or C-MOVE that does not offer the stored syntax
    WADO_REFUSAL = "wado_refusal"  #: HTTP status of a WADO-RS that does not accept the stored syntax


#: Settings that are words; all others are numbers.
WORDS = frozenset({Setting.AE_TITLE, Setting.DICOMWEB_PATH})


class ProductKind(StrEnum):
    """What a product is."""

    COMMERCIAL = "commercial"
    OPEN_SOURCE = "open-source"
    CLOUD = "cloud-service"
    TOOLKIT = "toolkit"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a claim can be read again. ``date`` is that of the document or measurement, as year, month or day.

    Empty texts are unknown. ``unsourced`` marks a source that gives no source of its own.
    """

    key: str
    title: str
    kind: ClaimKind
    address: str = ""
    version: str = ""
    date: str = ""
    unsourced: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a claim stands on. ``source`` is None only where nothing is claimed.

    ``quote`` holds the source's own words where the claim is a reading of them. ``general`` marks what is said of
    the product and of no release.
    """

    source: Source | None
    confidence: Confidence
    quote: str = ""
    note: str = ""
    general: bool = False

    @property
    def rank(self) -> tuple[int, bool, int]:
        """Smaller counts more: by confidence, then what is said of a release, then by kind."""
        kind = len(ClaimKind) if self.source is None else list(ClaimKind).index(self.source.kind)
        return list(Confidence).index(self.confidence), self.general, kind

    def trusted(self, least: Confidence) -> bool:
        """Whether the confidence is ``least`` or higher."""
        order = list(Confidence)
        return order.index(self.confidence) <= order.index(least)


@dataclass(frozen=True, slots=True)
class FormatClaim:
    """A claim on formats.

    ``classes`` are ids of SOP classes or :data:`ANY_CLASS`, None where the source does not tell them apart.
    ``services`` is None where the source does not tell by which service.
    """

    topic: Topic
    status: ClaimStatus
    formats: tuple[str, ...]
    classes: tuple[str, ...] | None
    services: tuple[Service, ...] | None
    basis: Basis

    def covers(self, cell: "ClaimCell") -> bool:
        """Whether this claim speaks of ``cell``; one that does not tell a thing apart speaks of all."""
        return (
            self.topic is cell.topic
            and cell.format in self.formats
            and (self.classes is None or ANY_CLASS in self.classes or cell.sop_class in (None, *self.classes))
            and (self.services is None or cell.service is None or cell.service in self.services)
        )


@dataclass(frozen=True, slots=True)
class ServiceClaim:
    """A claim that services are offered or not."""

    status: ClaimStatus
    services: tuple[Service, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class LimitClaim:
    """A claim on the largest object, in bytes; ``largest`` None says that there is no limit."""

    largest: int | None
    services: tuple[Service, ...] | None
    basis: Basis


@dataclass(frozen=True, slots=True)
class SettingClaim:
    """A claim on a value as shipped."""

    setting: Setting
    value: str | int
    basis: Basis


Claim = FormatClaim | ServiceClaim | LimitClaim | SettingClaim


@dataclass(frozen=True, slots=True)
class ClaimCell:
    """What can be claimed and seen: one format, and where they matter one SOP class and one service."""

    format: str
    sop_class: str | None = None
    service: Service | None = None
    topic: Topic = Topic.STORAGE


@dataclass(frozen=True, slots=True)
class ReleaseClaims:
    """What is claimed of one release. ``name`` is empty where the sources do not say which.

    A name that ends with ``+`` means that release and later ones. ``configuration`` is empty for the product as
    shipped. ``date`` is that of the release, as year, month or day; empty where unknown.
    """

    name: str
    date: str
    configuration: str
    claims: tuple[Claim, ...]
    note: str = ""

    @property
    def formats(self) -> tuple[FormatClaim, ...]:
        """The claims on formats."""
        return tuple(claim for claim in self.claims if isinstance(claim, FormatClaim))

    def speaks_of(self, version: str) -> bool:
        """Whether claims on this release count for a product that states ``version``."""
        if self.name in ("", version, _head(version)):
            return True
        least, numbers = _numbers(self.name), _numbers(version)
        return self.name.endswith("+") and bool(least) and bool(numbers) and numbers >= least


@dataclass(frozen=True, slots=True)
class ProductClaims:
    """All that is claimed of one product; ``id`` is the name of its file."""

    id: str
    product: str
    vendor: str
    kind: ProductKind
    sources: tuple[Source, ...]
    releases: tuple[ReleaseClaims, ...]
    note: str = ""

    def release(self, name: str, configuration: str = "") -> ReleaseClaims | None:
        """The claims on exactly that release, None where there are none."""
        return next((one for one in self.releases if (one.name, one.configuration) == (name, configuration)), None)

    def claims_on(self, version: str, configuration: str = "") -> tuple[Claim, ...]:
        """All claims that count for a product that states ``version``.

        Claims on no stated release count for every release, and claims on another configuration for none.
        """
        fitting = [one for one in self.releases if one.configuration == configuration and one.speaks_of(version)]
        return tuple(claim for one in fitting for claim in one.claims)


def _head(version: str) -> str:
    """The release in a version as packages and programs state it: ``1.12.7`` of ``1.12.7+dfsg-4``."""
    match = re.match(r"\d+(?:\.\d+)+[a-z]?(?![\w.])", version)
    return match[0] if match else version


def _numbers(version: str) -> tuple[int, ...]:
    match = re.match(r"\d+(?:\.\d+)*", version)
    return tuple(map(int, match[0].split("."))) if match else ()
