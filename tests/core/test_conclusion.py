"""The decision rule, line by line, on values."""

from dataclasses import replace

import pytest

from harness.core.conclusion import Conclusion, RunVerdict, Standing, run_verdict, settle, standing
from harness.core.endpoint import EvidenceClass
from harness.core.results import Cell, CheckInfo, Outcome, Result, Run

FORMATS: dict[str, object] = {"h264_hp41": {}, "mpeg2_ml": {}}
CHECKS = tuple(
    CheckInfo(id, family, id, "-", "SHALL", "-", ()) for id, family in (("store", "store"), ("get", "retrieve"))
)


def result(outcome: Outcome, format_id: str | None = "h264_hp41", check: str = "get", target: str = "a") -> Result:
    cell = Cell(target, check, format_id)
    return Result(cell, outcome, "as seen", {}, EvidenceClass.SELF_TEST, "2026-01-01T00:00:00Z", 0.1)


def run(*results: Result, required: tuple[str, ...] = (), planned: tuple[str, ...] | None = None) -> Run:
    ids = tuple(dict.fromkeys(one.cell.id for one in results)) if planned is None else planned
    return Run(
        "r",
        "2026-01-01T00:00:00Z",
        (),
        ids,
        {},
        {},
        FORMATS,
        CHECKS,
        required=required,
        results=results,
        finished="2026-01-01T00:01:00Z",
    )


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ("PASS PASS", "PASS"),
        ("PASS NOT_APPLICABLE", "PASS"),
        ("PASS UNSUPPORTED", "PARTIAL"),
        ("PASS NOT_RUN", "PARTIAL"),
        ("UNSUPPORTED NOT_RUN NOT_APPLICABLE", "UNSUPPORTED"),
        ("NOT_RUN NOT_APPLICABLE", "NOT_RUN"),
        ("NOT_APPLICABLE", "NOT_APPLICABLE"),
        ("PASS INCONCLUSIVE UNSUPPORTED", "INCONCLUSIVE"),
        ("INCONCLUSIVE ERROR PASS", "ERROR"),
        ("PASS ERROR FAIL INCONCLUSIVE", "FAIL"),
        ("", "NOT_RUN"),
    ],
)
def test_standing_of_a_group_is_never_better_than_its_cells(outcomes: str, expected: str) -> None:
    assert standing(Outcome(name) for name in outcomes.split()) is Standing(expected)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_alone_has_a_standing_of_its_own_name(outcome: Outcome) -> None:
    assert standing([outcome]).value == outcome.value


def test_passes_alone_are_met() -> None:
    assert run_verdict(run(result(Outcome.PASS))).verdict is RunVerdict.MET


@pytest.mark.parametrize("other", ["UNSUPPORTED", "NOT_APPLICABLE", "NOT_RUN"])
def test_what_is_not_required_need_not_pass(other: str) -> None:
    mixed = run(result(Outcome.PASS), result(Outcome(other), "mpeg2_ml"), required=("h264_hp41",))
    assert run_verdict(mixed).verdict is RunVerdict.MET


def test_any_fail_is_not_met_even_beside_errors() -> None:
    mixed = run(result(Outcome.PASS), result(Outcome.ERROR, check="store"), result(Outcome.FAIL, None, "echo"))
    conclusion = run_verdict(mixed)
    assert conclusion.verdict is RunVerdict.NOT_MET
    assert conclusion.reasons == ("a--echo is FAIL: as seen",)


def test_a_required_format_refused_is_not_met() -> None:
    mixed = run(result(Outcome.PASS, "mpeg2_ml"), result(Outcome.UNSUPPORTED), required=("h264_hp41",))
    assert run_verdict(mixed).verdict is RunVerdict.NOT_MET


@pytest.mark.parametrize("outcome", ["UNSUPPORTED", "NOT_RUN"])
def test_what_the_standard_does_not_demand_is_not_demanded_of_a_required_format(outcome: str) -> None:
    offered = CheckInfo("browser", "playback", "-", "-", "MAY", "-", ())
    mixed = run(result(Outcome.PASS), result(Outcome(outcome), check="browser"), required=("h264_hp41",))
    assert run_verdict(replace(mixed, checks=(*CHECKS, offered))).verdict is RunVerdict.MET
    assert run_verdict(mixed).verdict is not RunVerdict.MET


def test_what_the_profile_left_out_is_not_demanded_and_what_could_not_run_is() -> None:
    left = replace(result(Outcome.NOT_RUN, check="store"), observation={"kind": "LeftOut"})
    assert run_verdict(run(result(Outcome.PASS), left, required=("h264_hp41",))).verdict is RunVerdict.MET
    made = replace(left, observation={"kind": "NotMade"})
    assert run_verdict(run(result(Outcome.PASS), made, required=("h264_hp41",))).verdict is RunVerdict.NOT_SHOWN
    assert run_verdict(run(left, required=("h264_hp41",))).verdict is RunVerdict.NOT_SHOWN


@pytest.mark.parametrize("undecided", ["INCONCLUSIVE", "NOT_RUN", "NOT_APPLICABLE"])
def test_a_required_format_undecided_is_not_shown(undecided: str) -> None:
    mixed = run(result(Outcome.PASS, "mpeg2_ml"), result(Outcome(undecided)), required=("h264_hp41",))
    assert run_verdict(mixed).verdict is RunVerdict.NOT_SHOWN


def test_a_required_format_must_pass_on_every_target() -> None:
    mixed = run(result(Outcome.PASS), result(Outcome.PASS, "mpeg2_ml", target="b"), required=("h264_hp41", "mpeg2_ml"))
    conclusion = run_verdict(mixed)
    assert conclusion.verdict is RunVerdict.NOT_SHOWN
    assert conclusion.reasons == (
        "mpeg2_ml is required and has no cell on a",
        "h264_hp41 is required and has no cell on b",
    )


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.INCONCLUSIVE])
def test_what_was_not_decided_is_not_shown(outcome: Outcome) -> None:
    assert run_verdict(run(result(Outcome.PASS), result(outcome, "mpeg2_ml"))).verdict is RunVerdict.NOT_SHOWN


def test_a_target_that_only_answers_and_refuses_shows_nothing_of_a_format() -> None:
    mixed = run(result(Outcome.PASS, None, "control"), result(Outcome.NOT_RUN))
    assert run_verdict(mixed).reasons == ("no cell of a format is PASS on a",)


def test_a_required_format_is_not_shown_by_storing_alone() -> None:
    mixed = run(result(Outcome.PASS, check="store"), result(Outcome.NOT_APPLICABLE), required=("h264_hp41",))
    assert run_verdict(mixed).reasons == ("h264_hp41 is required and no content of it came back from a",)


@pytest.mark.parametrize("outcome", ["UNSUPPORTED", "NOT_APPLICABLE", "NOT_RUN", "INCONCLUSIVE"])
def test_without_a_pass_nothing_is_shown(outcome: str) -> None:
    assert run_verdict(run(result(Outcome(outcome)))).verdict is RunVerdict.NOT_SHOWN


def test_a_pass_on_one_target_does_not_speak_for_another() -> None:
    mixed = run(result(Outcome.PASS), result(Outcome.UNSUPPORTED, target="b"))
    conclusion = run_verdict(mixed)
    assert conclusion.verdict is RunVerdict.NOT_SHOWN
    assert conclusion.reasons == ("no cell of a format is PASS on b",)


def test_reasons_for_met_count_each_target_by_itself() -> None:
    two = run(result(Outcome.PASS), result(Outcome.PASS, target="b"), result(Outcome.NOT_RUN, None, target="b"))
    assert run_verdict(two).reasons == (
        "a: 1 of 1 cells are PASS, none is FAIL, ERROR or INCONCLUSIVE",
        "b: 1 of 2 cells are PASS, none is FAIL, ERROR or INCONCLUSIVE",
        "required formats: none",
    )


def test_an_empty_run_is_not_shown() -> None:
    assert run_verdict(run()).verdict is RunVerdict.NOT_SHOWN


def test_a_planned_cell_without_result_is_not_run_and_not_shown() -> None:
    cut = run(
        result(Outcome.PASS),
        planned=("a--h264_hp41--get", "a--h264_hp41--big--get", "a--small--echo", "a--control"),
    )
    assert [(one.cell, one.outcome) for one in settle(cut)] == [
        (Cell("a", "get", "h264_hp41"), Outcome.PASS),
        (Cell("a", "get", "h264_hp41", "big"), Outcome.NOT_RUN),
        (Cell("a", "echo", None, "small"), Outcome.NOT_RUN),
        (Cell("a", "control"), Outcome.NOT_RUN),
    ]
    conclusion = run_verdict(cut)
    assert conclusion.verdict is RunVerdict.NOT_SHOWN
    assert conclusion.reasons == ("3 of 4 planned cells have no result",)


def test_a_run_that_was_ended_before_its_end_is_not_met() -> None:
    killed = replace(run(result(Outcome.PASS)), finished="")
    assert run_verdict(killed) == Conclusion(RunVerdict.NOT_SHOWN, ("the run was ended before its end",))
    failed = run_verdict(replace(run(result(Outcome.FAIL)), finished=""))
    assert failed.verdict is RunVerdict.NOT_MET
    assert failed.reasons[-1] == "the run was ended before its end"


def test_a_pass_never_hides_an_earlier_failure_of_the_same_cell() -> None:
    repeated = run(result(Outcome.FAIL), result(Outcome.PASS))
    (only,) = settle(repeated)
    assert (only.outcome, len(only.attempts)) == (Outcome.FAIL, 2)
    assert run_verdict(repeated).verdict is RunVerdict.NOT_MET


def test_exit_codes_leave_those_of_pytest_alone() -> None:
    assert {one.label: one.value for one in RunVerdict} == {"MET": 0, "NOT MET": 1, "NOT SHOWN": 10}
