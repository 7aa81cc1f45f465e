"""How a DICOMweb service answers to Range, and what that means (PS3.18 8.4, RFC 9110 14)."""

from dataclasses import dataclass

from harness.core.exchange import Ending, Exchange
from harness.core.observations import Observation
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, judge, judge_retrieve
from harness.core.webanswer import WebAnswer


@dataclass(frozen=True, slots=True)
class RangeSeen:
    """One request for some bytes, those from ``first`` to ``last``; both are None for bytes beyond the end.

    ``same`` tells whether the bytes that came are those of that range, or all of them where ``whole`` is True.
    """

    answer: WebAnswer
    first: int | None
    last: int | None
    whole: bool
    same: bool


@dataclass(frozen=True, slots=True)
class RangesSeen(Observation):
    """Some bytes of a resource of ``length`` bytes were asked for (PS3.18 8.4, RFC 9110 14)."""

    stored: Exchange
    length: int
    ranges: tuple[RangeSeen, ...]


@judge.register
def _(seen: RangesSeen) -> Verdict:
    judged = [(one, _range(one, seen.length)) for one in seen.ranges]
    wrong = [f"{one.answer.byte_range}: {text}" for one, (outcome, text) in judged if outcome is Outcome.FAIL]
    notes = tuple(f"{one.answer.byte_range}: {text}" for one, (_, text) in judged)
    if wrong:
        return Verdict(Outcome.FAIL, "; ".join(wrong), notes)
    undecided = [text for _, (outcome, text) in judged if outcome is Outcome.INCONCLUSIVE]
    if undecided:
        return Verdict(Outcome.INCONCLUSIVE, undecided[0], notes)
    # Of bytes beyond the end nothing can come, so that they do not tell what is done with a range.
    served = {one.answer.exchange.status for one in seen.ranges if one.first is not None}
    if 206 in served:
        return Verdict(Outcome.PASS, "ranges of bytes come as asked for", notes)
    if 200 in served:
        return Verdict(Outcome.PASS, "Range is ignored openly: all bytes come, as 200", notes)
    return Verdict(Outcome.UNSUPPORTED, "every request for bytes that are there was openly refused", notes)


def _range(seen: RangeSeen, length: int) -> tuple[Outcome, str]:
    """What one answer to a request for some bytes means (RFC 9110 14.2 to 15.5.17)."""
    answer, exchange = seen.answer, seen.answer.exchange
    status, beyond = exchange.status, seen.first is None
    if exchange.ending is not Ending.ANSWERED:
        verdict = judge_retrieve(exchange)
        return verdict.outcome, verdict.reason
    if status == 200:
        if seen.whole and seen.same:
            return Outcome.PASS, "ignored, all bytes came"
        return Outcome.FAIL, f"200 and {answer.came:,} bytes, which are not the whole of {length:,} (RFC 9110 14.2)"
    if status == 416:
        if not beyond:
            return Outcome.FAIL, "416, although these bytes are there"
        told = f", with Content-Range {answer.content_range!r}" if answer.content_range else ""
        return Outcome.PASS, f"416{told}"
    if status == 206 and beyond:
        return Outcome.FAIL, "206, although these bytes are not there; 416 is right (RFC 9110 15.5.17)"
    if status == 206:
        expected = f"bytes {seen.first}-{seen.last}/"
        if answer.multipart or (answer.content_range or "").lower() not in (f"{expected}{length}", f"{expected}*"):
            return Outcome.FAIL, f"Content-Range is {answer.content_range!r}, right is {expected}{length}"
        return (Outcome.PASS, "206 with these bytes") if seen.same else (Outcome.FAIL, "206 with other bytes")
    if status is not None and status in (400, 405, 501):
        return Outcome.UNSUPPORTED, f"openly refused: {exchange.summary}"
    verdict = judge_retrieve(exchange)
    return (
        (verdict.outcome, verdict.reason) if verdict.outcome is not Outcome.PASS else (Outcome.FAIL, exchange.summary)
    )
