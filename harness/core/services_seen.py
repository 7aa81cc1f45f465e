"""What a row shows beside formats: services and the largest object, as seen and beside what is claimed of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from harness.core.claims import Basis, Claim, ClaimKind, ClaimStatus, LimitClaim, Service, ServiceClaim
from harness.core.conclusion import SettledCell
from harness.core.results import Outcome
from harness.core.sizes import parse_size, show_size
from harness.core.standing import Standing, compare_limit, compare_service

#: The checks of which one that passes shows that a service is offered.
CHECKS = {
    Service.ECHO: ("ASC-ECHO",),
    Service.STORE: ("STO-ACK",),
    Service.FIND: ("QRY-IMAGE", "QRY-STUDY"),
    Service.MOVE: ("RET-MOVE",),
    Service.GET: ("RET-GET",),
    Service.COMMITMENT: ("STO-COMMIT",),
    Service.DICOM_TLS: ("ASC-TLS",),
    Service.STOW: ("STO-STOW",),
    Service.WADO: ("RET-WADO",),
    Service.WADO_URI: ("RET-URI",),
}

SIZES = "SIZ-LADDER"


@dataclass(frozen=True, slots=True)
class BesideClaim:
    """One thing that is no format: what was seen of it, what is claimed, and how that stands.

    ``basis`` is None where nothing is claimed; ``standing`` is None where nothing is compared.
    """

    what: str
    seen: str
    claimed: str
    basis: Basis | None
    standing: Standing | None
    reason: str


def service_seen(service: Service, cells: Iterable[SettledCell]) -> Outcome | None:
    """What the checks of a service come to; None where none of them was part of the run.

    One success shows the service. A refusal of one format shows nothing of it, so that only a declaration that it
    is not offered counts against it.
    """
    outcomes = {one.outcome for one in cells if one.cell.check in CHECKS.get(service, ())}
    if not outcomes:
        return None
    if Outcome.PASS in outcomes:
        return Outcome.PASS
    if outcomes == {Outcome.NOT_APPLICABLE}:
        return Outcome.NOT_APPLICABLE
    return Outcome.FAIL if Outcome.FAIL in outcomes else Outcome.INCONCLUSIVE


def sizes_seen(cells: Iterable[SettledCell]) -> tuple[int | None, int | None]:
    """The largest size in bytes that came back whole and the smallest that did not, over all formats."""
    passed: list[int] = []
    failed: list[int] = []
    for one in cells:
        if one.cell.check != SIZES or one.cell.variant is None:
            continue
        try:
            size = parse_size(one.cell.variant)
        except ValueError:
            continue
        if one.outcome is Outcome.PASS:
            passed.append(size)
        elif one.outcome is Outcome.FAIL:
            failed.append(size)
    return max(passed, default=None), min(failed, default=None)


def beside_claims(cells: Sequence[SettledCell], claims: Sequence[Claim] | None) -> tuple[BesideClaim, ...]:
    """Every service and limit that was seen or is claimed; ``claims`` is None where nothing is to be compared."""
    found = []
    for service in Service:
        outcome = service_seen(service, cells)
        about = [one for one in claims or () if isinstance(one, ServiceClaim) and service in one.services]
        seen = "not part of the run" if outcome is None else _SHOWN.get(outcome, "not decided")
        if claims is None or not about:
            if outcome is not None:
                found.append(BesideClaim(service.value, seen, "", None, None, ""))
            continue
        for claim in sorted(about, key=lambda one: one.basis.rank):
            standing, reason = compare_service(claim.status, outcome)
            found.append(
                BesideClaim(service.value, seen, claim.status.value, claim.basis, *_told(claim, standing, reason))
            )
    passed, failed = sizes_seen(cells)
    sizes = [f"{show_size(passed)} came back whole"] if passed is not None else []
    sizes += [f"{show_size(failed)} did not"] if failed is not None else []
    seen = "; ".join(sizes)
    limits = [one for one in claims or () if isinstance(one, LimitClaim)]
    for limit in limits:
        by = f" by {', '.join(limit.services)}" if limit.services else ""
        claimed = ("no limit" if limit.largest is None else f"up to {show_size(limit.largest)}") + by
        # The ladder is stored by C-STORE; it says nothing of a limit of another service.
        ours = limit.services is None or Service.STORE in limit.services
        standing, reason = (
            compare_limit(limit, passed, failed) if ours else (Standing.UNTESTED, "sizes are sent by C-STORE")
        )
        found.append(
            BesideClaim(
                "largest object", seen or "no size was sent", claimed, limit.basis, *_told(limit, standing, reason)
            )
        )
    if seen and not limits:
        found.append(BesideClaim("largest object", seen, "", None, None, ""))
    return tuple(found)


_SHOWN = {Outcome.PASS: "offered", Outcome.NOT_APPLICABLE: "not offered", Outcome.FAIL: "failed"}


def _told(claim: ServiceClaim | LimitClaim, standing: Standing, reason: str) -> tuple[Standing | None, str]:
    """The standing, but none for a measurement, which nothing confirms."""
    if claim.basis.source is not None and claim.basis.source.kind is ClaimKind.MEASURED:
        return None, "measured before" if standing is not Standing.BROKEN else "measured before, and otherwise"
    if isinstance(claim, ServiceClaim) and claim.status is ClaimStatus.UNKNOWN:
        return None, "nothing is claimed"
    return standing, reason
