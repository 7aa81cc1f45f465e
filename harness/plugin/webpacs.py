"""A PACS that speaks DICOMweb only: the questions of :class:`harness.core.ports.Pacs` put over HTTP, each once."""

import time
from collections.abc import Callable
from pathlib import Path

from harness.clients.dicomweb import WebClient
from harness.core.endpoint import Permission, Service
from harness.core.exchange import QIDO_RS, WADO_RS, Ending, Exchange
from harness.core.facts import StreamFacts, Undecodable
from harness.core.observations import Blocked, Fetched, NotMade, NotOffered, QuerySeen, Refused, Undecided
from harness.core.results import Outcome
from harness.core.verdicts import is_coercion, judge_retrieve, judge_store
from harness.core.webstatus import NOTHING_YET
from harness.plugin.answers import Answers
from harness.plugin.live import INDEX_LAG, QUERY_KEYS
from harness.plugin.returned import ReturnedFiles
from harness.plugin.videos import LazyVideo

_NO_DIMSE = "the target file tells a DICOMweb base and no DIMSE address"


class WebPacs:
    """One target without DIMSE (:class:`harness.core.ports.Pacs`).

    Only what ``permission`` allows is asked. ``on_left`` hears the SOP Instance UID of every object that the target has
    or may have from now on.
    """

    def __init__(
        self,
        client: WebClient,
        *,
        permission: Permission | None = None,
        on_left: Callable[[str], None] | None = None,
        scratch: Path,
        answers: Answers,
        index_lag: tuple[float, ...] = INDEX_LAG,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._client = client
        self._permission = permission or Permission()
        self._on_left = on_left
        self._scratch = scratch
        self._index_lag = index_lag
        self._sleep = sleep
        self._returned = ReturnedFiles(scratch / "payload", answers)
        self.answers = answers

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def echo(self) -> Exchange:
        """Not offered: C-ECHO is DIMSE."""
        raise _not_offered("C-ECHO")

    def control(self) -> Exchange:
        """Not offered: a transfer syntax is proposed in DIMSE only."""
        raise _not_offered("DIMSE negotiation")

    def propose(self, video: LazyVideo) -> Exchange:
        """Not offered: a transfer syntax is proposed in DIMSE only."""
        raise _not_offered("DIMSE negotiation")

    def store(self, video: LazyVideo) -> Exchange:
        """STOW-RS the video."""
        return self.answers.once(("store", video.key), lambda: self._store(video))

    def find(self, video: LazyVideo, level: str) -> QuerySeen:
        """QIDO-RS for the stored video by its UIDs at STUDY or IMAGE level."""
        return self.answers.once(("find", level, video.key), lambda: self._find(video, level))

    def get(self, video: LazyVideo) -> Fetched:
        """Not offered: C-GET is DIMSE."""
        raise _not_offered("C-GET")

    def move(self, video: LazyVideo) -> Fetched:
        """Not offered: C-MOVE is DIMSE."""
        raise _not_offered("C-MOVE")

    def wado(self, video: LazyVideo) -> Fetched:
        """The stored video by WADO-RS."""
        return self.answers.once(("wado", video.key), lambda: self._wado(video))

    def fetch(self, video: LazyVideo) -> Fetched:
        """The stored video by the one retrieve path there is."""
        return self.wado(video)

    def returned(self, video: LazyVideo) -> tuple[Fetched, ...]:
        """What came back as a readable object."""
        fetched = self.wado(video)
        if fetched.facts is None:
            raise Undecided(Blocked("retrieve", fetched.unreadable or fetched.exchange.summary))
        return (fetched,)

    def decode(self, video: LazyVideo, fetched: Fetched) -> StreamFacts | Undecodable:
        """Decode what came back."""
        return self._returned.decode(video, fetched)

    def keep_returned(self, video: LazyVideo) -> tuple[str, ...]:
        """Keep what came back as evidence; notes what could not be kept."""
        return self._returned.keep(video)

    def discard(self, video: LazyVideo) -> None:
        """Free the disk space of what came back."""
        self._returned.discard(video)

    def _store(self, video: LazyVideo) -> Exchange:
        # Before the object is made: a large one takes time and disk.
        self._require_allowed(Service.STOW, video.size or 0)
        sent = video.object
        self._require_allowed(Service.STOW, sent.path.stat().st_size)
        if obstacle := self._client.too_large(sent.path):
            raise Undecided(NotMade(obstacle))
        exchange = self._client.store(sent.path, sent.study_uid)
        if self._on_left is not None and _may_be_kept(exchange):
            self._on_left(sent.instance_uid)
        return exchange

    def _find(self, video: LazyVideo, level: str) -> QuerySeen:
        self._require_allowed(Service.QIDO)
        stored = self._require_stored(video)
        has = video.facts.by_path
        unique_key, required, optional = QUERY_KEYS[level]
        above = {"StudyInstanceUID": has["StudyInstanceUID"]}
        if level == "IMAGE":
            above["SeriesInstanceUID"] = has["SeriesInstanceUID"]
        query = above | {unique_key: has[unique_key]} | dict.fromkeys((*required, *optional), "")
        tries = 0
        while True:
            tries += 1
            exchange, answers = self._client.find(query, level=level)
            if answers or not self._may_lag(exchange, tries):
                break
        _require_offered(QIDO_RS, exchange)
        return QuerySeen(
            level=level,
            unique_key=unique_key,
            required=required,
            announced=is_coercion(stored),
            exchange=exchange,
            expected=tuple((keyword, has[keyword]) for keyword in (unique_key, *required, *optional)),
            answers=tuple(tuple(answer.items()) for answer in answers),
            tries=tries,
        )

    def _wado(self, video: LazyVideo) -> Fetched:
        self._require_allowed(Service.WADO)
        self._require_stored(video)
        sent, folder = video.object, self._scratch / "wado"
        tries = 0
        while True:
            tries += 1
            exchange, paths = self._client.retrieve(sent.study_uid, sent.series_uid, sent.instance_uid, folder)
            if paths or not self._may_lag(exchange, tries):
                break
        _require_offered(WADO_RS, exchange)
        return self._returned.take(WADO_RS, video, exchange, paths, tries)

    def _require_stored(self, video: LazyVideo) -> Exchange:
        exchange = self.store(video)
        outcome = judge_store(exchange).outcome
        if outcome is Outcome.UNSUPPORTED:
            raise Undecided(Refused(exchange))
        if outcome is not Outcome.PASS:
            raise Undecided(Blocked("store", exchange.summary))
        return exchange

    def _require_allowed(self, service: Service, size: int = 0) -> None:
        obstacle = self._permission.obstacle(service, size)
        if obstacle is not None:
            raise Undecided(NotMade(obstacle))

    def _may_lag(self, exchange: Exchange, tries: int) -> bool:
        """Whether an empty answer may come from an index that does not know the object yet; waits if so."""
        if exchange.status not in NOTHING_YET or tries > len(self._index_lag):
            return False
        self._sleep(self._index_lag[tries - 1])
        return True


def _not_offered(service: str) -> Undecided:
    return Undecided(NotOffered(service, Exchange(service, Ending.REFUSED, detail=_NO_DIMSE)))


def _require_offered(service: str, exchange: Exchange) -> None:
    if judge_retrieve(exchange).outcome is Outcome.NOT_APPLICABLE:
        raise Undecided(NotOffered(service, exchange))


def _may_be_kept(exchange: Exchange) -> bool:
    """Whether the target has the object, or may have it because it never said that it failed."""
    # An earlier try may have arrived, and a gateway that gave up knows nothing of what lies behind it.
    if exchange.ending is Ending.ANSWERED and not exchange.earlier and exchange.status not in (500, 502, 504):
        return judge_store(exchange).outcome is Outcome.PASS
    return exchange.payload_bytes > 0
