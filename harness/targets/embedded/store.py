"""Objects of the embedded PACS on disk: one Part 10 file each, the data set exactly as it arrived.

A file is received in ``incoming`` and moved in one step to ``objects``, so that what the index names is
always whole. The same instance stored twice is replaced: the last one wins. File names are made from a
hash, as a UID that came over the network is no safe name.
"""

from hashlib import sha256
from pathlib import Path

from harness.media.part10 import read_header
from harness.targets.embedded.index import Index, Level, StoredInstance


class ObjectStore:
    """Instances and their index below one folder, which must be empty at the start."""

    def __init__(self, folder: Path) -> None:
        self.incoming = folder / "incoming"
        self._objects = folder / "objects"
        for path in (self.incoming, self._objects):
            path.mkdir(parents=True)
        self.index = Index(folder / "index.sqlite")

    def add(self, received: Path) -> StoredInstance:
        """Take over a received file.

        Raises:
            ObjectUnreadable: it is not a DICOM object.
            OSError: there is no room, or the disk is broken.
        """
        header = read_header(received)
        syntax = str(header.file_meta.TransferSyntaxUID)
        instance = str(header.SOPInstanceUID)
        path = self._objects / f"{sha256(instance.encode()).hexdigest()}.dcm"
        received.replace(path)
        self.index.add(header, syntax, path)
        return StoredInstance(str(header.SOPClassUID), instance, syntax, path)

    def drop(self, sop_instance_uid: str) -> None:
        """Lose an instance, if it is there."""
        for instance in self.index.instances(Level.IMAGE, {"SOPInstanceUID": sop_instance_uid}):
            instance.path.unlink(missing_ok=True)
        self.index.remove(sop_instance_uid)

    def latest(self) -> StoredInstance | None:
        """The instance that was stored last, or None."""
        return next(reversed(self.index.instances(Level.IMAGE, {})), None)
