"""Sends further objects by STOW-RS, whole and as metadata with the video beside it, and gets them back."""

from harness.core.compare import attribute_differences, encapsulation_differences
from harness.core.endpoint import Service
from harness.core.exchange import STOW_RS
from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.families.stow import DescribedStowSeen, StowSeen
from harness.core.formats import Format
from harness.core.mediatypes import bulk_type
from harness.core.observations import Fetched, NotMade, Observation, Payload, PayloadSeen, StoreSeen, Undecided
from harness.core.results import Outcome
from harness.core.validation.table import errors, findings
from harness.core.verdicts import is_coercion, judge_store
from harness.media.webmetadata import make_metadata
from harness.plugin.questions.paths import LivePaths, stream_length
from harness.plugin.videos import LazyVideo
from harness.plugin.waysback import WaysBack

#: About the fragments, which the server makes of a stream.
_OF_FRAGMENTS = "EncapsulatedPixelDataValueTotalLength"


class LiveStow(LivePaths):
    """See :class:`harness.core.families.dicomweb.DicomwebQuestions`."""

    def stow(self, video: LazyVideo) -> Observation:
        """Store another object of the clip by STOW-RS, and get it back by WADO-RS."""
        return self._talk.answers.once((STOW_RS, video.key), lambda: self._stow(video.fresh("stow")))

    def stow_described(self, video: LazyVideo, *, derived: bool) -> DescribedStowSeen:
        """Store another object as metadata and a part of video, and get it back by WADO-RS."""
        purpose = "stow-derived" if derived else "stow-described"
        return self._talk.answers.once(
            (STOW_RS, purpose, video.key), lambda: self._stow_described(video.fresh(purpose), derived)
        )

    def _stow(self, video: LazyVideo) -> Observation:
        talk, web = self._talk, self._talk.require_web(STOW_RS)
        talk.require_allowed(Service.STOW)
        sent = video.object
        talk.require_allowed(Service.STOW, sent.path.stat().st_size)
        if obstacle := web.too_large(sent.path):
            raise Undecided(NotMade(obstacle))
        exchange = talk.told(web.store(sent.path, video.study_uid))
        talk.require_offered(exchange)
        talk.note_left(video.instance_uid, exchange)
        if judge_store(exchange).outcome is not Outcome.PASS:
            return StoreSeen(exchange)
        fetched = self._back(video)
        seen = PayloadSeen.of(video.facts, exchange, fetched)
        if fetched.facts is None:
            return StowSeen(seen)
        wrong, allowed = attribute_differences(video.facts, fetched.facts, announced=is_coercion(exchange))
        shape = encapsulation_differences(video.format, video.facts, fetched.facts)
        return StowSeen(seen, (*shape, *wrong), allowed)

    def _stow_described(self, video: LazyVideo, derived: bool) -> DescribedStowSeen:
        talk, web = self._talk, self._talk.require_web(STOW_RS)
        talk.require_allowed(Service.STOW)
        kind = bulk_type(video.format.uid)
        if kind is None or not video.format.is_video_stream:
            raise Undecided(NotMade(f"{video.format.name} has no media type of one video stream"))
        sent = video.object
        talk.require_allowed(Service.STOW, sent.clip.size)
        if obstacle := web.too_large(sent.path):
            raise Undecided(NotMade(obstacle))
        metadata = make_metadata(sent.path, location="video", without_pixel_description=derived)
        exchange = talk.told(
            web.store_described(metadata, sent.clip.path, video.study_uid, media_type=kind, location="video")
        )
        talk.note_left(video.instance_uid, exchange)
        seen = DescribedStowSeen(exchange, kind, derived, Payload.of(video.facts), stream_length(video))
        if judge_store(exchange).outcome is not Outcome.PASS:
            return seen
        fetched = self._back(video)
        facts = fetched.facts
        wrong: tuple[str, ...] = ()
        allowed: tuple[str, ...] = ()
        if facts is not None:
            wrong, allowed = self._described(video, fetched, facts, announced=is_coercion(exchange))
        return DescribedStowSeen(
            exchange,
            kind,
            derived,
            seen.sent,
            seen.stream_length,
            returned_at=fetched.exchange,
            returned=None if facts is None else Payload.of(facts),
            unreadable=fetched.unreadable,
            wrong=wrong,
            allowed=allowed,
        )

    def _described(
        self, video: LazyVideo, fetched: Fetched, facts: ObjectFacts, *, announced: bool
    ) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Attributes lost or not those of the stream, with the syntax that the server found for it."""
        lost, allowed = attribute_differences(video.facts, facts, announced=announced)
        lost = tuple(text for text in lost if not text.startswith(_OF_FRAGMENTS))
        decoded = self._talk.returned.decode(video, fetched)
        stream = decoded if isinstance(decoded, Undecodable) else decoded.stream
        formats = [format for format in self._videos.formats.values() if format.uid == facts.transfer_syntax_uid]
        if not formats:
            return (f"it came back in {facts.transfer_syntax_uid}, which is no syntax of video", *lost), allowed

        # Another syntax than that of our own object is right where the stream keeps its rules.
        faults = min((_faults(format, facts, stream) for format in formats), key=len)
        return (*faults, *lost), allowed

    def _back(self, video: LazyVideo) -> Fetched:
        """The object by WADO-RS, as soon as the index knows it."""
        ways = WaysBack(self._talk, folder="stowed")
        way = ways.wado(video)
        return ways.take(way, video, name=way.service)


def _faults(format: Format, facts: ObjectFacts, stream: StreamFacts | Undecodable) -> tuple[str, ...]:
    """How an object breaks the rules of a format."""
    if isinstance(stream, Undecodable):
        return (f"does not decode: {stream.reason}",)
    return tuple(one.words for one in errors(findings(format, object=facts, stream=stream)))
