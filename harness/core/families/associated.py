"""Objects that go through associations in unusual ways: at any PDU length, several at once, broken off."""

from dataclasses import dataclass

from harness.core.exchange import Ending, Exchange
from harness.core.observations import Observation, PayloadSeen
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, flaky_notes, judge, judge_ending, judge_store, query_succeeded


@dataclass(frozen=True, slots=True)
class PduSeen(Observation):
    """A fresh object was stored and got while ``offered`` bytes were the longest PDU that we took, 0 for no limit.

    ``payload`` is None where the store did not succeed.
    """

    offered: int
    stored: Exchange
    payload: PayloadSeen | None


@dataclass(frozen=True, slots=True)
class OneOfSeveral:
    """One of several stores at once; ``payload`` is what came back of it, None where it was not stored."""

    stored: Exchange
    payload: PayloadSeen | None


@dataclass(frozen=True, slots=True)
class ParallelSeen(Observation):
    """Fresh objects, each with another content, were stored over as many associations at once.

    ``together`` is how many associations were open and ready to send at one time.
    """

    together: int
    stores: tuple[OneOfSeveral, ...]


@dataclass(frozen=True, slots=True)
class BrokenOffSeen(Observation):
    """A store was aborted in the middle, and the same object stored and fetched afterwards.

    ``whole`` is the length of the file in bytes. ``opened`` is what the next association came to, ``query`` a C-FIND
    for the object before it was stored again, ``found`` how many answers named it. What could not be asked is None,
    and what comes behind something that did not succeed.
    """

    cut: Exchange
    whole: int
    opened: Exchange | None
    query: Exchange | None
    found: int
    stored: Exchange | None
    payload: PayloadSeen | None


@judge.register
def _(seen: PduSeen) -> Verdict:
    stored = judge_store(seen.stored)
    if seen.payload is None or stored.outcome is not Outcome.PASS:
        return Verdict(stored.outcome, f"{stored.reason}{_lengths(seen.stored)}", stored.notes)
    got = seen.payload.exchange
    lengths = got.pdus
    if seen.offered and lengths is not None and lengths.received > seen.offered:
        return Verdict(
            Outcome.FAIL,
            f"{seen.offered} bytes were offered as the longest PDU, one of {lengths.received} came (PS3.8 D.1)",
        )
    verdict = judge(seen.payload)
    if verdict.outcome is not Outcome.PASS:
        return Verdict(verdict.outcome, f"{verdict.reason}{_lengths(got)}", verdict.notes)
    sent = seen.stored.pdus
    if sent is None or lengths is None:
        return Verdict(Outcome.INCONCLUSIVE, "the lengths of the PDUs are not known", verdict.notes)
    came = f"with {seen.offered or 'no limit'} offered, the longest PDU that came has {lengths.received}"
    # We send an even number of bytes, so that one of an odd limit stays free.
    if sent.theirs and sent.sent < sent.theirs - 1:
        return Verdict(
            Outcome.INCONCLUSIVE,
            f"{came}; the target takes {sent.theirs}, and the longest that was sent has {sent.sent} only",
            verdict.notes,
        )
    limit = "as long as the target takes them" if sent.theirs else "of a target that tells no limit"
    return Verdict(Outcome.PASS, f"{came}; PDUs of {sent.sent} were taken, {limit}", verdict.notes)


def _lengths(exchange: Exchange) -> str:
    pdus = exchange.pdus
    if pdus is None:
        return ""
    return (
        f" (longest PDU sent {pdus.sent}, the target takes {pdus.theirs or 'any'}; longest received {pdus.received}, "
        f"we take {pdus.ours or 'any'})"
    )


@judge.register
def _(seen: ParallelSeen) -> Verdict:
    rejected = [one.stored for one in seen.stores if one.stored.ending is Ending.REJECTED]
    others = [one for one in seen.stores if one.stored.ending is not Ending.REJECTED]
    count = len(seen.stores)
    notes = tuple(f"one of {count} associations was rejected: {one.detail}" for one in rejected)
    if not others:
        return judge_ending(rejected[0])
    verdicts = [_one(one) for one in others]
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.UNSUPPORTED, Outcome.NOT_APPLICABLE):
        reasons = list(dict.fromkeys(verdict.reason for verdict in verdicts if verdict.outcome is outcome))
        if reasons:
            return Verdict(outcome, f"of {count} stores at once: {'; '.join(reasons)}", notes)
    notes += tuple(dict.fromkeys(note for verdict in verdicts for note in verdict.notes))
    if len(others) == 1:
        return Verdict(
            Outcome.UNSUPPORTED, f"more than one association at a time is openly rejected: {rejected[0].detail}", notes
        )
    contents = {one.payload.sent.sha256 for one in others if one.payload is not None}
    if len(contents) < len(others):
        return Verdict(Outcome.INCONCLUSIVE, "the objects had the same content, so that none could be mistaken", notes)
    if seen.together < len(others):
        notes += (f"no more than {seen.together} associations were open at one time; the others had to wait",)
    return Verdict(Outcome.PASS, f"{len(others)} objects stored at once came back, each as itself", notes)


def _one(one: OneOfSeveral) -> Verdict:
    stored = judge_store(one.stored)
    if stored.outcome is not Outcome.PASS:
        return stored
    if one.payload is None:
        return Verdict(Outcome.INCONCLUSIVE, "stored, and not asked for again")
    return judge(one.payload)


@judge.register
def _(seen: BrokenOffSeen) -> Verdict:
    cut = seen.cut
    if cut.ending is not Ending.BROKEN_OFF:
        return judge_ending(cut)
    notes = flaky_notes(cut)
    told = f"after {cut.payload_bytes:,} of {seen.whole:,} bytes and an abort"
    if seen.opened is None:
        return Verdict(Outcome.INCONCLUSIVE, f"{told} no new association was asked for", notes)
    if seen.opened.ending is not Ending.ANSWERED:
        return Verdict(Outcome.FAIL, f"{told} no new association opens: {seen.opened.summary}", notes)
    notes += flaky_notes(seen.opened)
    if seen.found:
        return Verdict(Outcome.FAIL, f"{told} a query finds the object, which never came whole", notes)
    if seen.stored is None:
        return Verdict(Outcome.INCONCLUSIVE, "the object was not stored again", notes)
    stored = judge_store(seen.stored)
    if stored.outcome is not Outcome.PASS:
        outcome = Outcome.FAIL if stored.outcome is Outcome.UNSUPPORTED else stored.outcome
        return Verdict(outcome, f"{told} the same object is not stored: {stored.reason}", notes + stored.notes)
    if seen.payload is None:
        return Verdict(Outcome.INCONCLUSIVE, "the object that was stored again was not asked for", notes)
    verdict = judge(seen.payload)
    if verdict.outcome is not Outcome.PASS:
        return Verdict(verdict.outcome, f"{told} the object stored again: {verdict.reason}", notes + verdict.notes)
    if not query_succeeded(seen.query):
        why = seen.query.summary if seen.query is not None else "no query is allowed"
        return Verdict(Outcome.INCONCLUSIVE, f"{told} whether half an object was left is not known: {why}", notes)
    return Verdict(Outcome.PASS, f"{told} a new association opens, and the same object is stored whole", notes)
