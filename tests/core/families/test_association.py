"""What is seen of associations, and what it comes to."""

from dataclasses import replace

import pytest

from harness.core.exchange import Attempt, ContextAnswer, ContextResult, Ending, Exchange, PduLengths, RoleAnswer
from harness.core.families.associated import BrokenOffSeen, OneOfSeveral, ParallelSeen, PduSeen
from harness.core.families.association import (
    RoleSeen,
    Title,
    TitleSeen,
    TlsAnswer,
    TlsSeen,
    TlsTrial,
)
from harness.core.observations import Payload, PayloadSeen
from harness.core.results import Outcome
from harness.core.verdicts import judge

CLASS, SERVICE, SYNTAX = "1.2.840.10008.5.1.4.1.1.77.1.1.1", "1.2.840.10008.5.1.4.1.2.2.3", "1.2.840.10008.1.2.4.102"
SENT = Payload("1.2.3", SYNTAX, 1_000_000, "aa", "aa", 1)
TAKEN = (ContextAnswer(1, CLASS, SYNTAX, ContextResult.ACCEPTED, answered_syntax=SYNTAX),)

ECHO = Exchange("C-ECHO", Ending.ANSWERED, status=0)
STORED = Exchange("C-STORE", Ending.ANSWERED, status=0, contexts=TAKEN)
GOT = Exchange("C-GET", Ending.ANSWERED, status=0, contexts=TAKEN)


def ended(ending: Ending, detail: str = "", service: str = "C-ECHO", *, accepted: bool = False) -> Exchange:
    return Exchange(service, ending, detail=detail, contexts=TAKEN if accepted else ())


def payload(
    returned: Payload | None = SENT, *, sent: Payload = SENT, stored: Exchange = STORED, got: Exchange = GOT
) -> PayloadSeen:
    return PayloadSeen("C-GET", stored, got, int(returned is not None), sent, returned)


def title(
    strange: Exchange, *, which: Title = Title.CALLED, before: Exchange = ECHO, after: Exchange = ECHO
) -> TitleSeen:
    return TitleSeen(which, "NOBODY", before, strange, after)


@pytest.mark.parametrize(
    ("strange", "outcome"),
    [
        (ECHO, Outcome.PASS),
        (ended(Ending.REFUSED), Outcome.PASS),
        (ended(Ending.REJECTED, "(result 1, source 1, reason 7)"), Outcome.PASS),
        (ended(Ending.TIMED_OUT), Outcome.FAIL),
        (ended(Ending.LOST), Outcome.FAIL),
        (ended(Ending.BAD_ANSWER), Outcome.FAIL),
        (ended(Ending.ABORTED), Outcome.INCONCLUSIVE),
        (ended(Ending.UNREACHABLE), Outcome.INCONCLUSIVE),
        (ended(Ending.UNTRUSTED), Outcome.INCONCLUSIVE),
    ],
)
def test_a_strange_title_is_to_be_accepted_or_rejected(strange: Exchange, outcome: Outcome) -> None:
    assert judge(title(strange)).outcome is outcome


def test_a_strange_title_says_nothing_where_the_right_one_is_not_answered_either() -> None:
    assert judge(title(ended(Ending.TIMED_OUT), before=ended(Ending.TIMED_OUT))).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("after", [ended(Ending.TIMED_OUT), ended(Ending.UNREACHABLE), replace(ECHO, status=0x0122)])
def test_a_strange_title_must_not_cost_the_right_one_its_answer(after: Exchange) -> None:
    assert judge(title(ended(Ending.REJECTED, "reason 7"), after=after)).outcome is Outcome.FAIL


@pytest.mark.parametrize(("which", "other"), [(Title.CALLED, "reason 3"), (Title.CALLING, "reason 7")])
def test_a_rejection_for_another_reason_is_told(which: Title, other: str) -> None:
    assert any("not recognised" in note for note in judge(title(ended(Ending.REJECTED, other), which=which)).notes)


def test_an_association_that_opens_and_does_not_echo_is_told() -> None:
    assert any("0x0122" in note for note in judge(title(replace(ECHO, status=0x0122))).notes)


def role(
    *roles: RoleAnswer,
    got: PayloadSeen | None = None,
    service: ContextResult = ContextResult.ACCEPTED,
    storage: ContextResult = ContextResult.ACCEPTED,
) -> RoleSeen:
    contexts = (ContextAnswer(1, SERVICE, "1.2.840.10008.1.2", service), ContextAnswer(3, CLASS, SYNTAX, storage, True))
    asked = Exchange("A-ASSOCIATE", Ending.ANSWERED, contexts=contexts, roles=roles)
    return RoleSeen(SERVICE, CLASS, asked, got)


GRANTED, REFUSED = RoleAnswer(CLASS, scu=False, scp=True), RoleAnswer(CLASS, scu=False, scp=False)
NOTHING = payload(None, got=replace(GOT, status=0xA702))


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (role(GRANTED, got=payload()), Outcome.PASS),
        (role(GRANTED, got=payload(None)), Outcome.FAIL),
        (role(GRANTED, got=None), Outcome.INCONCLUSIVE),
        (role(REFUSED, got=payload()), Outcome.FAIL),
        (role(got=payload()), Outcome.FAIL),
        (role(REFUSED, got=NOTHING), Outcome.UNSUPPORTED),
        (role(got=NOTHING), Outcome.UNSUPPORTED),
        (role(GRANTED, RoleAnswer("1.2", scu=False, scp=True), got=payload()), Outcome.FAIL),
        (role(GRANTED, service=ContextResult.ABSTRACT_SYNTAX), Outcome.NOT_APPLICABLE),
        (role(GRANTED, storage=ContextResult.TRANSFER_SYNTAXES), Outcome.UNSUPPORTED),
        (role(GRANTED, storage=ContextResult.UNANSWERED), Outcome.FAIL),
    ],
)
def test_a_role_is_kept_to(seen: RoleSeen, outcome: Outcome) -> None:
    assert judge(seen).outcome is outcome


def test_a_role_that_was_not_proposed_for_the_class_is_told() -> None:
    seen = role(RoleAnswer(CLASS, scu=True, scp=True), got=payload())
    assert any("SCU role" in note for note in judge(seen).notes)


AWAY = ended(Ending.UNTRUSTED)


def tls(*, mutual: bool = True, before: Exchange = ECHO, after: Exchange = ECHO, **answers: Exchange | None) -> TlsSeen:
    given = {trial: answers.get(trial.name, AWAY) for trial in TlsTrial}
    return TlsSeen(mutual, before, tuple(TlsAnswer(*one) for one in given.items()), after)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (tls(), Outcome.PASS),
        (tls(PLAIN=ended(Ending.LOST), TLS_1_0=ended(Ending.TIMED_OUT)), Outcome.PASS),
        (tls(PLAIN=ECHO), Outcome.FAIL),
        (tls(PLAIN=ended(Ending.REJECTED)), Outcome.FAIL),
        (tls(NO_CERTIFICATE=ECHO), Outcome.FAIL),
        (tls(NO_CERTIFICATE=ECHO, mutual=False), Outcome.PASS),
        (tls(TLS_1_1=ECHO), Outcome.FAIL),
        (tls(TLS_1_1=None), Outcome.INCONCLUSIVE),
        (tls(TLS_1_1=None, PLAIN=ECHO), Outcome.FAIL),
        (tls(PLAIN=ended(Ending.UNREACHABLE)), Outcome.INCONCLUSIVE),
        (tls(before=AWAY), Outcome.INCONCLUSIVE),
        (tls(after=ended(Ending.TIMED_OUT)), Outcome.FAIL),
    ],
)
def test_only_callers_that_keep_to_tls_may_be_answered(seen: TlsSeen, outcome: Outcome) -> None:
    assert judge(seen).outcome is outcome


def pdu(offered: int, theirs: int, sent: int, received: int, seen: PayloadSeen | None = None) -> PduSeen:
    lengths = PduLengths(offered, theirs, sent, received)
    stored = replace(STORED, pdus=replace(lengths, received=0))
    return PduSeen(offered, stored, seen or payload(stored=stored, got=replace(GOT, pdus=lengths)))


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (pdu(16384, 16384, 16384, 16384), Outcome.PASS),
        (pdu(16384, 16385, 16384, 16378), Outcome.PASS),
        (pdu(0, 0, 262144, 9_000_000), Outcome.PASS),
        (pdu(16384, 16384, 16384, 16386), Outcome.FAIL),
        (pdu(16384, 4_000_000, 1_000_006, 16384), Outcome.INCONCLUSIVE),
        (pdu(16384, 16384, 16384, 16384, payload(replace(SENT, length=3))), Outcome.FAIL),
    ],
)
def test_pdus_are_no_longer_than_agreed_and_as_long_are_taken(seen: PduSeen, outcome: Outcome) -> None:
    assert judge(seen).outcome is outcome


def test_a_store_that_breaks_at_a_long_pdu_tells_the_lengths() -> None:
    stored = replace(ended(Ending.ABORTED, accepted=True), pdus=PduLengths(0, 262144, 262144, 0))
    verdict = judge(PduSeen(0, stored, None))
    assert verdict.outcome is Outcome.FAIL
    assert "262144" in verdict.reason


def several(*stores: OneOfSeveral, together: int = 4) -> ParallelSeen:
    return ParallelSeen(together, stores)


def one(number: int, returned: Payload | None = None, stored: Exchange = STORED) -> OneOfSeveral:
    sent = Payload(f"1.{number}", SYNTAX, 1000 + number, f"a{number}", f"a{number}", 1)
    return OneOfSeveral(stored, payload(returned or sent, sent=sent, stored=stored))


FOUR = tuple(one(number) for number in range(4))
REJECTED = OneOfSeveral(ended(Ending.REJECTED, "local limit exceeded", "C-STORE"), None)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (several(*FOUR), Outcome.PASS),
        (several(*FOUR[:3], REJECTED), Outcome.PASS),
        (several(FOUR[0], REJECTED, REJECTED, REJECTED), Outcome.UNSUPPORTED),
        (several(*4 * [REJECTED]), Outcome.INCONCLUSIVE),
        (several(*FOUR[:3], one(3, FOUR[0].payload.returned)), Outcome.FAIL),  # type: ignore[union-attr]
        (several(*FOUR[:3], OneOfSeveral(ended(Ending.ABORTED, accepted=True), None)), Outcome.FAIL),
        (several(*FOUR[:3], OneOfSeveral(ended(Ending.UNREACHABLE), None)), Outcome.INCONCLUSIVE),
        (several(*4 * [FOUR[0]]), Outcome.INCONCLUSIVE),
    ],
)
def test_objects_stored_at_once_stay_apart(seen: ParallelSeen, outcome: Outcome) -> None:
    assert judge(seen).outcome is outcome


def test_what_had_to_wait_and_what_was_rejected_is_told() -> None:
    assert any("had to wait" in note for note in judge(several(*FOUR, together=1)).notes)
    assert any("local limit exceeded" in note for note in judge(several(*FOUR[:3], REJECTED, together=3)).notes)


CUT = ended(Ending.BROKEN_OFF, service="C-STORE", accepted=True)
NEGOTIATED = ended(Ending.ANSWERED, service="A-ASSOCIATE", accepted=True)
WHOLE = payload()
ASKED = Exchange("C-FIND", Ending.ANSWERED, status=0)


def broken(
    cut: Exchange = CUT,
    opened: Exchange | None = NEGOTIATED,
    query: Exchange | None = ASKED,
    found: int = 0,
    stored: Exchange | None = STORED,
    seen: PayloadSeen | None = WHOLE,
) -> BrokenOffSeen:
    return BrokenOffSeen(cut, 2000, opened, query, found, stored, seen)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (broken(), Outcome.PASS),
        (broken(query=None), Outcome.INCONCLUSIVE),
        (broken(query=replace(ASKED, status=0xC000)), Outcome.INCONCLUSIVE),
        (broken(query=Exchange("C-FIND", Ending.TIMED_OUT)), Outcome.INCONCLUSIVE),
        (broken(query=None, found=1), Outcome.FAIL),
        (broken(ended(Ending.REFUSED)), Outcome.UNSUPPORTED),
        (broken(ended(Ending.ABORTED, accepted=True)), Outcome.FAIL),
        (broken(opened=ended(Ending.TIMED_OUT)), Outcome.FAIL),
        (broken(opened=None), Outcome.INCONCLUSIVE),
        (broken(found=1), Outcome.FAIL),
        (broken(stored=replace(STORED, status=0xC000)), Outcome.FAIL),
        (broken(stored=ended(Ending.REFUSED)), Outcome.FAIL),
        (broken(stored=replace(STORED, status=0xA700)), Outcome.INCONCLUSIVE),
        (broken(seen=payload(replace(SENT, length=500))), Outcome.FAIL),
        (broken(stored=None), Outcome.INCONCLUSIVE),
        (broken(seen=None), Outcome.INCONCLUSIVE),
    ],
)
def test_after_an_abort_all_is_as_before(seen: BrokenOffSeen, outcome: Outcome) -> None:
    assert judge(seen).outcome is outcome


def test_what_could_not_be_asked_and_what_came_at_a_second_try_is_told() -> None:
    assert "is not known: no query is allowed" in judge(broken(query=None)).reason
    flaky = replace(NEGOTIATED, earlier=(Attempt(Ending.LOST, "", 1.0),))
    assert any("flaky" in note for note in judge(broken(opened=flaky)).notes)
