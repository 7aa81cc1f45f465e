"""The compatibility matrix as values: products by formats, what was seen, what is claimed, and how they agree.

Evidence classes never mix: every target of every run keeps a row of its own, every release that is spoken of another,
and nothing is added up over them. Only MEASURED rows are held against claims: an emulation plays the claims, and a
self-test says nothing of any product. A claim that is itself a measurement confirms nothing; it is told apart as what
was measured before.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.core import conclusion
from harness.core.claims import (
    STORING,
    Claim,
    ClaimCell,
    ClaimKind,
    ClaimStatus,
    FormatClaim,
    Service,
)
from harness.core.conclusion import SettledCell
from harness.core.endpoint import EvidenceClass
from harness.core.results import CheckInfo, Outcome
from harness.core.services_seen import BesideClaim
from harness.core.standing import Comparison, Standing
from harness.core.storage_seen import StorageSeen
from harness.core.told import Told

#: How heavy a status weighs where SOP classes or services are told apart: what is taken somewhere is taken.
STATUS_WEIGHT = (ClaimStatus.ACCEPTED, ClaimStatus.PARTIAL, ClaimStatus.REFUSED, ClaimStatus.UNKNOWN)


@dataclass(frozen=True, slots=True)
class FormatColumn:
    """A format as the matrix heads it; ``classes`` are the ids of its SOP classes, the transfer class first."""

    id: str
    name: str
    uid: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a row of what was seen comes from. ``run_id`` is that of the shard where the run was joined.

    ``date`` is the day on which the run started, ``link`` the place of its report, ``machine`` the system that it ran
    on; ``modified`` says that files of the harness differed from its commit.
    """

    run_id: str
    target: str
    product: str
    version: str
    date: str
    evidence_class: EvidenceClass
    runtime: str
    link: str
    machine: str = ""
    modified: bool = False

    @property
    def text(self) -> str:
        """In one line."""
        return f"run {self.run_id}, target {self.target}, version {self.version or 'not known'}, {self.date}"


@dataclass(frozen=True, slots=True)
class Held:
    """One finding on storage beside the claims on the same cell; ``before`` are those that were measured."""

    seen: StorageSeen
    comparison: Comparison
    before: Comparison


@dataclass(frozen=True, slots=True)
class SeenCell:
    """All checks of one format on one target. ``held`` is empty where the row is not held against claims."""

    format: str
    cells: tuple[SettledCell, ...]
    storage: tuple[StorageSeen, ...]
    held: tuple[Held, ...]

    @property
    def standing(self) -> conclusion.Standing:
        """What all checks come to together."""
        return conclusion.standing_of(self.cells)

    @property
    def passed(self) -> int:
        """Number of checks that are PASS."""
        return sum(one.outcome is Outcome.PASS for one in self.cells)

    @property
    def applicable(self) -> int:
        """Number of checks that apply and that the chosen profile asks: the n of k of n."""
        return sum(one.outcome is not Outcome.NOT_APPLICABLE and not one.left_out for one in self.cells)

    @property
    def stored(self) -> Outcome | None:
        """Whether it is stored in any SOP class by any service; None where nothing decides.

        A failure anywhere weighs more than a success elsewhere, and a success more than a refusal elsewhere. It is
        refused where C-STORE refused it in every SOP class, or STOW-RS where C-STORE was not asked.
        """
        outcomes = {one.outcome for one in self.storage}
        if found := next((one for one in (Outcome.FAIL, Outcome.PASS) if one in outcomes), None):
            return found
        by_store = {one.outcome for one in self.storage if one.cell.service is Service.STORE}
        refused = (by_store or outcomes) == {Outcome.UNSUPPORTED}
        return Outcome.UNSUPPORTED if refused else None

    @property
    def only_by(self) -> tuple[Service, ...]:
        """The services that store it, where another one was tried and did not; empty otherwise."""
        idle = (Outcome.NOT_APPLICABLE, Outcome.NOT_RUN)
        taken = {one.cell.service for one in self.storage if one.outcome is Outcome.PASS}
        tried = {one.cell.service for one in self.storage if one.outcome not in idle}
        return tuple(one for one in STORING if one in taken) if tried - taken else ()

    @property
    def against_claims(self) -> tuple[Standing, int, int] | None:
        """The heaviest standing with k of n findings that have it; None where nothing is compared.

        n counts the findings that anything is claimed of.
        """
        return _heaviest([one.comparison.standing for one in self.held])

    @property
    def as_before(self) -> bool:
        """Whether everything that was measured before was seen again."""
        found = [one.before.standing for one in self.held if one.before.each]
        return bool(found) and all(one is Standing.CONFIRMED for one in found)

    @property
    def differs_from_before(self) -> bool:
        """Whether a measurement among the claims says otherwise."""
        return any(one.before.standing in (Standing.BROKEN, Standing.BETTER) for one in self.held)


@dataclass(frozen=True, slots=True)
class ClaimedCell:
    """Everything that is claimed of one format: by SOP class and storing service, and all claims as they are.

    ``others`` are claims on playback and transcoding, which nothing in the matrix is held against.
    """

    format: str
    views: tuple[tuple[ClaimCell, Told], ...]
    claims: tuple[FormatClaim, ...]
    others: tuple[FormatClaim, ...]

    @property
    def statuses(self) -> tuple[ClaimStatus, ...]:
        """The different answers for its SOP classes and services, the heaviest first."""
        found = {view.status for _, view in self.views}
        return tuple(one for one in STATUS_WEIGHT if one in found) or (ClaimStatus.UNKNOWN,)

    @property
    def status(self) -> ClaimStatus:
        """The heaviest answer; see :attr:`statuses` for the others."""
        return self.statuses[0]

    @property
    def contradicted(self) -> bool:
        """Whether any claim says something else than the one that counts, or equals contradict each other."""
        return any(view.contradicting for _, view in self.views)

    @property
    def untrusted(self) -> tuple[ClaimStatus, ...]:
        """What is claimed without a source where nothing that is trusted is."""
        if self.status is not ClaimStatus.UNKNOWN:
            return ()
        found = {claim.status for claim in self.claims} - {ClaimStatus.UNKNOWN}
        return tuple(one for one in STATUS_WEIGHT if one in found)

    @property
    def measured(self) -> bool:
        """Whether the claim that counts is a measurement."""
        deciding = [view.claim for _, view in self.views if view.status is self.status and view.claim]
        return bool(deciding) and all(is_measured(claim) for claim in deciding)


@dataclass(frozen=True, slots=True)
class SeenRow:
    """One target of one run."""

    source: Provenance
    configuration: str
    cells: Mapping[str, SeenCell]
    checks: Mapping[str, CheckInfo]
    besides: tuple[BesideClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class ClaimedRow:
    """One release that is spoken of; an empty ``name`` is the product whatever the release."""

    name: str
    date: str
    configuration: str
    note: str
    cells: Mapping[str, ClaimedCell]
    besides: tuple[BesideClaim, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductRows:
    """One product with its rows, releases in order. ``id`` is that of its matrix, or made of its name."""

    id: str
    product: str
    vendor: str
    kind: str
    seen: tuple[SeenRow, ...]
    claimed: tuple[ClaimedRow, ...]


@dataclass(frozen=True, slots=True)
class Compatibility:
    """The whole matrix."""

    formats: tuple[FormatColumn, ...]
    products: tuple[ProductRows, ...]


def is_measured(claim: Claim) -> bool:
    """Whether a claim is itself a measurement, which another measurement repeats and does not confirm."""
    return claim.basis.source is not None and claim.basis.source.kind is ClaimKind.MEASURED


def _heaviest(standings: Sequence[Standing]) -> tuple[Standing, int, int] | None:
    if not standings:
        return None
    claimed = [one for one in standings if one is not Standing.UNCLAIMED]
    for one in Standing:
        if one in claimed:
            return one, claimed.count(one), len(claimed)
    return Standing.UNCLAIMED, len(standings), len(standings)
