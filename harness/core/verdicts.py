"""An observation in, a verdict out: the only place that decides what a finding means.

Every rule follows the same order: an open refusal is UNSUPPORTED, a service that is not offered is NOT_APPLICABLE, an
exchange that ended badly is judged by :data:`ENDINGS`, a status by the tables below, and only then is content compared.
DICOMweb exchanges are judged by the tables of :mod:`harness.core.webstatus`.
Content is PASS only when everything that was asked for was seen.
"""

from dataclasses import dataclass
from functools import singledispatch

from harness.core.compare import COERCIBLE, same_value
from harness.core.exchange import Attempt, ContextAnswer, ContextResult, Ending, Exchange
from harness.core.observations import (
    Blocked,
    Broke,
    ControlSeen,
    EchoSeen,
    LeftOut,
    NegotiationSeen,
    NotMade,
    NotOffered,
    Observation,
    Payload,
    PayloadSeen,
    QuerySeen,
    Refused,
    ReturnedSeen,
    StoreSeen,
)
from harness.core.results import Outcome
from harness.core.webstatus import NOTHING_YET, came_back, is_web, web_meaning

#: What an exchange that brought no final status means, once its context was accepted.
ENDINGS: dict[Ending, tuple[Outcome, str]] = {
    Ending.REFUSED: (Outcome.UNSUPPORTED, "openly refused in negotiation"),
    Ending.REJECTED: (
        Outcome.INCONCLUSIVE,
        "the association was rejected; check the AE titles on both sides",
    ),
    Ending.ABORTED: (Outcome.FAIL, "accepted, then aborted by the target"),
    Ending.TIMED_OUT: (Outcome.FAIL, "accepted, then not answered within the stated limit"),
    Ending.LOST: (Outcome.FAIL, "accepted, then the target closed the connection"),
    Ending.UNREACHABLE: (Outcome.INCONCLUSIVE, "the target could not be reached"),
    Ending.UNTRUSTED: (Outcome.INCONCLUSIVE, "no connection that both sides trust could be made"),
    Ending.BAD_ANSWER: (Outcome.FAIL, "the answer breaks the protocol"),
    Ending.BROKEN_OFF: (Outcome.INCONCLUSIVE, "we broke it off on purpose"),
}

#: Status of a C-STORE response (PS3.4 Table B.2-1, PS3.7 C), by first match of ``status & mask == value``.
STORE_STATUS: tuple[tuple[int, int, Outcome, str], ...] = (
    (0xFFFF, 0x0000, Outcome.PASS, "stored"),
    (0xFFFF, 0xB000, Outcome.PASS, "stored, with coercion announced"),
    (0xFFFF, 0xB006, Outcome.PASS, "stored, with elements discarded as announced"),
    (
        0xFFFF,
        0xB007,
        Outcome.PASS,
        "stored, with a data set that the target finds not to match its SOP class",
    ),
    (0xFF00, 0xA700, Outcome.INCONCLUSIVE, "refused: out of resources"),
    (0xFFFF, 0x0122, Outcome.UNSUPPORTED, "openly refused: SOP class not supported"),
    (
        0xFFFF,
        0x0124,
        Outcome.INCONCLUSIVE,
        "refused: not authorised; check what the target allows this AE title",
    ),
    (0x0000, 0x0000, Outcome.FAIL, "accepted in negotiation, then not stored"),
)

#: Warnings and failures of C-STORE with a meaning of their own (PS3.4 Table B.2-1, PS3.7 C.4.1).
COERCION = 0xB000
DUPLICATE = 0x0111

#: Status of a final C-FIND, C-GET or C-MOVE response (PS3.4 Tables C.4-1 to C.4-3) where content did not decide.
QUERY_STATUS: tuple[tuple[int, int, Outcome, str], ...] = (
    (0xFFFF, 0x0000, Outcome.PASS, "answered"),
    (0xFFFF, 0xB000, Outcome.PASS, "answered, with failed or warned sub-operations announced"),
    (0xFFFF, 0xA801, Outcome.INCONCLUSIVE, "the target does not know our AE title as a move destination"),
    (0xFFFF, 0x0122, Outcome.NOT_APPLICABLE, "the target does not offer this service"),
    (0xFFFF, 0x0124, Outcome.INCONCLUSIVE, "not authorised; check what the target allows this AE title"),
    (0xFFFF, 0xA900, Outcome.INCONCLUSIVE, "the target does not accept an identifier at IMAGE level"),
    (0x0000, 0x0000, Outcome.FAIL, "stored, then refused to give it back"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an observation came to. ``reason`` is one sentence; ``notes`` do not change the outcome."""

    outcome: Outcome
    reason: str
    notes: tuple[str, ...] = ()


@singledispatch
def judge(observation: Observation) -> Verdict:
    """Judge one observation.

    Raises:
        TypeError: there is no rule for this class; a check that returns something else is a programming error.
    """
    raise TypeError(f"no rule judges {type(observation).__name__}; a check returns an observation")


@judge.register
def _(seen: ControlSeen) -> Verdict:
    exchange = seen.exchange
    accepted = [answer for answer in exchange.contexts if answer.accepted]
    if accepted:
        return Verdict(
            Outcome.FAIL,
            f"the invented transfer syntax {accepted[0].transfer_syntax} was accepted: an accepted context of this "
            "target shows nothing",
        )
    if exchange.contexts and all(answer.result is not ContextResult.UNANSWERED for answer in exchange.contexts):
        return Verdict(
            Outcome.PASS,
            f"the invented transfer syntax was refused ({exchange.contexts[0].result})",
            flaky_notes(exchange),
        )
    return Verdict(Outcome.INCONCLUSIVE, f"the control got no answer: {exchange.summary}")


@judge.register
def _(seen: EchoSeen) -> Verdict:
    exchange = seen.exchange
    if exchange.ending is not Ending.ANSWERED:
        return judge_ending(exchange)
    if exchange.status != 0:
        return Verdict(Outcome.FAIL, exchange.summary, flaky_notes(exchange))
    return Verdict(Outcome.PASS, f"answered in {exchange.seconds:.2f} s", flaky_notes(exchange))


@judge.register
def _(seen: NegotiationSeen) -> Verdict:
    exchange = seen.exchange
    if exchange.ending not in (Ending.ANSWERED, Ending.REFUSED):
        return judge_ending(exchange)
    if not exchange.contexts:
        return Verdict(Outcome.INCONCLUSIVE, f"no context was proposed: {exchange.summary}")
    answer = exchange.contexts[0]
    if answer.result is ContextResult.UNANSWERED:
        return Verdict(Outcome.FAIL, "the association was accepted without an answer to this context (PS3.8 9.3.3.2)")
    if not answer.accepted:
        return Verdict(Outcome.UNSUPPORTED, refusal_text(answer), flaky_notes(exchange))
    if answer.answered_syntax not in (None, answer.transfer_syntax):
        return Verdict(
            Outcome.FAIL,
            f"proposed {answer.transfer_syntax}, accepted as {answer.answered_syntax}, which was not proposed "
            "(PS3.8 9.3.3.2)",
        )
    notes = flaky_notes(exchange)
    if seen.control_refused is False:
        notes += ("this target also accepts an invented syntax: acceptance alone shows nothing",)
    elif seen.control_refused is None:
        notes += ("whether this target can refuse a syntax is not known",)
    return Verdict(Outcome.PASS, "accepted in negotiation", notes)


@judge.register
def _(seen: StoreSeen) -> Verdict:
    return judge_store(seen.exchange)


def judge_store(exchange: Exchange) -> Verdict:
    """What one C-STORE or STOW-RS came to; also the gate of every check that needs a stored object."""
    if exchange.ending is not Ending.ANSWERED:
        return judge_ending(exchange)
    if exchange.status == DUPLICATE and exchange.earlier:
        return Verdict(Outcome.INCONCLUSIVE, f"the second try met the copy of the first: {exchange.summary}")
    return judge_status(STORE_STATUS, exchange)


def judge_retrieve(exchange: Exchange) -> Verdict:
    """What one C-GET, C-MOVE or WADO-RS came to by its ending and status, whatever it brought.

    A C-MOVE for which nothing reached our receiver shows nothing, since the way there may be closed: unless it was
    answered with plain success, which claims that all was sent, or with what breaks the protocol.
    """
    verdict = judge_status(QUERY_STATUS, exchange) if exchange.ending is Ending.ANSWERED else judge_ending(exchange)
    claims = exchange.ending is Ending.ANSWERED and exchange.status == 0
    decides = verdict.outcome in (Outcome.PASS, Outcome.FAIL) and exchange.ending is not Ending.BAD_ANSWER
    if exchange.reached_receiver is False and decides and not claims:
        reason = f"the target did not reach our receiver: {exchange.summary}"
        return Verdict(Outcome.INCONCLUSIVE, reason, flaky_notes(exchange))
    return verdict


def nothing_reached(exchange: Exchange) -> str:
    """What a person should look at where a C-MOVE counts objects as sent and none came; empty where nothing is."""
    counted = exchange.sub_operations is not None and exchange.sub_operations.completed
    return ", or it went to another address" if exchange.reached_receiver is False and counted else ""


def query_succeeded(exchange: Exchange | None) -> bool:
    """Whether a query was answered so that an answer without a match means that nothing is there."""
    if exchange is None or exchange.ending is not Ending.ANSWERED:
        return False
    return exchange.status in (NOTHING_YET if is_web(exchange) else (0,))


def is_served(exchange: Exchange) -> bool:
    """Whether C-ECHO shows that the target serves associations; one that refuses Verification does, too."""
    return exchange.ending in (Ending.ANSWERED, Ending.REFUSED)


def is_coercion(exchange: Exchange) -> bool:
    """Whether a store was answered with the warning that identifiers were coerced (PS3.4 B.2.3, PS3.18 Table I.2-1)."""
    return COERCION in (exchange.status, exchange.failure_reason)


def is_plain_success(exchange: Exchange) -> bool:
    """Whether the answer says success and nothing besides."""
    return exchange.status == 200 and not exchange.detail if is_web(exchange) else exchange.status == 0


@judge.register
def _(seen: QuerySeen) -> Verdict:
    exchange = seen.exchange
    if exchange.ending is not Ending.ANSWERED:
        return judge_ending(exchange)
    verdict = judge_status(QUERY_STATUS, exchange)
    if verdict.outcome is not Outcome.PASS and not (seen.announced and _is_unknown(exchange)):
        return verdict
    expected = dict(seen.expected)
    answers = [dict(answer) for answer in seen.answers]
    if not answers and seen.announced:
        return Verdict(Outcome.INCONCLUSIVE, "not found by the UIDs sent, which may have been coerced as announced")
    if not answers:
        return Verdict(Outcome.FAIL, f"stored, and not found by its UIDs in {seen.tries} queries")
    key = seen.unique_key
    wanted = expected[key]
    others = [found for a in answers if not same_value(key, wanted, found := a.get(key, ""))]
    if others:
        return Verdict(Outcome.FAIL, f"asked for {key} {wanted}, answered with {others[0] or 'none'}")
    if len(answers) > 1:
        return Verdict(Outcome.FAIL, f"one {seen.level.lower()} was asked for and answered {len(answers)} times")
    (answer,) = answers
    differing = {
        keyword: f"{keyword} is {answer[keyword]!r}, the object has {value!r}"
        for keyword, value in expected.items()
        if answer.get(keyword) and not same_value(keyword, value, answer[keyword])
    }
    silent = [keyword for keyword, value in expected.items() if value and not answer.get(keyword)]
    coerced = [text for keyword, text in differing.items() if seen.announced and keyword in COERCIBLE]
    wrong = [text for text in differing.values() if text not in coerced]
    wrong += [f"the required key {keyword} has no value" for keyword in silent if keyword in seen.required]
    if wrong:
        return Verdict(Outcome.FAIL, "; ".join(wrong))
    notes = (*flaky_notes(exchange), *coerced)
    if silent:
        notes += (f"not told in the answer: {', '.join(silent)}",)
    if seen.tries > 1:
        notes += (f"found by query number {seen.tries}",)
    return Verdict(Outcome.PASS, "found once, with the values of the object", notes)


@judge.register
def _(seen: PayloadSeen) -> Verdict:
    exchange = seen.exchange
    verdict = judge_retrieve(exchange)
    if exchange.ending is not Ending.ANSWERED:
        return verdict
    if seen.received == 0:
        return _nothing_came(seen, verdict)
    if seen.received > 1:
        others = ", ".join(seen.others)
        return Verdict(Outcome.FAIL, f"one instance was asked for, {seen.received} objects came, also {others}")
    if seen.returned is None:
        return Verdict(Outcome.FAIL, f"what came back is no readable object: {seen.unreadable}")
    wrong = payload_difference(seen.sent, seen.returned)
    if wrong:
        return Verdict(Outcome.FAIL, wrong)
    notes = (*flaky_notes(seen.stored), *flaky_notes(exchange))
    if not is_plain_success(seen.stored):
        notes += (f"stored with a warning: {seen.stored.summary}",)
    if seen.tries > 1:
        notes += (f"came at request number {seen.tries}",)
    if verdict.outcome is not Outcome.PASS or not (is_plain_success(exchange) or came_back(exchange)):
        notes += (f"the object came back although the response says otherwise: {exchange.summary}",)
    if seen.returned.length == seen.sent.length + 1:
        notes += ("one padding byte was added",)
    return Verdict(Outcome.PASS, f"{seen.returned.length:,} bytes came back unchanged by {seen.service}", notes)


@judge.register
def _(seen: ReturnedSeen) -> Verdict:
    wrong = [f"{path.service}: {text}" for path in seen.paths for text in path.wrong]
    notes = tuple(f"{path.service}: {text}" for path in seen.paths for text in path.allowed)
    if wrong:
        return Verdict(Outcome.FAIL, "; ".join(wrong), notes)
    if not seen.paths:
        return Verdict(Outcome.NOT_APPLICABLE, "the target offers no way to get an object back")
    return Verdict(Outcome.PASS, f"{seen.question} by {' and '.join(path.service for path in seen.paths)}", notes)


@judge.register
def _(seen: Refused) -> Verdict:
    refusals = [answer for answer in seen.exchange.contexts if not answer.accepted]
    return Verdict(Outcome.UNSUPPORTED, refusal_text(refusals[0]) if refusals else seen.exchange.summary)


@judge.register
def _(seen: NotOffered) -> Verdict:
    return Verdict(Outcome.NOT_APPLICABLE, f"the target does not offer {seen.service}: {seen.exchange.summary}")


@judge.register
def _(seen: NotMade) -> Verdict:
    return Verdict(Outcome.NOT_RUN, seen.reason)


@judge.register
def _(seen: LeftOut) -> Verdict:
    reason = f"left out by --pacs-profile={seen.profile}; --pacs-profile={seen.asked_by} asks it"
    return Verdict(Outcome.NOT_RUN, reason)


@judge.register
def _(seen: Blocked) -> Verdict:
    return Verdict(Outcome.NOT_RUN, f"{seen.step} did not get far enough: {seen.reason}")


@judge.register
def _(seen: Broke) -> Verdict:
    return Verdict(Outcome.ERROR, seen.reason)


def _nothing_came(seen: PayloadSeen, verdict: Verdict) -> Verdict:
    exchange = seen.exchange
    if is_coercion(seen.stored) and (verdict.outcome is Outcome.PASS or _is_unknown(exchange)):
        return Verdict(Outcome.INCONCLUSIVE, "nothing has the UIDs sent, which may have been coerced as announced")
    if verdict.outcome is Outcome.PASS:
        what = f"{seen.service} answered success and brought nothing{nothing_reached(exchange)}"
        return Verdict(Outcome.FAIL, f"{what}: {exchange.summary}")
    return verdict


def _is_unknown(exchange: Exchange) -> bool:
    """Whether HTTP says that nothing has the UIDs asked for."""
    return is_web(exchange) and exchange.status in (404, 410)


def judge_ending(exchange: Exchange) -> Verdict:
    """What an exchange that brought no final status came to."""
    if is_web(exchange):
        return _web(exchange)
    outcome, meaning = ENDINGS[exchange.ending]
    if outcome is Outcome.FAIL and exchange.ending is not Ending.BAD_ANSWER and not exchange.accepted:
        outcome, meaning = Outcome.INCONCLUSIVE, "ended before anything was accepted"
    if outcome is Outcome.INCONCLUSIVE:
        # A target that broke off and then could not be reached again did not become innocent by that.
        broken = next(
            (one for one in exchange.earlier if one.accepted and ENDINGS[one.ending][0] is Outcome.FAIL), None
        )
        if broken is not None:
            outcome, meaning = Outcome.FAIL, f"{ENDINGS[broken.ending][1]}, and then"
    refusals = [answer for answer in exchange.contexts if not answer.accepted]
    if exchange.ending is Ending.REFUSED and refusals:
        return Verdict(outcome, refusal_text(refusals[0]), flaky_notes(exchange))
    return Verdict(outcome, f"{meaning}: {exchange.summary}", flaky_notes(exchange))


def judge_status(table: tuple[tuple[int, int, Outcome, str], ...], exchange: Exchange) -> Verdict:
    """What a final status came to, by the first row of ``table`` that fits it."""
    if is_web(exchange):
        return _web(exchange)
    if exchange.status is None:
        return Verdict(Outcome.FAIL, f"the answer holds no status: {exchange.summary}")
    outcome, meaning = next(row[2:] for row in table if exchange.status & row[0] == row[1])
    notes = flaky_notes(exchange)
    if outcome is Outcome.PASS and exchange.status != 0:
        notes += (exchange.summary,)
    return Verdict(outcome, meaning if exchange.status == 0 else f"{meaning}: {exchange.summary}", notes)


def _web(exchange: Exchange) -> Verdict:
    outcome, meaning = web_meaning(exchange)
    notes = flaky_notes(exchange)
    if outcome is not Outcome.PASS:
        return Verdict(outcome, f"{meaning}: {exchange.summary}", notes)
    return Verdict(outcome, meaning, notes if is_plain_success(exchange) else (*notes, exchange.summary))


def refusal_text(answer: ContextAnswer) -> str:
    """The refusal of one context, as evidence."""
    # The code is quoted and not interpreted: products use 3 and 4 alike for a syntax that they do not take.
    return f"openly refused: {answer.transfer_syntax} for {answer.abstract_syntax} was answered «{answer.result}»"


def payload_difference(sent: Payload, returned: Payload) -> str:
    """How the coded video that came back differs from what was sent; empty where it is the same, pad byte aside."""
    if returned.instance_uid != sent.instance_uid:
        return f"asked for instance {sent.instance_uid}, got {returned.instance_uid or 'an object without UID'}"
    if (returned.length, returned.sha256) == (sent.length, sent.sha256):
        return ""
    if returned.length == sent.length + 1 and returned.unpadded_sha256 == sent.sha256:
        return ""
    if returned.length != sent.length:
        return f"{sent.length:,} bytes of video were sent, {returned.length:,} came back"
    return (
        f"{sent.length:,} bytes of video came back with other content "
        f"(SHA-256 {returned.sha256[:16]}…, sent {sent.sha256[:16]}…)"
    )


def flaky_notes(exchange: Exchange) -> tuple[str, ...]:
    """One note for each attempt before this one: what came only at a second try is never shown as plain success."""
    return tuple(f"flaky: an earlier attempt {_attempt(attempt)}" for attempt in exchange.earlier)


def _attempt(attempt: Attempt) -> str:
    return f"ended {attempt.ending} after {attempt.seconds:.1f} s{': ' + attempt.detail if attempt.detail else ''}"
