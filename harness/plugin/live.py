"""The PACS under test: every question put to it once, every answer kept for all checks."""

import time
import uuid
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from harness.clients.dimse import DimseClient, Receiver
from harness.core.endpoint import Endpoint, TargetState
from harness.core.exchange import ContextResult, Ending, Exchange
from harness.core.facts import StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.observations import Blocked, Fetched, NotMade, NotOffered, QuerySeen, Refused, Undecided
from harness.core.results import Outcome
from harness.core.verdicts import judge_store
from harness.errors import MediaError, ObjectUnreadable
from harness.media.examine import examine
from harness.media.part10 import extract_payload, read_object
from harness.media.stills import pictures
from harness.plugin.answers import Answers
from harness.plugin.cells import VideoKey
from harness.plugin.videos import LazyVideo

VIDEO_ENDOSCOPIC = "1.2.840.10008.5.1.4.1.1.77.1.1.1"
STUDY_ROOT_GET = "1.2.840.10008.5.1.4.1.2.2.3"
STUDY_ROOT_MOVE = "1.2.840.10008.5.1.4.1.2.2.2"
STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"

#: Pauses in seconds between queries for an object that the index does not know yet.
INDEX_LAG = (0.5, 1.0, 2.0, 4.0)

#: Per level the unique key, and the keys whose values the object tells (PS3.4 C.6.2.1).
QUERY_KEYS = {
    "STUDY": ("StudyInstanceUID", ("PatientID", "PatientName", "AccessionNumber", "StudyDate", "StudyID")),
    "IMAGE": ("SOPInstanceUID", ("SOPClassUID", "InstanceNumber", "NumberOfFrames", "Rows", "Columns")),
}

#: Larger objects are not copied into the evidence of a failure; their hashes are in the observation.
LARGEST_KEPT = 64 * 2**20

_REFUSALS = {
    ContextResult.USER_REJECTION,
    ContextResult.NO_REASON,
    ContextResult.ABSTRACT_SYNTAX,
    ContextResult.TRANSFER_SYNTAXES,
}

_ASK_STATE = {Ending.ABORTED, Ending.LOST, Ending.TIMED_OUT, Ending.UNREACHABLE}


class LivePacs:
    """One started target, seen through the questions that checks ask (:class:`harness.core.ports.Pacs`)."""

    def __init__(
        self,
        endpoint: Endpoint,
        client: DimseClient,
        *,
        formats: tuple[Format, ...],
        state: Callable[[], TargetState],
        scratch: Path,
        answers: Answers,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._client = client
        self._formats = formats
        self._state = state
        self._scratch = scratch
        self._sleep = sleep
        self._files: dict[tuple[VideoKey, str], Path] = {}
        self._open = ExitStack()
        self._receiver: Receiver | None = None
        self.answers = answers

    def close(self) -> None:
        """Stop our receiver."""
        self._open.close()

    def echo(self) -> Exchange:
        """C-ECHO."""
        return self.answers.once("echo", lambda: self._told(self._client.echo()))

    def control(self) -> Exchange:
        """Propose a transfer syntax made up now, which nobody can know."""
        pair = (VIDEO_ENDOSCOPIC, f"2.25.{uuid.uuid4().int}")
        return self.answers.once("control", lambda: self._told(self._client.negotiate([pair])))

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

    def fetch(self, video: LazyVideo) -> Fetched:
        """The stored video by the first retrieve path that the target offers."""
        try:
            return self.get(video)
        except Undecided as undecided:
            if not isinstance(undecided.observation, NotOffered):
                raise
        return self.move(video)

    def returned(self, video: LazyVideo) -> tuple[Fetched, ...]:
        """What came back as a readable object, over every path offered."""
        self._require_stored(video)
        fetched: list[Fetched] = []
        obstacles: list[Undecided] = []
        for path in (self.get, self.move):
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
        """Decode what one path returned; paths that returned the same payload share one decoding."""
        facts = fetched.facts
        if facts is None:
            return Undecodable(fetched.unreadable)
        key = ("decode", video.key, facts.payload_sha256)
        return self.answers.once(key, lambda: self._decode(video, fetched))

    def keep_returned(self, video: LazyVideo) -> None:
        """Copy what came back into the evidence: damage must be shown, not told."""
        for (key, service), path in self._files.items():
            if key == video.key and path.stat().st_size <= LARGEST_KEPT:
                self.answers.write(
                    f"{key.name}/{service}.dcm",
                    path.read_bytes(),
                    role=f"object:returned:{service}",
                    title=f"object as returned by {service}",
                )

    def discard(self, video: LazyVideo) -> None:
        """Free the disk space of what came back."""
        for key in [key for key in self._files if key[0] == video.key]:
            self._files.pop(key).unlink(missing_ok=True)

    def _store(self, video: LazyVideo) -> Exchange:
        proposed = self.propose(video)
        if proposed.contexts and proposed.contexts[0].result in _REFUSALS:
            return replace(proposed, service="C-STORE", ending=Ending.REFUSED, status=None)
        sent = video.object
        return self._told(
            self._client.store(
                sent.path,
                sop_class_uid=video.sop_class.uid,
                sop_instance_uid=sent.instance_uid,
                transfer_syntax_uid=video.format.uid,
                size=sent.path.stat().st_size,
            )
        )

    def _require_stored(self, video: LazyVideo) -> None:
        exchange = self.store(video)
        if exchange.ending is Ending.REFUSED:
            raise Undecided(Refused(exchange))
        if judge_store(exchange).outcome is not Outcome.PASS:
            raise Undecided(Blocked("store", exchange.summary))

    def _find(self, video: LazyVideo, level: str) -> QuerySeen:
        self._require_stored(video)
        has = video.facts.by_path
        unique_key, told = QUERY_KEYS[level]
        # Unique keys of the levels above belong into every hierarchical query (PS3.4 C.4.1.2.1).
        above = {"StudyInstanceUID": has["StudyInstanceUID"]}
        if level == "IMAGE":
            above["SeriesInstanceUID"] = has["SeriesInstanceUID"]
        query = above | {unique_key: has[unique_key]} | dict.fromkeys(told, "")
        tries = 0
        while True:
            tries += 1
            exchange, answers = self._client.find(query, level=level)
            exchange = self._told(exchange)
            self._require_offered(exchange, STUDY_ROOT_FIND)
            if answers or exchange.ending is not Ending.ANSWERED or exchange.status != 0 or tries > len(INDEX_LAG):
                break
            self._sleep(INDEX_LAG[tries - 1])
        return QuerySeen(
            level=level,
            unique_key=unique_key,
            exchange=exchange,
            expected=tuple((keyword, has[keyword]) for keyword in (unique_key, *told)),
            answers=tuple(tuple(answer.items()) for answer in answers),
            tries=tries,
        )

    def _get(self, video: LazyVideo) -> Fetched:
        self._require_stored(video)
        exchange, paths = self._client.get(
            study_uid=video.object.study_uid,
            series_uid=video.object.series_uid,
            instance_uid=video.object.instance_uid,
            sop_class_uid=video.sop_class.uid,
            transfer_syntax_uid=video.format.uid,
            into=self._folder("got"),
        )
        exchange = self._told(exchange)
        self._require_offered(exchange, STUDY_ROOT_GET)
        return self._fetched("C-GET", video, exchange, paths)

    def _move(self, video: LazyVideo) -> Fetched:
        self._require_stored(video)
        exchange, paths = self._client.move(
            study_uid=video.object.study_uid,
            series_uid=video.object.series_uid,
            instance_uid=video.object.instance_uid,
            receiver=self._receiving(),
        )
        exchange = self._told(exchange)
        self._require_offered(exchange, STUDY_ROOT_MOVE)
        return self._fetched("C-MOVE", video, exchange, paths)

    def _fetched(self, service: str, video: LazyVideo, exchange: Exchange, paths: tuple[Path, ...]) -> Fetched:
        if not paths:
            return Fetched(service, exchange, 0, None)
        first, *others = paths
        for other in others:
            other.unlink(missing_ok=True)
        self._files[video.key, service] = first
        try:
            return Fetched(service, exchange, len(paths), read_object(first))
        except ObjectUnreadable as error:
            return Fetched(service, exchange, len(paths), None, unreadable=str(error))

    def _decode(self, video: LazyVideo, fetched: Fetched) -> StreamFacts | Undecodable:
        payload = self._folder("payload") / f"{video.key.name}{video.object.clip.path.suffix}"
        clip = video.object.clip
        self._show("sent", video, clip.path, clip.frame_sizes)
        try:
            # The pad byte of an odd stream is not part of it (PS3.5 8.2); in Motion JPEG each frame has its own.
            padded = fetched.facts is not None and fetched.facts.payload_length == clip.size + 1
            length = clip.size if padded and video.format.is_video_stream else None
            fragments = extract_payload(self._files[video.key, fetched.service], payload, length=length)
            frame_sizes = () if video.format.is_video_stream else fragments
            # Pictures of Motion JPEG do not tell their rate: it is the one that was sent.
            facts = examine(payload, frame_sizes=frame_sizes, rate=clip.recipe.rate)
            self._show(f"returned by {fetched.service}", video, payload, frame_sizes)
        except MediaError as error:
            return Undecodable(str(error))
        finally:
            payload.unlink(missing_ok=True)
        return facts

    def _show(self, which: str, video: LazyVideo, path: Path, frame_sizes: tuple[int, ...]) -> None:
        """Keep the first, middle and last picture as evidence for human eyes."""
        last = video.stream.frames - 1
        places = {"first": 0, "middle": last // 2, "last": last}
        shown = pictures(path, tuple(places.values()), frame_sizes=frame_sizes)
        for place, index in places.items():
            if index in shown:
                self.answers.write(
                    f"{video.key.name}/{which.replace(' ', '-')}-{place}.png",
                    shown[index],
                    role=f"picture:{which.split()[0]}:{place}",
                    title=f"{place} frame as {which}",
                )

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
        cause = "ran out of memory" if state.out_of_memory else "is not running"
        code = "" if state.exit_code is None else f" (exit code {state.exit_code})"
        return replace(exchange, detail=f"{exchange.detail}; the target {cause}{code}".lstrip("; "))
