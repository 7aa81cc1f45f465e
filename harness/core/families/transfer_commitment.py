"""Storage commitment: a promise that must be true and whole, whenever it comes (PS3.4 J)."""

from dataclasses import dataclass

from harness.core.commitment import CommitmentReport
from harness.core.exchange import Ending, Exchange
from harness.core.observations import Observation
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, flaky_notes, judge, judge_ending


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, for one instance: the N-ACTION, and the report that came within the limit."""

    instance_uid: str
    exchange: Exchange
    report: CommitmentReport | None


@dataclass(frozen=True, slots=True)
class CommitmentSeen(Observation):
    """Commitment was asked for a stored instance, and then for one that was never stored.

    ``limit`` is how many seconds each report was awaited. ``requester`` is the title by which we asked, and
    ``known_receiver`` tells that the target was told an address for it.
    """

    stored: Asked
    invented: Asked | None
    limit: float
    requester: str
    known_receiver: bool


#: Status of an N-ACTION response that says that the service is not there (PS3.7 C.5).
_NO_SERVICE = frozenset({0x0118, 0x0122, 0x0123, 0x0211})


@judge.register
def _(seen: CommitmentSeen) -> Verdict:
    notes = _notes(seen)
    exchange = seen.stored.exchange
    if exchange.ending in (Ending.ABORTED, Ending.LOST) and exchange.accepted:
        return Verdict(
            Outcome.INCONCLUSIVE, f"the target broke off instead of answering: {exchange.summary}; {_need(seen)}"
        )
    if exchange.ending is not Ending.ANSWERED:
        return judge_ending(exchange)
    if exchange.status in _NO_SERVICE:
        return Verdict(Outcome.NOT_APPLICABLE, f"the target does not offer storage commitment: {exchange.summary}")
    if exchange.status != 0:
        return Verdict(
            Outcome.INCONCLUSIVE,
            f"the target does not commit for us: {exchange.summary}; {_need(seen)}",
            notes,
        )
    if (silent := _silent(seen, seen.stored)) is not None:
        return silent
    report = seen.stored.report
    if report is not None and (why := report.failure_of(seen.stored.instance_uid)):
        return Verdict(Outcome.FAIL, f"the stored instance is reported as not committed: {why}", notes)
    if report is None or seen.stored.instance_uid not in report.committed:
        return Verdict(Outcome.FAIL, "the report does not name the stored instance (PS3.4 J.3.3)", notes)
    return _invented(seen, notes)


def _need(seen: CommitmentSeen) -> str:
    return f"most products need {seen.requester} configured as one who may ask, with an address for the report"


def _invented(seen: CommitmentSeen, notes: tuple[str, ...]) -> Verdict:
    """The stored instance is committed; what of the one that never existed?"""
    asked = seen.invented
    if asked is None:
        return Verdict(Outcome.INCONCLUSIVE, "the stored instance is committed; no invented one was asked for", notes)
    if asked.exchange.ending is not Ending.ANSWERED:
        return judge_ending(asked.exchange)
    if asked.exchange.status != 0:
        return Verdict(
            Outcome.PASS, f"the stored instance is committed, an invented one refused: {asked.exchange.summary}", notes
        )
    if (silent := _silent(seen, asked)) is not None:
        return silent
    report = asked.report
    if report is not None and asked.instance_uid in report.committed:
        return Verdict(Outcome.FAIL, "commitment was promised for an instance that was never stored", notes)
    why = report.failure_of(asked.instance_uid) if report is not None else ""
    if not why:
        return Verdict(Outcome.FAIL, "the report does not name the instance that was never stored (PS3.4 J.3.3)", notes)
    return Verdict(Outcome.PASS, f"the stored instance is committed, an invented one is reported failed: {why}", notes)


def _silent(seen: CommitmentSeen, asked: Asked) -> Verdict | None:
    """That no report came decides nothing, since no time limit is set (PS3.4 J.3.3); None where one did."""
    if asked.report is not None:
        return None
    what = f"N-ACTION was answered with success and no report came within {seen.limit:g} s"
    if asked.exchange.detail:
        what = f"{what}; {asked.exchange.detail}"
    if not seen.known_receiver:
        why = "the target was told no address of ours, so it may not know where to report"
    elif asked.exchange.reached_receiver is False:
        why = f"nothing reached our receiver {seen.requester}, and the target may take longer (PS3.4 J sets no limit)"
    else:
        why = "the target may take longer (PS3.4 J sets no limit)"
    return Verdict(Outcome.INCONCLUSIVE, f"{what}; {why}")


def _notes(seen: CommitmentSeen) -> tuple[str, ...]:
    notes: list[str] = []
    for asked in filter(None, (seen.stored, seen.invented)):
        notes += flaky_notes(asked.exchange)
        if asked.report is not None:
            where = f"over its own association to {asked.report.called_aet}" if asked.report.called_aet else "over ours"
            notes.append(f"reported after {asked.report.waited:.1f} s {where}")
    return tuple(notes)
