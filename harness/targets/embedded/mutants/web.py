"""Mutants of the DICOMweb side: what they keep they give back wrongly over HTTP, or they store wrongly by it."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.media.part10 import Piece, layout
from harness.targets.embedded import damage, reencode
from harness.targets.embedded.hooks import WADO_RS, WADO_URI, Hooks
from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.mutants.mutant import Mutant, damaged_copies, only
from harness.targets.embedded.web.asked import Asked, Refusal, Reply, Resource
from harness.targets.embedded.web.body import EMPTY, Body
from harness.targets.embedded.web.hooks import WebHooks, bulk_parts
from harness.targets.embedded.web.media_types import DICOM, MP4, MPEG, OCTETS
from harness.targets.embedded.web.metadata import PIXEL_DATA
from harness.targets.embedded.web.ranges import Span, wanted_span

_NUMBER_OF_FRAMES = "00280008"
_MPEG2, _H264 = "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.102"
#: Bytes of an answer in which the SOP Instance UID is told.
_HEAD = 4096
#: A file that is not there: reading it ends a body whose length was told.
_NOWHERE = Piece(Path("/nowhere"), 0, 1)


def _web(**hooks: Any) -> Hooks:
    return Hooks(web=WebHooks(**hooks))


def _replying(resource: Resource | None, change: Callable[[Reply], Reply], *statuses: int) -> Hooks:
    """Change the replies with these statuses, about one resource or all."""

    def reply(asked: Asked, made: Reply) -> Reply:
        wanted = resource in (None, asked.resource) and made.status in statuses
        return change(made) if wanted else made

    return _web(reply=reply)


def _broken(reply: Reply) -> Reply:
    return Refusal(500, "the server failed").reply


def _without_body(reply: Reply) -> Reply:
    return replace(reply, body=EMPTY)


def _breaking_off(reply: Reply) -> Reply:
    half = reply.body.cut(0, reply.body.length // 2)
    return replace(reply, body=half + Body((_NOWHERE,)))


def _broken_without_syntax(asked: Asked, reply: Reply) -> Reply:
    told = "transfer-syntax" in (asked.accept or "")
    return reply if told or asked.resource is not Resource.INSTANCES or reply.status != 200 else _broken(reply)


def _of_another_instance(asked: Asked, reply: Reply) -> Reply:
    """Another SOP Instance UID in the object, unless any transfer syntax is asked for."""
    told = "transfer-syntax=*" in (asked.accept or "")
    uid = asked.path.get("SOPInstanceUID", "")
    if told or not uid or asked.resource is not Resource.INSTANCES or reply.status != 200:
        return reply
    head = b"".join(reply.body.cut(0, _HEAD).chunks())
    other = uid[:-1] + ("2" if uid.endswith("1") else "1")
    changed = Body((head.replace(uid.encode(), other.encode()),))
    return replace(reply, body=changed + reply.body.cut(_HEAD, reply.body.length))


def _any_syntax(accept: str | None) -> str | None:
    return None if accept is None else re.sub(r"transfer-syntax=[^;,\s]*", "transfer-syntax=*", accept)


def _relabelled_copies(instances: list[StoredInstance]) -> list[StoredInstance] | int:
    return [
        replace(copy, transfer_syntax_uid=damage.OTHER_LABEL.get(copy.transfer_syntax_uid, copy.transfer_syntax_uid))
        for copy in damaged_copies(instances, damage.relabel)
    ]


def _with_delimiters(instance: StoredInstance) -> tuple[Body, ...]:
    """The value of Pixel Data as it is encoded, items and all (PS3.5 A.4)."""
    pixels = layout(instance.path)
    # Tag, VR, two reserved bytes and the undefined length come before the first item.
    start = pixels.offset + 12
    return (Body((Piece(instance.path, start, pixels.end - start),)),)


def _nine_tenths(instance: StoredInstance) -> tuple[Body, ...]:
    return tuple(part.cut(0, part.length * 9 // 10) for part in bulk_parts(instance))


def _halves(instance: StoredInstance) -> tuple[Body, ...]:
    parts = bulk_parts(instance)
    return tuple(
        half for part in parts for half in (part.cut(0, part.length // 2), part.cut(part.length // 2, part.length))
    )


def _without_last_octet(header: str | None, length: int) -> Span | None:
    span = wanted_span(header, length)
    return span and Span(span.start, max(span.end - 1, span.start + 1))


def _from_the_start(header: str | None, length: int) -> Span | None:
    span = wanted_span(header, length)
    return span and Span(0, span.end - span.start)


def _wrong_content_range(reply: Reply) -> Reply:
    told = dict(reply.headers)
    place, _, length = told["Content-Range"].partition("/")
    return replace(reply, headers=(*(told | {"Content-Range": f"{place}/{int(length) + 1}"}).items(),))


def _as_another_video(reply: Reply) -> Reply:
    return replace(reply, media_type=MP4 if reply.media_type == MPEG else MPEG)


def _received_as(dicom: bool, damaged: damage.Damage) -> Hooks:
    """Damage what a store brought as an object, or what it brought as a stream."""

    def received(path: Path, media_type: str) -> None:
        if (media_type == DICOM) == dicom:
            damaged(path)

    return _web(received=received)


def _other_codec(transfer_syntax: str) -> str:
    # Another level of the same codec might be right for the stream as well.
    return _MPEG2 if transfer_syntax != _MPEG2 else _H264


def _with_inline_video(instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {PIXEL_DATA: {"vr": "OB", "InlineBinary": "AAAA"}} for one in instances]


def _with_one_frame(instances: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [one | {_NUMBER_OF_FRAMES: {"vr": "IS", "Value": [1]}} for one in instances]


MUTANTS = (
    # Objects
    Mutant("damages-on-wado", "inverts one byte of what WADO-RS sends", only(WADO_RS, damaged_copies)),
    Mutant(
        "wado-answers-nothing",
        "answers WADO-RS with 200 and no bytes",
        _replying(Resource.INSTANCES, _without_body, 200),
    ),
    Mutant("wado-breaks-off", "ends a WADO-RS answer in its middle", _replying(Resource.INSTANCES, _breaking_off, 200)),
    Mutant(
        "wado-500-without-syntax",
        "answers WADO-RS without a transfer syntax with 500",
        _web(reply=_broken_without_syntax),
    ),
    Mutant(
        "wado-another-instance",
        "sends another SOP Instance UID by WADO-RS without a transfer syntax",
        _web(reply=_of_another_instance),
    ),
    Mutant("wado-converts-label", "labels what WADO-RS sends with another syntax", only(WADO_RS, _relabelled_copies)),
    Mutant("uri-damages", "inverts one byte of what WADO-URI sends", only(WADO_URI, damaged_copies)),
    Mutant(
        "uri-answers-nothing", "answers WADO-URI with 200 and no bytes", _replying(Resource.URI, _without_body, 200)
    ),
    Mutant(
        "500-instead-of-406",
        "answers 500 where it has no acceptable representation",
        _replying(None, _broken, 406),
    ),
    Mutant("wado-ignores-syntax", "sends what is stored, whatever syntax is asked for", _web(accept=_any_syntax)),
    Mutant(
        "wado-relabels-as-asked",
        "labels what is stored with the syntax that is asked for",
        replace(only(WADO_RS, _relabelled_copies), web=WebHooks(accept=_any_syntax)),
    ),
    # Bulk data and rendered video
    Mutant("bulk-keeps-delimiters", "sends the items of Pixel Data as bulk data", _web(bulk=_with_delimiters)),
    Mutant("bulk-truncated", "loses the last tenth of bulk data", _web(bulk=_nine_tenths)),
    Mutant("bulk-splits-video", "sends the bulk data of a video as two parts", _web(bulk=_halves)),
    Mutant("bulk-wrong-media-type", "sends video as application/octet-stream", _web(media_type=lambda syntax: OCTETS)),
    Mutant("rendered-500", "answers for rendered video with 500", _replying(Resource.RENDERED, _broken, 200, 206)),
    Mutant("rendered-empty", "renders video as no bytes", _replying(Resource.RENDERED, _without_body, 200)),
    Mutant(
        "rendered-mislabelled",
        "gives rendered video the media type of another codec",
        _replying(Resource.RENDERED, _as_another_video, 200, 206),
    ),
    Mutant("range-off-by-one", "loses the last octet of a range", _web(span=_without_last_octet)),
    Mutant("range-from-start", "counts every range from the first octet", _web(span=_from_the_start)),
    Mutant(
        "range-wrong-content-range",
        "tells a length in Content-Range that is one too great",
        _replying(None, _wrong_content_range, 206),
    ),
    Mutant("range-500", "answers a range behind the end with 500", _replying(None, _broken, 416)),
    # Metadata
    Mutant("metadata-inlines-video", "puts Pixel Data into metadata", _web(metadata=_with_inline_video)),
    Mutant("metadata-wrong-frames", "tells one frame in metadata", _web(metadata=_with_one_frame)),
    # STOW-RS
    Mutant("stow-loses-bytes", "loses the last tenth of what STOW-RS brings", _received_as(True, damage.truncate)),
    Mutant(
        "stow-bulk-reencodes",
        "encodes a stream again that STOW-RS brings beside metadata",
        _received_as(False, reencode.reencode),
    ),
    Mutant(
        "stow-bulk-wrong-rows",
        "describes a stream beside metadata with eight rows more",
        _received_as(False, damage.add_rows),
    ),
    Mutant(
        "stow-bulk-wrong-syntax",
        "labels a stream beside metadata with the transfer syntax of another codec",
        _web(derived=_other_codec),
    ),
)
