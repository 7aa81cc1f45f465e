"""Short ways to write claims in tests."""

from harness.core.claims import (
    Basis,
    ClaimKind,
    ClaimStatus,
    Confidence,
    FormatClaim,
    ProductClaims,
    ProductKind,
    ReleaseClaims,
    Service,
    Source,
    Topic,
)

ACCEPTED, REFUSED, PARTIAL, UNKNOWN = ClaimStatus


def basis(kind="vendor-document", confidence="high", date="", note="", general=False):
    source = Source(key=kind, title=kind, kind=ClaimKind(kind), date=date, unsourced=confidence == "none")
    return Basis(source, Confidence(confidence), note=note, general=general)


def claim(status, formats="h264_hp41", classes=None, by=(Service.STORE,), topic=Topic.STORAGE, **about):
    return FormatClaim(topic, status, tuple(formats.split()), classes, by, basis(**about))


def release(name, *claims, date="", configuration=""):
    return ReleaseClaims(name=name, date=date, configuration=configuration, claims=claims)


def product(name, *releases):
    return ProductClaims(name.lower(), name, "Vendor", ProductKind.COMMERCIAL, (), releases)
