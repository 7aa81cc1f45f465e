"""Asks what a PACS does with one SOP Instance UID that is stored more than once."""

from harness.core.compare import attribute_differences
from harness.core.exchange import Ending
from harness.core.families.transfer_kept import OTHER, SAME, Kept, Round, TwiceSeen
from harness.core.observations import Fetched, Payload
from harness.core.verdicts import is_coercion
from harness.plugin.conversation import Conversation
from harness.plugin.questions.evidence import with_evidence
from harness.plugin.specials import Specials
from harness.plugin.videos import LazyVideo
from harness.plugin.waysback import WaysBack


class Doubles:
    """Stores an object, the same again, and another one under its UIDs, and looks at what is there each time."""

    def __init__(self, talk: Conversation, specials: Specials) -> None:
        self._talk, self._specials = talk, specials
        self._paths = WaysBack(talk)

    def ask(self, first: LazyVideo) -> TwiceSeen:
        """See :meth:`harness.core.families.transfer.TransferQuestions.twice`."""
        talk, specials = self._talk, self._specials
        stored = talk.require_stored(first)
        again, other = specials.again(first), specials.other(first)
        rounds = []
        for content, video in ((SAME, again), (OTHER, other)):
            exchange = talk.store(video)
            if exchange.ending is not Ending.ANSWERED:
                rounds.append(Round(content, exchange, (), None))
                break
            rounds.append(Round(content, exchange, self._what_is_kept(first, other, video), self._found(video)))
        seen = TwiceSeen(Payload.of(first.facts), Payload.of(other.facts), stored, tuple(rounds))
        return with_evidence(talk, seen, again, other)

    def _what_is_kept(self, first: LazyVideo, other: LazyVideo, asked: LazyVideo) -> tuple[Kept, ...]:
        """What the paths give for the UID now; asked again once where they disagree, as one may lag behind."""
        kept = self._all_kept(first, other, asked)
        if len({one.payload.length if one.payload else 0 for one in kept}) > 1:
            self._talk.sleep(1.0)
            kept = self._all_kept(first, other, asked)
        return kept

    def _all_kept(self, first: LazyVideo, other: LazyVideo, asked: LazyVideo) -> tuple[Kept, ...]:
        announced = is_coercion(self._talk.store(asked)) or is_coercion(self._talk.store(first))

        def different(video: LazyVideo, fetched: Fetched) -> tuple[str, ...]:
            if fetched.facts is None:
                return ()
            return attribute_differences(video.facts, fetched.facts, announced=announced)[0]

        return tuple(
            Kept(
                service=fetched.service,
                exchange=fetched.exchange,
                received=fetched.received,
                payload=None if fetched.facts is None else Payload.of(fetched.facts),
                unreadable=fetched.unreadable,
                as_first=different(first, fetched),
                as_other=different(other, fetched),
            )
            for fetched in self._paths.fetch(asked)
        )

    def _found(self, video: LazyVideo) -> int | None:
        """How many answers a query for the UID has; None where nothing may be asked."""
        talk = self._talk
        if talk.permission.obstacle(talk.way.find_service):
            return None
        tries = 0
        while True:
            tries += 1
            exchange, answers = talk.way.find(video.unique_keys, "IMAGE")
            if answers or not talk.may_lag(exchange, tries):
                break
        if exchange.ending is not Ending.ANSWERED or not (answers or exchange.status in (0, 200, 204)):
            return None
        return sum(answer.get("SOPInstanceUID", "") == video.instance_uid for answer in answers)
