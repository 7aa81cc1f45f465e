"""Legal ways to answer over DICOMweb."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from harness.media.part10 import Piece, layout
from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.variations.variation import Variation, offering, replying, web
from harness.targets.embedded.web.accept import MULTIPART, Offer
from harness.targets.embedded.web.asked import Asked, Refusal, Reply, Resource
from harness.targets.embedded.web.body import Body
from harness.targets.embedded.web.media_types import DICOM_JSON, is_stream
from harness.targets.embedded.web.metadata import PIXEL_DATA

_PART_HEADER = re.compile(rb"Content-Type: ([^\r;]+)(?:; transfer-syntax=([0-9.]+))?\r\n")


def _only_parts(reply: Reply, change: Callable[[bytes], bytes]) -> Reply:
    """Change the lines between the parts of a multipart body; the parts themselves lie in files."""
    if not reply.media_type.lower().startswith(MULTIPART):
        return reply
    segments = tuple(change(part) if isinstance(part, bytes) else part for part in reply.body.segments)
    return replace(reply, body=Body(segments))


def _header_in_other_letters(found: re.Match[bytes]) -> bytes:
    syntax = b';Transfer-Syntax="' + found[2] + b'"' if found[2] else b""
    return b"content-type:" + found[1].upper() + syntax + b"\r\n"


def _in_other_letters(asked: Asked, reply: Reply) -> Reply:
    """Media types in capitals, parameters quoted and without spaces: all the same (RFC 9110 8.3.1)."""

    def part(lines: bytes) -> bytes:
        return _PART_HEADER.sub(_header_in_other_letters, lines)

    kind = re.sub(r"boundary=([0-9a-f]+)", r'Boundary="\1"', reply.media_type)
    kind = re.sub(r"; transfer-syntax=([0-9.]+)", r';Transfer-Syntax="\1"', kind)
    kind = (
        kind.replace(MULTIPART, MULTIPART.title()).replace("application/", "Application/").replace("video/", "Video/")
    )
    return _only_parts(replace(reply, media_type=kind), part) if reply.media_type else reply


def _with_more_lines(asked: Asked, reply: Reply) -> Reply:
    """A preamble, an epilogue, and more header lines in each part (RFC 2046 5.1.1, RFC 2387)."""

    def part(lines: bytes) -> bytes:
        return _PART_HEADER.sub(rb"MIME-Version: 1.0\r\n\g<0>Content-Location: part\r\nContent-ID: <1@here>\r\n", lines)

    changed = _only_parts(reply, part)
    if changed is reply:
        return reply
    return replace(changed, body=Body((b"To be read by programs.",)) + changed.body + Body((b"The end.\r\n",)))


def _in_chunks(asked: Asked, reply: Reply) -> Reply:
    return replace(reply, length_told=False)


def _single_first(resource: Resource, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    return tuple(sorted(offers, key=lambda offer: offer.multipart))


def _without_rendered(resource: Resource, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    return () if resource is Resource.RENDERED else offers


def _without_bulk(resource: Resource, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    if resource not in (Resource.BULKDATA, Resource.INSTANCES):
        return offers
    return tuple(offer for offer in offers if not offer.name.startswith(("video/", "image/")))


def _without_uri(asked: Asked, reply: Reply) -> Reply:
    return Refusal(404, "there is no WADO-URI here").reply if asked.resource is Resource.URI else reply


def _with_padding(instance: StoredInstance) -> tuple[Body, ...]:
    """Whole fragments: as a video one part, with the byte that makes the last one even."""
    pieces = tuple(Piece(instance.path, offset, length) for offset, length in layout(instance.path).fragments)
    if is_stream(instance.transfer_syntax_uid):
        return (Body(pieces),)
    return tuple(Body((piece,)) for piece in pieces)


def _relative(instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for instance in instances:
        element = instance[PIXEL_DATA]
        element["BulkDataURI"] = urlsplit(element["BulkDataURI"]).path
    return instances


VARIATIONS = (
    Variation(
        "ignores-ranges",
        "answers a request for a range with the whole",
        "RFC 9110 14.2: a server may ignore the Range header",
        web(span=lambda header, length: None),
    ),
    Variation(
        "without-rendered",
        "has no rendered video",
        "PS3.18 Table 8.7.4-1: video is optional and has no default; 406 (8.7.8.1)",
        offering(_without_rendered),
    ),
    Variation(
        "without-bulk-types",
        "has no compressed bulk data",
        "PS3.18 Table 10.4.4-1: compressed bulk data media types are optional; 406 (8.7.8.1)",
        offering(_without_bulk),
    ),
    Variation(
        "without-uri",
        "has no WADO-URI",
        "PS3.18 9: a service of its own, which no one has to support",
        replying(_without_uri),
    ),
    Variation(
        "takes-objects-only",
        "refuses metadata beside bulk data with 415",
        "PS3.18 10.5.4: compressed bulk data in a store are optional",
        web(takes=lambda kind: kind != DICOM_JSON),
    ),
    Variation(
        "prefers-single-part",
        "gives a single part wherever the request accepts that too",
        "PS3.18 8.7.8.1: where weights tie the origin server determines which is returned",
        offering(_single_first),
    ),
    Variation(
        "sends-chunks",
        "tells no Content-Length",
        "RFC 9112 7.1: a body may be sent in chunks",
        replying(_in_chunks),
    ),
    Variation(
        "other-letters",
        "writes media types in capitals and quotes their parameters",
        "RFC 9110 8.3.1: types and names of parameters are case-insensitive, quoted values are equivalent",
        replying(_in_other_letters),
    ),
    Variation(
        "wordy-multipart",
        "writes a preamble, an epilogue and more header lines into multipart answers",
        "RFC 2046 5.1.1: what stands before the first and behind the last boundary is ignored",
        replying(_with_more_lines),
    ),
    Variation(
        "relative-bulk-uri",
        "tells bulk data by a reference without scheme and host",
        "PS3.18 F.2.6: a URI; a relative one is resolved against that of the answer (RFC 3986 5.1.3)",
        web(metadata=_relative),
    ),
    Variation(
        "bulk-keeps-padding",
        "sends bulk data with the byte that made the fragment even",
        "PS3.5 A.4: padding is part of the fragment; PS3.18 8.7.3.3.2 drops delimiters only",
        web(bulk=_with_padding),
    ),
)
