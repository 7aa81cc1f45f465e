"""A claim against what was seen."""

import pytest

from harness.core.claims import ClaimCell, LimitClaim, Service
from harness.core.results import Outcome
from harness.core.standing import DECIDED, STANDINGS, Standing, compare, compare_limit, compare_service, stand
from tests.core.claim_values import ACCEPTED, PARTIAL, REFUSED, UNKNOWN, basis, claim

CELL = ClaimCell("h264_hp41", "video_endoscopic", Service.STORE)
GIB = 2**30


@pytest.mark.parametrize(
    ("status", "seen", "standing"),
    [
        (ACCEPTED, Outcome.PASS, Standing.CONFIRMED),
        (ACCEPTED, Outcome.UNSUPPORTED, Standing.BROKEN),
        (ACCEPTED, Outcome.FAIL, Standing.BROKEN),
        (REFUSED, Outcome.PASS, Standing.BETTER),
        (REFUSED, Outcome.UNSUPPORTED, Standing.CONFIRMED),
        (REFUSED, Outcome.FAIL, Standing.BROKEN),
        (PARTIAL, Outcome.PASS, Standing.UNDECIDED),
        (PARTIAL, Outcome.UNSUPPORTED, Standing.UNDECIDED),
        (PARTIAL, Outcome.FAIL, Standing.BROKEN),
        (UNKNOWN, Outcome.PASS, Standing.UNCLAIMED),
        (UNKNOWN, None, Standing.UNCLAIMED),
    ],
)
def test_what_a_claim_comes_to(status, seen, standing):
    assert stand(status, seen)[0] is standing
    assert compare([claim(status, confidence="none" if status is UNKNOWN else "high")], CELL, seen).standing is standing


@pytest.mark.parametrize("seen", [None, *(outcome for outcome in Outcome if outcome not in DECIDED)])
@pytest.mark.parametrize("status", [ACCEPTED, REFUSED, PARTIAL])
def test_what_decides_nothing_tests_no_claim(status, seen):
    assert stand(status, seen)[0] is Standing.UNTESTED


def test_every_decided_outcome_has_a_meaning_for_every_known_claim():
    assert set(STANDINGS) == {(status, seen) for status in (ACCEPTED, REFUSED, PARTIAL) for seen in DECIDED}


def test_nothing_claimed_is_unclaimed():
    assert compare([], CELL, Outcome.PASS).standing is Standing.UNCLAIMED


def test_contradicting_claims_are_told_and_each_has_its_own_standing():
    yes, no = claim(ACCEPTED), claim(REFUSED, confidence="low")
    found = compare([yes, no], CELL, Outcome.UNSUPPORTED)
    assert (found.standing, found.claim, found.contradicting) == (Standing.BROKEN, yes, (no,))
    assert dict(found.each) == {yes: Standing.BROKEN, no: Standing.CONFIRMED}
    assert found.reason == "claimed to be accepted, and openly refused; 1 other claim says otherwise"


def test_contradicting_claims_of_the_same_weight_leave_it_undecided():
    yes, no = claim(ACCEPTED), claim(REFUSED)
    found = compare([yes, no], CELL, Outcome.PASS)
    assert (found.standing, found.claim) == (Standing.UNDECIDED, None)
    assert dict(found.each) == {yes: Standing.CONFIRMED, no: Standing.BETTER}
    assert compare([yes, no], CELL, None).standing is Standing.UNTESTED


def test_an_unsourced_claim_is_tested_where_it_is_the_only_one():
    unsourced = claim(ACCEPTED, kind="source-analysis", confidence="none")
    assert compare([unsourced], CELL, Outcome.UNSUPPORTED).standing is Standing.BROKEN
    assert compare([unsourced, claim(REFUSED)], CELL, Outcome.UNSUPPORTED).standing is Standing.CONFIRMED


@pytest.mark.parametrize(
    ("status", "seen", "standing"),
    [
        (ACCEPTED, Outcome.NOT_APPLICABLE, Standing.BROKEN),
        (REFUSED, Outcome.NOT_APPLICABLE, Standing.CONFIRMED),
        (REFUSED, Outcome.PASS, Standing.BETTER),
        (ACCEPTED, None, Standing.UNTESTED),
    ],
)
def test_a_service_that_is_not_offered_is_one_that_is_refused(status, seen, standing):
    assert compare_service(status, seen)[0] is standing


@pytest.mark.parametrize(
    ("largest", "passed", "failed", "standing", "says"),
    [
        (2 * GIB, 2 * GIB, None, Standing.CONFIRMED, "that came back whole"),
        (2 * GIB, 3 * GIB, None, Standing.BETTER, "3GiB came back whole"),
        (2 * GIB, GIB, 2 * GIB, Standing.BROKEN, "2GiB failed"),
        (2 * GIB, GIB, 3 * GIB, Standing.UNTESTED, "tested up to 1GiB only"),
        (2 * GIB, GIB, None, Standing.UNTESTED, "tested up to 1GiB only"),
        (2 * GIB, None, None, Standing.UNTESTED, "no size was seen to pass"),
        (None, 8 * GIB, None, Standing.UNTESTED, "none can be excluded"),
        (None, GIB, 2 * GIB, Standing.BROKEN, "claimed to have no limit, and 2GiB failed"),
    ],
)
def test_what_a_claimed_limit_comes_to(largest, passed, failed, standing, says):
    found, reason = compare_limit(LimitClaim(largest, None, basis()), passed, failed)
    assert found is standing
    assert says in reason
