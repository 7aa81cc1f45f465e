"""An interface besides the standard's, of the shape that Orthanc has: the stored file, its coded bytes, and its MD5.

It is here so that what the harness asks of such interfaces can be seen to fail.
"""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from harness.media.part10 import Piece, layout
from harness.targets.embedded.index import Level, StoredInstance
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.asked import Asked, Refusal, Reply, Resource
from harness.targets.embedded.web.body import Body, file_body
from harness.targets.embedded.web.media_types import DICOM, OCTETS, TEXT, is_stream

_JSON = "application/json"
#: Where it is, below the address of the server.
_INSTANCE = "/instances/{identifier}"
_ATTACHMENT = f"{_INSTANCE}/attachments/dicom"


class Vendor:
    """The interface on a store."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        #: Path, resource and answer of what is asked by GET, and of what is asked by POST.
        self.gets: tuple[tuple[str, Resource, Callable[[Asked], Reply]], ...] = (
            (f"{_INSTANCE}/file", Resource.VENDOR_FILE, self._file),
            (f"{_INSTANCE}/frames/{{frame}}/raw", Resource.VENDOR_FRAME, self._frame),
            (f"{_ATTACHMENT}/md5", Resource.VENDOR_MD5, lambda asked: _text(_md5(self._found(asked).path))),
            (f"{_ATTACHMENT}/size", Resource.VENDOR_SIZE, self._size),
        )
        self.posts: tuple[tuple[str, Resource, Callable[[Asked], Reply]], ...] = (
            ("/tools/lookup", Resource.VENDOR_LOOKUP, self._lookup),
            (f"{_ATTACHMENT}/verify-md5", Resource.VENDOR_VERIFY, self._verify),
        )

    def _lookup(self, asked: Asked) -> Reply:
        """The identifier of an instance by its UID, which is the body; an empty list where it is not known."""
        found = self._store.index.instances(Level.IMAGE, {"SOPInstanceUID": asked.text.strip()})
        # The UID itself in another writing, so that nothing more needs to be kept.
        names = [one.sop_instance_uid.encode().hex() for one in found]
        told = [{"ID": name, "Path": f"/instances/{name}", "Type": "Instance"} for name in names]
        return Reply(200, _JSON, Body((json.dumps(told).encode(),)))

    def _file(self, asked: Asked) -> Reply:
        return Reply(200, DICOM, file_body(self._found(asked).path))

    def _frame(self, asked: Asked) -> Reply:
        """The coded bytes of one frame, counted from 0; a video that is one stream is one frame."""
        instance = self._found(asked)
        pieces = tuple(Piece(instance.path, offset, length) for offset, length in layout(instance.path).fragments)
        frames = (Body(pieces),) if is_stream(instance.transfer_syntax_uid) else tuple(Body((one,)) for one in pieces)
        number = asked.path["frame"]
        if not number.isdecimal() or int(number) >= len(frames):
            raise Refusal(400, f"there are {len(frames)} frames")
        return Reply(200, OCTETS, frames[int(number)])

    def _size(self, asked: Asked) -> Reply:
        return _text(str(self._found(asked).path.stat().st_size))

    def _verify(self, asked: Asked) -> Reply:
        self._found(asked)
        return Reply(200, _JSON, Body((b"{}",)))

    def _found(self, asked: Asked) -> StoredInstance:
        try:
            uid = bytes.fromhex(asked.path["identifier"]).decode("ascii")
        except ValueError:
            uid = ""
        found = self._store.index.instances(Level.IMAGE, {"SOPInstanceUID": uid}) if uid else []
        if not found:
            raise Refusal(404, "there is no such instance")
        return found[0]


def _text(text: str) -> Reply:
    return Reply(200, TEXT, Body((text.encode(),)))


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
