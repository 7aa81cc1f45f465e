"""Asks what is left when a transfer is cut, stalled, slowed or damaged on the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

from harness.clients.dimse import DimseClient, RetryPolicy
from harness.clients.dimse.retrieve import STUDY_ROOT_GET
from harness.core.endpoint import Service
from harness.core.exchange import Exchange
from harness.core.families.interruption_seen import (
    CorruptedSeen,
    CutReturnSeen,
    Found,
    InterruptedSeen,
    Recovery,
    ThrottledSeen,
)
from harness.core.faults import FaultKind, Place
from harness.core.observations import NotMade, Payload, PayloadSeen, Undecided
from harness.core.results import Outcome
from harness.core.verdicts import is_served, judge_store
from harness.errors import HarnessError
from harness.plugin.harmed import Harmed
from harness.plugin.looking import LOOKED, look
from harness.plugin.questions.asking import Asking
from harness.plugin.videos import LazyVideo

#: What the client does after a fault: one more attempt, soon, where the ending may pass by itself.
POLICY = RetryPolicy(attempts=2, first_delay=0.2)
ONCE = RetryPolicy(attempts=1)
#: How long a stalled transfer is silent before the client gives up, in seconds.
SILENCE = 3.0
#: How long a throttled store takes, in seconds.
SLOW = 2.5
#: How long a PACS may take to answer an association request after a fault, in seconds.
ANSWER = 5.0

#: Folder for what a retrieve that is cut brings, which should be nothing.
_CUT = "cut"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Bystander:
    """An object like the one of the question that was stored before anything went wrong, and what was there of it."""

    video: LazyVideo
    before: Found


class LiveInterruption(Asking):
    """See :class:`harness.core.families.interruption.InterruptionQuestions`."""

    def cut(self, video: LazyVideo, place: str) -> InterruptedSeen:
        """Cut a store at ``place``, in every attempt that the retry policy makes."""
        return self._once(f"cut-{place}", video, partial(self._interrupt, FaultKind.CUT, Place(place)))

    def stall(self, video: LazyVideo) -> InterruptedSeen:
        """Stall a store in the middle."""
        return self._once("stall", video, partial(self._interrupt, FaultKind.STALL, Place.MIDDLE))

    def throttle(self, video: LazyVideo) -> ThrottledSeen:
        """Store slowly and steadily."""
        return self._once("throttle", video, self._throttle)

    def corrupt(self, video: LazyVideo) -> CorruptedSeen:
        """Change a byte in the middle of a store, then store the whole object."""
        return self._once("corrupt", video, self._corrupt)

    def cut_return(self, video: LazyVideo) -> CutReturnSeen:
        """Cut a C-GET in the middle, then ask again."""
        return self._once("cut-return", video, self._cut_return)

    def _once(self, purpose: str, video: LazyVideo, ask: Callable[[LazyVideo, Bystander], T]) -> T:
        return self._talk.answers.once((purpose, video.key), lambda: self._ask(video, video.fresh(purpose), ask))

    def _ask(self, video: LazyVideo, sent: LazyVideo, ask: Callable[[LazyVideo, Bystander], T]) -> T:
        """``ask`` about an object of its own, after another one like it was stored and looked at."""
        other = video.fresh("bystander")
        self._talk.require_stored(other)
        before = look(self._talk, other, patiently=True)  # anew: what an earlier question lost is not blamed on this
        self._talk.require_allowed(self._talk.way.store_service, sent.object.path.stat().st_size)
        seen = ask(sent, Bystander(other, before))
        if left := [path.name for folder in (LOOKED, _CUT) for path in self._talk.folder(folder).iterdir()]:
            raise HarnessError(f"{', '.join(left)} is left of a broken transfer; this is a defect of the harness")
        return seen

    def _interrupt(self, kind: FaultKind, place: Place, sent: LazyVideo, other: Bystander) -> InterruptedSeen:
        stalls = kind is FaultKind.STALL
        with Harmed(self._talk, POLICY, limit=SILENCE if stalls else None) as harmed:
            exchange = harmed.store(sent.object, kind, place, times=1 if stalls else POLICY.attempts)
            self._talk.note_left(sent.instance_uid, exchange)
            held = self._echo() if stalls else None
            broken = harmed.tell(exchange)
        recovery = self._recovery(other, held)
        found, resent, returned = Found(None, why_not="nothing was asked any more"), None, None
        if recovery.echo is None or is_served(recovery.echo):
            found = look(self._talk, sent)
            resent = self._talk.store(sent)
            returned = self._returned(sent, resent)
        return InterruptedSeen(Payload.of(sent.facts), broken, recovery, found, resent, returned)

    def _throttle(self, sent: LazyVideo, other: Bystander) -> ThrottledSeen:
        rate = int(sent.object.path.stat().st_size / SLOW)
        with Harmed(self._talk, ONCE) as harmed:
            exchange = harmed.store(sent.object, FaultKind.THROTTLE, Place.FIRST, rate=rate)
            self._talk.note_left(sent.instance_uid, exchange)
            broken = harmed.tell(exchange)
        stored = self._talk.answers.once(("store", sent.key), lambda: exchange)
        return ThrottledSeen(broken, rate, self._returned(sent, stored))

    def _corrupt(self, sent: LazyVideo, other: Bystander) -> CorruptedSeen:
        if self._talk.endpoint is not None and self._talk.endpoint.tls is not None:
            raise Undecided(NotMade("TLS itself notices a byte that is changed on the way (RFC 8446 5.2)"))
        with Harmed(self._talk, ONCE) as harmed:
            exchange = harmed.store(sent.object, FaultKind.CORRUPT, Place.MIDDLE)
            self._talk.note_left(sent.instance_uid, exchange)
            broken = harmed.tell(exchange)
        stored = judge_store(exchange).outcome is Outcome.PASS
        first = look(self._talk, sent, patiently=stored, blindly=stored)
        resent = self._talk.store(sent)
        second = look(self._talk, sent, patiently=True, blindly=True)
        return CorruptedSeen(Payload.of(sent.facts), broken, first, resent, second)

    def _cut_return(self, sent: LazyVideo, other: Bystander) -> CutReturnSeen:
        self._talk.require_dimse("C-GET")
        self._talk.require_allowed(Service.GET)
        stored = self._talk.require_stored(sent)
        look(self._talk, sent, patiently=True)
        with Harmed(self._talk, POLICY) as harmed:
            exchange, paths = harmed.get(sent, _CUT, times=POLICY.attempts)
            for path in paths:
                path.unlink()
            self._talk.require_offered(exchange, STUDY_ROOT_GET)
            broken = harmed.tell(exchange)
        recovery = self._recovery(other, None)
        returned = PayloadSeen.of(sent.facts, stored, self._pacs.get(sent))
        return CutReturnSeen(broken, len(paths), recovery, returned)

    def _returned(self, sent: LazyVideo, stored: Exchange) -> PayloadSeen | None:
        """What comes back, None where it was not stored or no way to get it back is offered."""
        if judge_store(stored).outcome is not Outcome.PASS:
            return None
        try:
            return PayloadSeen.of(sent.facts, stored, self._pacs.fetch(sent))
        except Undecided:
            return None

    def _recovery(self, other: Bystander, held: Exchange | None) -> Recovery:
        """Ask for a new association until it is served, for some seconds, then for the object that was there before."""
        tries, echo = 1, self._echo()
        for pause in self._talk.index_lag:
            if echo is None or is_served(echo):
                break
            self._talk.sleep(pause)
            tries, echo = tries + 1, self._echo()
        if echo is None or is_served(echo):
            after = look(self._talk, other.video, patiently=bool(other.before.answers))
        else:
            after = Found(None, why_not="nothing was asked any more")
        return Recovery(echo, tries, held, other.before, after)

    def _echo(self) -> Exchange | None:
        """C-ECHO, once; None where it is not allowed or there is no DIMSE."""
        endpoint = self._talk.endpoint
        if endpoint is None or self._talk.permission.obstacle(Service.ECHO) is not None:
            return None
        limits = replace(endpoint.timeouts, association=min(ANSWER, endpoint.timeouts.association))
        return self._talk.told(DimseClient(replace(endpoint, timeouts=limits), retry=ONCE).echo())
