"""n and k are those of one check on one target, and chance is spoken of only where something was repeated."""

from dataclasses import replace
from pathlib import Path

import pytest

import harness.checks
from harness.core.verification.samples import STOCHASTIC, Nature, interval, samples
from tests.core.run_values import result, run, seen


def only(*results, check="INT-CUT"):
    return samples(replace(run(seen(check, "PASS")), results=results))[0]


@pytest.mark.parametrize(
    ("n", "bound"), [(5, "54.9"), (10, "74.1"), (20, "86.1"), (30, "90.5"), (59, "95.0"), (100, "97.0"), (299, "99.0")]
)
def test_without_failure_the_lower_bound_is_that_of_the_zero_failure_formula(n, bound):
    assert interval(n, n) == f"no failure was observed in {n} executions; one-sided 95 % lower bound {bound} %"


@pytest.mark.parametrize(
    ("k", "n", "low", "high"), [(4, 5, "37.6", "96.4"), (19, 20, "76.4", "99.1"), (57, 60, "86.3", "98.3")]
)
def test_with_failures_the_interval_is_that_of_wilson(k, n, low, high):
    assert interval(n, k).endswith(f"two-sided 95 % interval (Wilson) {low} % to {high} %")


def test_a_functional_check_needs_no_chance():
    found = samples(run(seen("RET-GET", "PASS", format="a"), seen("RET-GET", "FAIL", format="b")))
    assert [(one.nature, one.cells, one.n, one.k, one.statement) for one in found] == [
        (Nature.FUNCTIONAL, 2, 2, 1, "n = 2, k = 1")
    ]
    assert "logic-determined" in found[0].rationale


def test_a_stochastic_check_that_was_not_repeated_says_nothing_of_chance():
    found = samples(run(seen("INT-CUT", "PASS", format="a"), seen("INT-CUT", "PASS", format="b")))[0]
    assert found.nature is Nature.STOCHASTIC
    assert found.statement.startswith("n = 2, k = 2; no cell was repeated")
    assert "%" not in found.statement


def test_a_stochastic_check_that_was_repeated_gives_the_interval_of_each_cell():
    passed = result("orthanc", "INT-CUT", "PASS")
    assert "orthanc--h264_hp41--INT-CUT: no failure was observed in 5 executions" in only(*[passed] * 5).statement
    assert "Wilson" in only(passed, result("orthanc", "INT-CUT", "FAIL")).statement


def test_formats_are_no_repeats_of_each_other():
    twice = [result("orthanc", "INT-CUT", "PASS", format=one) for one in ("a", "a", "b", "b", "b")]
    statement = only(*twice).statement
    assert "in 2 executions" in statement
    assert "in 3 executions" in statement
    assert "in 5 executions" not in statement


def test_a_refusal_is_no_failure_and_what_did_not_decide_does_not_count():
    results = [result("orthanc", "INT-CUT", outcome) for outcome in ("PASS", "UNSUPPORTED", "ERROR", "NOT_RUN")]
    found = only(*results)
    assert (found.n, found.k, found.refused) == (1, 1, 1)


def test_a_check_that_was_not_executed_has_no_sample():
    assert samples(run(seen("INT-CUT", "NOT_RUN"), seen("RET-GET", "INCONCLUSIVE"))) == ()


def test_every_stochastic_check_exists():
    text = "".join(path.read_text() for path in Path(harness.checks.__path__[0]).glob("*.py"))
    assert [one for one in sorted(STOCHASTIC) if f'"{one}"' not in text] == []
