"""How a claim stands against what was seen: confirmed, broken, better than claimed, unclaimed or untested.

A claim is only ever held against a finding on the same cell. What a claim leaves open ("partial") no single finding
confirms or breaks, and a figure that cannot be reached by testing is never called confirmed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.core.claims import Claim, ClaimCell, ClaimStatus, Confidence, FormatClaim, LimitClaim
from harness.core.results import Outcome
from harness.core.sizes import show_size
from harness.core.told import told


class Standing(StrEnum):
    """What a claim came to."""

    BROKEN = "broken"
    BETTER = "better than claimed"
    CONFIRMED = "confirmed"
    UNDECIDED = "undecided"  #: seen, and the claim leaves it open or claims contradict each other
    UNTESTED = "untested"  #: claimed, and nothing was seen that decides
    UNCLAIMED = "unclaimed"


#: Outcomes that tell what the product does.
DECIDED = (Outcome.PASS, Outcome.UNSUPPORTED, Outcome.FAIL)

#: What a known claim comes to, by what was seen.
STANDINGS: dict[tuple[ClaimStatus, Outcome], tuple[Standing, str]] = {
    (ClaimStatus.ACCEPTED, Outcome.PASS): (Standing.CONFIRMED, "claimed and seen to work"),
    (ClaimStatus.ACCEPTED, Outcome.UNSUPPORTED): (Standing.BROKEN, "claimed to be accepted, and openly refused"),
    (ClaimStatus.ACCEPTED, Outcome.FAIL): (Standing.BROKEN, "claimed to be accepted, and it failed"),
    (ClaimStatus.REFUSED, Outcome.PASS): (Standing.BETTER, "claimed to be refused, and seen to work"),
    (ClaimStatus.REFUSED, Outcome.UNSUPPORTED): (Standing.CONFIRMED, "claimed to be refused, and openly refused"),
    (ClaimStatus.REFUSED, Outcome.FAIL): (Standing.BROKEN, "claimed to be refused; it was taken, and it failed"),
    (ClaimStatus.PARTIAL, Outcome.PASS): (Standing.UNDECIDED, "claimed in part; seen to work here"),
    (ClaimStatus.PARTIAL, Outcome.UNSUPPORTED): (Standing.UNDECIDED, "claimed in part; openly refused here"),
    (ClaimStatus.PARTIAL, Outcome.FAIL): (Standing.BROKEN, "claimed in part; it was taken here, and it failed"),
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The claims on one cell beside what was seen there. ``each`` holds every known claim with its own standing."""

    standing: Standing
    reason: str
    seen: Outcome | None
    claim: FormatClaim | None
    each: tuple[tuple[FormatClaim, Standing], ...] = ()
    contradicting: tuple[FormatClaim, ...] = ()


def stand(status: ClaimStatus, seen: Outcome | None) -> tuple[Standing, str]:
    """How one claim stands; ``seen`` is None where the cell was not part of a run."""
    if status is ClaimStatus.UNKNOWN:
        return Standing.UNCLAIMED, "nothing is claimed"
    if seen is None or seen not in DECIDED:
        return Standing.UNTESTED, "claimed, and not tested" if seen is None else f"claimed, and the test came to {seen}"
    return STANDINGS[status, seen]


def compare(claims: Iterable[Claim], cell: ClaimCell, seen: Outcome | None) -> Comparison:
    """The claims on ``cell`` beside the outcome of the check that asks it.

    Without a claim that is trusted at all, the strongest of the others is compared, so that an unsourced statement is
    tested too. ``claims`` are those that count for the release that was tested
    (:meth:`~harness.core.claims.ProductClaims.claims_on`).
    """
    all_claims = tuple(claims)
    view = told(all_claims, cell)
    if view.claim is None and not view.contradicting:
        view = told(all_claims, cell, Confidence.NONE)
    known = [claim for claim in view.claims if claim.status is not ClaimStatus.UNKNOWN]
    each = tuple((claim, stand(claim.status, seen)[0]) for claim in known)
    if view.claim is None and view.contradicting:
        standing, reason = Standing.UNTESTED, "claims contradict each other, and nothing was seen that decides"
        if seen in DECIDED:
            standing, reason = Standing.UNDECIDED, "claims of the same weight contradict each other"
        return Comparison(standing, reason, seen, None, each, view.contradicting)
    standing, reason = stand(view.status, seen)
    if view.contradicting:
        reason += (
            f"; {len(view.contradicting)} other claim{'s say' if len(view.contradicting) > 1 else ' says'} otherwise"
        )
    return Comparison(standing, reason, seen, view.claim, each, view.contradicting)


def compare_service(status: ClaimStatus, seen: Outcome | None) -> tuple[Standing, str]:
    """How a claim on a service stands; a service that is not offered is one that is refused."""
    return stand(status, Outcome.UNSUPPORTED if seen is Outcome.NOT_APPLICABLE else seen)


def compare_limit(claim: LimitClaim, passed: int | None, failed: int | None) -> tuple[Standing, str]:
    """How a claim on the largest object stands.

    ``passed`` is the largest size in bytes that came back whole, ``failed`` the smallest that did not; None where
    there was none.
    """
    largest = claim.largest
    if largest is None:
        if failed is not None:
            return Standing.BROKEN, f"claimed to have no limit, and {show_size(failed)} failed"
        return Standing.UNTESTED, f"no limit met{f' up to {show_size(passed)}' if passed else ''}; none can be excluded"
    if failed is not None and failed <= largest:
        return Standing.BROKEN, f"claimed up to {show_size(largest)}, and {show_size(failed)} failed"
    if passed is not None and passed > largest:
        return Standing.BETTER, f"claimed up to {show_size(largest)}, and {show_size(passed)} came back whole"
    if passed == largest:
        return Standing.CONFIRMED, f"claimed up to {show_size(largest)}, and that came back whole"
    if passed is None:
        return Standing.UNTESTED, f"claimed up to {show_size(largest)}, and no size was seen to pass"
    return Standing.UNTESTED, f"claimed up to {show_size(largest)}, tested up to {show_size(passed)} only"
