"""The seams of DICOMweb where a PACS can behave in another way, each with the well-behaved default.

What both sides share is not here: STOW-RS keeps by :attr:`~harness.targets.embedded.hooks.Hooks.store`, QIDO-RS answers
pass ``answers``, and WADO-RS and WADO-URI of objects pass ``retrieve`` under their own names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pynetdicom import ALL_TRANSFER_SYNTAXES, AllStoragePresentationContexts

from harness.media.part10 import Piece, layout, read_header
from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.web.accept import Offer
from harness.targets.embedded.web.asked import Asked, Reply, Resource
from harness.targets.embedded.web.body import Body
from harness.targets.embedded.web.media_types import bulk_media_type, is_stream
from harness.targets.embedded.web.ranges import Span, wanted_span

#: Failure reasons of a store (PS3.18 Table I.2-2).
CLASS_NOT_SUPPORTED, SYNTAX_NOT_SUPPORTED = 0x0122, 0xC122

_CLASSES = frozenset(str(context.abstract_syntax) for context in AllStoragePresentationContexts)
_SYNTAXES = frozenset(map(str, ALL_TRANSFER_SYNTAXES))


def admit_known(sop_class: str, transfer_syntax: str) -> int:
    """Admit what the DIMSE side would; 0, or the failure reason."""
    if sop_class not in _CLASSES:
        return CLASS_NOT_SUPPORTED
    return 0 if transfer_syntax in _SYNTAXES else SYNTAX_NOT_SUPPORTED


def offer_all(resource: Resource) -> bool:
    """Offer everything."""
    return True


def read_accept(header: str | None) -> str | None:
    """Take the Accept header as it is; None where there is none."""
    return header


def take_all(media_type: str) -> bool:
    """Take every media type that is known."""
    return True


def leave(received: Path, media_type: str) -> None:
    """Leave an object as it came."""


def keep_syntax(transfer_syntax: str) -> str:
    """Label a stream with the transfer syntax that it has."""
    return transfer_syntax


def bulk_parts(instance: StoredInstance) -> tuple[Body, ...]:
    """Pixel Data without delimiters: a video as one part without its padding, else a part for each fragment.

    PS3.18 8.7.3.3.2; the length without padding is Encapsulated Pixel Data Value Total Length (7FE0,0003).

    Raises:
        ObjectUnreadable: there is no Pixel Data that could be sent.
    """
    pixels = layout(instance.path)
    pieces = tuple(Piece(instance.path, offset, length) for offset, length in pixels.fragments)
    if pixels.encapsulated and not is_stream(instance.transfer_syntax_uid):
        return tuple(Body((piece,)) for piece in pieces)
    told = read_header(instance.path).get("EncapsulatedPixelDataValueTotalLength")
    whole = Body(pieces)
    return (whole.cut(0, int(told)) if told else whole,)


def offer_as_listed(resource: Resource, offers: tuple[Offer, ...]) -> tuple[Offer, ...]:
    """Prefer the default media type of the standard, which is listed first."""
    return offers


def tell_all(instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Metadata as they are."""
    return instances


def reply_as_made(asked: Asked, reply: Reply) -> Reply:
    """Send what was made."""
    return reply


@dataclass(frozen=True, slots=True)
class WebHooks:
    """How the DICOMweb side of a PACS behaves.

    ``offered`` tells of each resource whether there is one. ``accept`` reads the Accept header of a retrieve. ``takes``
    may refuse a media type of STOW-RS, told in small letters. ``admit`` is told SOP class and transfer syntax
    of what came by it, and gives 0 or a failure reason. ``received`` sees each object that STOW-RS brought or that was
    made of its bulk data, with the media type of the part, before it is kept. ``derived`` gives the transfer syntax
    under which a video stream is stored, told the right one. ``media_type`` gives what the Pixel Data of a transfer
    syntax is sent as. ``offers`` may reorder or drop representations. ``bulk`` gives the parts of Pixel Data, also for
    rendered video. ``metadata`` may change DICOM JSON. ``span`` reads a Range header for a length. ``reply`` sees every
    reply before it is sent.
    """

    offered: Callable[[Resource], bool] = offer_all
    takes: Callable[[str], bool] = take_all
    admit: Callable[[str, str], int] = admit_known
    accept: Callable[[str | None], str | None] = read_accept
    received: Callable[[Path, str], None] = leave
    derived: Callable[[str], str] = keep_syntax
    media_type: Callable[[str], str | None] = bulk_media_type
    offers: Callable[[Resource, tuple[Offer, ...]], tuple[Offer, ...]] = offer_as_listed
    bulk: Callable[[StoredInstance], tuple[Body, ...]] = bulk_parts
    metadata: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = tell_all
    span: Callable[[str | None, int], Span | None] = wanted_span
    reply: Callable[[Asked, Reply], Reply] = reply_as_made


WELL_BEHAVED_WEB = WebHooks()
