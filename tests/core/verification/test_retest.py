"""A retest lists in words what changed since the run that it repeats."""

from dataclasses import replace

from harness.core.verification.retest import previous_run
from tests.core.run_values import run, seen


def changes(before, after):
    return previous_run(before, "ab", after).changes


def test_a_run_that_came_to_the_same_says_so():
    one = run(seen("STO-ACK", "PASS"))
    assert changes(one, replace(one, run_id="run-2")) == ("every cell came to the same",)


def test_cells_that_changed_alike_are_said_once():
    before = run(seen("RET-GET", "FAIL", format="a"), seen("RET-GET", "FAIL", format="b"))
    after = run(seen("RET-GET", "PASS", format="a"), seen("RET-GET", "PASS", format="b"), version="1.12.9")
    assert changes(before, after) == (
        "orthanc was Orthanc 1.12.7 and is Orthanc 1.12.9",
        "better: 2 cells, FAIL before, PASS now: orthanc--a--RET-GET, orthanc--b--RET-GET",
    )


def test_runs_of_other_protocols_are_not_like_with_like():
    one = run(seen("STO-ACK", "PASS"))
    found = changes(one, replace(one, tools={"harness": {"version": "0.2.0"}}))
    assert found[0].startswith("not like with like: the harness is")
