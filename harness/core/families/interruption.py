"""Transfers that are cut, stalled, slowed or damaged: what is seen, what it means, and what is asked.

A broken transfer promises nothing, so its own ending is never judged. What counts is what is there afterwards: no part
of an object that passes for the whole, a PACS that answers, and an object that arrives when it is sent again.
"""

from typing import TYPE_CHECKING, Protocol

from harness.core.exchange import TRANSIENT, Ending
from harness.core.families.interruption_seen import (
    Broken,
    CorruptedSeen,
    CutReturnSeen,
    Found,
    InterruptedSeen,
    Recovery,
    ThrottledSeen,
)
from harness.core.faults import FaultKind
from harness.core.observations import Payload
from harness.core.results import Outcome
from harness.core.verdicts import (
    DUPLICATE,
    Verdict,
    is_plain_success,
    is_served,
    judge,
    judge_retrieve,
    judge_store,
)

if TYPE_CHECKING:
    from harness.core.ports import Video


class InterruptionQuestions(Protocol):
    """What checks ask of what is left when a transfer is cut, stalled, slowed or damaged on the way.

    Every method raises Undecided where the video cannot be stored at all, or the way to the target cannot be harmed.
    """

    def cut(self, video: "Video", place: str) -> InterruptedSeen:
        """Cut a store at ``place``: first, middle or last."""
        ...

    def stall(self, video: "Video") -> InterruptedSeen:
        """Stall a store in the middle."""
        ...

    def throttle(self, video: "Video") -> ThrottledSeen:
        """Store slowly and steadily."""
        ...

    def corrupt(self, video: "Video") -> CorruptedSeen:
        """Change a byte in the middle of a store."""
        ...

    def cut_return(self, video: "Video") -> CutReturnSeen:
        """Cut a C-GET in the middle."""
        ...


def policy_broken(broken: Broken) -> str:
    """How the attempts contradict the retry policy; empty where they keep it."""
    tried, ending = len(broken.tried) + 1, broken.exchange.ending
    if broken.connections != tried:
        return f"{tried} attempts are recorded, and {broken.connections} connections were made"
    if ending in TRANSIENT and tried < broken.attempts:
        return f"{ending} may pass by itself, and only {tried} of {broken.attempts} attempts were made"
    if any(attempt.ending not in TRANSIENT for attempt in broken.tried):
        return "an ending that does not pass by itself was tried again"
    return ""


@judge.register
def _(seen: InterruptedSeen) -> Verdict:
    if not seen.broken.happened:
        return _did_not_happen(seen.broken)
    notes = (seen.broken.summary, seen.broken.policy, *_held(seen.recovery))
    recovered = _recovered(seen.recovery)
    wrong = _half(seen.found, seen.sent) or (recovered.reason if recovered.outcome is Outcome.FAIL else "")
    if wrong:
        return Verdict(Outcome.FAIL, f"after a {_what(seen.broken)} {wrong}", notes)
    if seen.resent is None:
        return Verdict(Outcome.INCONCLUSIVE, "the object was not sent again", notes)
    resent = judge_store(seen.resent)
    if resent.outcome is not Outcome.PASS:
        reason = f"sent again after a {_what(seen.broken)}: {resent.reason}"
        return Verdict(_not_unsupported(resent.outcome), reason, notes)
    if seen.returned is None:
        return Verdict(Outcome.INCONCLUSIVE, "sent again, and no way to get it back is offered", notes)
    returned = judge(seen.returned)
    if returned.outcome is not Outcome.PASS:
        return Verdict(returned.outcome, f"sent again after a {_what(seen.broken)}: {returned.reason}", notes)
    if unknown := _unknown(seen.found, seen.recovery.before):
        reason = f"whether a part of the object can be found is not known: {unknown}"
        return Verdict(Outcome.INCONCLUSIVE, reason, notes)
    if recovered.outcome is not Outcome.PASS:
        return Verdict(recovered.outcome, f"after a {_what(seen.broken)} {recovered.reason}", notes)
    return Verdict(Outcome.PASS, "no part of it was found, and sent again it came back whole", notes + returned.notes)


@judge.register
def _(seen: ThrottledSeen) -> Verdict:
    if not seen.broken.happened and judge_store(seen.broken.exchange).outcome is Outcome.PASS:
        return _did_not_happen(seen.broken)
    exchange = seen.broken.exchange
    stored = judge_store(exchange)
    notes = (seen.broken.summary,)
    slow = f"at {seen.rate:,} bytes a second"
    if stored.outcome is not Outcome.PASS:
        return Verdict(_not_unsupported(stored.outcome), f"sent {slow}: {stored.reason}", notes)
    if seen.returned is None:
        return Verdict(Outcome.INCONCLUSIVE, f"sent {slow}, and no way to get it back is offered", notes)
    returned = judge(seen.returned)
    if returned.outcome is not Outcome.PASS:
        return Verdict(returned.outcome, f"sent {slow}: {returned.reason}", notes)
    reason = f"sent {slow}, in {exchange.seconds:.1f} s, it came back whole"
    return Verdict(Outcome.PASS, reason, notes + returned.notes)


@judge.register
def _(seen: CorruptedSeen) -> Verdict:
    if not seen.broken.happened:
        return _did_not_happen(seen.broken)
    notes = [seen.broken.summary]
    stored = judge_store(seen.broken.exchange).outcome is Outcome.PASS
    first = seen.first.returned
    if stored and first is None:
        reason = f"the damaged object was accepted and is not given back: {_nothing(seen.first)}"
        return Verdict(Outcome.INCONCLUSIVE, reason, tuple(notes))
    if first is not None and _same(seen.sent, first):
        return Verdict(Outcome.INCONCLUSIVE, "the damaged object came back as if it were whole", tuple(notes))
    if stored:
        notes.append("the damaged object was stored without a word: DIMSE has no checksum, and comparing shows it")
    else:
        notes.append(f"the damaged object was not taken: {seen.broken.exchange.summary}")
    if seen.resent is None or seen.second is None:
        return Verdict(Outcome.INCONCLUSIVE, "the object was not sent again", tuple(notes))
    resent = judge_store(seen.resent)
    refused = seen.resent.ending is Ending.ANSWERED and resent.outcome is not Outcome.PASS
    second = seen.second.returned
    if resent.outcome is not Outcome.PASS and not (refused and stored):
        return Verdict(_not_unsupported(resent.outcome), f"sent again whole: {resent.reason}", tuple(notes))
    if second is None:
        unknown = seen.second.fetched is None and seen.second.why_not
        reason = f"sent again whole ({seen.resent.summary}), it is not given back: {_nothing(seen.second)}"
        return Verdict(Outcome.INCONCLUSIVE if unknown else Outcome.FAIL, reason, tuple(notes))
    if _same(seen.sent, second):
        notes.append("sent again, the whole object took the place of the damaged one")
    elif first is not None and _same(first, second):
        said = "said so" if refused or not is_plain_success(seen.resent) else "answered success"
        notes.append(f"sent again, the target kept the damaged object, and {said}: {seen.resent.summary}")
        if seen.resent.status == DUPLICATE:
            notes.append("that is what the status for a duplicate means (PS3.7 C.5)")
    else:
        return Verdict(
            Outcome.FAIL,
            f"sent again whole, {second.length:,} bytes came back that are neither the damaged nor the whole object",
            tuple(notes),
        )
    return Verdict(Outcome.PASS, "one byte that was changed on the way is seen in what came back", tuple(notes))


@judge.register
def _(seen: CutReturnSeen) -> Verdict:
    if not seen.broken.happened:
        return _did_not_happen(seen.broken)
    notes = (seen.broken.summary, seen.broken.policy)
    recovered = _recovered(seen.recovery)
    returned = judge(seen.returned)
    if recovered.outcome is not Outcome.FAIL and returned.outcome is not Outcome.PASS:
        return Verdict(returned.outcome, f"asked again after a {_what(seen.broken)}: {returned.reason}", notes)
    if recovered.outcome is not Outcome.PASS:
        return Verdict(recovered.outcome, f"after a {_what(seen.broken)} {recovered.reason}", notes)
    return Verdict(Outcome.PASS, "asked again it came back whole", notes + returned.notes)


def _what(broken: Broken) -> str:
    fault = broken.interruptions[0].fault
    return {FaultKind.CUT: f"cut at the {fault.place} bytes", FaultKind.STALL: "stall"}.get(fault.kind, fault.kind)


def _not_unsupported(outcome: Outcome) -> Outcome:
    """Another object like it was taken before the fault, so that a refusal now is no limit of the product."""
    return Outcome.FAIL if outcome is Outcome.UNSUPPORTED else outcome


def _did_not_happen(broken: Broken) -> Verdict:
    reason = f"the fault did not happen: {broken.summary}; {broken.exchange.summary}"
    return Verdict(Outcome.INCONCLUSIVE, reason)


def _half(found: Found, sent: Payload) -> str:
    """What is wrong with an object that was never sent whole and is found all the same."""
    if not found.answers or (found.returned is not None and _same(sent, found.returned)):
        return ""
    return f"a part of the object passes for the whole: {found.in_words}"


def _unknown(found: Found, control: Found) -> str:
    """Why no match does not mean that nothing is there; empty where it does, or where there was a match.

    ``control`` is the same query for an object that is there.
    """
    if found.answers:
        return ""
    if not found.asked_well:
        return found.why_not or (found.exchange.summary if found.exchange is not None else "it was not asked")
    if not control.asked_well or not control.answers:
        return f"the same query did not find an object that was stored: {_nothing(control)}"
    return ""


def _recovered(recovery: Recovery) -> Verdict:
    """Whether the PACS itself is as before: FAIL where it is not, INCONCLUSIVE where that is not known."""
    echo = recovery.echo
    if echo is not None and not is_served(echo):
        reason = f"no new association is served, in {recovery.echo_tries} tries: {echo.summary}"
        return Verdict(Outcome.FAIL, reason)
    before, after = recovery.before, recovery.after
    # What was not so before the fault either is not blamed on it.
    if before.asked_well:
        if after.exchange is not None and after.exchange.ending is not Ending.ANSWERED:
            return Verdict(Outcome.FAIL, f"no query is answered any more: {after.exchange.summary}")
        if not after.asked_well:
            why = after.exchange.summary if after.exchange is not None else after.why_not
            return Verdict(Outcome.INCONCLUSIVE, f"what was stored before could not be looked for: {why}")
        if before.answers and not after.answers:
            return Verdict(Outcome.FAIL, "an object that was stored before is not found any more")
    if before.returned is not None and after.returned != before.returned:
        reason = f"an object that was stored before does not come back as it did: {_nothing(after)}"
        return Verdict(_not_returned(after), reason)
    return Verdict(Outcome.PASS, "all is as before")


def _not_returned(found: Found) -> Outcome:
    """What it means that an object which came back before does not, or comes as another."""
    if found.returned is not None or found.unreadable:
        return Outcome.FAIL
    if found.fetched is None:
        return Outcome.INCONCLUSIVE
    outcome = judge_retrieve(found.fetched).outcome
    return Outcome.FAIL if outcome is Outcome.PASS else outcome


def _held(recovery: Recovery) -> tuple[str, ...]:
    held, notes = recovery.while_held, []
    if held is not None and not is_served(held):
        notes.append(f"while the stalled connection was open, nobody else was served: {held.summary}")
    if recovery.echo_tries > 1:
        notes.append(f"a new association was served at try {recovery.echo_tries}")
    return tuple(notes)


def _nothing(found: Found) -> str:
    """Why nothing, or something else, came."""
    if found.returned is not None:
        return f"{found.returned.length:,} bytes of video with SHA-256 {found.returned.sha256[:16]}…"
    if found.fetched is not None:
        return found.unreadable or found.fetched.summary
    if found.exchange is not None and not found.asked_well:
        return found.exchange.summary
    return found.why_not or "it is not found"


def _same(sent: Payload, returned: Payload) -> bool:
    if (returned.length, returned.sha256) == (sent.length, sent.sha256):
        return True
    return returned.length == sent.length + 1 and returned.unpadded_sha256 == sent.sha256
