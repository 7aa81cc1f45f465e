"""What each observation comes to."""

import importlib
import pkgutil
from dataclasses import fields, replace

import pytest

from harness.core import families, observations
from harness.core.exchange import (
    Attempt,
    ContextAnswer,
    ContextResult,
    Ending,
    Exchange,
    SubOperations,
)
from harness.core.observations import (
    Blocked,
    ControlSeen,
    EchoSeen,
    LeftOut,
    NegotiationSeen,
    NotMade,
    NotOffered,
    PathDifferences,
    Payload,
    PayloadSeen,
    QuerySeen,
    Refused,
    ReturnedSeen,
    StoreSeen,
)
from harness.core.plain import to_plain
from harness.core.results import Outcome
from harness.core.verdicts import ENDINGS, judge

SYNTAX = "1.2.840.10008.1.2.4.102"
SENT = Payload("1.2.3", SYNTAX, 1000, "aa", "aa", 1)


def context(result: ContextResult, answered: str | None = None) -> ContextAnswer:
    return ContextAnswer(1, "1.2.840.10008.5.1.4.1.1.77.1.1.1", SYNTAX, result, answered_syntax=answered)


def answered(status: int, service: str = "C-STORE", **rest) -> Exchange:
    return Exchange(
        service, Ending.ANSWERED, status=status, contexts=(context(ContextResult.ACCEPTED, SYNTAX),), **rest
    )


def ended(ending: Ending) -> Exchange:
    return Exchange("C-STORE", ending, contexts=(context(ContextResult.ACCEPTED, SYNTAX),))


def proposed(result: ContextResult, answered_syntax: str | None = None) -> Exchange:
    return Exchange("negotiation", Ending.ANSWERED, contexts=(context(result, answered_syntax),))


@pytest.mark.parametrize("ending", [ending for ending in Ending if ending is not Ending.ANSWERED])
def test_every_ending_without_answer_has_a_meaning_and_none_passes(ending):
    assert judge(StoreSeen(ended(ending))).outcome is ENDINGS[ending][0]
    assert ENDINGS[ending][0] is not Outcome.PASS


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (0x0000, Outcome.PASS),
        (0xB000, Outcome.PASS),
        (0xB006, Outcome.PASS),
        (0xB007, Outcome.PASS),
        (0xB001, Outcome.FAIL),
        (0xA700, Outcome.INCONCLUSIVE),
        (0xA702, Outcome.INCONCLUSIVE),
        (0xA900, Outcome.FAIL),
        (0xC000, Outcome.FAIL),
        (0x0110, Outcome.FAIL),
        (0x0122, Outcome.UNSUPPORTED),
        (0x0124, Outcome.INCONCLUSIVE),
        (0xFF00, Outcome.FAIL),
    ],
)
def test_store_status_is_judged_by_the_table(status, outcome):
    assert judge(StoreSeen(answered(status))).outcome is outcome


def test_answer_without_status_is_not_success():
    assert judge(StoreSeen(Exchange("C-STORE", Ending.ANSWERED))).outcome is Outcome.FAIL


def ended_before_acceptance(ending: Ending, *earlier: Attempt) -> Exchange:
    return Exchange("C-STORE", ending, earlier=earlier)


@pytest.mark.parametrize("ending", [Ending.ABORTED, Ending.LOST, Ending.TIMED_OUT])
def test_what_breaks_off_before_anything_was_accepted_decides_nothing(ending):
    assert judge(StoreSeen(ended_before_acceptance(ending))).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    ("attempt", "outcome"),
    [
        (Attempt(Ending.LOST, "", 1.0, accepted=True), Outcome.FAIL),
        (Attempt(Ending.ABORTED, "", 1.0, accepted=True), Outcome.FAIL),
        (Attempt(Ending.LOST, "", 1.0), Outcome.INCONCLUSIVE),
        (Attempt(Ending.UNREACHABLE, "", 1.0), Outcome.INCONCLUSIVE),
    ],
)
def test_target_that_broke_off_is_not_excused_by_being_gone_afterwards(attempt, outcome):
    assert judge(StoreSeen(ended_before_acceptance(Ending.UNREACHABLE, attempt))).outcome is outcome


def test_retry_that_meets_its_own_copy_decides_nothing():
    attempt = Attempt(Ending.LOST, "", 1.0, accepted=True)
    assert judge(StoreSeen(answered(0x0111, earlier=(attempt,)))).outcome is Outcome.INCONCLUSIVE
    assert judge(StoreSeen(answered(0x0111))).outcome is Outcome.FAIL


def test_pass_after_retry_says_flaky():
    exchange = answered(0, earlier=(Attempt(Ending.ABORTED, "by provider", 0.5),))
    verdict = judge(StoreSeen(exchange))
    assert verdict.outcome is Outcome.PASS
    assert "flaky" in verdict.notes[0]


@pytest.mark.parametrize(
    ("exchange", "outcome"),
    [
        (proposed(ContextResult.TRANSFER_SYNTAXES), Outcome.PASS),
        (proposed(ContextResult.ABSTRACT_SYNTAX), Outcome.PASS),
        (proposed(ContextResult.ACCEPTED, SYNTAX), Outcome.FAIL),
        (proposed(ContextResult.UNANSWERED), Outcome.INCONCLUSIVE),
        (Exchange("negotiation", Ending.REJECTED), Outcome.INCONCLUSIVE),
        (Exchange("negotiation", Ending.TIMED_OUT), Outcome.INCONCLUSIVE),
    ],
)
def test_control_passes_only_on_an_open_refusal(exchange, outcome):
    assert judge(ControlSeen(exchange)).outcome is outcome


@pytest.mark.parametrize(
    ("exchange", "outcome"),
    [
        (proposed(ContextResult.ACCEPTED, SYNTAX), Outcome.PASS),
        (proposed(ContextResult.ACCEPTED), Outcome.PASS),
        (proposed(ContextResult.ACCEPTED, "1.2.840.10008.1.2"), Outcome.FAIL),
        (proposed(ContextResult.TRANSFER_SYNTAXES), Outcome.UNSUPPORTED),
        (proposed(ContextResult.ABSTRACT_SYNTAX), Outcome.UNSUPPORTED),
        (proposed(ContextResult.UNANSWERED), Outcome.FAIL),
        (Exchange("negotiation", Ending.ABORTED), Outcome.INCONCLUSIVE),
        (Exchange("negotiation", Ending.TIMED_OUT), Outcome.INCONCLUSIVE),
        (Exchange("negotiation", Ending.REJECTED), Outcome.INCONCLUSIVE),
        (Exchange("negotiation", Ending.BAD_ANSWER), Outcome.FAIL),
        (Exchange("negotiation", Ending.UNREACHABLE), Outcome.INCONCLUSIVE),
    ],
)
def test_negotiation_is_judged_by_the_answer_to_its_context(exchange, outcome):
    assert judge(NegotiationSeen(exchange, control_refused=True)).outcome is outcome


@pytest.mark.parametrize(("control", "noted"), [(True, False), (False, True), (None, True)])
def test_acceptance_of_a_target_that_cannot_refuse_carries_a_note(control, noted):
    verdict = judge(NegotiationSeen(proposed(ContextResult.ACCEPTED, SYNTAX), control_refused=control))
    assert bool(verdict.notes) is noted


def test_echo_needs_status_zero():
    assert judge(EchoSeen(answered(0, "C-ECHO"))).outcome is Outcome.PASS
    assert judge(EchoSeen(answered(0x0110, "C-ECHO"))).outcome is Outcome.FAIL


ANSWER = {"SOPInstanceUID": "1.2.3", "InstanceNumber": "1"}


def query(*answers: dict[str, str], status: int = 0, announced: bool = False) -> QuerySeen:
    return QuerySeen(
        level="IMAGE",
        unique_key="SOPInstanceUID",
        required=("InstanceNumber",),
        announced=announced,
        exchange=answered(status, "C-FIND"),
        expected=(("SOPInstanceUID", "1.2.3"), ("InstanceNumber", "1"), ("NumberOfFrames", "50"), ("PatientID", "P1")),
        answers=tuple(tuple(answer.items()) for answer in answers),
        tries=1,
    )


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (query(ANSWER), Outcome.PASS),
        (query(ANSWER | {"NumberOfFrames": "50 "}), Outcome.PASS),
        (query(ANSWER | {"NumberOfFrames": ""}), Outcome.PASS),
        (query(ANSWER | {"NumberOfFrames": "1"}), Outcome.FAIL),
        (query(ANSWER | {"InstanceNumber": ""}), Outcome.FAIL),
        (query(ANSWER | {"PatientID": "P2"}), Outcome.FAIL),
        (query(ANSWER | {"PatientID": "P2"}, announced=True), Outcome.PASS),
        (query(ANSWER | {"SOPInstanceUID": "1.2.4"}), Outcome.FAIL),
        (query({"InstanceNumber": "1"}), Outcome.FAIL),
        (query(ANSWER, ANSWER), Outcome.FAIL),
        (query(), Outcome.FAIL),
        (query(announced=True), Outcome.INCONCLUSIVE),
        (query(status=0xA900), Outcome.INCONCLUSIVE),
        (query(status=0xC001), Outcome.FAIL),
        (query(ANSWER, status=0xC001), Outcome.FAIL),
    ],
)
def test_query_needs_exactly_the_object_with_its_own_values(seen, outcome):
    assert judge(seen).outcome is outcome


def test_query_says_what_the_answer_left_out():
    assert "NumberOfFrames" in judge(query(ANSWER)).notes[0]


@pytest.mark.parametrize(
    ("ending", "status", "counters", "outcome"),
    [
        (Ending.ANSWERED, 0xA702, (0, 1), Outcome.INCONCLUSIVE),
        (Ending.ANSWERED, 0xB000, (0, 1), Outcome.INCONCLUSIVE),
        (Ending.ANSWERED, 0xC000, (0, 0), Outcome.INCONCLUSIVE),
        (Ending.TIMED_OUT, None, None, Outcome.INCONCLUSIVE),
        (Ending.ABORTED, None, None, Outcome.INCONCLUSIVE),
        (Ending.LOST, None, None, Outcome.INCONCLUSIVE),
        (Ending.BAD_ANSWER, None, None, Outcome.FAIL),
        (Ending.ANSWERED, 0x0000, (0, 0), Outcome.FAIL),
        (Ending.ANSWERED, 0x0000, (1, 0), Outcome.FAIL),
    ],
)
def test_move_that_never_reached_us_decides_nothing_unless_it_claims_success(ending, status, counters, outcome):
    sub_operations = SubOperations(*counters, 0) if counters else None
    exchange = Exchange(
        "C-MOVE",
        ending,
        status,
        contexts=(context(ContextResult.ACCEPTED, SYNTAX),),
        sub_operations=sub_operations,
        reached_receiver=False,
    )
    verdict = judge(PayloadSeen("C-MOVE", answered(0), exchange, 0, SENT, None))
    assert verdict.outcome is outcome, verdict
    assert ("or it went to another address" in verdict.reason) is (counters == (1, 0))
    reached = judge(PayloadSeen("C-MOVE", answered(0), replace(exchange, reached_receiver=True), 0, SENT, None))
    assert reached.outcome is Outcome.FAIL


def payload(
    status: int = 0, received: int = 1, *, stored: int = 0, reached: bool | None = None, **changes
) -> PayloadSeen:
    returned = replace(SENT, **changes)
    exchange = answered(status, "C-GET", sub_operations=SubOperations(received, 0, 0), reached_receiver=reached)
    return PayloadSeen("C-GET", answered(stored), exchange, received, SENT, returned if received else None)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        (payload(), Outcome.PASS),
        (payload(length=1001, sha256="bb", unpadded_sha256="aa"), Outcome.PASS),
        (payload(fragments=7), Outcome.PASS),
        (payload(sha256="bb"), Outcome.FAIL),
        (payload(sha256="bb", unpadded_sha256="aa"), Outcome.FAIL),
        (payload(length=999, sha256="aa"), Outcome.FAIL),
        (payload(length=1002, sha256="bb", unpadded_sha256="aa"), Outcome.FAIL),
        (payload(instance_uid="1.2.4"), Outcome.FAIL),
        (payload(received=2), Outcome.FAIL),
        (payload(received=0), Outcome.FAIL),
        (payload(0xB000, received=0), Outcome.FAIL),
        (payload(0xC000, received=0), Outcome.FAIL),
        (payload(0xA801, received=0), Outcome.INCONCLUSIVE),
        (payload(0x0122, received=0), Outcome.NOT_APPLICABLE),
        (payload(0xB000), Outcome.PASS),
        (payload(received=0, stored=0xB000), Outcome.INCONCLUSIVE),
        (payload(0xC000, received=0, reached=False), Outcome.INCONCLUSIVE),
        (payload(0xC000, received=0, reached=True), Outcome.FAIL),
        (payload(received=0, reached=False), Outcome.FAIL),
    ],
)
def test_payload_must_be_the_same_bytes_of_the_same_instance(seen, outcome):
    assert judge(seen).outcome is outcome


def test_content_that_contradicts_the_status_is_noted():
    assert judge(payload(0xB000)).notes


def test_warning_of_the_store_is_noted_with_the_content():
    assert "0xB007" in judge(payload(stored=0xB007)).notes[0]


def test_unreadable_return_is_a_failure():
    assert judge(replace(payload(), returned=None, unreadable="no DICM")).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("paths", "outcome"),
    [
        ((PathDifferences("C-GET", "x", ()),), Outcome.PASS),
        ((PathDifferences("C-GET", "x", ()), PathDifferences("C-MOVE", "x", ("Rows changed",))), Outcome.FAIL),
        ((PathDifferences("C-GET", "x", (), ("PatientID coerced",)),), Outcome.PASS),
        ((), Outcome.NOT_APPLICABLE),
    ],
)
def test_one_wrong_path_is_enough_to_fail(paths, outcome):
    assert judge(ReturnedSeen("kept", paths)).outcome is outcome


@pytest.mark.parametrize(
    ("observation", "outcome"),
    [
        (Refused(proposed(ContextResult.TRANSFER_SYNTAXES)), Outcome.UNSUPPORTED),
        (NotOffered("C-GET", proposed(ContextResult.ABSTRACT_SYNTAX)), Outcome.NOT_APPLICABLE),
        (NotMade("no encoder"), Outcome.NOT_RUN),
        (LeftOut("quick", "standard"), Outcome.NOT_RUN),
        (Blocked("store", "aborted"), Outcome.NOT_RUN),
    ],
)
def test_questions_that_could_not_be_put_are_never_a_pass_or_a_failure(observation, outcome):
    assert judge(observation).outcome is outcome


def test_every_observation_has_a_rule():
    for module in pkgutil.iter_modules(families.__path__):
        importlib.import_module(f"{families.__name__}.{module.name}")
    # The class that a dataclass with slots was made from lives on for a while, and has none itself.
    kinds = [kind for kind in observations.Observation.__subclasses__() if "__slots__" in vars(kind)]
    assert observations.StoreSeen in kinds
    without = [kind.__name__ for kind in kinds if judge.dispatch(kind) is judge.dispatch(observations.Observation)]
    assert not without


def test_anything_else_is_no_observation():
    with pytest.raises(TypeError, match="no rule judges bool"):
        judge(True)


def test_plain_values_keep_every_field_of_an_observation():
    plain = to_plain(payload())
    assert plain["kind"] == "PayloadSeen"
    assert set(plain) == {"kind"} | {field.name for field in fields(PayloadSeen)}
    assert plain["exchange"]["sub_operations"]["completed"] == 1
