"""The compatibility matrix as CSV: one line for each thing seen and each thing claimed, with where it comes from."""

import csv
import io
from collections.abc import Iterable, Iterator

from harness.core.claims import Basis, FormatClaim
from harness.core.compatibility import ClaimedCell, Compatibility, FormatColumn, ProductRows, SeenCell, SeenRow
from harness.report.compatibility import rows as texts
from harness.report.summary import label
from harness.report.wording import guarded

#: The columns, in order. ``id`` stays the same for the same field of the same run or release.
COLUMNS = (
    "id",
    "class",
    "product_id",
    "product",
    "release",
    "configuration",
    "format",
    "transfer_syntax",
    "topic",
    "sop_class",
    "service",
    "result",
    "passed",
    "applicable",
    "reason",
    "standing",
    "standing_reason",
    "run",
    "target",
    "machine",
    "date",
    "source_kind",
    "confidence",
    "source",
    "source_address",
    "source_version",
    "quote",
    "note",
)


def render(matrix: Compatibility) -> str:
    """The whole file, with a head."""
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    writer.writeheader()
    for product in matrix.products:
        for values in _product(product, matrix.formats):
            writer.writerow({name: guarded(str(value)) for name, value in values.items()})
    return out.getvalue()


def _product(product: ProductRows, formats: Iterable[FormatColumn]) -> Iterator[dict[str, object]]:
    for column in formats:
        head = {
            "product_id": product.id,
            "product": product.product,
            "format": column.id,
            "transfer_syntax": column.uid,
        }
        for seen in product.seen:
            if (cell := seen.cells.get(column.id)) is not None:
                yield from (head | values for values in _seen(seen, cell))
        for claimed in product.claimed:
            told = claimed.cells.get(column.id)
            for number, values in enumerate(_claimed(told) if told else (), start=1):
                id_ = texts.name("claimed", product.id, claimed.name, claimed.configuration, column.id)
                yield (
                    head
                    | values
                    | {
                        "id": f"{id_}:{number}",
                        "class": texts.CLAIMED,
                        "release": claimed.name,
                        "configuration": claimed.configuration,
                    }
                )


def _seen(row: SeenRow, cell: SeenCell) -> Iterator[dict[str, object]]:
    source = row.source
    id_ = texts.name("seen", source.run_id, source.target, cell.format)
    head: dict[str, object] = {
        "class": source.evidence_class.value,
        "release": source.version,
        "configuration": row.configuration,
        "run": source.run_id,
        "target": source.target,
        "machine": source.machine,
        "date": source.date,
    }
    yield head | {
        "id": id_,
        "topic": "all checks",
        "result": label(cell.standing),
        "passed": cell.passed,
        "applicable": cell.applicable,
        "standing": texts.against_text(cell),
    }
    held = {one.seen: one for one in cell.held}
    for one in cell.storage:
        place = one.cell
        values: dict[str, object] = {
            "id": texts.name(
                "seen", source.run_id, source.target, cell.format, place.sop_class or "", str(place.service)
            ),
            "topic": "storage",
            "sop_class": place.sop_class or "",
            "service": str(place.service),
            "result": label(one.outcome),
            "reason": one.reason,
        }
        if one in held:
            comparison = held[one].comparison
            values |= {"standing": comparison.standing.value, "standing_reason": comparison.reason}
            values |= _basis(comparison.claim.basis) if comparison.claim else {}
        yield head | values


def _claimed(cell: ClaimedCell) -> Iterator[dict[str, object]]:
    for claim in (*cell.claims, *cell.others):
        yield _claim(claim) | _basis(claim.basis)


def _claim(claim: FormatClaim) -> dict[str, object]:
    return {
        "topic": claim.topic.value,
        "sop_class": " ".join(claim.classes or ()),
        "service": ", ".join(claim.services or ()),
        "result": claim.status.value,
    }


def _basis(basis: Basis) -> dict[str, object]:
    values: dict[str, object] = {"confidence": basis.confidence.value, "quote": basis.quote, "note": basis.note}
    if (source := basis.source) is not None:
        values |= {
            "source_kind": source.kind.value,
            "source": source.title,
            "source_address": source.address,
            "source_version": source.version,
            "date": source.date,
        }
    return values
