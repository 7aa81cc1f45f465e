"""Asks how large a video may be."""

import resource
import shutil
import sys

from harness.core.exchange import Exchange
from harness.core.families.paths import StreamSeen
from harness.core.families.size import CeilingSeen, Cost, Limit, Rung, SizeSeen, limit_met
from harness.core.observations import Fetched, NotMade, PayloadSeen, StoreSeen, Undecided
from harness.core.results import Outcome
from harness.core.sizes import MIB, show_size
from harness.core.verdicts import judge, judge_store
from harness.plugin.questions.asking import Asking
from harness.plugin.videos import MAX_FRAGMENT, LazyVideo

#: The first size tried in search of a ceiling; each next one is twice as large, until one does not survive.
_FIRST = 64 * MIB
#: The search ends when the largest size that survived and the smallest that did not are this close.
_CLOSE = 1.05
#: The harness has a clip, an object and a returned copy of a size at a time, and the target keeps one more.
_COPIES = 4


class LiveSize(Asking):
    """See :class:`harness.core.families.size.SizeQuestions`."""

    def measured(self, video: LazyVideo, stored: Exchange, fetched: Fetched | StreamSeen) -> SizeSeen:
        """What a sized video came to, with its cost and whose limit it met."""
        if isinstance(fetched, StreamSeen):
            seen: PayloadSeen | StreamSeen = fetched
            exchange = fetched.answers[-1].exchange
        else:
            seen, exchange = PayloadSeen.of(video.facts, stored, fetched, size=video.size), fetched.exchange
        state = self._talk.state()
        survived = judge(seen).outcome is Outcome.PASS
        return SizeSeen(
            seen,
            Cost(stored.seconds, exchange.seconds, state.memory_peak, harness_peak()),
            None if survived else limit_met(stored, exchange, state),
        )

    def ceiling(self, video: LazyVideo) -> CeilingSeen:
        """Look for the largest video like ``video`` that survives."""
        bound = self._talk.ceiling
        if bound is None:
            raise Undecided(NotMade("not asked for; --pacs-find-ceiling=SIZE looks for it up to SIZE"))
        self._talk.require_allowed(self._talk.way.store_service, min(bound, _FIRST))
        rungs: list[Rung] = []
        survived, failed = 0, 0
        size = min(_FIRST, bound)
        while True:
            rung = self._rung(video, size)
            rungs.append(rung)
            if rung.outcome is Outcome.PASS:
                survived = size
            else:
                failed = size
            if (failed and failed <= survived * _CLOSE) or survived == bound or (failed and not survived):
                return CeilingSeen(video.format.id, bound, tuple(rungs))
            size = (survived + failed) // 2 if failed else min(2 * size, bound)

    def _rung(self, video: LazyVideo, size: int) -> Rung:
        if size > MAX_FRAGMENT and video.format.is_video_stream and not video.format.fragmentable:
            return Rung(size, Outcome.NOT_RUN, "one fragment cannot hold it", Limit.FORMAT, None)
        free = shutil.disk_usage(self._talk.folder("ceiling")).free
        if free < _COPIES * size:
            reason = f"{show_size(free)} are free and {show_size(_COPIES * size)} needed"
            return Rung(size, Outcome.NOT_RUN, reason, Limit.DISK, None)
        sized = video.sized(size)
        try:
            stored = self._pacs.store(sized)
            if judge_store(stored).outcome is not Outcome.PASS:
                verdict, state = judge(StoreSeen(stored)), self._talk.state()
                cost = Cost(stored.seconds, 0, state.memory_peak, harness_peak())
                return Rung(size, verdict.outcome, verdict.reason, limit_met(stored, None, state), cost)
            seen = self.measured(sized, stored, self._pacs.fetch(sized))
            return Rung(size, judge(seen).outcome, judge(seen.seen).reason, seen.limit, seen.cost)
        except Undecided as undecided:
            verdict = judge(undecided.observation)
            limit = Limit.SITE if isinstance(undecided.observation, NotMade) else None
            return Rung(size, verdict.outcome, verdict.reason, limit, None)
        finally:
            self._pacs.discard(sized)
            sized.discard()


def harness_peak() -> int:
    """Peak of the resident set of this process since its start, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
