"""An operational check passes only where everything planned was put and answered as expected."""

import pytest

from harness.core.qualification.operation import (
    Detected,
    Outcome,
    Part,
    answered,
    conclude,
    detection,
    not_challenged,
    not_put,
    outcome_of,
    plan_hash,
)
from tests.qualification.values import FAULT, GOOD, LEGAL, ROWS, RULE, planned


def without(*parts: Part):
    return tuple(row for row in ROWS if row.planned.part not in parts)


def test_everything_as_expected_passes():
    assert conclude(ROWS, "")[0] == "PASS"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (answered(FAULT, "PASS", "same bytes"), "RET-GET h264_hp41 on flips-one-byte: PASS, expected FAIL: same bytes"),
        (answered(FAULT, "INCONCLUSIVE", "no answer"), "INCONCLUSIVE, expected FAIL"),
        (answered(FAULT, "NOT_RUN", "the clip could not be made"), "NOT_RUN, expected FAIL"),
        (answered(GOOD, "FAIL", "other bytes"), "positive control: RET-GET h264_hp41: FAIL, expected PASS"),
        (answered(LEGAL, "FAIL", "other bytes"), "on writes: FAIL, expected PASS"),
        (answered(RULE, "MET", "it was"), "MET, expected NOT MET"),
    ],
)
def test_anything_else_fails(row, words):
    verdict, reasons = conclude((*without(row.planned.part), row), "")
    assert verdict == "FAIL"
    assert words in reasons[0]


def test_what_broke_is_not_shown_and_decides_nothing():
    broken = answered(FAULT, "ERROR", "disk full")
    assert broken.outcome is Outcome.ERROR
    verdict, reasons = conclude((*without(Part.NEGATIVE), broken), "")
    assert verdict == "NOT SHOWN"
    assert "disk full" in reasons[0]


@pytest.mark.parametrize("part", list(Part))
def test_a_part_that_was_left_out_is_not_shown(part):
    verdict, reasons = conclude(without(part), "")
    assert verdict == "NOT SHOWN"
    assert f"{part}: nothing was put" in reasons


def test_a_partial_check_is_not_shown_whatever_was_seen():
    assert conclude(ROWS, "partial") == ("NOT SHOWN", ("partial",))


def test_a_failure_is_told_before_anything_that_is_missing():
    assert conclude((answered(GOOD, "FAIL", "why"),), "partial")[0] == "FAIL"


def test_a_check_without_any_fault_is_not_shown_and_named():
    rows = (*ROWS, answered(planned(Part.POSITIVE, "RET-NEW"), "PASS", "why"))
    assert not_challenged(rows) == (("RET-NEW", "no fault of it is planned"),)
    assert conclude(rows, "") == ("NOT SHOWN", ("RET-NEW: no fault of it is planned",))


def test_what_this_machine_lacks_is_named_and_hides_no_failure():
    rows = (*ROWS, not_put(planned(Part.NEGATIVE, "PLY-BROWSER", "truncates", "FAIL"), "a browser"))
    assert not_challenged(rows) == (("PLY-BROWSER", "this machine lacks a browser"),)
    assert conclude(rows, "")[0] == "PASS"


def test_a_variation_on_which_next_to_nothing_passes_shows_nothing():
    refused = planned(Part.BENIGN, subject="refuses", expected="UNSUPPORTED")
    verdict, reasons = conclude((*ROWS, answered(refused, "UNSUPPORTED", "why")), "")
    assert (verdict, reasons) == ("NOT SHOWN", ("refuses: fewer than a third of the checks could pass",))


def test_detection_names_every_fault_and_who_found_it():
    missed = answered(planned(Part.NEGATIVE, subject="another", expected="FAIL"), "PASS", "")
    assert detection((*ROWS, missed)) == (Detected("another", ()), Detected("flips-one-byte", ("RET-GET",)))


def test_the_plan_is_told_by_what_is_in_it_and_not_by_its_order():
    plan = [row.planned for row in ROWS]
    assert plan_hash(plan) == plan_hash(reversed(plan))
    assert plan_hash(plan) != plan_hash(plan[1:])
    assert plan_hash([FAULT]) != plan_hash([GOOD])


def test_an_expected_error_is_no_breakage():
    assert outcome_of(planned(Part.INTEGRITY, expected="ERROR"), "ERROR") is Outcome.PASS
