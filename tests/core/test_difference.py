"""What changed between two runs."""

from dataclasses import replace

import pytest

from harness.core.difference import Change, difference
from harness.core.results import Outcome, Run
from tests.core.test_joining import shard


def with_outcome(run: Run, outcome: Outcome) -> Run:
    first, *rest = run.results
    return replace(run, results=(replace(first, outcome=outcome), *rest))


def test_a_run_does_not_differ_from_itself():
    found = difference(shard("orthanc"), shard("orthanc"))
    assert found.same_verdicts
    assert found.figures == ()


@pytest.mark.parametrize(
    ("before", "after", "change"),
    [
        (Outcome.PASS, Outcome.FAIL, Change.WORSE),
        (Outcome.PASS, Outcome.UNSUPPORTED, Change.WORSE),
        (Outcome.PASS, Outcome.NOT_RUN, Change.WORSE),
        (Outcome.NOT_RUN, Outcome.FAIL, Change.WORSE),
        (Outcome.FAIL, Outcome.PASS, Change.BETTER),
        (Outcome.INCONCLUSIVE, Outcome.PASS, Change.BETTER),
        (Outcome.FAIL, Outcome.NOT_RUN, Change.OTHER),
        (Outcome.NOT_APPLICABLE, Outcome.PASS, Change.OTHER),
    ],
)
def test_a_changed_verdict_is_better_worse_or_neither(before, after, change):
    found = difference(with_outcome(shard("orthanc"), before), with_outcome(shard("orthanc"), after))
    assert [(one.change, one.before, one.after) for one in found.cells] == [(change, before, after)]


def test_cells_appear_and_vanish():
    whole = shard("orthanc")
    part = replace(whole, planned=whole.planned[:1], results=whole.results[:1])
    assert [one.change for one in difference(part, whole).cells] == [Change.APPEARED]
    assert [one.change for one in difference(whole, part).cells] == [Change.VANISHED]


def test_two_runs_of_one_target_each_are_compared_whatever_it_is_called():
    assert difference(shard("orthanc@1.10.1"), shard("orthanc@1.12.7")).same_verdicts


def test_renamed_targets_are_compared_and_others_are_not():
    both = replace(shard("a"), targets=(*shard("a").targets, *shard("b").targets))
    found = difference(both, shard("c"), renamed={"a": "c"})
    assert found.same_verdicts
    assert not difference(both, shard("c")).same_verdicts


def test_figures_that_grew_are_told_and_change_no_verdict():
    def figures(run: Run, seconds: float, memory: int) -> Run:
        results = tuple(replace(one, seconds=seconds) for one in run.results)
        return replace(run, results=results, targets=(replace(run.targets[0], ended={"memory_peak": memory}),))

    before, after = figures(shard("orthanc"), 1.0, 100), figures(shard("orthanc"), 3.0, 200)
    found = difference(before, after)
    assert found.same_verdicts
    assert [(one.before, one.after) for one in found.figures] == [(1.0, 3.0), (1.0, 3.0), (100, 200)]
    assert difference(after, before).figures == ()
