"""One connection of the fault proxy: two ways for bytes, at most one of them harmed."""

import selectors
import socket
import struct
import threading
import time
from contextlib import suppress
from typing import Final

from harness.clients.faultpoint import FaultPoint
from harness.core.faults import HOLDING, Direction, Fault, FaultKind, Interruption, SideEnd

#: Most bytes held in each direction, and the size of the buffers of the sockets.
CHUNK: Final = 64 * 1024
WINDOW: Final = 64 * 1024
#: How long a side that was told the end has to close by itself, in seconds.
GRACE: Final = 1.0
#: A throttled transfer passes as many bytes at a time as its rate allows in this many seconds.
TICK: Final = 0.02


class _Over(Exception):
    """Nothing passes any more."""


class _Side:
    """One of the two sockets, and how its peer ended it."""

    def __init__(self, connected: socket.socket) -> None:
        self.socket = connected
        self.ended = SideEnd.OPEN
        connected.setblocking(False)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def read(self) -> bytes:
        """What is here; empty at the end, which is noted. Raises BlockingIOError where nothing is."""
        try:
            data = self.socket.recv(CHUNK)
        except BlockingIOError:
            raise
        except OSError:
            self.ended = SideEnd.RESET
            return b""
        if not data:
            self.ended = SideEnd.CLOSED
        return data

    def reset(self) -> None:
        """Close at once, without sending what is still in the buffer."""
        with suppress(OSError):
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


class _Way:
    """Bytes from one side to the other; ``point`` is where a fault happens on it."""

    def __init__(self, source: _Side, sink: _Side, fault: Fault | None = None) -> None:
        self.source, self.sink, self.fault = source, sink, fault
        self.point = FaultPoint(fault) if fault is not None else None
        self.waiting = memoryview(b"")
        self.passed = self.withheld = 0
        self.stopped = False  # nothing more is read from the source
        self.swallow = False  # what is read is not passed on
        self._slow_since: tuple[float, int] | None = None

    @property
    def reads(self) -> bool:
        """Whether bytes of the source are wanted now."""
        return not self.stopped and not self.waiting and self.source.ended is SideEnd.OPEN

    @property
    def slow(self) -> bool:
        """Whether the rate is what the next bytes wait for."""
        return bool(self.waiting) and self._allowed() == 0

    def read(self) -> int | None:
        """Take the next bytes; returns the number of bytes that will have passed at the place of the fault."""
        data = self.source.read()
        if self.swallow:
            self.withheld += len(data)
            return None
        offset = self.point.find(data) if self.point is not None else None
        self.waiting = memoryview(data)
        if offset is None or self.fault is None:
            return None
        at = self.passed + offset
        if self.fault.kind in HOLDING:
            self.withheld += len(data) - offset
            self.waiting, self.stopped = self.waiting[:offset], True
        elif self.fault.kind is FaultKind.CORRUPT:
            self.waiting = memoryview(data[:offset] + bytes([data[offset] ^ 0xFF]) + data[offset + 1 :])
        else:
            self._slow_since = (time.monotonic(), at)
        return at

    def write(self) -> None:
        """Pass on what may pass now; what the sink does not take any more is dropped."""
        allowed = self._allowed()
        try:
            count = self.sink.socket.send(self.waiting[:allowed])
        except BlockingIOError:
            return
        except OSError:  # its reason is read from the sink, by the other way
            self.withheld += len(self.waiting)
            self.waiting, self.stopped = memoryview(b""), True
            return
        self.passed += count
        self.waiting = self.waiting[count:]

    def _allowed(self) -> int:
        if self._slow_since is None or self.fault is None:
            return len(self.waiting)
        since, place = self._slow_since
        budget = place + int(self.fault.rate * (time.monotonic() - since)) - self.passed
        enough = min(len(self.waiting), max(1, int(self.fault.rate * TICK)))
        return min(budget, len(self.waiting)) if budget >= enough else 0


class FaultLink(threading.Thread):
    """A connection and its other half; ``target`` is None where there is none, and ``why`` says the reason.

    ``began`` is the monotonic time at which it was accepted.
    """

    def __init__(
        self, ours: socket.socket, target: socket.socket | None, fault: Fault | None, *, began: float, why: str
    ) -> None:
        super().__init__(name="fault proxy link", daemon=True)
        self._fault, self._why, self._began = fault, why, began
        self._holds = fault is not None and fault.kind in HOLDING
        self._reached = target is not None
        self._us, self._target = _Side(ours), _Side(target if target is not None else socket.socket())
        inward = fault is not None and fault.direction is Direction.TO_US
        self._to_target = _Way(self._us, self._target, None if inward else fault)
        self._to_us = _Way(self._target, self._us, fault if inward else None)
        self._harmed, self._other = (self._to_us, self._to_target) if inward else (self._to_target, self._to_us)
        self._selector = selectors.DefaultSelector()
        self._wake, self._woken = socket.socketpair()
        self._at: int | None = None
        self._after: float | None = None
        self._over: float | None = None

    def end(self) -> None:
        """Ask it to end; may be called at any time."""
        with suppress(OSError):
            self._wake.send(b"\0")

    def told(self) -> Interruption | None:
        """What became of it so far; None where it was not armed."""
        point = self._harmed.point
        if self._fault is None or point is None:
            return None
        return Interruption(
            fault=self._fault,
            inside=point.inside,
            at=self._at,
            after=self._after,
            data_bytes=point.data_bytes if point.inside else None,
            to_target=self._to_target.passed,
            to_us=self._to_us.passed,
            withheld=self._to_target.withheld + self._to_us.withheld,
            seconds=(self._over or time.monotonic()) - self._began,
            our_end=self._us.ended,
            target_end=self._target.ended,
            detail=self._why,
            target_reached=self._reached,
        )

    def run(self) -> None:
        """Serve the connection to its end."""
        self._selector.register(self._woken, selectors.EVENT_READ)
        if self._reached:
            with suppress(_Over):
                while True:
                    self._step()
        self._over = time.monotonic()
        if self._at is not None and self._holds:
            self._break()
        for side in (self._us, self._target):
            side.socket.close()
        self._selector.close()
        self._wake.close()
        self._woken.close()

    def _step(self) -> None:
        """Pass on what can pass now, or wait. Raises _Over at the end of both ways, of a cut, and when asked to."""
        ways = (self._to_target, self._to_us)
        for way in ways:
            if way.source.ended is not SideEnd.OPEN and not way.waiting and not way.stopped:
                self._pass_on_the_end(way)
        stalled = self._holds and self._at is not None and not self._harmed.waiting
        if stalled and self._is(FaultKind.CUT):
            raise _Over
        if not stalled and all(way.stopped and not way.waiting for way in ways):
            raise _Over
        # The other way must not end while the harmed one is stalled: it is what is held open.
        self._other.swallow = stalled
        slow = any(way.slow for way in ways)
        for side, outward, inward in (
            (self._us, self._to_target, self._to_us),
            (self._target, self._to_us, self._to_target),
        ):
            reads = selectors.EVENT_READ if outward.reads else 0
            writes = selectors.EVENT_WRITE if inward.waiting and not inward.slow else 0
            self._watch(side.socket, reads | writes)
        ready = {key.fileobj: events for key, events in self._selector.select(TICK if slow else None)}
        if self._woken in ready:
            raise _Over
        for way in ways:
            if ready.get(way.source.socket, 0) & selectors.EVENT_READ:
                self._take(way)
            if ready.get(way.sink.socket, 0) & selectors.EVENT_WRITE:
                way.write()

    def _is(self, kind: FaultKind) -> bool:
        return self._fault is not None and self._fault.kind is kind

    def _take(self, way: _Way) -> None:
        with suppress(BlockingIOError):
            at = way.read()
            if at is not None:
                self._at, self._after = at, time.monotonic() - self._began

    def _pass_on_the_end(self, way: _Way) -> None:
        """One side ended: tell the other in the same manner."""
        way.stopped = True
        if way.swallow:
            return
        if way.source.ended is SideEnd.RESET:
            way.sink.reset()
            raise _Over
        with suppress(OSError):
            way.sink.socket.shutdown(socket.SHUT_WR)

    def _break(self) -> None:
        """After a cut or stall: the receiver hears the end and has a moment to close; the sender is reset."""
        receiver, sender = self._harmed.sink, self._harmed.source
        if self._is(FaultKind.CUT):
            sender.reset()
        with suppress(OSError):
            receiver.socket.shutdown(socket.SHUT_WR)
        self._await_end(receiver)
        if self._is(FaultKind.STALL):
            self._await_end(sender)
            sender.reset()

    def _await_end(self, side: _Side) -> None:
        """Read and drop what a side still says until it closes, for a moment at most."""
        way = self._to_target if side is self._us else self._to_us
        until = time.monotonic() + GRACE
        with selectors.DefaultSelector() as selector:
            selector.register(side.socket, selectors.EVENT_READ)
            while side.ended is SideEnd.OPEN and selector.select(max(0.0, until - time.monotonic())):
                with suppress(BlockingIOError):
                    way.withheld += len(side.read())

    def _watch(self, connected: socket.socket, events: int) -> None:
        """Wait for these events of a socket from now on."""
        known = self._selector.get_map().get(connected)
        if known is None and events:
            self._selector.register(connected, events)
        elif known is not None and not events:
            self._selector.unregister(connected)
        elif known is not None and known.events != events:
            self._selector.modify(connected, events)
