"""Our own Storage SCP, to which a PACS sends what a C-MOVE asked for (PS3.4 B, C.4.2), and reports of commitment (J).

Strategy: one thread accepts, one thread per association runs the same message code as the client. Only the given pairs
of class and syntax are accepted, because a receiver that takes anything would hide what the PACS offers; what was
proposed to us is kept, since it explains a sub-operation that failed. An object that an earlier C-MOVE asked for
answers no later one, so it is dropped as it arrives; one that nobody asked for is kept, because it is a finding.
"""

import selectors
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pynetdicom.pdu import A_RELEASE_RP

from harness.clients.dimse.acceptance import Offer, accept, listen
from harness.clients.dimse.association import give_up
from harness.clients.dimse.commands import C_STORE, N_EVENT_REPORT, name_of
from harness.clients.dimse.commitment import STORAGE_COMMITMENT, ReportBox
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import Progress, ReleaseRequested
from harness.clients.dimse.secure import SecureConnection, server_context
from harness.clients.dimse.storage import PARTIAL, Received, StorageInbox
from harness.clients.dimse.taking import Taking
from harness.clients.dimse.wire import Connection
from harness.core.endpoint import Timeouts, Tls
from harness.core.exchange import Ending

#: How often waiting loops look again, in seconds.
POLL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Mark:
    """How much the receiver had seen at some moment."""

    received: int
    data_bytes: int
    associations: int
    offers: int
    problems: int
    late: int


class Receiver:
    """Listens while its ``with`` block runs and streams what arrives into ``into``.

    ``port`` 0 means any free one; afterwards :attr:`port` tells which. ``contexts`` are the pairs of SOP Class and
    Transfer Syntax UID that it accepts. ``grace`` is how many seconds a promised object may arrive after the final
    C-MOVE response. ``reports`` holds what was reported of storage commitment. With ``tls`` it takes objects over TLS
    only, shows its certificate, verifies the peer's if any.

    Raises:
        UsageError: ``tls`` has no certificate, or a file of it cannot be used.
        PortTaken: another process listens there.
        EnvironmentProblem: this machine cannot listen on that address.
    """

    def __init__(
        self,
        host: str,
        port: int,
        aet: str,
        *,
        into: Path,
        contexts: Sequence[tuple[str, str]],
        timeouts: Timeouts | None = None,
        grace: float = 5.0,
        tls: Tls | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.aet = aet
        self._into = into
        self._timeouts = timeouts or Timeouts()
        self._grace = grace
        self._secure = server_context(tls) if tls is not None else None
        self._taking = Taking(contexts)
        self.reports = ReportBox()
        self._awaited: str | None = None
        self._since = 0.0  # when the move under way began
        self._earlier: set[str] = set()  # the instances that earlier moves asked for
        self._late: list[str] = []
        self._received: list[Received] = []
        self._bytes = Progress(None, "", 0)
        self._associations = 0
        self._offers: list[Offer] = []
        self._problems: list[str] = []
        self._failures: list[BaseException] = []
        self._open: set[Connection] = set()
        self._lock = threading.Lock()
        self._last_moved = time.monotonic()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        listener = listen(self.host, self.port)
        self.port = listener.getsockname()[1]
        self._into.mkdir(parents=True, exist_ok=True)
        self._start(self._accept, listener)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closing.set()
        with self._lock:
            for connection in self._open:
                connection.interrupt()
        self._threads[0].join()  # which accepts: after that no thread begins any more
        for thread in self._threads:
            thread.join()
        for partial in self._into.glob(f"*{PARTIAL}"):
            partial.unlink(missing_ok=True)

    @property
    def received(self) -> dict[str, Path]:
        """Everything that arrived whole: SOP Instance UID to file, the latest where one came twice."""
        return {one.sop_instance_uid: one.path for one in tuple(self._received)}

    @property
    def offers(self) -> tuple[Offer, ...]:
        """Every context that was proposed to us, in order."""
        return tuple(self._offers)

    @property
    def last_moved(self) -> float:
        """Monotonic time at which a byte last moved on any of our connections."""
        with self._lock:
            return max((c.last_moved for c in self._open), default=self._last_moved)

    def mark(self) -> Mark:
        """Remember what was there before something was asked for."""
        return Mark(
            received=len(self._received),
            data_bytes=self._bytes.done,
            associations=self._associations,
            offers=len(self._offers),
            problems=len(self._problems),
            late=len(self._late),
        )

    @contextmanager
    def expecting(
        self, instance_uid: str, sop_class_uid: str | None, transfer_syntax_uid: str | None, only: tuple[str, ...] = ()
    ) -> Iterator[Mark]:
        """One attempt of a C-MOVE, with the mark at its begin; only one may be under way.

        The given syntax is chosen among several of the class, and with ``only`` none but these is taken. After the
        block, and in the next one whatever had begun to arrive before it, the instance counts as late.
        """
        with self._lock:
            self._taking.prefer(sop_class_uid, transfer_syntax_uid, only)
            self._awaited, self._since = instance_uid, time.monotonic()
            mark = self.mark()
        try:
            yield mark
        finally:
            with self._lock:
                self._awaited = None
                self._earlier.add(instance_uid)

    def remove(self, objects: Sequence[Received]) -> None:
        """Remove what an attempt brought before it is made again; older marks lose their ``received``."""
        with self._lock:
            self._received = [one for one in self._received if one not in objects]
        for one in objects:
            one.path.unlink(missing_ok=True)

    def late_since(self, mark: Mark) -> tuple[str, ...]:
        """SOP Instance UIDs of what was dropped since then, because an earlier C-MOVE had asked for it."""
        return tuple(self._late[mark.late :])

    def reached_since(self, mark: Mark) -> bool:
        """Whether anything from outside arrived since then, be it over an association that was open already."""
        return self._associations > mark.associations or self.bytes_since(mark) > 0

    def received_since(self, mark: Mark) -> tuple[Received, ...]:
        """What arrived whole since then."""
        return tuple(self._received[mark.received :])

    def bytes_since(self, mark: Mark) -> int:
        """Data set bytes that arrived since then, also of what is not whole."""
        return self._bytes.done - mark.data_bytes

    def wait_for(self, instance_uid: str, mark: Mark) -> None:
        """Return when the instance is here, or when the grace is over and nothing is on its way."""
        end = time.monotonic() + self._grace
        while not any(one.sop_instance_uid == instance_uid for one in self.received_since(mark)):
            if time.monotonic() > end and not self._open:
                return
            time.sleep(POLL)

    def problems_since(self, mark: Mark) -> list[str]:
        """In words, what broke on associations to us since then."""
        return [f"at our receiver: {one}" for one in self._problems[mark.problems :]]

    def what_came(self, mark: Mark) -> str:
        """In words, what explains that nothing arrived whole, or what broke beside it."""
        problems = self.problems_since(mark)
        if self.received_since(mark):
            return "; ".join(problems)
        if not self.reached_since(mark):
            return f"no association reached our receiver {self.aet} at {self.host}:{self.port}"
        # A PACS may propose everything that it knows; only the awaited classes explain anything.
        offers = [offer for offer in self._offers[mark.offers :] if offer.abstract_syntax in self._taking]
        proposed = sorted({syntax for offer in offers for syntax in offer.transfer_syntaxes})
        words = f"for the awaited classes the PACS proposed {', '.join(proposed) or 'nothing'}"
        return "; ".join([f"nothing arrived whole at our receiver; {words}", *problems])

    def check(self) -> None:
        """Raise what broke first on our own side, such as a full disk; the rest would accuse what is asked next."""
        with self._lock:
            failures, self._failures = self._failures, []
        if failures:
            raise failures[0]

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, daemon=True)  # type: ignore[arg-type]
        self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()

    def _accept(self, listener: socket.socket) -> None:
        with listener, selectors.DefaultSelector() as selector:
            listener.setblocking(False)
            selector.register(listener, selectors.EVENT_READ)
            while not self._closing.is_set():
                if selector.select(POLL):
                    with suppress(OSError):  # the peer may be gone again already
                        accepted, _ = listener.accept()
                        self._associations += 1
                        self._start(self._serve, accepted)

    def _serve(self, accepted: socket.socket) -> None:
        try:
            connection = self._connection(accepted)
        except Ended as ended:
            self._problems.append(f"{ended.ending}, {ended.detail}")
            return
        with self._lock:
            self._open.add(connection)
            if self._closing.is_set():  # those that were open have been interrupted already
                connection.interrupt()
        try:
            connection.begin(self._timeouts.association)
            self._take_objects(connection)
        except Ended as ended:
            if not self._closing.is_set():
                self._problems.append(f"{ended.ending}, {ended.detail}")
            give_up(connection, ended)
        except Exception as problem:  # noqa: BLE001 - raised again by check() where somebody sees it
            with self._lock:
                self._failures.append(problem)
            connection.abort()
        finally:
            with self._lock:
                self._open.discard(connection)
                self._last_moved = max(self._last_moved, connection.last_moved)
            connection.close()

    def _connection(self, accepted: socket.socket) -> Connection:
        stall = self._timeouts.stall
        return (
            SecureConnection(accepted, self._secure, stall=stall) if self._secure else Connection(accepted, stall=stall)
        )

    def _take_objects(self, connection: Connection) -> None:
        """Serve one association until the peer releases it."""
        limit = self._timeouts.association
        messenger, agreed, called_aet = accept(connection, self._taking.contexts, self._offers, limit=limit)
        inbox = StorageInbox(self._into, agreed, self._keep)
        try:
            while True:
                message = messenger.receive(
                    self._timeouts.answer, "C-STORE-RQ or release", inbox=inbox, progress=self._bytes
                )
                sop_class, syntax = agreed.get(message.context_id, ("", ""))
                if message.field == N_EVENT_REPORT and sop_class == STORAGE_COMMITMENT:
                    self.reports.take(messenger, message, syntax, called_aet)
                    continue
                if message.field != C_STORE:
                    raise Ended(Ending.BAD_ANSWER, f"{name_of(message.field)} arrived at a Storage SCP")
                inbox.finish(messenger, message)
        except ReleaseRequested:
            connection.send(A_RELEASE_RP().encode())
        finally:
            inbox.discard()

    def _keep(self, one: Received) -> None:
        """Keep what arrived whole, unless it answers an earlier C-MOVE."""
        with self._lock:
            asked_before = one.sop_instance_uid in self._earlier
            late = asked_before and (one.sop_instance_uid != self._awaited or one.began < self._since)
            if late:
                self._late.append(one.sop_instance_uid)
            else:
                self._received.append(one)
        if late:
            one.path.unlink(missing_ok=True)
