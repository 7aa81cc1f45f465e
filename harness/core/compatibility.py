"""The compatibility matrix as values: products by formats, what was seen, what is claimed, and how they agree.

Evidence classes never mix: every target of every run keeps a row of its own, every release that is spoken of another,
and nothing is added up over them. Only MEASURED rows are held against claims: an emulation plays the claims, and a
self-test says nothing of any product. A claim that is itself a measurement confirms nothing; it is told apart as what
was measured before.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.core import conclusion
from harness.core.claims import (
    STORING,
    Claim,
    ClaimCell,
    ClaimKind,
    ClaimStatus,
    FormatClaim,
    ProductClaims,
    ReleaseClaims,
    Service,
    Topic,
)
from harness.core.conclusion import SettledCell, settle
from harness.core.endpoint import EvidenceClass
from harness.core.formats import Format
from harness.core.naming import Named, named
from harness.core.results import CheckInfo, Outcome, Run, TargetRecord
from harness.core.services_seen import BesideClaim, beside_claims
from harness.core.standing import Comparison, Standing, compare
from harness.core.storage_seen import StorageSeen, storage_seen
from harness.core.told import Told, told

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
    """Where a row of what was seen comes from. ``run_id`` is that of the shard where the run was joined."""

    run_id: str
    target: str
    product: str
    version: str
    date: str
    evidence_class: EvidenceClass
    runtime: str
    link: str
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
        return conclusion.standing(one.outcome for one in self.cells)

    @property
    def passed(self) -> int:
        """Number of checks that are PASS."""
        return sum(one.outcome is Outcome.PASS for one in self.cells)

    @property
    def applicable(self) -> int:
        """Number of checks that are not NOT_APPLICABLE: the n of k of n."""
        return sum(one.outcome is not Outcome.NOT_APPLICABLE for one in self.cells)

    @property
    def stored(self) -> Outcome | None:
        """Whether it is stored in any SOP class by any service; None where nothing decides.

        A failure anywhere weighs more than a success elsewhere, and a success more than a refusal elsewhere.
        """
        outcomes = {one.outcome for one in self.storage}
        return next((one for one in (Outcome.FAIL, Outcome.PASS, Outcome.UNSUPPORTED) if one in outcomes), None)

    @property
    def only_by(self) -> tuple[Service, ...]:
        """The services that store it, where another one was tried and refused; empty otherwise."""
        taken = _services_of(self.storage, Outcome.PASS)
        refused = _services_of(self.storage, Outcome.UNSUPPORTED)
        return tuple(one for one in taken if one not in refused) if set(refused) - set(taken) else ()

    @property
    def against_claims(self) -> tuple[Standing, int, int] | None:
        """The heaviest standing with k of n findings that have it; None where nothing is compared.

        n counts the findings that anything is claimed of.
        """
        return _heaviest([one.comparison.standing for one in self.held])

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


def compatibility(
    runs: Sequence[tuple[Run, str]],
    claims: Mapping[str, ProductClaims],
    formats: Iterable[Format],
    *,
    everything: bool = True,
) -> Compatibility:
    """Put runs and claims side by side.

    Each run comes with the place of its report, empty where there is none. ``everything`` takes in products that no
    run has; otherwise only what is claimed of the tested ones is shown.
    """
    columns = _columns(formats, [run for run, _ in runs])
    rows: dict[str, list[SeenRow]] = {}
    heads: dict[str, Named] = {}
    for run, link in runs:
        cells = settle(run)
        for record in run.targets:
            name = named(record, claims)
            heads.setdefault(name.id, name)
            of_target = [one for one in cells if one.cell.target == record.id]
            rows.setdefault(name.id, []).append(_seen_row(run, record, link, name, claims, of_target, columns))
    ids = [id_ for id_ in claims if everything or id_ in rows] + [id_ for id_ in rows if id_ not in claims]
    products = []
    for id_ in ids:
        product = claims.get(id_)
        products.append(
            ProductRows(
                id_,
                product.product if product else heads[id_].product,
                product.vendor if product else "",
                product.kind.value if product else "",
                tuple(sorted(rows.get(id_, ()), key=_order)),
                tuple(_claimed_row(one, columns) for one in product.releases) if product else (),
            )
        )
    return Compatibility(columns, tuple(products))


def _columns(formats: Iterable[Format], runs: Iterable[Run]) -> tuple[FormatColumn, ...]:
    found = {
        one.id: FormatColumn(one.id, one.name, one.uid, tuple(each.id for each in one.sop_classes)) for one in formats
    }
    for run in runs:
        for id_, value in run.formats.items():
            plain = value if isinstance(value, Mapping) else {}
            classes = plain.get("sop_classes", ())
            ids = tuple(str(one.get("id", "")) for one in classes if isinstance(one, Mapping))
            column = FormatColumn(id_, str(plain.get("name") or id_), str(plain.get("uid") or ""), ids)
            found.setdefault(id_, column)
    return tuple(found.values())


def _seen_row(
    run: Run,
    record: TargetRecord,
    link: str,
    name: Named,
    claims: Mapping[str, ProductClaims],
    cells: Sequence[SettledCell],
    columns: Iterable[FormatColumn],
) -> SeenRow:
    shard = next((one for one in run.shards if record.id in one.targets), None)
    harness = run.tools.get("harness")
    source = Provenance(
        shard.run_id if shard else run.run_id,
        record.id,
        record.product,
        record.version,
        (shard.started if shard else run.started)[:10],
        record.evidence_class,
        record.runtime,
        link,
        bool(harness.get("modified")) if isinstance(harness, Mapping) else False,
    )
    counting: tuple[Claim, ...] | None = None
    if record.evidence_class is EvidenceClass.MEASURED and name.id in claims:
        counting = claims[name.id].claims_on(record.version, name.configuration)
    found = {}
    for column in columns:
        own = tuple(one for one in cells if one.cell.format == column.id)
        if not own:
            continue
        storage = storage_seen(column.id, column.classes, own)
        held = tuple(_held(one, counting) for one in storage) if counting is not None else ()
        found[column.id] = SeenCell(column.id, own, storage, held)
    return SeenRow(
        source, name.configuration, found, {check.id: check for check in run.checks}, beside_claims(cells, counting)
    )


def _held(seen: StorageSeen, claims: Iterable[Claim]) -> Held:
    all_claims = tuple(claims)
    independent = compare([one for one in all_claims if not is_measured(one)], seen.cell, seen.outcome)
    before = compare([one for one in all_claims if is_measured(one)], seen.cell, seen.outcome)
    return Held(seen, independent, before)


def _claimed_row(release: ReleaseClaims, columns: Iterable[FormatColumn]) -> ClaimedRow:
    cells = {}
    for column in columns:
        about = [one for one in release.formats if column.id in one.formats]
        storage = tuple(one for one in about if one.topic is Topic.STORAGE)
        services = _services(storage)
        cells[column.id] = ClaimedCell(
            column.id,
            tuple(
                (cell, view)
                for sop_class in column.classes or (None,)
                for service in services
                if (view := told(release.claims, cell := ClaimCell(column.id, sop_class, service))).claims
            ),
            storage,
            tuple(one for one in about if one.topic is not Topic.STORAGE),
        )
    return ClaimedRow(release.name, release.date, release.configuration, release.note, cells)


def _services_of(storage: Iterable[StorageSeen], outcome: Outcome) -> tuple[Service, ...]:
    found = {one.cell.service for one in storage if one.outcome is outcome}
    return tuple(one for one in STORING if one in found)


def _services(claims: Iterable[FormatClaim]) -> tuple[Service | None, ...]:
    """The storing services that claims tell apart; None alone where none does."""
    found = {service for claim in claims for service in claim.services or ()}
    return tuple(one for one in STORING if one in found) or (None,)


def _heaviest(standings: Sequence[Standing]) -> tuple[Standing, int, int] | None:
    if not standings:
        return None
    claimed = [one for one in standings if one is not Standing.UNCLAIMED]
    for one in Standing:
        if one in claimed:
            return one, claimed.count(one), len(claimed)
    return Standing.UNCLAIMED, len(standings), len(standings)


def _order(row: SeenRow) -> tuple[int, list[tuple[int, str]], str, str]:
    kind = list(EvidenceClass).index(row.source.evidence_class)
    parts = row.source.version.replace("-", ".").split(".")
    numbers = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
    return kind, numbers, row.source.date, row.source.run_id
