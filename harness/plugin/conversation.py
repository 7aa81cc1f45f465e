"""What all questions to one target share: how it is reached, what may be asked of it, and what it has been sent."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from harness.clients.dicomweb import WebClient
from harness.clients.dimse import DimseClient, Receiver
from harness.core.endpoint import Endpoint, Permission, RestEndpoint, Service, TargetState
from harness.core.exchange import ContextResult, Ending, Exchange
from harness.core.formats import Format
from harness.core.observations import Blocked, NotMade, NotOffered, Refused, Undecided
from harness.core.results import Outcome
from harness.core.verdicts import judge_retrieve, judge_store
from harness.core.webstatus import NOTHING_YET, is_web
from harness.errors import TargetUnhealthy
from harness.plugin.answers import Answers
from harness.plugin.returned import ReturnedFiles
from harness.plugin.videos import LazyVideo
from harness.plugin.ways import DimseWay, WebWay

#: Pauses in seconds between requests for an object that the index does not know yet.
INDEX_LAG = (0.5, 1.0, 2.0, 4.0)

#: What is entered and gives itself.
Opened = TypeVar("Opened", bound=AbstractContextManager[Any])

_REFUSALS = {
    ContextResult.USER_REJECTION,
    ContextResult.NO_REASON,
    ContextResult.ABSTRACT_SYNTAX,
    ContextResult.TRANSFER_SYNTAXES,
}

_ASK_STATE = {Ending.ABORTED, Ending.LOST, Ending.TIMED_OUT, Ending.UNREACHABLE}


@dataclass(frozen=True, slots=True)
class Reach:
    """How a target is reached: ``dimse`` is the client of ``endpoint``, ``web`` that of its DICOMweb service."""

    endpoint: Endpoint | None
    dimse: DimseClient | None
    web: WebClient | None
    rest: RestEndpoint | None


class Conversation:
    """One started target, and what was said to it.

    Only what ``permission`` allows is asked; without one, everything. ``on_left`` hears the SOP Instance UID of every
    object that the target has or may have from now on. The clients of ``reach`` are closed with this. ``ceiling`` is
    the size in bytes up to which the largest video is looked for; None where it is not.

    Raises:
        TargetUnhealthy: the target has neither DIMSE nor DICOMweb.
    """

    def __init__(
        self,
        reach: Reach,
        *,
        id: str,
        formats: tuple[Format, ...],
        state: Callable[[], TargetState],
        scratch: Path,
        answers: Answers,
        permission: Permission | None = None,
        on_left: Callable[[str], None] | None = None,
        index_lag: tuple[float, ...] = INDEX_LAG,
        sleep: Callable[[float], None] = time.sleep,
        ceiling: int | None = None,
    ) -> None:
        self.endpoint, self.dimse, self.web, self.rest = reach.endpoint, reach.dimse, reach.web, reach.rest
        self.formats = formats
        self.state = state
        self.scratch = scratch
        self.answers = answers
        self.permission = permission or Permission()
        self.returned = ReturnedFiles(scratch / "payload", answers)
        self.sleep = sleep
        self.ceiling = ceiling
        self._on_left = on_left
        self.index_lag = index_lag
        self._open = ExitStack()
        self._receiver: Receiver | None = None
        if self.dimse is not None:
            self.way: DimseWay | WebWay = DimseWay(self.dimse)
        elif self.web is not None:
            self.way = WebWay(self.web)
        else:
            raise TargetUnhealthy(f"{id}: has neither a DICOM nor a DICOMweb address; add one to its file")

    def close(self) -> None:
        """Stop our receiver, and close the connections to the DICOMweb service."""
        self._open.close()
        if self.web is not None:
            self.web.close()

    def require_dimse(self, service: str) -> DimseClient:
        """The DIMSE client. Raises Undecided where the target has DICOMweb only."""
        if self.dimse is None:
            raise not_offered(service, "the target file tells a DICOMweb base and no DIMSE address")
        return self.dimse

    def require_web(self, service: str) -> WebClient:
        """The DICOMweb client. Raises Undecided where the target has DIMSE only."""
        if self.web is None:
            raise not_offered(service, "no DICOMweb base of the target is known")
        return self.web

    def require_rest(self, service: str, kind: str) -> RestEndpoint:
        """The product's own interface. Raises Undecided where there is none of that kind."""
        if self.rest is None or self.rest.kind != kind:
            raise not_offered(service, f"the target has no interface of the kind {kind}")
        return self.rest

    def require_allowed(self, service: Service, size: int = 0) -> None:
        """Raises Undecided where the site does not allow the service, or an object of ``size`` bytes."""
        obstacle = self.permission.obstacle(service, size)
        if obstacle is not None:
            raise Undecided(NotMade(obstacle))

    def require_offered(self, exchange: Exchange, service_uid: str = "") -> None:
        """Raises Undecided where ``exchange`` shows that the target has not this service, or not for this object."""
        if is_web(exchange):
            if judge_retrieve(exchange).outcome is Outcome.NOT_APPLICABLE:
                raise Undecided(NotOffered(exchange.service, exchange))
        elif exchange.ending is Ending.REFUSED:
            refused = {answer.abstract_syntax for answer in exchange.contexts if answer.result in _REFUSALS}
            raise Undecided(NotOffered(exchange.service, exchange) if service_uid in refused else Refused(exchange))

    def store(self, video: LazyVideo) -> Exchange:
        """C-STORE the video, or STOW-RS where the target has no DIMSE; once."""
        return self.answers.once(("store", video.key), lambda: self._store(video))

    def require_stored(self, video: LazyVideo) -> Exchange:
        """The exchange by which the video was stored. Raises Undecided unless it was."""
        exchange = self.store(video)
        outcome = judge_store(exchange).outcome
        if outcome is Outcome.UNSUPPORTED:
            raise Undecided(Refused(exchange))
        if outcome is not Outcome.PASS:
            raise Undecided(Blocked("store", exchange.summary))
        return exchange

    def propose(self, video: LazyVideo) -> Exchange:
        """Propose the video's syntax for its SOP class, and nothing else; once."""
        dimse = self.require_dimse("DIMSE negotiation")
        pair = (video.sop_class.uid, video.format.uid)
        return self.answers.once(("propose", pair), lambda: self.told(dimse.negotiate([pair])))

    def note_left(self, instance_uid: str, exchange: Exchange) -> None:
        """Tell who listens that the target has this object, or may have it, after ``exchange``."""
        # By the exchange and not by the target: one that has DIMSE is sent objects by STOW-RS too.
        way = WebWay if is_web(exchange) else DimseWay
        if self._on_left is not None and way.may_be_kept(exchange):
            self._on_left(instance_uid)

    def may_lag(self, exchange: Exchange, tries: int) -> bool:
        """Whether an empty answer may come from an index that does not know the object yet; waits if so."""
        nothing_yet = NOTHING_YET if is_web(exchange) else (0,)
        if exchange.status not in nothing_yet or tries > len(self.index_lag):
            return False
        self.sleep(self.index_lag[tries - 1])
        return True

    def receiver(self) -> Receiver:
        """Our C-MOVE receiver, opened when first needed. Raises Undecided where the target does not know it."""
        endpoint = self.endpoint
        if endpoint is None or endpoint.receiver_aet is None or endpoint.receiver_port is None:
            raise Undecided(NotMade("the target has no entry for our receiver, so it cannot send to us by C-MOVE"))
        if self._receiver is None:
            self._receiver = self._open.enter_context(
                Receiver(
                    endpoint.receiver_host,
                    endpoint.receiver_port,
                    endpoint.receiver_aet,
                    into=self.folder("moved"),
                    contexts=[(cls.uid, format.uid) for format in self.formats for cls in format.sop_classes],
                    timeouts=endpoint.timeouts,
                    grace=endpoint.timeouts.late,
                    # A PACS that has TLS is taken to move over TLS too, where we have a certificate to show it.
                    tls=endpoint.tls if endpoint.tls is not None and endpoint.tls.certificate is not None else None,
                )
            )
        return self._receiver

    def opened(self, client: Opened) -> Opened:
        """Enter a client now, and leave it when this is closed."""
        self._open.enter_context(client)
        return client

    def folder(self, name: str) -> Path:
        """A scratch folder of this target."""
        folder = self.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def told(self, exchange: Exchange) -> Exchange:
        """Add what became of the target where the conversation broke off."""
        if exchange.ending not in _ASK_STATE:
            return exchange
        state = self.state()
        if state.alive and not state.out_of_memory:
            return exchange
        gone = "does not answer" if state.exit_code is None else "is not running"
        cause = "ran out of memory" if state.out_of_memory else gone
        code = "" if state.exit_code is None else f" (exit code {state.exit_code})"
        return replace(exchange, detail=f"{exchange.detail}; the target {cause}{code}".lstrip("; "))

    def _store(self, video: LazyVideo) -> Exchange:
        # Before the object is made: a large one takes time and disk.
        self.require_allowed(self.way.store_service, video.size or 0)
        if self.dimse is not None:
            proposed = self.propose(video)
            if proposed.contexts and proposed.contexts[0].result in _REFUSALS:
                return replace(proposed, service="C-STORE", ending=Ending.REFUSED, status=None)
        sent = video.object
        self.require_allowed(self.way.store_service, sent.path.stat().st_size)
        exchange = self.told(self.way.store(sent))
        self.note_left(sent.instance_uid, exchange)
        return exchange


def not_offered(service: str, detail: str) -> Undecided:
    """What ends a check whose service the target does not have."""
    return Undecided(NotOffered(service, Exchange(service, Ending.REFUSED, detail=detail)))
