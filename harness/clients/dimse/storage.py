"""Objects that arrive by C-STORE, each streamed into a Part 10 file of its own (PS3.4 B, PS3.10 7.1).

Strategy: the PACS is not trusted. Names come from a counter, UIDs are checked before they enter a file, and a
data set goes to a ``.part`` file that only becomes ``.dcm`` when its last fragment has arrived; whatever ends
early leaves nothing behind.
"""

import itertools
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_file_meta_info
from pydicom.uid import UID
from pynetdicom.dsutils import create_file_meta

from harness.clients.dimse.commands import C_STORE, MEDIUM, RESPONSE, WITH_DATA, Value
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import Message, Messenger
from harness.clients.dimse.operation import MESSAGE_ID
from harness.core.exchange import Ending
from harness.core.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

#: Digits and dots, at most 64 of them (PS3.5 9.1).
UID_PATTERN: Final = re.compile(r"[0-9]+(\.[0-9]+)*")
PARTIAL: Final = ".part"


@dataclass(frozen=True, slots=True)
class Received:
    """An object that arrived whole.

    ``data_bytes`` is the length of its data set, ``began`` the monotonic time at which that began to arrive.
    """

    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    data_bytes: int
    began: float


def store_command(sop_class_uid: str, sop_instance_uid: str) -> dict[str, Value]:
    """The command set of a C-STORE request (PS3.7 9.3.1.1)."""
    return {
        "AffectedSOPClassUID": sop_class_uid,
        "CommandField": C_STORE,
        "MessageID": MESSAGE_ID,
        "Priority": MEDIUM,
        "CommandDataSetType": WITH_DATA,
        "AffectedSOPInstanceUID": sop_instance_uid,
    }


class StorageInbox:
    """Takes the C-STORE requests of one association.

    ``contexts`` maps the ids of the contexts on which objects may come to class and syntax. What arrived
    whole is handed to ``keep`` before it is answered. Several inboxes may share a folder.
    """

    def __init__(self, folder: Path, contexts: Mapping[int, tuple[str, str]], keep: Callable[[Received], None]) -> None:
        self._folder = folder
        self._contexts = contexts
        self._file: BinaryIO | None = None
        self._start = 0
        self._began = 0.0
        self._keep = keep

    def begin(self, context_id: int, command: Mapping[str, Value]) -> BinaryIO:
        """Open the file for a data set that is about to arrive, with its file meta information.

        Raises:
            Ended: BAD_ANSWER where the request names no context of ours, another class, or no UID.
        """
        sop_class, instance = (
            str(command.get("AffectedSOPClassUID")),
            str(command.get("AffectedSOPInstanceUID")),
        )
        agreed = self._contexts.get(context_id)
        if agreed is None or agreed[0] != sop_class:
            raise Ended(
                Ending.BAD_ANSWER,
                f"C-STORE-RQ for class {sop_class!r:.80} came on context {context_id}, not agreed",
            )
        if len(instance) > 64 or not UID_PATTERN.fullmatch(instance):
            raise Ended(Ending.BAD_ANSWER, f"C-STORE-RQ names instance {instance!r:.80}, which is no UID (PS3.5 9.1)")
        self.discard()
        self._began = time.monotonic()
        self._file = _create(self._folder)
        self._file.write(bytes(128) + b"DICM")
        head = DicomBytesIO()
        write_file_meta_info(
            head,
            create_file_meta(
                sop_class_uid=UID(sop_class),
                sop_instance_uid=UID(instance),
                transfer_syntax=UID(agreed[1]),
                implementation_uid=UID(IMPLEMENTATION_CLASS_UID),
                implementation_version=IMPLEMENTATION_VERSION_NAME,
            ),
        )
        self._file.write(head.getvalue())
        self._start = self._file.tell()
        return self._file

    def finish(self, messenger: Messenger, request: Message) -> None:
        """Keep what has arrived and answer the request with success (PS3.7 9.3.1.2)."""
        if self._file is None:
            raise Ended(Ending.BAD_ANSWER, "C-STORE-RQ without a data set arrived (PS3.7 9.1.1.1)")
        data_bytes = self._file.tell() - self._start
        self._file.close()
        partial = Path(self._file.name)
        self._file = None
        final = partial.with_suffix("")
        partial.rename(final)
        sop_class = str(request.command["AffectedSOPClassUID"])
        instance = str(request.command["AffectedSOPInstanceUID"])
        self._keep(Received(final, sop_class, instance, data_bytes, self._began))
        self.answer(messenger, request, status=0x0000)

    def answer(self, messenger: Messenger, request: Message, *, status: int) -> None:
        """Send a C-STORE response."""
        messenger.send(
            request.context_id,
            {
                "AffectedSOPClassUID": str(request.command.get("AffectedSOPClassUID", "")),
                "CommandField": C_STORE | RESPONSE,
                "MessageIDBeingRespondedTo": int(request.command.get("MessageID", 0)),
                "CommandDataSetType": 0x0101,
                "Status": status,
                "AffectedSOPInstanceUID": str(request.command.get("AffectedSOPInstanceUID", "")),
            },
        )

    def discard(self) -> None:
        """Remove what arrived in part; may be called at any time."""
        if self._file is not None:
            with suppress(OSError):  # a full disk also fails the flush; the file goes away all the same
                self._file.close()
            Path(self._file.name).unlink(missing_ok=True)
            self._file = None


def _create(folder: Path) -> BinaryIO:
    """Open the next free name. Whoever holds the partial file is the only one who may make the final one."""
    for number in itertools.count(1):
        final = folder / f"{number:04d}.dcm"
        partial = folder / (final.name + PARTIAL)
        with suppress(FileExistsError):
            file = partial.open("xb")
            if not final.exists():
                return file
            file.close()
            partial.unlink()
    raise AssertionError("a count has no end")
