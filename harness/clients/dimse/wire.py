"""One TCP connection that carries PDUs, with every way of losing it told apart.

Strategy: no thread and no queue. The caller's own thread writes to and reads from a non-blocking socket, so
that back-pressure is the socket's, memory stays at one PDU in each direction, and nothing can dead-lock
behind a peer that died. pynetdicom's own provider queues what it sends without limit, starts its answer timer
when the last piece is queued rather than sent, and hides behind one empty data set what went wrong; here each
of these is decided where the bytes move.

:class:`~harness.clients.dimse.ended.Ended` carries the verdict up to the one boundary
(:mod:`harness.clients.dimse.operation`), which turns it into an Exchange; it never leaves this package.
"""

import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from harness.clients.dimse.ended import Ended, aborted
from harness.clients.dimse.longpdu import LongPdu
from harness.core.exchange import Ending

#: Largest PDU that we send or accept unless told otherwise, in bytes after the six of its head, whatever the peer
#: allows (PS3.8 D.1); also how much of one is held at a time.
MAX_PDU: Final = 256 * 1024
#: Association PDUs hold at most 128 contexts; anything near this size is not one.
MAX_CONTROL_PDU: Final = 1024 * 1024
#: Modest, so that a byte that was handed over is a byte that has nearly left.
SEND_BUFFER: Final = 512 * 1024
#: How often a waiting loop looks at what the kernel still holds, in seconds.
POLL: Final = 0.02

ASSOCIATE_RQ, ASSOCIATE_AC, ASSOCIATE_RJ, P_DATA, RELEASE_RQ, RELEASE_RP, ABORT = range(1, 8)
#: Names for messages (PS3.8 9.3.1).
PDU_NAMES: Final = {
    ASSOCIATE_RQ: "A-ASSOCIATE-RQ",
    ASSOCIATE_AC: "A-ASSOCIATE-AC",
    ASSOCIATE_RJ: "A-ASSOCIATE-RJ",
    P_DATA: "P-DATA-TF",
    RELEASE_RQ: "A-RELEASE-RQ",
    RELEASE_RP: "A-RELEASE-RP",
    ABORT: "A-ABORT",
}
#: Types of the records with which TLS begins and fails, version 3 behind them (RFC 8446 5.1), where a PDU was due.
TLS_RECORDS: Final = {
    0x15: "an alert of TLS arrived: the peer wants TLS here, and we were told of none",
    0x16: "the peer begins TLS, and we have none here: state certificate and key for our receiver",
}


class Connection:
    """PDUs over one connected socket.

    ``stall`` is the limit in seconds during which no byte may move while a PDU is on its way. ``last_moved``
    is the monotonic time at which a byte was last seen to move in either direction. ``max_pdu`` is the longest
    P-DATA-TF that the peer may send, 0 for any; ``longest_received`` is that of the longest one that came.

    Every method raises :class:`Ended` with ABORTED, LOST, TIMED_OUT or BAD_ANSWER; UNTRUSTED where the peer begins TLS.
    """

    def __init__(self, connected: socket.socket, *, stall: float, max_pdu: int = MAX_PDU) -> None:
        self._socket = connected
        self.stall = stall
        self._max_pdu = max_pdu
        self.longest_received = 0
        self._long: LongPdu | None = None
        self._buffer = bytearray(MAX_PDU)
        self._held = 0  # what the kernel held of ours when last looked at
        self._early = False
        self.last_moved = time.monotonic()
        connected.setblocking(False)
        connected.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector = selectors.DefaultSelector()
        self._selector.register(connected, selectors.EVENT_READ)

    def begin(self, limit: float) -> None:
        """What comes before the first PDU, within ``limit`` seconds: nothing without TLS."""

    def send(self, data: bytes | memoryview) -> None:
        """Write all of it to the socket, waiting while the peer takes its time."""
        view = memoryview(data)
        while view:
            try:
                sent = self._write(view)
            except BlockingIOError:
                self._wait_for_room()
                continue
            except OSError as problem:
                raise self._lost(problem) from None
            self.last_moved = time.monotonic()
            view = view[sent:]

    def drain(self) -> None:
        """Wait until the kernel's buffer is empty too, where that can be known, or an answer is here."""
        while self._left_moving() and not self.readable(POLL):
            self._check_stall()

    def receive(
        self, limit: float, waiting_for: str, *, also_moving: Callable[[], float] | None = None
    ) -> tuple[int, memoryview]:
        """Return type and body of the next PDU; the body is only valid until the next call. A long P-DATA-TF is
        returned as several short ones.

        Waits at most ``limit`` seconds for its first byte, after that at most the stall limit for each next
        one. ``also_moving`` returns the monotonic time of activity elsewhere that proves the peer to be at
        work; the limit counts from there.
        """
        if self._long is not None:
            return P_DATA, self._piece(self._long)
        self._await_first_byte(limit, waiting_for, also_moving)
        head = bytearray(6)
        self._fill(memoryview(head))
        kind, _, length = struct.unpack(">BBL", head)
        if kind not in PDU_NAMES:
            if kind in TLS_RECORDS and head[1] == 3:
                raise Ended(Ending.UNTRUSTED, TLS_RECORDS[kind])
            raise Ended(Ending.BAD_ANSWER, f"bytes that are no PDU arrived: {bytes(head).hex(' ')}")
        if kind == P_DATA:
            self.longest_received = max(self.longest_received, length)
        most = self._max_pdu if kind == P_DATA else MAX_CONTROL_PDU
        if most and length > most:
            raise Ended(
                Ending.BAD_ANSWER,
                f"{PDU_NAMES[kind]} of {length} bytes arrived; {most} were agreed as the most (PS3.8 D.1)",
            )
        self._early = False
        if kind == P_DATA and length > MAX_PDU:
            return kind, self._piece(LongPdu(length))
        if length > len(self._buffer):
            self._buffer = bytearray(length)
        body = memoryview(self._buffer)[:length]
        self._fill(body)
        if kind == ABORT:
            raise aborted(bytes(body))
        return kind, body

    def abort(self, reason: int = 0) -> None:
        """Send A-ABORT if that is possible at once, and close. Never waits and never raises.

        ``reason`` 0 speaks as service user, any other as service provider (PS3.8 Table 9-26).
        """
        with suppress(OSError, Ended):
            self._write(struct.pack(">BxLxxBB", ABORT, 4, 2 if reason else 0, reason))
        self.close()

    def interrupt(self) -> None:
        """End the connection from another thread; the one that uses it sees it closed."""
        with suppress(OSError):  # not TLS's own shutdown, which lets the other thread go on without encryption
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the socket; may be called twice."""
        self._selector.close()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _fill(self, view: memoryview) -> None:
        """Read exactly as much as fits, under the stall limit."""
        while view:
            try:
                count = self._read(view)
            except BlockingIOError:
                if not self._select(selectors.EVENT_READ, self.stall):
                    raise Ended(
                        Ending.TIMED_OUT, f"no byte arrived for {self.stall:g} s in the middle of a PDU"
                    ) from None
                self.last_moved = time.monotonic()
                continue
            except OSError as problem:
                raise Ended(Ending.LOST, f"the connection broke: {problem}") from None
            if count == 0:
                raise Ended(Ending.LOST, "the peer closed the connection without A-ABORT or A-RELEASE")
            self.last_moved = time.monotonic()
            view = view[count:]

    def _piece(self, long: LongPdu) -> memoryview:
        body = long.piece(self._fill, self._buffer)
        self._long = None if long.over else long
        return body

    def _await_first_byte(self, limit: float, waiting_for: str, also_moving: Callable[[], float] | None) -> None:
        start = time.monotonic()
        while True:
            since = max(start, also_moving()) if also_moving else start
            left = since + limit - time.monotonic()
            # Activity elsewhere cannot wake this selector, so look again from time to time.
            if self.readable(max(0.0, min(left, 0.2) if also_moving else left)):
                return
            if left <= 0:
                raise Ended(Ending.TIMED_OUT, f"no {waiting_for} within {limit:g} s after the last byte had left")

    def _wait_for_room(self) -> None:
        """Wait until the socket takes bytes again; notice an A-ABORT or a closed connection meanwhile."""
        watched = selectors.EVENT_WRITE if self._early else selectors.EVENT_WRITE | selectors.EVENT_READ
        while self._early or not self._pending():
            events = self._select(watched, POLL)
            if events & selectors.EVENT_READ and self._arrived():
                break
            if events & selectors.EVENT_WRITE:
                return
            self._left_moving()
            self._check_stall()
        self._look_at_early_answer()

    def _look_at_early_answer(self) -> None:
        """While still sending: an A-ABORT ends it, any other PDU can wait until everything is sent."""
        if self._long is not None:  # what is there is no head of a PDU
            self._early = True
            return
        try:
            first = self._peek()
        except OSError as problem:
            raise Ended(Ending.LOST, f"the connection broke while sending: {problem}") from None
        if not first:
            raise Ended(Ending.LOST, "the peer closed the connection while we were sending")
        if first[0] == ABORT:
            self.receive(self.stall, PDU_NAMES[ABORT])
        self._early = True

    def _lost(self, problem: OSError) -> Ended:
        """What a failed write means: an A-ABORT, or an alert of TLS, may lie unread before the reset."""
        try:
            while True:  # ends with whatever ended the connection, at the latest where nothing more is there
                self.receive(0, PDU_NAMES[ABORT])
        except Ended as ended:
            if ended.ending in (Ending.ABORTED, Ending.UNTRUSTED):
                return ended
        return Ended(Ending.LOST, f"the connection broke while sending: {problem}")

    def _left_moving(self) -> bool:
        """Look at the kernel's buffer: True while it holds bytes of ours; remembers when it last shrank."""
        held = unsent(self._socket)
        if held < self._held:
            self.last_moved = time.monotonic()
        self._held = held
        return held > 0

    def _check_stall(self) -> None:
        if time.monotonic() - self.last_moved > self.stall:
            held = f" ({self._held} bytes still in our send buffer)" if self._held else ""
            raise Ended(Ending.TIMED_OUT, f"the peer took no byte for {self.stall:g} s while we were sending{held}")

    def readable(self, timeout: float) -> bool:
        """Wait at most ``timeout`` seconds for a byte of the peer's, or for the end of the connection."""
        return self._pending() or (bool(self._select(selectors.EVENT_READ, timeout)) and self._arrived())

    def _write(self, view: bytes | memoryview) -> int:
        """Hand over what the socket takes now, BlockingIOError where that is nothing; TLS encrypts here."""
        return self._socket.send(view)

    def _read(self, view: memoryview) -> int:
        """Take what is here, 0 at the end of the connection; BlockingIOError where nothing is."""
        return self._socket.recv_into(view)

    def _peek(self) -> bytes:
        """The next byte, left where it is; empty at the end of the connection."""
        return self._socket.recv(1, socket.MSG_PEEK)

    def _pending(self) -> bool:
        """Whether bytes of the peer's have left the socket already and wait to be read."""
        return False

    def _arrived(self) -> bool:
        """Whether what is readable on the socket is there for us."""
        return True

    def _select(self, events: int, timeout: float) -> int:
        self._selector.modify(self._socket, events)
        ready = self._selector.select(timeout)
        return ready[0][1] if ready else 0


def pdu_bytes(kind: int, body: memoryview) -> bytes:
    """Head and body of a small PDU together, as a decoder wants them."""
    return struct.pack(">BxL", kind, len(body)) + bytes(body)


def unsent(connected: socket.socket) -> int:
    """Bytes that our kernel holds and the peer's has not confirmed; 0 where this cannot be known."""
    if sys.platform != "linux":
        return 0
    import fcntl
    import termios

    try:
        answer = fcntl.ioctl(connected, termios.TIOCOUTQ, bytes(4))
    except OSError:  # already closed: nothing is on its way any more
        return 0
    return int(struct.unpack("i", answer)[0])
