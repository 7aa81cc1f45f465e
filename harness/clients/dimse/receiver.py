"""Our own Storage SCP, to which a PACS sends what a C-MOVE asked for (PS3.4 B, C.4.2).

Strategy: one thread accepts, one thread per association runs the same message code as the client. Only the
given pairs of class and syntax are accepted, because a receiver that takes anything would hide what the PACS
offers; what was proposed to us is kept, since it explains a sub-operation that failed. Nothing here decides
an outcome.
"""

import errno
import selectors
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from pydicom.uid import UID
from pynetdicom import build_context
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ, A_RELEASE_RP
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext, negotiate_as_acceptor

from harness.clients.dimse.association import APPLICATION_CONTEXT, give_up, user_information
from harness.clients.dimse.commands import C_STORE, name_of
from harness.clients.dimse.messages import Messenger, Progress, ReleaseRequested
from harness.clients.dimse.storage import PARTIAL, Received, StorageInbox
from harness.clients.dimse.wire import ASSOCIATE_RQ, PDU_NAMES, Connection, Ended, pdu_bytes
from harness.core.endpoint import Timeouts
from harness.core.exchange import Ending
from harness.errors import EnvironmentProblem, PortTaken

#: How often waiting loops look again, in seconds.
POLL: Final = 0.05


@dataclass(frozen=True, slots=True)
class Offer:
    """A presentation context that a PACS proposed to us."""

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]
    accepted: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """How much the receiver had seen at some moment."""

    received: int
    data_bytes: int
    associations: int
    offers: int
    problems: int


class Receiver:
    """Listens while its ``with`` block runs and streams what arrives into ``into``.

    ``port`` 0 means any free one; afterwards :attr:`port` tells which. ``contexts`` are the pairs of SOP
    Class and Transfer Syntax UID that it accepts. ``grace`` is how many seconds a promised object may arrive
    after the final C-MOVE response.

    Raises:
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
    ) -> None:
        self.host = host
        self.port = port
        self.aet = aet
        self._into = into
        self._timeouts = timeouts or Timeouts()
        self._grace = grace
        classes: dict[str, list[str]] = {}
        for sop_class, syntax in contexts:
            classes.setdefault(sop_class, []).append(syntax)
        self._supported = [build_context(sop_class, syntaxes) for sop_class, syntaxes in classes.items()]
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
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        try:
            listener = socket.create_server((self.host, self.port), family=family)
        except OSError as problem:
            place = f"{self.host}:{self.port}"
            if problem.errno == errno.EADDRINUSE:
                raise PortTaken(
                    f"port {place} for our C-MOVE receiver is taken; stop what listens there, or choose "
                    "another port and tell the PACS"
                ) from None
            raise EnvironmentProblem(
                f"cannot listen on {place} for C-MOVE: {problem}; choose an address of this machine"
            ) from None
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
        """Remember what was there before a C-MOVE."""
        return Mark(len(self._received), self._bytes.done, self._associations, len(self._offers), len(self._problems))

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

    def what_came(self, mark: Mark) -> str:
        """In words, what explains that nothing arrived whole, or what broke beside it."""
        problems = [f"at our receiver: {one}" for one in self._problems[mark.problems :]]
        if self.received_since(mark):
            return "; ".join(problems)
        if self._associations == mark.associations:
            return f"no association reached our receiver {self.aet} at {self.host}:{self.port}"
        # A PACS may propose everything that it knows; only the awaited classes explain anything.
        awaited = {str(context.abstract_syntax) for context in self._supported}
        offers = [offer for offer in self._offers[mark.offers :] if offer.abstract_syntax in awaited]
        proposed = sorted({syntax for offer in offers for syntax in offer.transfer_syntaxes})
        words = f"for the awaited classes the PACS proposed {', '.join(proposed) or 'nothing'}"
        return "; ".join([f"nothing arrived whole at our receiver; {words}", *problems])

    def check(self) -> None:
        """Raise what broke on our own side, such as a full disk, in the caller's thread."""
        if self._failures:
            raise self._failures.pop(0)

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
                        self._start(self._serve, accepted)

    def _serve(self, accepted: socket.socket) -> None:
        connection = Connection(accepted, stall=self._timeouts.stall)
        with self._lock:
            self._associations += 1
            self._open.add(connection)
        try:
            self._take_objects(connection)
        except Ended as ended:
            if not self._closing.is_set():
                self._problems.append(f"{ended.ending}, {ended.detail}")
            give_up(connection, ended)
        except Exception as problem:  # noqa: BLE001 - raised again by check() where somebody sees it
            self._failures.append(problem)
            connection.abort()
        finally:
            with self._lock:
                self._open.discard(connection)
                self._last_moved = max(self._last_moved, connection.last_moved)
            connection.close()

    def _take_objects(self, connection: Connection) -> None:
        """Serve one association until the peer releases it."""
        messenger, agreed = self._negotiate(connection)
        inbox = StorageInbox(self._into, agreed, self._received)
        try:
            while True:
                message = messenger.receive(
                    self._timeouts.answer, "C-STORE-RQ or release", inbox=inbox, progress=self._bytes
                )
                if message.field != C_STORE:
                    raise Ended(Ending.BAD_ANSWER, f"{name_of(message.field)} arrived at a Storage SCP")
                inbox.finish(messenger, message)
        except ReleaseRequested:
            connection.send(A_RELEASE_RP().encode())
        finally:
            inbox.discard()

    def _negotiate(self, connection: Connection) -> tuple[Messenger, dict[int, tuple[str, str]]]:
        """Answer an A-ASSOCIATE-RQ; the PACS chooses its calling title, so any may come."""
        kind, body = connection.receive(self._timeouts.association, "A-ASSOCIATE-RQ")
        if kind != ASSOCIATE_RQ:
            raise Ended(Ending.BAD_ANSWER, f"{PDU_NAMES[kind]} arrived where A-ASSOCIATE-RQ was due")
        try:
            pdu = A_ASSOCIATE_RQ()
            pdu.decode(pdu_bytes(kind, body))
            request = pdu.to_primitive()
            answers, _ = negotiate_as_acceptor(request.presentation_context_definition_list, self._supported)
            information = pdu.user_information
            max_send = int((information and information.maximum_length) or 0)
        except Exception as problem:  # noqa: BLE001 - whatever a decoder makes of bytes from outside
            raise Ended(Ending.BAD_ANSWER, f"the A-ASSOCIATE-RQ cannot be read: {problem!r}") from None
        accepted = {answer.context_id: answer for answer in answers if answer.result == 0}
        for context in request.presentation_context_definition_list:
            self._offers.append(
                Offer(
                    str(context.abstract_syntax),
                    tuple(str(syntax) for syntax in context.transfer_syntax),
                    context.context_id in accepted,
                )
            )
        connection.send(_accept_pdu(request, answers))
        agreed = {
            int(number or 0): (str(answer.abstract_syntax), str(answer.transfer_syntax[0]))
            for number, answer in accepted.items()
        }
        return Messenger(connection, max_send=max_send), agreed


def _accept_pdu(request: A_ASSOCIATE, answers: list[PresentationContext]) -> bytes:
    primitive = A_ASSOCIATE()
    primitive.application_context_name = UID(APPLICATION_CONTEXT)
    primitive.calling_ae_title = request.calling_ae_title
    primitive.called_ae_title = request.called_ae_title
    primitive.result = 0
    primitive.result_source = 1
    primitive.presentation_context_definition_results_list = answers
    primitive.user_information = user_information()
    return bytes(A_ASSOCIATE_AC(primitive).encode())
