"""A proxy on the loopback interface that does harm to chosen connections, and tells afterwards what it did.

Strategy: bytes pass through one small buffer in each direction, so that memory stays flat and back-pressure is that
of the two sockets. A fault belongs to one connection and happens at a byte, never at a time; connections without one
pass unharmed. One thread accepts, and one serves each connection.

- **cut**: the receiver gets the bytes before the place and the end of the connection, the sender a reset.
- **stall**: the receiver gets the bytes before the place, then nothing passes in either direction, and both
  connections stay until :meth:`FaultProxy.let_go`. The sender meets a full window, as behind a dead link.
- **throttle**: from the place on, bytes pass at a rate.
- **corrupt**: the byte at the place is inverted.
"""

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from harness.clients.faultlink import WINDOW, FaultLink
from harness.core.faults import Fault, Interruption

#: How long the target may take to accept a connection, in seconds.
CONNECT: Final = 5.0


class FaultProxy:
    """Context manager: listens on ``port`` of 127.0.0.1 and passes every connection on to ``host`` and ``to_port``.

    A target that takes no connection is told by :class:`~harness.core.faults.Interruption`; the caller of the proxy
    then sees its connection closed.
    """

    def __init__(self, host: str, to_port: int) -> None:
        self._address = (host, to_port)
        self._armed: list[Fault] = []
        self._links: list[FaultLink] = []
        self._lock = threading.Lock()
        self._listener = socket.socket()
        # Inherited by what it accepts: small, so that a sender soon feels that nothing is taken.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, WINDOW)
        self._listener.bind(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._thread = threading.Thread(target=self._accept, name="fault proxy", daemon=True)

    def __enter__(self) -> Self:
        self._listener.listen()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):  # wakes the thread that accepts
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        _end(self._links)

    def arm(self, *faults: Fault) -> None:
        """The next connections get one fault each, in order; those after them none."""
        with self._lock:
            self._armed.extend(faults)

    @property
    def connections(self) -> int:
        """How many connections were taken so far."""
        with self._lock:
            return len(self._links)

    def let_go(self) -> None:
        """End what a stall holds open, and every other connection that is not over; wait until it is."""
        with self._lock:
            links = list(self._links)
        _end(links)

    def told(self) -> tuple[Interruption, ...]:
        """What became of each armed connection so far, in order; final after :meth:`let_go`."""
        with self._lock:
            return tuple(told for link in self._links if (told := link.told()) is not None)

    def _accept(self) -> None:
        while True:
            try:
                ours, _ = self._listener.accept()
            except OSError:
                return
            began = time.monotonic()
            try:
                target = socket.create_connection(self._address, timeout=CONNECT)
            except OSError as problem:
                target, why = None, str(problem)
            else:
                why = ""
            with self._lock:
                fault = self._armed.pop(0) if self._armed else None
                link = FaultLink(ours, target, fault, began=began, why=why)
                self._links.append(link)
            link.start()


def _end(links: list[FaultLink]) -> None:
    for link in links:
        link.end()
    for link in links:
        link.join()
