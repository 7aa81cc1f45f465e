"""The PACS under test: every question put to it once, every answer kept for all checks."""

import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness.clients.dicomweb import WebClient
from harness.clients.dimse import DimseClient, Receiver
from harness.core.endpoint import Endpoint, Permission, Service, TargetState
from harness.core.exchange import WADO_RS, ContextResult, Ending, Exchange
from harness.core.facts import StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.observations import Blocked, Fetched, NotMade, NotOffered, QuerySeen, Refused, Undecided
from harness.core.results import Outcome
from harness.core.verdicts import is_coercion, judge_retrieve, judge_store
from harness.core.webstatus import NOTHING_YET, is_web
from harness.plugin.answers import Answers
from harness.plugin.returned import ReturnedFiles
from harness.plugin.videos import LazyVideo

STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"
STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"

#: Pauses in seconds between queries for an object that the index does not know yet.
INDEX_LAG = (0.5, 1.0, 2.0, 4.0)

#: Per level the unique key, the required keys, and optional keys whose values the object has (PS3.4 C.6.2.1).
QUERY_KEYS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "STUDY": ("StudyInstanceUID", ("PatientID", "PatientName", "AccessionNumber", "StudyDate", "StudyID"), ()),
    "IMAGE": ("SOPInstanceUID", ("InstanceNumber",), ("SOPClassUID", "NumberOfFrames", "Rows", "Columns")),
}

_REFUSALS = {
    ContextResult.USER_REJECTION,
    ContextResult.NO_REASON,
    ContextResult.ABSTRACT_SYNTAX,
    ContextResult.TRANSFER_SYNTAXES,
}

_ASK_STATE = {Ending.ABORTED, Ending.LOST, Ending.TIMED_OUT, Ending.UNREACHABLE}


class LivePacs:
    """One started target, seen through the questions that checks ask (:class:`harness.core.ports.Pacs`).

    Only what ``permission`` allows is asked; without one, everything. ``on_left`` hears the SOP Instance UID of every
    object that the target has or may have from now on. ``web`` is the client of its DICOMweb service, closed with this.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        client: DimseClient,
        *,
        formats: tuple[Format, ...],
        state: Callable[[], TargetState],
        scratch: Path,
        answers: Answers,
        permission: Permission | None = None,
        on_left: Callable[[str], None] | None = None,
        web: WebClient | None = None,
        index_lag: tuple[float, ...] = INDEX_LAG,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._client = client
        self._formats = formats
        self._state = state
        self._permission = permission or Permission()
        self._on_left = on_left
        self._web = web
        self._scratch = scratch
        self._sleep = sleep
        self._index_lag = index_lag
        self._returned = ReturnedFiles(scratch / "payload", answers)
        self._open = ExitStack()
        self._receiver: Receiver | None = None
        self.answers = answers

    def close(self) -> None:
        """Stop our receiver, and close the connections to the DICOMweb service."""
        self._open.close()
        if self._web is not None:
            self._web.close()

    def echo(self) -> Exchange:
        """C-ECHO."""
        return self.answers.once("echo", self._echo)

    def control(self) -> Exchange:
        """Propose a transfer syntax made up now, which nobody can know, for every SOP class of the formats."""
        invented = f"2.25.{uuid.uuid4().int}"
        pairs = [
            (uid, invented) for uid in dict.fromkeys(c.uid for format in self._formats for c in format.sop_classes)
        ]
        return self.answers.once("control", lambda: self._told(self._client.negotiate(pairs)))

    def propose(self, video: LazyVideo) -> Exchange:
        """Propose the video's syntax for its SOP class, and nothing else."""
        pair = (video.sop_class.uid, video.format.uid)
        return self.answers.once(("propose", pair), lambda: self._told(self._client.negotiate([pair])))

    def store(self, video: LazyVideo) -> Exchange:
        """C-STORE the video; where the syntax was already refused, that refusal is the answer."""
        return self.answers.once(("store", video.key), lambda: self._store(video))

    def find(self, video: LazyVideo, level: str) -> QuerySeen:
        """C-FIND the stored video by its UIDs at STUDY or IMAGE level."""
        return self.answers.once(("find", level, video.key), lambda: self._find(video, level))

    def get(self, video: LazyVideo) -> Fetched:
        """C-GET the stored video."""
        return self.answers.once(("get", video.key), lambda: self._get(video))

    def move(self, video: LazyVideo) -> Fetched:
        """C-MOVE the stored video to our receiver."""
        return self.answers.once(("move", video.key), lambda: self._move(video))

    def wado(self, video: LazyVideo) -> Fetched:
        """The stored video by WADO-RS."""
        return self.answers.once(("wado", video.key), lambda: self._wado(video))

    def fetch(self, video: LazyVideo) -> Fetched:
        """The stored video by the first retrieve path that serves it."""
        self._require_stored(video)
        try:
            got = self.get(video)
            if got.received or judge_retrieve(got.exchange).outcome in (Outcome.PASS, Outcome.FAIL):
                return got
        except Undecided as closed:
            try:
                return self.move(video)
            except Undecided:
                raise closed from None
        try:
            moved = self.move(video)
        except Undecided:
            return got
        return moved if moved.received else got

    def returned(self, video: LazyVideo) -> tuple[Fetched, ...]:
        """What came back as a readable object, over every path offered."""
        self._require_stored(video)
        fetched: list[Fetched] = []
        obstacles: list[Undecided] = []
        for path in (self.get, self.move, self.wado):
            try:
                fetched.append(path(video))
            except Undecided as undecided:
                obstacles.append(undecided)
        readable = tuple(one for one in fetched if one.facts is not None)
        if not readable and fetched:
            raise Undecided(Blocked("retrieve", "; ".join(one.unreadable or one.exchange.summary for one in fetched)))
        if not readable:
            raise obstacles[0]
        return readable

    def decode(self, video: LazyVideo, fetched: Fetched) -> StreamFacts | Undecodable:
        """Decode what one path returned."""
        return self._returned.decode(video, fetched)

    def keep_returned(self, video: LazyVideo) -> tuple[str, ...]:
        """Keep what came back as evidence; notes what could not be kept."""
        return self._returned.keep(video)

    def discard(self, video: LazyVideo) -> None:
        """Free the disk space of what came back."""
        self._returned.discard(video)

    def _echo(self) -> Exchange:
        self._require_allowed(Service.ECHO)
        return self._told(self._client.echo())

    def _store(self, video: LazyVideo) -> Exchange:
        # Before the object is made: a large one takes time and disk.
        self._require_allowed(Service.STORE, video.size or 0)
        proposed = self.propose(video)
        if proposed.contexts and proposed.contexts[0].result in _REFUSALS:
            return replace(proposed, service="C-STORE", ending=Ending.REFUSED, status=None)
        sent = video.object
        size = sent.path.stat().st_size
        self._require_allowed(Service.STORE, size)
        exchange = self._client.store(
            sent.path,
            sop_class_uid=video.sop_class.uid,
            sop_instance_uid=sent.instance_uid,
            transfer_syntax_uid=video.format.uid,
            size=size,
        )
        if self._on_left is not None and _may_be_kept(exchange):
            self._on_left(sent.instance_uid)
        return self._told(exchange)

    def _require_allowed(self, service: Service, size: int = 0) -> None:
        obstacle = self._permission.obstacle(service, size)
        if obstacle is not None:
            raise Undecided(NotMade(obstacle))

    def _require_stored(self, video: LazyVideo) -> None:
        exchange = self.store(video)
        if exchange.ending is Ending.REFUSED:
            raise Undecided(Refused(exchange))
        if judge_store(exchange).outcome is not Outcome.PASS:
            raise Undecided(Blocked("store", exchange.summary))

    def _find(self, video: LazyVideo, level: str) -> QuerySeen:
        self._require_allowed(Service.FIND)
        self._require_stored(video)
        has = video.facts.by_path
        unique_key, required, optional = QUERY_KEYS[level]
        # Unique keys of the levels above belong into every hierarchical query (PS3.4 C.4.1.2.1).
        above = {"StudyInstanceUID": has["StudyInstanceUID"]}
        if level == "IMAGE":
            above["SeriesInstanceUID"] = has["SeriesInstanceUID"]
        query = above | {unique_key: has[unique_key]} | dict.fromkeys((*required, *optional), "")
        tries = 0
        while True:
            tries += 1
            exchange, answers = self._client.find(query, level=level)
            exchange = self._told(exchange)
            self._require_offered(exchange, STUDY_ROOT_FIND)
            if answers or not self._may_lag(exchange, tries):
                break
        return QuerySeen(
            level=level,
            unique_key=unique_key,
            required=required,
            announced=is_coercion(self.store(video)),
            exchange=exchange,
            expected=tuple((keyword, has[keyword]) for keyword in (unique_key, *required, *optional)),
            answers=tuple(tuple(answer.items()) for answer in answers),
            tries=tries,
        )

    def _get(self, video: LazyVideo) -> Fetched:
        self._require_allowed(Service.GET)
        return self._fetch(
            "C-GET",
            STUDY_ROOT_GET,
            video,
            lambda: self._client.get(
                study_uid=video.object.study_uid,
                series_uid=video.object.series_uid,
                instance_uid=video.object.instance_uid,
                sop_class_uid=video.sop_class.uid,
                transfer_syntax_uid=video.format.uid,
                into=self._folder("got"),
            ),
        )

    def _move(self, video: LazyVideo) -> Fetched:
        self._require_allowed(Service.MOVE)
        self._require_stored(video)
        receiver = self._receiving()
        return self._fetch(
            "C-MOVE",
            STUDY_ROOT_MOVE,
            video,
            lambda: self._client.move(
                study_uid=video.object.study_uid,
                series_uid=video.object.series_uid,
                instance_uid=video.object.instance_uid,
                sop_class_uid=video.sop_class.uid,
                transfer_syntax_uid=video.format.uid,
                receiver=receiver,
            ),
        )

    def _wado(self, video: LazyVideo) -> Fetched:
        web = self._web
        if web is None:
            unknown = Exchange(WADO_RS, Ending.REFUSED, detail="the target file tells no DICOMweb base")
            raise Undecided(NotOffered(WADO_RS, unknown))
        self._require_allowed(Service.WADO)
        return self._fetch(
            WADO_RS,
            "",
            video,
            lambda: web.retrieve(
                video.object.study_uid, video.object.series_uid, video.object.instance_uid, self._folder("wado")
            ),
        )

    def _fetch(
        self, service: str, service_uid: str, video: LazyVideo, ask: Callable[[], tuple[Exchange, tuple[Path, ...]]]
    ) -> Fetched:
        self._require_stored(video)
        tries = 0
        while True:
            tries += 1
            exchange, paths = ask()
            exchange = self._told(exchange)
            self._require_offered(exchange, service_uid)
            if paths or not self._may_lag(exchange, tries):
                return self._returned.take(service, video, exchange, paths, tries)

    def _may_lag(self, exchange: Exchange, tries: int) -> bool:
        """Whether an empty answer may come from an index that does not know the object yet; waits if so."""
        nothing_yet = NOTHING_YET if is_web(exchange) else (0,)
        if exchange.status not in nothing_yet or tries > len(self._index_lag):
            return False
        self._sleep(self._index_lag[tries - 1])
        return True

    def _receiving(self) -> Receiver:
        endpoint = self._endpoint
        if endpoint.receiver_aet is None or endpoint.receiver_port is None:
            raise Undecided(NotMade("the target has no entry for our receiver, so it cannot send to us by C-MOVE"))
        if self._receiver is None:
            self._receiver = self._open.enter_context(
                Receiver(
                    endpoint.receiver_host,
                    endpoint.receiver_port,
                    endpoint.receiver_aet,
                    into=self._folder("moved"),
                    contexts=[(cls.uid, format.uid) for format in self._formats for cls in format.sop_classes],
                    timeouts=endpoint.timeouts,
                    # A PACS that has TLS is taken to move over TLS too, where we have a certificate to show it.
                    tls=endpoint.tls if endpoint.tls is not None and endpoint.tls.certificate is not None else None,
                )
            )
        return self._receiver

    def _folder(self, name: str) -> Path:
        folder = self._scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _require_offered(self, exchange: Exchange, service_uid: str) -> None:
        if exchange.ending is not Ending.REFUSED:
            return
        refused = {answer.abstract_syntax for answer in exchange.contexts if answer.result in _REFUSALS}
        raise Undecided(NotOffered(exchange.service, exchange) if service_uid in refused else Refused(exchange))

    def _told(self, exchange: Exchange) -> Exchange:
        """Add what became of the target where the conversation broke off."""
        if exchange.ending not in _ASK_STATE:
            return exchange
        state = self._state()
        if state.alive and not state.out_of_memory:
            return exchange
        gone = "does not answer" if state.exit_code is None else "is not running"
        cause = "ran out of memory" if state.out_of_memory else gone
        code = "" if state.exit_code is None else f" (exit code {state.exit_code})"
        return replace(exchange, detail=f"{exchange.detail}; the target {cause}{code}".lstrip("; "))


def _may_be_kept(exchange: Exchange) -> bool:
    """Whether the target has the object, or may have it because it never said that it failed."""
    begun = any(attempt.accepted for attempt in exchange.earlier)
    if exchange.ending is Ending.ANSWERED:
        return begun or judge_store(exchange).outcome is Outcome.PASS
    return begun or exchange.payload_bytes > 0
