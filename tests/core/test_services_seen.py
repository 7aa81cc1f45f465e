"""Services and the largest object beside what is claimed of them."""

import pytest

from harness.core.claims import LimitClaim, Service, ServiceClaim
from harness.core.conclusion import settle
from harness.core.results import Outcome
from harness.core.services_seen import beside_claims, service_seen, sizes_seen
from harness.core.standing import Standing
from tests.core.claim_values import ACCEPTED, REFUSED, basis
from tests.core.run_values import run, seen

GB = 10**9


def beside(*found, claims=()):
    return {one.what: one for one in beside_claims(settle(run(*found)), claims)}


@pytest.mark.parametrize(
    ("outcomes", "shown"),
    [
        ((), None),
        (("UNSUPPORTED", "PASS"), Outcome.PASS),
        (("NOT_APPLICABLE",), Outcome.NOT_APPLICABLE),
        (("UNSUPPORTED",), Outcome.INCONCLUSIVE),
        (("FAIL", "UNSUPPORTED"), Outcome.FAIL),
    ],
)
def test_one_success_shows_a_service_and_a_refused_format_denies_none(outcomes, shown):
    cells = settle(run(*(seen("RET-GET", one, variant=str(place)) for place, one in enumerate(outcomes))))
    assert service_seen(Service.GET, cells) is shown


def test_claimed_service_that_is_not_offered_breaks_the_claim():
    claims = [ServiceClaim(ACCEPTED, (Service.GET,), basis())]
    assert beside(seen("RET-GET", "NOT_APPLICABLE"), claims=claims)["C-GET"].standing is Standing.BROKEN


def test_measured_service_is_no_confirmation():
    claims = [ServiceClaim(ACCEPTED, (Service.GET,), basis("measured"))]
    found = beside(seen("RET-GET", "PASS"), claims=claims)["C-GET"]
    assert (found.standing, found.reason) == (None, "measured before")


def test_every_claim_on_a_service_is_kept():
    claims = [ServiceClaim(one, (Service.GET,), basis()) for one in (ACCEPTED, REFUSED)]
    found = beside_claims(settle(run(seen("RET-GET", "PASS"))), claims)
    assert [one.standing for one in found] == [Standing.CONFIRMED, Standing.BETTER]


def test_largest_object_stands_beside_the_sizes_that_came_back():
    cells = [seen("SIZ-LADDER", "PASS", variant="64MiB"), seen("SIZ-LADDER", "FAIL", variant="2GiB")]
    assert sizes_seen(settle(run(*cells))) == (64 * 2**20, 2**31)
    found = beside(*cells, claims=[LimitClaim(4 * GB, None, basis())])["largest object"]
    assert found.standing is Standing.BROKEN


def test_limit_of_another_service_is_not_tested_by_our_sizes():
    claims = [LimitClaim(4 * GB, (Service.STOW,), basis())]
    cells = [seen("SIZ-LADDER", "FAIL", variant="2GiB")]
    assert beside(*cells, claims=claims)["largest object"].standing is Standing.UNTESTED


def test_without_claims_to_compare_only_what_was_seen_is_shown():
    found = beside(seen("ASC-ECHO", "PASS", format=None), claims=None)
    assert [(one.what, one.seen, one.standing) for one in found.values()] == [("C-ECHO", "offered", None)]
