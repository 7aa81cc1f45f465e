"""What a PACS keeps of objects that are easy to lose: the same UID twice, rich metadata, a fall-back to MPEG-2."""

from dataclasses import dataclass, replace

from harness.core.compare import same_value
from harness.core.exchange import Ending, Exchange
from harness.core.facts import ObjectFacts
from harness.core.observations import Observation, PathDifferences, Payload, PayloadSeen
from harness.core.results import Outcome
from harness.core.verdicts import (
    DUPLICATE,
    Verdict,
    flaky_notes,
    is_coercion,
    judge,
    judge_ending,
    judge_retrieve,
    judge_store,
    nothing_reached,
    payload_difference,
    refusal_text,
)

#: Status of a store that kept the object and discarded elements of it (PS3.4 Table B.2-1).
DISCARDED = 0xB006

#: Contents of a round.
SAME, OTHER = "the same content again", "other content"

#: Differences that a reason names; the observation holds all of them.
NAMED = 6


@dataclass(frozen=True, slots=True)
class Kept:
    """What one path gave for a UID that was stored more than once.

    ``as_first`` and ``as_other`` are the attributes that are not those of the first, and of the other object.
    """

    service: str
    exchange: Exchange
    received: int
    payload: Payload | None
    unreadable: str = ""
    as_first: tuple[str, ...] = ()
    as_other: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Round:
    """One more store under the same UID, of ``content``, and what was there then.

    ``found`` counts the answers to a query for the UID; None where nothing could be asked.
    """

    content: str
    stored: Exchange
    kept: tuple[Kept, ...]
    found: int | None


@dataclass(frozen=True, slots=True)
class TwiceSeen(Observation):
    """An object was stored, then again, then another one under the same SOP Instance UID."""

    first: Payload
    other: Payload
    stored: Exchange
    rounds: tuple[Round, ...]


@dataclass(frozen=True, slots=True)
class MetadataSeen(Observation):
    """The object with rich metadata was stored, and ``attributes`` of it were compared on every path."""

    stored: Exchange
    attributes: int
    paths: tuple[PathDifferences, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A format that a sender offered, and the peer's answer to its context."""

    format: str
    accepted: bool
    answer: str


@dataclass(frozen=True, slots=True)
class FallbackSeen(Observation):
    """A sender offered several formats in one association, best first, and sent the first that was accepted.

    ``sent`` is the place of that format among ``choices``, None where none was; ``seen`` is what came of it, None
    where it was not stored.
    """

    choices: tuple[Choice, ...]
    exchange: Exchange
    sent: int | None
    seen: PayloadSeen | None


def lossy_differences(sent: ObjectFacts, returned: ObjectFacts) -> tuple[str, ...]:
    """Ways in which an object no longer says how its pictures were compressed; once 01, never reset."""
    before, after = sent.by_path, returned.by_path
    wrong = []
    for keyword in ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"):
        was, is_ = before.get(keyword, ""), after.get(keyword)
        if is_ is None:
            wrong.append(f"{keyword} was {was!r}, is gone")
        elif keyword == "LossyImageCompression" and (was, is_) == ("01", "00"):
            wrong.append("LossyImageCompression was 01 and is reset to 00: once lossy, an image stays so")
        elif not same_value(keyword, was, is_):
            wrong.append(f"{keyword} was {was!r}, is {is_!r}")
    return tuple(wrong)


def few(texts: tuple[str, ...] | list[str]) -> str:
    """Some of many texts, and how many there are."""
    shown = "; ".join(texts[:NAMED])
    return shown if len(texts) <= NAMED else f"{shown}; and {len(texts) - NAMED} more"


@judge.register
def _(seen: TwiceSeen) -> Verdict:
    told, notes = [], [*flaky_notes(seen.stored)]
    for one in seen.rounds:
        if one.stored.ending is not Ending.ANSWERED:
            ended = judge_ending(one.stored)
            return Verdict(ended.outcome, f"{one.content} under the same UID: {ended.reason}", tuple(notes))
        notes += flaky_notes(one.stored)
        one, silent = _heard(one)
        notes += silent
        status = f"0x{one.stored.status or 0:04X}" if one.stored.service == "C-STORE" else str(one.stored.status)
        if fault := _fault(seen, one):
            return Verdict(fault.outcome, f"{one.content}, answered {status}: {fault.reason}", tuple(notes))
        is_first = not payload_difference(seen.first, _payload(one))
        which = "the first" if is_first else "the other"
        told.append(f"{one.content} is answered {status}, and {which} content is kept")
        if one.content != SAME and is_first and judge_store(one.stored).outcome is Outcome.PASS:
            notes.append("the other content was answered with success, and what was there before is what is kept")
        if one.stored.status == DUPLICATE:
            notes.append("a second object under one UID is openly refused as a duplicate (0x0111)")
        if one.found is None:
            notes.append("whether it can be found twice could not be asked")
    return Verdict(Outcome.PASS, "; ".join(told), tuple(dict.fromkeys(notes)))


def _heard(one: Round) -> tuple[Round, list[str]]:
    """A round without the paths that decide nothing, where others do; and what is told of them."""
    silent = [
        (kept, verdict.reason)
        for kept in one.kept
        if kept.received == 0 and (verdict := nothing_came(one.stored, kept.exchange)).outcome is not Outcome.FAIL
    ]
    heard = tuple(kept for kept in one.kept if all(kept is not other for other, _ in silent))
    return (replace(one, kept=heard), [reason for _, reason in silent]) if heard else (one, [])


def _payload(one: Round) -> Payload:
    """What the paths gave, after it is known that each gave something."""
    payload = one.kept[0].payload
    if payload is None:
        raise ValueError("a round without a payload has a fault")
    return payload


def _fault(seen: TwiceSeen, one: Round) -> Verdict | None:
    """What is wrong after a round; None where nothing is."""
    for kept in one.kept:
        if kept.received == 0:
            return nothing_came(one.stored, kept.exchange)
        if kept.received > 1:
            return Verdict(Outcome.FAIL, f"{kept.service} brings {kept.received} objects for one UID")
        if kept.payload is None:
            return Verdict(Outcome.FAIL, f"{kept.service} brings no readable object: {kept.unreadable}")
        as_first = payload_difference(seen.first, kept.payload)
        if as_first and payload_difference(seen.other, kept.payload):
            return Verdict(
                Outcome.FAIL, f"what {kept.service} brings has neither the first nor the other content: {as_first}"
            )
        if as_first and one.content == SAME:
            return Verdict(Outcome.FAIL, f"{kept.service} brings content that was not sent yet: {as_first}")
        mixed = kept.as_other if as_first else kept.as_first
        if mixed:
            return Verdict(Outcome.FAIL, f"{kept.service} brings attributes of neither object: {few(mixed)}")
    if len({kept.payload.length for kept in one.kept if kept.payload}) > 1:
        services = " and ".join(kept.service for kept in one.kept)
        return Verdict(Outcome.FAIL, f"{services} bring different contents for one UID")
    if one.found is not None and one.found != 1:
        return Verdict(Outcome.FAIL, f"a query for the UID is answered {one.found} times")
    return None


def nothing_came(stored: Exchange, exchange: Exchange) -> Verdict:
    """What it means that one path brings nothing of what was taken."""
    verdict = judge_retrieve(exchange)
    if is_coercion(stored):
        return Verdict(Outcome.INCONCLUSIVE, "nothing has the UIDs sent, which may have been coerced as announced")
    outcome = Outcome.FAIL if verdict.outcome is Outcome.PASS else verdict.outcome
    unreached = exchange.reached_receiver is False and outcome is Outcome.INCONCLUSIVE
    why = verdict.reason if unreached else f"{exchange.summary}{nothing_reached(exchange)}"
    return Verdict(outcome, f"{exchange.service} brings nothing of it: {why}")


@judge.register
def _(seen: MetadataSeen) -> Verdict:
    wrong = [f"{path.service}: {text}" for path in seen.paths for text in path.wrong]
    notes = (
        *flaky_notes(seen.stored),
        *(f"{path.service}: {text}" for path in seen.paths for text in path.allowed),
    )
    if (
        wrong
        and DISCARDED in (seen.stored.status, seen.stored.failure_reason)
        and all("is gone" in text for text in wrong)
    ):
        return Verdict(
            Outcome.UNSUPPORTED, f"{len(wrong)} elements are discarded, as the store said (0xB006): {few(wrong)}", notes
        )
    if wrong:
        return Verdict(Outcome.FAIL, f"{len(wrong)} differences: {few(wrong)}", notes)
    if not seen.paths:
        return Verdict(Outcome.INCONCLUSIVE, "stored, and no path brought a readable object to compare", notes)
    services = " and ".join(path.service for path in seen.paths)
    return Verdict(Outcome.PASS, f"all {seen.attributes} attributes came back by {services}", notes)


@judge.register
def _(seen: FallbackSeen) -> Verdict:
    if seen.sent is None:
        if seen.exchange.ending is not Ending.REFUSED:
            return judge_ending(seen.exchange)
        refusals = [refusal_text(answer) for answer in seen.exchange.contexts if not answer.accepted]
        return Verdict(Outcome.UNSUPPORTED, "; ".join(refusals) or seen.exchange.summary)
    chosen = seen.choices[seen.sent]
    verdict = judge(seen.seen) if seen.seen is not None else judge_store(seen.exchange)
    if seen.seen is None or verdict.outcome is not Outcome.PASS:
        outcome = Outcome.INCONCLUSIVE if verdict.outcome is Outcome.PASS else verdict.outcome
        return replace(verdict, outcome=outcome, reason=f"{chosen.format} was sent: {verdict.reason}")
    others = ", ".join(
        f"{choice.format} {'accepted too' if choice.accepted else f'refused («{choice.answer}»)'}"
        for choice in seen.choices
        if choice is not chosen
    )
    need = "no fall-back is needed" if seen.sent == 0 else "the fall-back works"
    return replace(verdict, reason=f"{need}: {chosen.format} was sent, {others}; {verdict.reason}")
