"""The ways in which a stored video comes back: what each brought, and whether they agree."""

from dataclasses import dataclass

from harness.core.exchange import Exchange
from harness.core.mediatypes import stream_difference
from harness.core.observations import NotOffered, Observation, Payload
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, is_plain_success, judge, judge_retrieve
from harness.core.webanswer import Carried, WebAnswer

#: MD5 of no byte at all (RFC 1321 A.5), which some products note for what they could not read.
EMPTY_MD5 = "d41d8cd98f00b204e9800998ecf8427e"

#: How Orthanc answers where the MD5 of what it keeps is not the one it states.
_DENIED = 400


@dataclass(frozen=True, slots=True)
class StreamSeen(Observation):
    """The object was stored, and its coded video came back outside of an object.

    ``answers`` are all requests in order, of which the last gave ``carried``; a video of one picture per frame may need
    a request for each, and then only the first and the last are here, and ``requests`` counts all.
    ``stream_length`` is that of the video sent in bytes, without padding.
    """

    service: str
    stored: Exchange
    answers: tuple[WebAnswer, ...]
    requests: int
    sent: Payload
    stream_length: int
    carried: Carried | None


@dataclass(frozen=True, slots=True)
class PathSeen:
    """One way back, with what was seen of it; ``seen`` tells also that it is not offered, or was not asked."""

    service: str
    seen: Observation


@dataclass(frozen=True, slots=True)
class PathsSeen(Observation):
    """Every way back that the harness knows; ``size`` in bytes is set where the size is the question."""

    paths: tuple[PathSeen, ...]
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Md5Seen(Observation):
    """The MD5 that the product states of an object, beside that of the file that it gives back.

    ``stated`` is empty where ``asked`` brought none. ``returned_md5`` is that of the ``returned_length`` bytes that
    ``returned`` brought; None where there were none. ``verified`` is how the product's own comparison ended, None where
    it was not asked for.
    """

    stored: Exchange
    asked: Exchange
    stated: str
    stated_length: int | None
    returned: Exchange
    returned_length: int
    returned_md5: str | None
    verified: Exchange | None


@judge.register
def _(seen: StreamSeen) -> Verdict:
    last = seen.answers[-1]
    verdict = judge_retrieve(last.exchange)
    if verdict.outcome is not Outcome.PASS:
        return verdict
    wrong, allowed = stream_difference(seen.sent, seen.stream_length, seen.carried)
    if seen.carried is None:
        return Verdict(Outcome.FAIL, f"{seen.service} answered success and brought nothing: {last.exchange.summary}")
    if wrong:
        return Verdict(Outcome.FAIL, wrong, verdict.notes)
    notes = [*verdict.notes, *([allowed] if allowed else [])]
    if not is_plain_success(seen.stored):
        notes.append(f"stored with a warning: {seen.stored.summary}")
    if seen.requests == 1 and last.part_count > 1:
        empty = " of which the first is empty" if last.parts and last.parts[0].length == 0 else ""
        notes.append(f"it came in {last.part_count} parts{empty}, and makes sense only when all are joined")
    if seen.requests > 1:
        notes.append(f"asked for in {seen.requests} requests")
    refused = [f"{one.accept} was answered with {one.exchange.status}" for one in seen.answers[:-1] if _refused(one)]
    return Verdict(
        Outcome.PASS,
        f"{seen.carried.length:,} bytes came back unchanged by {seen.service}",
        (*notes, *refused),
    )


def _refused(answer: WebAnswer) -> bool:
    return answer.exchange.status is not None and answer.exchange.status >= 400


@judge.register
def _(seen: PathsSeen) -> Verdict:
    verdicts = [(path, judge(path.seen)) for path in seen.paths]
    row = tuple(f"{path.service}: {_in_short(path.seen, verdict)}" for path, verdict in verdicts)
    same = [path.service for path, verdict in verdicts if verdict.outcome is Outcome.PASS]
    wrong = [f"{path.service}: {verdict.reason}" for path, verdict in verdicts if verdict.outcome is Outcome.FAIL]
    if wrong:
        agreeing = f"; as sent by {', '.join(same)}" if same else ""
        return Verdict(Outcome.FAIL, f"{'; '.join(wrong)}{agreeing}", row)
    undecided = [
        f"{path.service}: {verdict.reason}" for path, verdict in verdicts if verdict.outcome is Outcome.INCONCLUSIVE
    ]
    if same and undecided:
        return Verdict(Outcome.INCONCLUSIVE, f"{'; '.join(undecided)}; as sent by {', '.join(same)}", row)
    if same:
        return Verdict(Outcome.PASS, f"the same bytes as sent by {', '.join(same)}", row)
    weights = [Outcome.INCONCLUSIVE, Outcome.UNSUPPORTED, Outcome.NOT_RUN, Outcome.NOT_APPLICABLE]
    found = min((verdict.outcome for _, verdict in verdicts), key=weights.index, default=Outcome.NOT_APPLICABLE)
    return Verdict(found, "no path gave the video back, and none is shown to have failed", row)


def _in_short(seen: Observation, verdict: Verdict) -> str:
    if isinstance(seen, NotOffered):
        return f"not offered ({seen.exchange.detail or seen.exchange.summary})"
    return "as sent" if verdict.outcome is Outcome.PASS else f"{verdict.outcome}: {verdict.reason}"


@judge.register
def _(seen: Md5Seen) -> Verdict:
    verdict = judge_retrieve(seen.asked)
    if verdict.outcome is not Outcome.PASS:
        # It stores no MD5 where it is configured so, and says so by 404.
        return (
            Verdict(Outcome.UNSUPPORTED, f"no MD5 is stated: {seen.asked.summary}") if _unknown(seen.asked) else verdict
        )
    stated = seen.stated.lower()
    verified = seen.verified is not None and seen.verified.status == 200
    also = ", and its own verification says that all is well" if verified else ""
    if len(stated) != 32 or not set(stated) <= set("0123456789abcdef"):
        return Verdict(Outcome.FAIL, f"what is stated as MD5 is none: {seen.stated[:60]!r}")
    if stated == EMPTY_MD5:
        return Verdict(Outcome.FAIL, f"the MD5 stated is that of nothing, {EMPTY_MD5}{also}")
    if seen.returned_md5 is None:
        return Verdict(
            Outcome.INCONCLUSIVE, f"an MD5 is stated, and no file came to compare it with: {seen.returned.summary}"
        )
    if stated != seen.returned_md5:
        return Verdict(
            Outcome.FAIL,
            f"the MD5 stated is {stated}, that of the {seen.returned_length:,} bytes returned is "
            f"{seen.returned_md5}{also}",
        )
    if seen.stated_length not in (None, seen.returned_length):
        return Verdict(
            Outcome.FAIL,
            f"{seen.stated_length:,} bytes are stated and {seen.returned_length:,} came, with the MD5 stated",
        )
    if seen.verified is not None and seen.verified.status == _DENIED:
        return Verdict(
            Outcome.FAIL, f"its own verification says that it does not keep what it states: {seen.verified.summary}"
        )
    notes: tuple[str, ...] = ()
    if seen.verified is None:
        notes = ("its own verification was not asked for",)
    elif not verified:
        notes = (f"its own verification tells nothing: {seen.verified.summary}",)
    return Verdict(Outcome.PASS, f"the MD5 stated is that of the {seen.returned_length:,} bytes returned", notes)


def _unknown(exchange: Exchange) -> bool:
    return exchange.status == 404
