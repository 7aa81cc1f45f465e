"""DIMSE messages over a connection: command sets and data sets as P-DATA fragments (PS3.8 9.3.5, Annex E).

Strategy: a data set is never held. It leaves from a file one fragment at a time and arrives into a file one
fragment at a time, each through one buffer of one PDU; only identifiers and other small data sets are
collected.
"""

import struct
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from typing import BinaryIO, Final, Protocol

from harness.clients.dimse.commands import (
    C_STORE,
    NO_DATA,
    Value,
    decode_command,
    encode_command,
    name_of,
)
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.wire import (
    MAX_PDU,
    P_DATA,
    PDU_NAMES,
    RELEASE_RQ,
    Connection,
)
from harness.core.exchange import Ending

#: Identifiers and command sets are small; more than this many bytes is no answer to what we ask.
MAX_COLLECTED: Final = 16 * 1024 * 1024
#: Bytes of a P-DATA-TF PDU before the fragment: PDU head, item length, context id, message control header.
FRAGMENT_HEAD: Final = 12
#: Least seconds between two reports of progress.
REPORT_EVERY: Final = 0.5

#: Called with what is under way, bytes done and bytes in all (0 where unknown).
OnProgress = Callable[[str, int, int], None]


class Inbox(Protocol):
    """Where the data set of a C-STORE request goes while it arrives."""

    def begin(self, context_id: int, command: Mapping[str, Value]) -> BinaryIO:
        """Open the place for it; raises Ended where this message may not come on this context."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """A message as received. ``data`` is empty where the data set went to the inbox."""

    context_id: int
    command: dict[str, Value]
    data: bytes

    @property
    def field(self) -> int:
        """The Command Field."""
        return int(self.command["CommandField"])


class ReleaseRequested(Exception):
    """The peer asked to release the association where a message was awaited."""


class Progress:
    """Reports bytes at a bounded rate, and always the end of a transfer that was reported at all."""

    def __init__(self, on_progress: OnProgress | None, what: str, total: int) -> None:
        self._report = on_progress
        self._what = what
        self._total = total
        self._next = time.monotonic() + REPORT_EVERY
        self.done = 0

    def add(self, count: int) -> None:
        """Count bytes that moved."""
        self.done += count
        if self._report and time.monotonic() >= self._next:
            self._report(self._what, self.done, self._total)
            self._next = time.monotonic() + REPORT_EVERY

    def reach(self, done: int) -> None:
        """Set what was counted elsewhere."""
        self.add(done - self.done)

    def finish(self) -> None:
        """Report the last state."""
        if self._report and self.done:
            self._report(self._what, self.done, self._total)


class Messenger:
    """Sends and receives whole messages.

    ``max_send`` is the peer's longest PDU, 0 for no limit; none is longer than ``cap``. ``longest_sent`` is the
    length of the longest that was sent.
    """

    def __init__(self, connection: Connection, *, max_send: int, cap: int = MAX_PDU) -> None:
        self._connection = connection
        self.longest_sent = 0
        size = min(max_send or cap, cap)
        # The agreed length counts item length, context id and control header (PS3.8 D.1).
        self._fragment = max(2, (size - 6) & ~1)
        self._pending: list[tuple[int, int, memoryview]] = []

    def send(
        self,
        context_id: int,
        command: Mapping[str, Value],
        data: BufferedIOBase | None = None,
        progress: Progress | None = None,
    ) -> None:
        """Send a message; ``data`` is read from where it stands to its end."""
        self._send_fragments(context_id, BytesIO(encode_command(command)), is_command=True)
        if data is not None:
            self._send_fragments(context_id, data, is_command=False, progress=progress)

    def is_quiet(self, limit: float) -> bool:
        """Whether nothing of the peer's arrives within ``limit`` seconds; takes nothing from what does."""
        return not self._pending and not self._connection.readable(limit)

    def send_part(
        self,
        context_id: int,
        command: Mapping[str, Value],
        data: BufferedIOBase,
        progress: Progress,
        *,
        count: int,
    ) -> None:
        """Send a message that breaks off: its command, and of its data no more than ``count`` bytes, never the last."""
        self._send_fragments(context_id, BytesIO(encode_command(command)), is_command=True)
        buffer = bytearray(FRAGMENT_HEAD + self._fragment)
        left = count
        while left > 0:
            room = memoryview(buffer)[: FRAGMENT_HEAD + min(left, self._fragment)]
            length = _read_into(data, room)
            if not length:
                break
            self._send_fragment(buffer, length, context_id, 0)
            progress.add(length)
            left -= length
        self._connection.drain()

    @property
    def longest_received(self) -> int:
        """The length of the longest P-DATA-TF PDU that arrived."""
        return self._connection.longest_received

    def receive(
        self,
        limit: float,
        waiting_for: str,
        *,
        inbox: Inbox | None = None,
        progress: Progress | None = None,
        also_moving: Callable[[], float] | None = None,
    ) -> Message:
        """Return the next message, after everything of ours has left.

        Raises:
            Ended: as :class:`Connection`; BAD_ANSWER for anything but one well-formed message.
            ReleaseRequested: the peer released instead.
        """
        self._connection.drain()
        raw = BytesIO()
        command: dict[str, Value] | None = None
        sink: BinaryIO = raw
        context_id = 0
        while True:
            if not self._pending:
                begun = command is not None or raw.tell() > 0
                self._pending = self._next_fragments(limit, waiting_for, also_moving, begun=begun)
            while self._pending:
                number, control, fragment = self._pending.pop(0)
                if bool(control & 1) is (command is not None) or (context_id and number != context_id):
                    raise Ended(Ending.BAD_ANSWER, "fragments of a message arrived out of order (PS3.8 E.2)")
                context_id = number
                sink.write(fragment)
                if sink is raw and raw.tell() > MAX_COLLECTED:
                    raise Ended(Ending.BAD_ANSWER, f"a message of more than {MAX_COLLECTED} bytes arrived")
                if sink is not raw and progress:
                    progress.add(len(fragment))
                if not control & 2:
                    continue
                if command is not None:
                    return Message(context_id, command, raw.getvalue())
                command = _command(raw.getvalue())
                raw = BytesIO()
                if command.get("CommandDataSetType", NO_DATA) == NO_DATA:
                    return Message(context_id, command, b"")
                is_store = inbox is not None and command["CommandField"] == C_STORE
                sink = inbox.begin(context_id, command) if inbox is not None and is_store else raw

    def _next_fragments(
        self, limit: float, waiting_for: str, also_moving: Callable[[], float] | None, *, begun: bool
    ) -> list[tuple[int, int, memoryview]]:
        """The presentation data values of the next PDU; inside a message the stall limit counts."""
        if begun:
            limit, waiting_for, also_moving = self._connection.stall, "further part of a message", None
        kind, body = self._connection.receive(limit, waiting_for, also_moving=also_moving)
        if kind == RELEASE_RQ and not begun:
            raise ReleaseRequested
        if kind != P_DATA:
            raise Ended(Ending.BAD_ANSWER, f"{PDU_NAMES[kind]} arrived where a {waiting_for} was due")
        return _fragments(body)

    def _send_fragments(
        self, context_id: int, data: BufferedIOBase, *, is_command: bool, progress: Progress | None = None
    ) -> None:
        # One fragment is read ahead, because the last one must say that it is the last.
        buffers = [bytearray(FRAGMENT_HEAD + self._fragment) for _ in range(2)]
        length = _read_into(data, buffers[0])
        while True:
            following = _read_into(data, buffers[1])
            control = int(is_command) | (2 if not following else 0)
            self._send_fragment(buffers[0], length, context_id, control)
            if progress:
                progress.add(length)
            if not following:
                return
            buffers.reverse()
            length = following

    def _send_fragment(self, buffer: bytearray, length: int, context_id: int, control: int) -> None:
        """Send a P-DATA-TF PDU of one fragment, which stands in ``buffer`` behind the room for its head."""
        struct.pack_into(">BxLLBB", buffer, 0, P_DATA, length + 6, length + 2, context_id, control)
        self.longest_sent = max(self.longest_sent, length + 6)
        self._connection.send(memoryview(buffer)[: FRAGMENT_HEAD + length])


def _read_into(data: BufferedIOBase, buffer: bytearray | memoryview) -> int:
    """Fill a fragment; shorter only at the end of the data."""
    view = memoryview(buffer)[FRAGMENT_HEAD:]
    filled = 0
    while filled < len(view) and (count := data.readinto(view[filled:])):
        filled += count
    return filled


def _fragments(body: memoryview) -> list[tuple[int, int, memoryview]]:
    """Context id, message control header and bytes of each presentation data value of a P-DATA-TF PDU."""
    found = []
    offset = 0
    while offset < len(body):
        if offset + 6 > len(body):
            raise Ended(Ending.BAD_ANSWER, "a P-DATA-TF PDU breaks off inside an item (PS3.8 9.3.5)")
        length, number, control = struct.unpack_from(">LBB", body, offset)
        end = offset + 4 + length
        if length < 2 or end > len(body):
            raise Ended(Ending.BAD_ANSWER, f"a P-DATA-TF item of {length} bytes does not fit (PS3.8 9.3.5.1)")
        found.append((number, control, body[offset + 6 : end]))
        offset = end
    return found


def _command(raw: bytes) -> dict[str, Value]:
    try:
        return decode_command(raw)
    except ValueError as problem:
        raise Ended(Ending.BAD_ANSWER, f"a command set cannot be read: {problem}") from None


def expect_response(message: Message, request: int, message_id: int) -> int:
    """Return the status of a response.

    Raises:
        Ended: BAD_ANSWER where it does not answer this request (PS3.7 9.3).
    """
    if message.field != request | 0x8000:
        raise Ended(Ending.BAD_ANSWER, f"{name_of(message.field)} arrived as answer to {name_of(request)}")
    answered = message.command.get("MessageIDBeingRespondedTo")
    if answered != message_id:
        raise Ended(Ending.BAD_ANSWER, f"{name_of(message.field)} answers message {answered} instead of {message_id}")
    status = message.command.get("Status")
    if not isinstance(status, int):
        raise Ended(Ending.BAD_ANSWER, f"{name_of(message.field)} has no Status (0000,0900)")
    return status
