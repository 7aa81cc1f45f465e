"""Runs and claims put side by side: the making of :class:`~harness.core.compatibility.Compatibility`."""

from collections.abc import Iterable, Mapping, Sequence

from harness.core.claims import STORING, Claim, ClaimCell, FormatClaim, ProductClaims, ReleaseClaims, Service, Topic
from harness.core.compatibility import (
    ClaimedCell,
    ClaimedRow,
    Compatibility,
    FormatColumn,
    Held,
    ProductRows,
    Provenance,
    SeenCell,
    SeenRow,
    is_measured,
)
from harness.core.conclusion import SettledCell, settle
from harness.core.endpoint import EvidenceClass
from harness.core.formats import Format
from harness.core.naming import Named, named
from harness.core.results import Run, Shard, TargetRecord
from harness.core.services_seen import beside_claims
from harness.core.standing import compare
from harness.core.storage_seen import StorageSeen, storage_seen
from harness.core.told import told


def compatibility(
    runs: Sequence[tuple[Run, str]],
    claims: Mapping[str, ProductClaims],
    formats: Iterable[Format],
    *,
    everything: bool = True,
) -> Compatibility:
    """Put runs and claims side by side.

    Products that were measured come first. Each run comes with the place of its report, empty where there is none.
    ``everything`` takes in products that no run has; otherwise only what is claimed of the tested ones is shown.
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
    return Compatibility(columns, tuple(sorted(products, key=_first_seen)))


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
        _machine(run, shard),
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


def _machine(run: Run, shard: Shard | None) -> str:
    """The system that a run, or the shard of it, ran on; a joined run keeps the environment of each shard by its id."""
    environment = run.environment.get(shard.run_id) if shard else run.environment
    return str(environment.get("system", "")) if isinstance(environment, Mapping) else ""


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
    return ClaimedRow(
        release.name, release.date, release.configuration, release.note, cells, beside_claims((), release.claims)
    )


def _services(claims: Iterable[FormatClaim]) -> tuple[Service | None, ...]:
    """The storing services that claims tell apart; None alone where none does."""
    found = {service for claim in claims for service in claim.services or ()}
    return tuple(one for one in STORING if one in found) or (None,)


def _first_seen(product: ProductRows) -> int:
    """Products that were measured come first, then those that were seen otherwise; names keep their order."""
    kinds = [row.source.evidence_class for row in product.seen]
    return min((list(EvidenceClass).index(kind) for kind in kinds), default=len(EvidenceClass))


def _order(row: SeenRow) -> tuple[int, list[tuple[int, str]], str, str]:
    kind = list(EvidenceClass).index(row.source.evidence_class)
    parts = row.source.version.replace("-", ".").split(".")
    numbers = [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
    return kind, numbers, row.source.date, row.source.run_id
