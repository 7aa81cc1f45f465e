"""Asks what happens to objects on their way in and out, beyond the plain store and retrieve."""

import uuid
from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import TypeVar

from harness.clients.dimse import Storable, commit, store_first
from harness.clients.dimse.commitment import STORAGE_COMMITMENT
from harness.core.compare import attribute_differences
from harness.core.endpoint import Service
from harness.core.exchange import ContextResult, Exchange
from harness.core.families.transfer_commitment import Asked, CommitmentSeen
from harness.core.families.transfer_kept import Choice, FallbackSeen, MetadataSeen, TwiceSeen
from harness.core.families.transfer_labels import LabelSeen
from harness.core.families.transfer_openly import OpenlySeen, OpenPath
from harness.core.observations import (
    Blocked,
    Fetched,
    Observation,
    PathDifferences,
    Payload,
    PayloadSeen,
    Undecided,
)
from harness.core.results import Outcome
from harness.core.verdicts import is_coercion, judge, judge_store
from harness.media.elements import private_vrs
from harness.media.native import native_pictures
from harness.media.part10 import read_header, read_object
from harness.plugin.questions.asking import Asking
from harness.plugin.questions.doubles import Doubles
from harness.plugin.questions.evidence import with_evidence
from harness.plugin.questions.labels import Labels
from harness.plugin.specials import Specials
from harness.plugin.videos import LazyVideo
from harness.plugin.waysback import UNCOMPRESSED, WaysBack

Seen = TypeVar("Seen", bound=Observation)

#: Seconds that a report of storage commitment is awaited at most, and those of them with the association held.
REPORT_LIMIT, HOLD = 30.0, 5.0

#: What a sender of video offers, best first.
SENDERS_CHOICE = ("h264_hp41", "mpeg2_ml")


class LiveTransfer(Asking):
    """See :class:`harness.core.families.transfer.TransferQuestions`."""

    @property
    def _paths(self) -> WaysBack:
        return WaysBack(self._talk)

    @property
    def _specials(self) -> Specials:
        return Specials(self._videos)

    def twice(self, video: LazyVideo) -> TwiceSeen:
        """Store an object like ``video``, the same again, and another one under the same SOP Instance UID."""
        doubles = Doubles(self._talk, self._specials)
        return self._once(("twice", video.key), lambda: doubles.ask(video.fresh("twice")))

    def openly(self, video: LazyVideo) -> OpenlySeen:
        """Ask for the stored video in uncompressed syntaxes only."""
        return self._once(("openly", video.key), lambda: self._openly(video))

    def committed(self, video: LazyVideo) -> CommitmentSeen:
        """Ask for storage commitment of the stored video, and of an instance that never was."""
        return self._once(("committed", video.key), lambda: self._committed(video))

    def metadata(self, video: LazyVideo) -> MetadataSeen:
        """Store an object like ``video`` with rich metadata, and compare what comes back."""
        return self._once(("metadata", video.key), lambda: self._metadata(self._specials.rich(video)))

    def fallback(self) -> FallbackSeen:
        """Offer H.264 and MPEG-2 in one association and send the first that is accepted."""
        return self._once("fallback", self._fallback)

    def mislabelled(self, label: str) -> LabelSeen:
        """Send the object that is wrong in the way of ``label``, and see what became of it."""
        labels = Labels(self._talk, self._specials, self._videos.formats)
        return self._once(("mislabelled", label), lambda: labels.ask(label))

    def _once(self, key: Hashable, ask: Callable[[], Seen]) -> Seen:
        return self._talk.answers.once(key, ask)

    # Without its syntax

    def _openly(self, video: LazyVideo) -> OpenlySeen:
        self._talk.require_stored(video)
        paths = []
        for service, way in self._paths.uncompressed(video):
            try:
                before = self._pacs.get(video) if service == "C-GET" else self._pacs.move(video)
            except Undecided:
                continue
            # What does not come in its own syntax shows nothing by not coming in another.
            if before.received == 0:
                continue
            name = f"{service}-uncompressed"
            paths.append(self._open_path(video, self._paths.take(way, video, name=name), name))
        if not paths:
            raise Undecided(Blocked("retrieve", "no DIMSE path brings the video in its own syntax"))
        seen = OpenlySeen(Payload.of(video.facts), UNCOMPRESSED, tuple(paths))
        if judge(seen).outcome is Outcome.FAIL:
            self._talk.returned.keep(video)
        return seen

    def _open_path(self, video: LazyVideo, fetched: Fetched, name: str) -> OpenPath:
        facts, native = fetched.facts, None
        file = self._talk.returned.file(video, name)
        if facts is not None and not facts.encapsulated and file is not None:
            native = native_pictures(file, facts, video.stream)
        return OpenPath(
            service=fetched.service,
            exchange=fetched.exchange,
            received=fetched.received,
            payload=None if facts is None else Payload.of(facts),
            encapsulated=facts is not None and facts.encapsulated,
            unreadable=fetched.unreadable,
            native=native,
        )

    # Storage commitment

    def _committed(self, video: LazyVideo) -> CommitmentSeen:
        talk = self._talk
        client = talk.require_dimse("storage commitment")
        talk.require_allowed(Service.COMMIT)
        talk.require_stored(video)
        endpoint = client.endpoint
        known = endpoint.receiver_aet is not None and endpoint.receiver_port is not None
        # Whoever asks is who gets the report, and only our receiver is known to the target.
        requester = endpoint.receiver_aet if known and endpoint.receiver_aet else endpoint.calling_aet
        limit = min(REPORT_LIMIT, endpoint.timeouts.answer)

        def ask(instance_uid: str) -> Asked:
            exchange, report = commit(
                client.like(endpoint=replace(endpoint, calling_aet=requester)),
                [(video.sop_class.uid, instance_uid)],
                receiver=talk.receiver() if known else None,
                limit=limit,
                hold=min(HOLD, limit / 2),
            )
            exchange = talk.told(exchange)
            talk.require_offered(exchange, STORAGE_COMMITMENT)
            return Asked(instance_uid, exchange, report)

        stored = ask(video.instance_uid)
        invented = ask(f"2.25.{uuid.uuid4().int}") if stored.report is not None else None
        return CommitmentSeen(stored, invented, limit, requester, known)

    # Metadata

    def _metadata(self, rich: LazyVideo) -> MetadataSeen:
        stored = self._talk.require_stored(rich)
        vrs = private_vrs(read_header(rich.object.path))
        paths = []
        for fetched in self._pacs.returned(rich):
            file = self._talk.returned.file(rich, fetched.service)
            if file is None:
                continue
            facts = read_object(file, vrs)
            wrong, allowed = attribute_differences(rich.facts, facts, announced=is_coercion(stored))
            unknown = [path for path, vr in private_vrs(read_header(file)).items() if vr == "UN" != vrs.get(path)]
            if unknown:
                allowed += (f"{len(unknown)} private elements lost their VR and came as UN (PS3.5 6.2.2)",)
            paths.append(PathDifferences(fetched.service, f"{len(facts.attributes)} attributes", wrong, allowed))
        seen = MetadataSeen(stored, len(rich.facts.attributes), tuple(paths))
        return with_evidence(self._talk, seen, rich)

    # Fall-back

    def _fallback(self) -> FallbackSeen:
        talk = self._talk
        client = talk.require_dimse("C-STORE")
        talk.require_allowed(Service.STORE)
        formats = [self._videos.formats[id] for id in SENDERS_CHOICE]
        videos = [self._videos.video(self._videos.key_of(format, purpose="fallback")) for format in formats]
        objects = [
            Storable(video.object.path, video.sop_class.uid, video.instance_uid, video.format.uid) for video in videos
        ]
        exchange, sent = store_first(client, objects)
        exchange = talk.told(exchange)
        choices = tuple(
            Choice(format.name, answer is ContextResult.ACCEPTED, str(answer))
            for format in formats
            for answer in [_answer_for(exchange, format.uid)]
        )
        if sent is None:
            sent = next((place for place, choice in enumerate(choices) if choice.accepted), None)
        if sent is None:
            return FallbackSeen(choices, exchange, None, None)
        video = videos[sent]
        talk.note_left(video.instance_uid, exchange)
        if judge_store(exchange).outcome is not Outcome.PASS:
            return FallbackSeen(choices, exchange, sent, None)
        try:
            came = [PayloadSeen.of(video.facts, exchange, fetched) for fetched in self._paths.fetch(video)]
        except Undecided:
            return FallbackSeen(choices, exchange, sent, None)
        worst = next((one for one in came if judge(one).outcome is Outcome.FAIL), came[0])
        return with_evidence(self._talk, FallbackSeen(choices, exchange, sent, worst), *videos)


def _answer_for(exchange: Exchange, syntax: str) -> ContextResult:
    return next(
        (answer.result for answer in exchange.contexts if answer.transfer_syntax == syntax), ContextResult.UNANSWERED
    )
