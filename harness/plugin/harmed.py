"""A way to a target that leads through a fault proxy of ours."""

from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from pynetdicom.dsutils import split_dataset

from harness.clients.dicomweb import WebClient
from harness.clients.dimse import DimseClient, RetryPolicy
from harness.clients.faultproxy import FaultProxy
from harness.core.endpoint import AuthKind, Endpoint, Timeouts, WebEndpoint
from harness.core.exchange import Exchange
from harness.core.families.interruption import policy_broken
from harness.core.families.interruption_seen import Broken
from harness.core.faults import Direction, Fault, FaultKind, Place
from harness.core.observations import NotMade, Undecided
from harness.errors import HarnessError
from harness.media.values import VideoObject
from harness.plugin.conversation import Conversation
from harness.plugin.videos import LazyVideo
from harness.plugin.ways import DimseWay, WebWay
from harness.plugin.waysback import WaysBack

#: Proofs of who we are that do not depend on the address that a request goes to.
_PLAIN_AUTH = frozenset({AuthKind.NONE, AuthKind.BASIC, AuthKind.BEARER})


class Harmed:
    """Context manager: the target of a conversation, reached through a proxy by clients of its own.

    ``limit`` lowers the limits on silence, in seconds. Raises Undecided where no proxy can stand in the way.
    """

    def __init__(self, talk: Conversation, policy: RetryPolicy, *, limit: float | None = None) -> None:
        self._talk = talk
        self._policy = policy
        endpoint, web = talk.endpoint, talk.web.web if talk.web else None
        timeouts = endpoint.timeouts if endpoint else Timeouts()
        if limit is not None:
            timeouts = replace(timeouts, stall=min(limit, timeouts.stall), answer=min(limit, timeouts.answer))
        self._timeouts = timeouts
        self._armed: list[Fault] = []
        self._web: WebClient | None = None
        if endpoint is not None:
            self._proxy = FaultProxy(endpoint.host, endpoint.port)
            client = DimseClient(self._through(endpoint), retry=policy, sleep=talk.sleep)
            self._dimse: DimseClient | None = client
            self._way: DimseWay | WebWay = DimseWay(client)
        elif web is not None:
            url = urlsplit(web.base)
            if url.scheme != "http" or web.auth.kind not in _PLAIN_AUTH:
                why = "only HTTP without TLS can be harmed on its way, and with a proof that names no address"
                raise Undecided(NotMade(why))
            self._proxy = FaultProxy(url.hostname or "", url.port or 80)
            self._dimse = None
            self._web = WebClient(self._through_web(web), timeouts=timeouts, retry=policy, sleep=talk.sleep)
            self._way = WebWay(self._web)
        else:
            raise Undecided(NotMade("the target has no address"))

    def __enter__(self) -> Self:
        self._proxy.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._web is not None:
            self._web.close()
        self._proxy.__exit__(kind, problem, trace)

    def store(self, sent: VideoObject, kind: FaultKind, place: Place, *, times: int = 1, rate: int = 0) -> Exchange:
        """Store an object, and harm its first ``times`` connections."""
        size = sent.path.stat().st_size
        if self._dimse is not None:
            size -= split_dataset(sent.path)[1]
        self._proxy.arm(*[Fault(kind, place, size, rate=rate)] * times)
        return self._talk.told(self._way.store(sent))

    def get(self, video: LazyVideo, folder: str, *, times: int = 1) -> tuple[Exchange, tuple[Path, ...]]:
        """C-GET an object into a scratch folder, and cut its first ``times`` connections in the middle of it."""
        client = self._dimse
        if client is None:
            raise Undecided(NotMade("C-GET is DIMSE"))
        size = video.object.path.stat().st_size
        self._proxy.arm(*[Fault(FaultKind.CUT, Place.MIDDLE, size, Direction.TO_US)] * times)
        exchange, paths = WaysBack(self._talk, folder=folder).get(video, client=client).ask()
        return self._talk.told(exchange), paths

    def tell(self, exchange: Exchange) -> Broken:
        """What happened, after everything that was held open is let go.

        Raises:
            HarnessError: the attempts contradict our own retry policy.
        """
        self._proxy.let_go()
        broken = Broken(
            exchange.after(()),
            exchange.earlier,
            self._proxy.told(),
            self._proxy.connections,
            self._policy.attempts,
            self._timeouts.stall,
            self._timeouts.answer,
        )
        if problem := policy_broken(broken):
            raise HarnessError(f"{exchange.summary}: {problem}; this is a defect of the harness")
        return broken

    def _through(self, endpoint: Endpoint) -> Endpoint:
        tls = endpoint.tls
        if tls is not None:  # the certificate is still that of the target
            tls = replace(tls, server_name=tls.server_name or endpoint.host)
        return replace(endpoint, host="127.0.0.1", port=self._proxy.port, tls=tls, timeouts=self._timeouts)

    def _through_web(self, web: WebEndpoint) -> WebEndpoint:
        return replace(web, base=f"http://127.0.0.1:{self._proxy.port}{urlsplit(web.base).path}")
