"""The PACS under test: every question put to it once, every answer kept for all checks."""

import uuid

from harness.core.endpoint import Service
from harness.core.exchange import Exchange
from harness.core.facts import StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.observations import Blocked, Fetched, NotOffered, QuerySeen, Undecided
from harness.core.results import Outcome
from harness.core.verdicts import is_coercion, judge_retrieve
from harness.plugin.answers import Answers
from harness.plugin.cells import VideoKey
from harness.plugin.conversation import Conversation
from harness.plugin.questions.association import LiveAssociation
from harness.plugin.questions.dicomweb import LiveDicomweb
from harness.plugin.questions.interruption import LiveInterruption
from harness.plugin.questions.playback import LivePlayback
from harness.plugin.questions.size import LiveSize
from harness.plugin.questions.transfer import LiveTransfer
from harness.plugin.questions.validation import LiveValidation
from harness.plugin.videos import LazyVideo, Videos
from harness.plugin.waysback import WaysBack

#: Per level the unique key, the required keys, and optional keys whose values the object has (PS3.4 C.6.2.1).
QUERY_KEYS: dict[str, tuple[str, tuple[str, ...], tuple[str, ...]]] = {
    "STUDY": ("StudyInstanceUID", ("PatientID", "PatientName", "AccessionNumber", "StudyDate", "StudyID"), ()),
    "IMAGE": ("SOPInstanceUID", ("InstanceNumber",), ("SOPClassUID", "NumberOfFrames", "Rows", "Columns")),
}

#: The format of a sample is this one where the target takes it: what cameras write and browsers play.
PREFERRED_SAMPLE = "h264_hp41"


class LivePacs:
    """One started target, seen through the questions that checks ask (:class:`harness.core.ports.Pacs`).

    ``sampled`` are the formats that a sample may have.
    """

    def __init__(self, talk: Conversation, videos: Videos, *, sampled: tuple[Format, ...]) -> None:
        self._talk = talk
        self._videos = videos
        self._ways = WaysBack(talk, required=talk.require_stored)
        self._sampled = sorted(sampled, key=lambda format: format.id != PREFERRED_SAMPLE)
        self.association = LiveAssociation(self, talk, videos)
        self.transfer = LiveTransfer(self, talk, videos)
        self.dicomweb = LiveDicomweb(self, talk, videos)
        self.interruption = LiveInterruption(self, talk, videos)
        self.playback = LivePlayback(self, talk, videos)
        self.validation = LiveValidation(self, talk, videos)
        self.size = LiveSize(self, talk, videos)

    @property
    def answers(self) -> Answers:
        """What was asked, with its evidence."""
        return self._talk.answers

    def close(self) -> None:
        """Stop our receiver, and close the connections to the DICOMweb service."""
        self._talk.close()

    def sample(self, size: int | None = None) -> LazyVideo:
        """A video in the first format that the target takes, else in the first that could be made."""
        format = self._talk.answers.once("sample", self._sample_format)
        return self._videos.video(VideoKey(format.id, format.sop_classes[0].id, size))

    def echo(self) -> Exchange:
        """C-ECHO."""
        client = self._talk.require_dimse("C-ECHO")
        self._talk.require_allowed(Service.ECHO)
        return self.answers.once("echo", lambda: self._talk.told(client.echo()))

    def control(self) -> Exchange:
        """Propose a transfer syntax made up now, which nobody can know, for every SOP class of the formats."""
        client = self._talk.require_dimse("DIMSE negotiation")
        invented = f"2.25.{uuid.uuid4().int}"
        classes = dict.fromkeys(one.uid for format in self._talk.formats for one in format.sop_classes)
        pairs = [(uid, invented) for uid in classes]
        return self.answers.once("control", lambda: self._talk.told(client.negotiate(pairs)))

    def propose(self, video: LazyVideo) -> Exchange:
        """Propose the video's syntax for its SOP class, and nothing else."""
        return self._talk.propose(video)

    def store(self, video: LazyVideo) -> Exchange:
        """Store the video; where the syntax was already refused, that refusal is the answer."""
        return self._talk.store(video)

    def find(self, video: LazyVideo, level: str) -> QuerySeen:
        """Look for the stored video by its UIDs at STUDY or IMAGE level."""
        return self.answers.once(("find", level, video.key), lambda: self._find(video, level))

    def get(self, video: LazyVideo) -> Fetched:
        """C-GET the stored video."""
        return self.answers.once(("get", video.key), lambda: self._ways.take(self._ways.get(video), video))

    def move(self, video: LazyVideo) -> Fetched:
        """C-MOVE the stored video to our receiver."""
        return self.answers.once(("move", video.key), lambda: self._ways.take(self._ways.move(video), video))

    def wado(self, video: LazyVideo) -> Fetched:
        """The stored video by WADO-RS."""
        return self.answers.once(("wado", video.key), lambda: self._ways.take(self._ways.wado(video), video))

    def fetch(self, video: LazyVideo) -> Fetched:
        """The stored video by the first retrieve path that serves it."""
        self._talk.require_stored(video)
        if self._talk.dimse is None:
            return self.wado(video)
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
        self._talk.require_stored(video)
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
            # What is offered and could not be asked says more than what is not offered.
            raise min(obstacles, key=lambda one: isinstance(one.observation, NotOffered))
        return readable

    def decode(self, video: LazyVideo, fetched: Fetched) -> StreamFacts | Undecodable:
        """Decode what one path returned."""
        decoded = self._talk.returned.decode(video, fetched)
        return decoded if isinstance(decoded, Undecodable) else decoded.stream

    def keep_returned(self, video: LazyVideo) -> tuple[str, ...]:
        """Keep what came back as evidence; notes what could not be kept."""
        return self._talk.returned.keep(video)

    def discard(self, video: LazyVideo) -> None:
        """Free the disk space of what came back."""
        self._talk.returned.discard(video)

    def _sample_format(self) -> Format:
        made = [format for format in self._sampled if format.recipe is not None] or self._sampled
        if self._talk.dimse is not None:
            for format in made:
                proposed = self._talk.propose(self._videos.video(VideoKey(format.id, format.sop_classes[0].id)))
                if proposed.contexts and proposed.contexts[0].accepted:
                    return format
        return made[0]

    def _find(self, video: LazyVideo, level: str) -> QuerySeen:
        talk = self._talk
        talk.require_allowed(talk.way.find_service)
        stored = talk.require_stored(video)
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
            exchange, answers = talk.way.find(query, level)
            exchange = talk.told(exchange)
            if answers or not talk.may_lag(exchange, tries):
                break
        talk.require_offered(exchange, talk.way.find_uid)
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
