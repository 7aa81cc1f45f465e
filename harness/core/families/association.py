"""How associations are negotiated, limited, refused and ended: titles, roles and TLS, and what is asked of a PACS.

The negotiation of everything stands in :mod:`harness.core.families.negotiation`, what needs objects to go through in
:mod:`harness.core.families.associated`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from harness.core.exchange import ContextResult, Ending, Exchange
from harness.core.families.associated import BrokenOffSeen, ParallelSeen, PduSeen
from harness.core.families.negotiation import XraySeen
from harness.core.observations import Observation, PayloadSeen
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, flaky_notes, judge, judge_ending, refusal_text

if TYPE_CHECKING:
    from harness.core.ports import Video


class Title(StrEnum):
    """Which AE title of an A-ASSOCIATE-RQ (PS3.8 9.3.2)."""

    CALLED = "called"
    CALLING = "calling"


#: Reason of a service-user's A-ASSOCIATE-RJ that fits each title (PS3.8 Table 9-21).
FITTING_REASON = {Title.CALLED: "reason 7", Title.CALLING: "reason 3"}


@dataclass(frozen=True, slots=True)
class TitleSeen(Observation):
    """C-ECHO with a title that the target cannot know, between two with the right ones."""

    which: Title
    title: str
    before: Exchange
    strange: Exchange
    after: Exchange


@dataclass(frozen=True, slots=True)
class RoleSeen(Observation):
    """The SCP role was proposed for a storage class, and an object asked for by C-GET whatever the answer was.

    ``asked`` is the negotiation alone, of the service and of the storage context. ``got`` was asked for on the same
    terms; None where it could not be.
    """

    service_uid: str
    sop_class_uid: str
    asked: Exchange
    got: PayloadSeen | None


class TlsTrial(StrEnum):
    """A caller that a PACS with TLS should not talk to (PS3.15 B)."""

    PLAIN = "a caller without TLS"
    NO_CERTIFICATE = "a caller without certificate"
    TLS_1_0 = "a caller that speaks TLS 1.0 only"
    TLS_1_1 = "a caller that speaks TLS 1.1 only"


@dataclass(frozen=True, slots=True)
class TlsAnswer:
    """What such a caller got; ``exchange`` is None where this machine cannot be one."""

    trial: TlsTrial
    exchange: Exchange | None


@dataclass(frozen=True, slots=True)
class TlsSeen(Observation):
    """C-ECHO as each of these callers. ``mutual`` tells that we were given a certificate to show to the target."""

    mutual: bool
    before: Exchange
    answers: tuple[TlsAnswer, ...]
    after: Exchange


class AssociationQuestions(Protocol):
    """What checks ask of how associations are negotiated, limited, refused and ended.

    Each raises Undecided where the target has no DIMSE, or the question cannot be put for another reason.
    """

    def xray(self) -> XraySeen:
        """Propose every SOP class with every transfer syntax, alone and in company, with controls."""
        ...

    def strange_title(self, which: Title) -> TitleSeen:
        """Use a title that the target cannot know."""
        ...

    def role(self, video: "Video") -> RoleSeen:
        """Ask for the SCP role, and then for the stored video."""
        ...

    def tls(self) -> TlsSeen:
        """Call as nobody should be answered."""
        ...

    def pdu_length(self, video: "Video", offered: int) -> PduSeen:
        """Store and get a fresh object while ``offered`` bytes are the longest PDU that we take, 0 for no limit."""
        ...

    def parallel(self, video: "Video") -> ParallelSeen:
        """Store several fresh objects over as many associations at once, and get each."""
        ...

    def broken_off(self, video: "Video") -> BrokenOffSeen:
        """Abort a fresh object in the middle, then store and get it."""
        ...


#: Endings that say neither yes nor no to an A-ASSOCIATE-RQ, from a target that answers others.
_SILENT = {
    Ending.TIMED_OUT: "was not answered",
    Ending.LOST: "was answered by closing the connection",
    Ending.BAD_ANSWER: "was answered against the protocol",
}


@judge.register
def _(seen: TitleSeen) -> Verdict:
    strange, notes = seen.strange, flaky_notes(seen.strange)
    if not _echoed(seen.before):
        return Verdict(Outcome.INCONCLUSIVE, f"the right titles are not answered either: {seen.before.summary}")
    if not _echoed(seen.after):
        return Verdict(
            Outcome.FAIL, f"after a strange {seen.which} AE title the right one is not answered: {seen.after.summary}"
        )
    if strange.ending in _SILENT:
        return Verdict(
            Outcome.FAIL,
            f"an association with the {seen.which} AE title {seen.title} {_SILENT[strange.ending]}, neither accepted "
            f"nor rejected (PS3.8 7.1.1): {strange.detail}",
            notes,
        )
    if strange.ending is Ending.REJECTED:
        if FITTING_REASON[seen.which] not in strange.detail:
            notes += (f"the reason is not that the {seen.which} AE title was not recognised",)
        return Verdict(Outcome.PASS, f"a strange {seen.which} AE title is rejected: {strange.detail}", notes)
    if strange.ending in (Ending.ANSWERED, Ending.REFUSED):
        if not _echoed(strange):
            notes += (f"accepted, and then: {strange.summary}",)
        return Verdict(Outcome.PASS, f"a strange {seen.which} AE title is accepted", notes)
    if strange.ending is Ending.ABORTED:
        # A service user may abort before it answers (PS3.8 Table 9-10, AA-1), and nobody learns why.
        return Verdict(
            Outcome.INCONCLUSIVE,
            f"an association with the {seen.which} AE title {seen.title} was neither accepted nor rejected, but "
            f"aborted: {strange.detail}",
            notes,
        )
    return judge_ending(strange)


@judge.register
def _(seen: RoleSeen) -> Verdict:
    asked = seen.asked
    notes = flaky_notes(asked)
    if asked.ending not in (Ending.ANSWERED, Ending.REFUSED):
        return judge_ending(asked)
    strangers = [role.sop_class_uid for role in asked.roles if role.sop_class_uid != seen.sop_class_uid]
    if strangers:
        return Verdict(
            Outcome.FAIL, f"roles were answered that nobody proposed, for {', '.join(strangers)} (PS3.7 D.3.3.4)", notes
        )
    for uid in (seen.service_uid, seen.sop_class_uid):
        context = next((one for one in asked.contexts if one.abstract_syntax == uid), None)
        if context is None or context.result is ContextResult.UNANSWERED:
            return Verdict(Outcome.FAIL, f"the context of {uid} was not answered (PS3.8 9.3.3.2)", notes)
        if not context.accepted:
            unsupported = Outcome.NOT_APPLICABLE if uid == seen.service_uid else Outcome.UNSUPPORTED
            return Verdict(unsupported, refusal_text(context), notes)
    role = next(iter(asked.roles), None)
    if role is not None and role.scu:
        notes += ("the SCU role was answered as granted, and was not proposed",)
    granted = role is not None and role.scp
    if granted:
        return _granted(seen.got, notes)
    answer = "was refused" if role else "was not answered, which leaves us the SCU role only"
    if seen.got is not None and seen.got.received:
        return Verdict(Outcome.FAIL, f"the SCP role {answer}, and C-GET sent an object all the same", notes)
    told = f"; C-GET then: {seen.got.exchange.summary}" if seen.got else ""
    return Verdict(Outcome.UNSUPPORTED, f"the SCP role {answer}: no object can come by C-GET{told}", notes)


def _granted(got: PayloadSeen | None, notes: tuple[str, ...]) -> Verdict:
    if got is None:
        return Verdict(Outcome.INCONCLUSIVE, "the SCP role was granted; no object was asked for to see it used", notes)
    verdict = judge(got)
    notes += verdict.notes
    if verdict.outcome is not Outcome.PASS:
        return Verdict(verdict.outcome, f"the SCP role was granted; C-GET then: {verdict.reason}", notes)
    return Verdict(Outcome.PASS, "the SCP role was granted, and C-GET sent the object in it", notes)


#: Endings by which a caller learns that nobody talks to it.
_TURNED_AWAY = (Ending.UNTRUSTED, Ending.LOST, Ending.ABORTED, Ending.TIMED_OUT, Ending.BAD_ANSWER)


@judge.register
def _(seen: TlsSeen) -> Verdict:
    if not _echoed(seen.before):
        return Verdict(
            Outcome.INCONCLUSIVE, f"a caller with everything that is declared gets no answer: {seen.before.summary}"
        )
    talked, undecided, notes = [], [], []
    for answer in seen.answers:
        exchange = answer.exchange
        if exchange is None:
            undecided.append(f"the TLS library of this machine cannot be {answer.trial}")
        elif exchange.ending in (Ending.ANSWERED, Ending.REFUSED, Ending.REJECTED):
            if answer.trial is TlsTrial.NO_CERTIFICATE and not seen.mutual:
                notes.append(f"{answer.trial} is answered; none is declared to be asked for")
            else:
                talked.append(f"{answer.trial} is answered ({exchange.summary})")
        elif exchange.ending in _TURNED_AWAY:
            notes.append(f"{answer.trial} is turned away: {exchange.summary}")
        else:
            undecided.append(f"{answer.trial}: {exchange.summary}")
    if talked:
        return Verdict(Outcome.FAIL, "; ".join(talked), tuple(notes))
    if not _echoed(seen.after):
        return Verdict(
            Outcome.FAIL, f"after these callers the right one gets no answer: {seen.after.summary}", tuple(notes)
        )
    if undecided:
        return Verdict(Outcome.INCONCLUSIVE, "; ".join(undecided), tuple(notes))
    return Verdict(Outcome.PASS, "only callers that keep to what is declared are answered", tuple(notes))


def _echoed(exchange: Exchange) -> bool:
    return exchange.ending is Ending.ANSWERED and exchange.status == 0
