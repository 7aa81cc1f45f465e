"""WADO-RS: objects, metadata, bulk data, frames and rendered video, all streamed from disk (PS3.18 10.4)."""

import json

from harness.errors import ObjectUnreadable
from harness.media.part10 import read_header
from harness.targets.embedded.hooks import WADO_RS, Hooks
from harness.targets.embedded.index import UNIQUE, Level, StoredInstance
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.accept import Offer
from harness.targets.embedded.web.asked import Asked, Refusal, Reply
from harness.targets.embedded.web.body import Body, file_body
from harness.targets.embedded.web.media_types import DICOM, DICOM_JSON, is_stream
from harness.targets.embedded.web.metadata import PIXEL_DATA, metadata_of
from harness.targets.embedded.web.multipart import multipart
from harness.targets.embedded.web.ranges import Unsatisfiable
from harness.targets.embedded.web.select import MIXED, accepted, select

#: Bulk data of an instance, in the path of its URL.
PIXEL_DATA_NAMES = frozenset({"", PIXEL_DATA, "PixelData"})


class Retrieve:
    """The retrieve services on a store."""

    def __init__(self, store: ObjectStore, hooks: Hooks) -> None:
        self._store = store
        self._hooks = hooks

    def instances(self, asked: Asked) -> Reply:
        """Objects as they are stored; in another transfer syntax there is none.

        Raises:
            Refusal: 404, 406, or 500 where the hook fails the retrieve.
        """
        found = self._found(asked)
        syntaxes = {instance.transfer_syntax_uid for instance in found}
        single = len(found) == 1 and "SOPInstanceUID" in asked.path
        chosen = None
        # Several objects may be in several syntaxes; then each one must be acceptable.
        for syntax in syntaxes:
            offers = [Offer(DICOM, multipart=True, transfer_syntax=syntax)]
            offers += [Offer(DICOM, multipart=False, transfer_syntax=syntax)] if single else []
            offers += self._bulk_offers(found[0]) if single else []
            chosen = select(asked, tuple(offers), self._hooks)
        if chosen is not None and chosen.name != DICOM:
            return self._bulk(asked, found[0], chosen)
        sent = self._hooks.retrieve(WADO_RS, found)
        if isinstance(sent, int):
            raise Refusal(500, f"the retrieve failed with 0x{sent:04X}")
        if chosen is not None and not chosen.multipart and sent:
            return ranged(asked, _object(sent[0]), self._hooks)
        parts = [({"Content-Type": _typed(DICOM, one.transfer_syntax_uid)}, file_body(one.path)) for one in sent]
        return Reply(200, *multipart(parts, DICOM))

    def metadata(self, asked: Asked) -> Reply:
        """DICOM JSON of all instances of a study, a series, or of one.

        Raises:
            Refusal: 404, 406.
        """
        found = self._found(asked)
        select(asked, (Offer(DICOM_JSON, multipart=False),), self._hooks)
        told = self._hooks.web.metadata([metadata_of(one, instance_url(asked.base, one)) for one in found])
        return Reply(200, DICOM_JSON, Body((json.dumps(told).encode(),)))

    def bulkdata(self, asked: Asked) -> Reply:
        """Pixel Data of one instance: a video as one part, other pictures as a part each.

        Raises:
            Refusal: 404, 406, 416.
        """
        instance = self._one(asked)
        if asked.path.get("bulkdata", "") not in PIXEL_DATA_NAMES:
            raise Refusal(404, "Pixel Data is the only bulk data here")
        return self._bulk(asked, instance, select(asked, tuple(self._bulk_offers(instance)), self._hooks))

    def rendered(self, asked: Asked) -> Reply:
        """The stream of a video, which a browser can play as it is.

        Raises:
            Refusal: 400 for a transfer syntax or a mixture of DICOM and rendered types (PS3.18 8.7.4, 8.7.5); 404;
                406 for what is no video stream, and for several instances; 416.
        """
        ranges = [one for group in accepted(asked) for one in group]
        if any(one.transfer_syntax for one in ranges):
            raise Refusal(400, "a rendered media type has no transfer syntax (PS3.18 8.7.4)")
        if len({one.name.startswith(DICOM) for one in ranges if one.name != "*/*"}) > 1:
            raise Refusal(400, MIXED)
        found = self._found(asked)
        if "SOPInstanceUID" not in asked.path or not is_stream(found[0].transfer_syntax_uid):
            raise Refusal(406, "only a video instance can be rendered here")
        kind = self._hooks.web.media_type(found[0].transfer_syntax_uid) or ""
        chosen = select(asked, (Offer(kind, multipart=False),), self._hooks)
        return ranged(asked, Reply(200, chosen.name, self._parts(found[0])[0]), self._hooks)

    def frames(self, asked: Asked) -> Reply:
        """Frames that are pictures of their own; out of a video none is taken.

        Raises:
            Refusal: 400, 404, 406.
        """
        instance = self._one(asked)
        if is_stream(instance.transfer_syntax_uid):
            raise Refusal(406, "a single frame of a lossy video stream is not given")
        chosen = select(asked, tuple(self._bulk_offers(instance)), self._hooks)
        pictures = self._parts(instance)
        try:
            numbers = [int(number) for number in asked.path["frames"].split(",")]
        except ValueError:
            raise Refusal(400, "frames are a list of numbers") from None
        if not all(1 <= number <= len(pictures) for number in numbers):
            raise Refusal(404, f"there are {len(pictures)} frames")
        return self._sent([pictures[number - 1] for number in numbers], chosen, asked)

    def _found(self, asked: Asked) -> list[StoredInstance]:
        uids = {keyword: value for keyword, value in asked.path.items() if keyword in UNIQUE.values()}
        found = self._store.index.instances(Level.IMAGE, uids)
        if not found:
            raise Refusal(404, "there is no such instance")
        return found

    def _one(self, asked: Asked) -> StoredInstance:
        return self._found(asked)[0]

    def _bulk_offers(self, instance: StoredInstance) -> list[Offer]:
        """As several parts first, which is the default; as a single one where there is only one."""
        syntax = instance.transfer_syntax_uid
        kind = self._hooks.web.media_type(syntax)
        if kind is None:
            return []
        several = [Offer(kind, multipart=True, transfer_syntax=syntax)]
        return [*several, Offer(kind, multipart=False, transfer_syntax=syntax)]

    def _bulk(self, asked: Asked, instance: StoredInstance, chosen: Offer) -> Reply:
        return self._sent(list(self._parts(instance)), chosen, asked)

    def _parts(self, instance: StoredInstance) -> tuple[Body, ...]:
        try:
            return self._hooks.web.bulk(instance)
        except ObjectUnreadable:
            raise Refusal(404, "the instance has no Pixel Data") from None

    def _sent(self, parts: list[Body], chosen: Offer, asked: Asked) -> Reply:
        kind = _typed(chosen.name, chosen.transfer_syntax)
        if chosen.multipart:
            return Reply(200, *multipart([({"Content-Type": kind}, part) for part in parts], chosen.name))
        if len(parts) != 1:
            raise Refusal(406, f"there are {len(parts)} parts and not a single one")
        return ranged(asked, Reply(200, kind, parts[0]), self._hooks)


def instance_url(base: str, instance: StoredInstance) -> str:
    """Where an instance is retrieved."""
    header = read_header(instance.path)
    return (
        f"{base}/studies/{header.StudyInstanceUID}/series/{header.SeriesInstanceUID}/instances/{header.SOPInstanceUID}"
    )


def ranged(asked: Asked, reply: Reply, hooks: Hooks) -> Reply:
    """The part of a single-part reply that the Range header asks for: 206, or the whole as it was.

    Raises:
        Refusal: 416 with the length (RFC 9110 15.5.17).
    """
    length = reply.body.length
    try:
        span = hooks.web.span(asked.range, length)
    except Unsatisfiable:
        raise Refusal(416, "no octet lies in this range", ("Content-Range", f"bytes */{length}")) from None
    taken = (*reply.headers, ("Accept-Ranges", "bytes"))
    if span is None:
        return Reply(reply.status, reply.media_type, reply.body, taken)
    part = reply.body.cut(span.start, span.end)
    return Reply(206, reply.media_type, part, (*taken, ("Content-Range", span.content_range(length))))


def whole_object(asked: Asked, instance: StoredInstance, hooks: Hooks) -> Reply:
    """One object as a single part.

    Raises:
        Refusal: as :func:`ranged`.
    """
    return ranged(asked, _object(instance), hooks)


def _object(instance: StoredInstance) -> Reply:
    return Reply(200, _typed(DICOM, instance.transfer_syntax_uid), file_body(instance.path))


def _typed(kind: str, transfer_syntax: str | None) -> str:
    return f"{kind}; transfer-syntax={transfer_syntax}" if transfer_syntax else kind
