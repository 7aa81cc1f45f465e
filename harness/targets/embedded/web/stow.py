"""STOW-RS: objects, or metadata with video streams, each part written to disk as it comes (PS3.18 10.5).

An object is kept as soon as its part is whole. Streams wait for the end of the request, since only then all metadata
are known to be there.
"""

import json
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from harness.errors import MediaError
from harness.media.part10 import read_header
from harness.targets.embedded.hooks import STOW_RS, SUCCESS, Hooks
from harness.targets.embedded.keeping import CANNOT_UNDERSTAND, OUT_OF_RESOURCES, keep_received
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.accept import MULTIPART, parse_media_type
from harness.targets.embedded.web.asked import Asked, Refusal, Reply
from harness.targets.embedded.web.encapsulate import encapsulate
from harness.targets.embedded.web.media_types import DICOM, DICOM_JSON, VIDEO
from harness.targets.embedded.web.metadata import PIXEL_DATA
from harness.targets.embedded.web.multipart import MalformedMultipart, PartReader, Sink
from harness.targets.embedded.web.stored import Kept, store_reply

#: DICOM JSON of a request is metadata, with the video elsewhere.
_LARGEST_METADATA = 16 * 2**20
#: The study of the object is another one than that of the URL: a kind of "cannot understand" (PS3.18 Table I.2-2).
_OTHER_STUDY = 0xC409


class _File:
    """A part on its way to disk; ``done`` hears when it is whole."""

    def __init__(self, path: Path, done: Callable[[Path], None]) -> None:
        self._file = path.open("wb")
        self._path = path
        self._done = done

    def write(self, data: bytes) -> None:
        self._file.write(data)

    def close(self) -> None:
        self._file.close()
        self._done(self._path)


class _Text:
    """A part that is short enough for memory."""

    def __init__(self, done: Callable[[bytes], None]) -> None:
        self._data = bytearray()
        self._done = done

    def write(self, data: bytes) -> None:
        self._data += data
        if len(self._data) > _LARGEST_METADATA:
            raise Refusal(413, f"metadata of over {_LARGEST_METADATA} bytes")

    def close(self) -> None:
        self._done(bytes(self._data))


class _Nowhere:
    def write(self, data: bytes) -> None:
        """Forget it."""

    def close(self) -> None:
        """Nothing was kept."""


class StoreRequest:
    """One store request, fed with its body as it comes; then :meth:`finish`, and :meth:`discard` in any case.

    Raises:
        Refusal: 415 for a media type that is not stored here, 400 for one that breaks the syntax.
    """

    def __init__(self, asked: Asked, content_type: str, store: ObjectStore, hooks: Hooks) -> None:
        self._asked, self._store, self._hooks = asked, store, hooks
        self._files: list[Path] = []
        self._kept: list[Kept] = []
        self._metadata: list[dict[str, Any]] = []
        self._streams: dict[str, tuple[Path, str]] = {}
        self._unsupported = ""
        try:
            kind = parse_media_type(content_type)
        except ValueError:
            raise Refusal(400, "the Content-Type is no media type") from None
        if kind.name == DICOM:
            self._single: Sink | None = self._object_sink()
        elif kind.name != MULTIPART or not self._takes(kind.parameters.get("type", DICOM).lower(), DICOM, DICOM_JSON):
            raise Refusal(415, f"{content_type:.200} is not stored here")
        elif not kind.parameters.get("boundary"):
            raise Refusal(400, "the Content-Type has no boundary")
        else:
            self._single = None
        self._parts = PartReader(kind.parameters.get("boundary", ""), self._sink)

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the body.

        Raises:
            Refusal: 400 where they break the syntax; 413; 507 where there is no room.
        """
        try:
            if self._single is not None:
                self._single.write(block)
            else:
                self._parts.feed(block)
        except MalformedMultipart as problem:
            raise Refusal(400, str(problem)) from None
        except OSError as problem:
            raise Refusal(507, f"out of resources: {problem.strerror}") from None

    def finish(self) -> Reply:
        """The body has ended: what was kept, and what was not.

        Raises:
            Refusal: 400 where the body is cut off or holds nothing; 415 where it holds nothing that is stored here.
        """
        try:
            self._single.close() if self._single is not None else self._parts.finish()
        except MalformedMultipart as problem:
            raise Refusal(400, str(problem)) from None
        for metadata in self._metadata:
            self._keep_stream(metadata)
        if not self._kept:
            if self._unsupported:
                raise Refusal(415, f"{self._unsupported:.200} is not stored here")
            raise Refusal(400, "there is no instance in the request")
        return store_reply(self._kept, self._asked.base)

    def discard(self) -> None:
        """Remove what was received and not kept."""
        for path in self._files:
            path.unlink(missing_ok=True)

    def _sink(self, header: dict[str, str]) -> Sink:
        """Where a part goes, by its media type."""
        text = header.get("content-type", DICOM)
        try:
            kind = parse_media_type(text).name
        except ValueError:
            raise Refusal(400, "the Content-Type of a part is no media type") from None
        if not self._takes(kind, DICOM, DICOM_JSON, *VIDEO):
            self._unsupported = text
            return _Nowhere()
        if kind == DICOM:
            return self._object_sink()
        if kind == DICOM_JSON:
            return _Text(self._take_metadata)
        return _File(self._new_file(), partial(self._take_stream, header.get("content-location", ""), kind))

    def _takes(self, kind: str, *known: str) -> bool:
        return kind in known and self._hooks.web.takes(kind)

    def _new_file(self) -> Path:
        path = self._store.incoming / f"stow-{uuid.uuid4().hex}"
        self._files.append(path)
        return path

    def _object_sink(self) -> Sink:
        return _File(self._new_file(), lambda path: self._keep(path, DICOM))

    def _take_metadata(self, text: bytes) -> None:
        try:
            told = json.loads(text)
        except ValueError:
            raise Refusal(400, "the metadata are no JSON") from None
        told = told if isinstance(told, list) else [told]
        if not all(isinstance(one, dict) for one in told):
            raise Refusal(400, "the metadata are no list of DICOM JSON objects (PS3.18 F.2)")
        if any(tag.startswith("0002") for one in told for tag in one):
            raise Refusal(400, "the metadata hold File Meta Information (PS3.18 10.5.1.2)")
        self._metadata += told

    def _take_stream(self, location: str, kind: str, path: Path) -> None:
        self._streams[location] = path, kind

    def _keep_stream(self, metadata: dict[str, Any]) -> None:
        """Make an object of metadata and the stream that they refer to, and keep it."""
        url = (metadata.pop(PIXEL_DATA, None) or {}).get("BulkDataURI", "")
        stream = self._streams.get(url)
        told = Kept.told(metadata)
        if stream is None:
            self._kept.append(told.failed(CANNOT_UNDERSTAND))
            return
        path, (source, kind) = self._new_file(), stream
        try:
            encapsulate(metadata, source, kind, path, label=self._hooks.web.derived)
        except (MediaError, ValueError, KeyError, TypeError, AttributeError):
            # What the standard knows no better word for: the parts make no object.
            self._kept.append(told.failed(CANNOT_UNDERSTAND))
        except OSError:
            self._kept.append(told.failed(OUT_OF_RESOURCES))
        else:
            self._keep(path, kind)

    def _keep(self, path: Path, kind: str) -> None:
        try:
            header = read_header(path)
            kept = Kept.of(header)
            syntax = str(header.file_meta.TransferSyntaxUID)
        except (MediaError, AttributeError):
            self._kept.append(Kept().failed(CANNOT_UNDERSTAND))
            return
        if self._asked.path.get("StudyInstanceUID", kept.study_uid) != kept.study_uid:
            self._kept.append(kept.failed(_OTHER_STUDY))
            return
        reason = self._hooks.web.admit(kept.sop_class_uid, syntax)
        if reason == SUCCESS:
            self._hooks.web.received(path, kind)
            reason = keep_received(self._hooks, self._store, path, by=STOW_RS)
        self._kept.append(kept.with_status(reason))
