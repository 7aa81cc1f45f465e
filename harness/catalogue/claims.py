"""The vendor matrices in, core values out: one file per product, and its name is the id.

Every error names file and key. Beyond the shape, which ``matrices/schema.json`` tells editors too, three rules keep a
matrix honest: whatever is claimed has a source, a source without a source of its own gives no confidence, and the
source analysis is marked as what it is.
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

from harness.catalogue.claim_rows import (
    Names,
    check_all_used,
    optional_text,
    read_basis,
    read_classes,
    read_date,
    read_formats,
    read_groups,
    read_sources,
)
from harness.catalogue.figures import FIGURES_FILE
from harness.catalogue.places import data_folder
from harness.catalogue.read import load_formats, load_sop_classes
from harness.catalogue.table import Table
from harness.core.claims import (
    ANY_CLASS,
    UNCOMPRESSED,
    WORDS,
    Claim,
    ClaimStatus,
    FormatClaim,
    LimitClaim,
    ProductClaims,
    ProductKind,
    ReleaseClaims,
    Service,
    ServiceClaim,
    Setting,
    SettingClaim,
    Topic,
)
from harness.core.sizes import parse_size
from harness.errors import DataFileError

#: What ``size`` holds where a source says that there is no limit.
UNLIMITED = "unlimited"


def load_products(folder: Path | None = None) -> dict[str, ProductClaims]:
    """All products by id, in the order of their names.

    Raises:
        DataFileError: a file breaks its rules.
    """
    folder = folder or data_folder("matrices")
    files = [path for path in sorted(folder.glob("*.toml")) if path.name != FIGURES_FILE]
    if not files:
        raise DataFileError(folder, "folder", "holds no matrix; the installation is incomplete")
    formats, classes = tuple(load_formats()), tuple(load_sop_classes())
    return {path.stem: _product(path, formats, classes) for path in files}


def _product(path: Path, formats: tuple[str, ...], classes: tuple[str, ...]) -> ProductClaims:
    table = Table.load(path)
    syntaxes = (*formats, *UNCOMPRESSED)
    names = Names(read_sources(table), read_groups(table, syntaxes, classes), syntaxes, classes)
    product = ProductClaims(
        id=path.stem,
        product=table.text("product"),
        vendor=table.text("vendor"),
        kind=table.choice("kind", ProductKind),
        sources=tuple(names.sources.values()),
        releases=tuple(_release(entry, names) for entry in table.tables("releases")),
        note=optional_text(table, "note"),
    )
    if not product.releases:
        raise table.problem("releases", "is missing; give at least one [[releases]]")
    for one, other in combinations(product.releases, 2):
        if (one.name, one.configuration) == (other.name, other.configuration):
            raise table.problem("releases", f"{one.name!r} with configuration {one.configuration!r} occurs twice")
    check_all_used(table, names.sources, (claim.basis for one in product.releases for claim in one.claims))
    table.done()
    return product


def _release(table: Table, names: Names) -> ReleaseClaims:
    name = table.text("name", empty=True)
    names = replace(names, general=not name)
    claims: list[Claim] = []
    for topic in Topic:
        rows = [(entry, _format_claim(entry, topic, names)) for entry in table.tables(topic.value)]
        _no_contradiction(rows)
        claims += [claim for _, claim in rows]
    claims += [_service_claim(entry, names) for entry in table.tables("services")]
    claims += [_limit_claim(entry, names) for entry in table.tables("largest")]
    claims += [_setting_claim(entry, names) for entry in table.tables("settings")]
    release = ReleaseClaims(
        name=name,
        date=read_date(table),
        configuration=optional_text(table, "configuration"),
        claims=tuple(claims),
        note=optional_text(table, "note"),
    )
    table.done()
    if not claims:
        raise table.problem("name", f"{release.name!r} has no claim; give one, of status unknown where none is known")
    return release


def _format_claim(table: Table, topic: Topic, names: Names) -> FormatClaim:
    status = table.choice("status", ClaimStatus)
    claim = FormatClaim(
        topic=topic,
        status=status,
        formats=read_formats(table, names),
        classes=read_classes(table, names),
        services=_by(table),
        basis=read_basis(table, names, status),
    )
    table.done()
    return claim


def _service_claim(table: Table, names: Names) -> ServiceClaim:
    status = table.choice("status", ClaimStatus)
    claim = ServiceClaim(status, table.choices("services", Service), read_basis(table, names, status))
    if not claim.services:
        raise table.problem("services", "is empty; name at least one")
    table.done()
    return claim


def _limit_claim(table: Table, names: Names) -> LimitClaim:
    size = table.text("size")
    try:
        largest = None if size == UNLIMITED else parse_size(size)
    except ValueError as error:
        raise table.problem("size", f"{error}, or {UNLIMITED}") from error
    claim = LimitClaim(largest, _by(table), read_basis(table, names))
    table.done()
    return claim


def _by(table: Table) -> tuple[Service, ...] | None:
    if "by" not in table:
        return None
    services = table.choices("by", Service)
    if not services:
        raise table.problem("by", "is empty; name a service, or leave it out where the source does not tell")
    return services


def _setting_claim(table: Table, names: Names) -> SettingClaim:
    setting = table.choice("setting", Setting)
    value = table.text("value") if setting in WORDS else table.integer("value")
    claim = SettingClaim(setting, value, read_basis(table, names))
    table.done()
    return claim


def _no_contradiction(rows: list[tuple[Table, FormatClaim]]) -> None:
    """Different sources may disagree; one source that says two things of one cell was read wrongly."""
    for (_, one), (table, other) in combinations(rows, 2):
        if one.basis.source != other.basis.source or one.status is other.status:
            continue
        if (
            (shared := set(one.formats) & set(other.formats))
            and _overlap(one.classes, other.classes)
            and _overlap(one.services, other.services)
        ):
            key = one.basis.source.key if one.basis.source else "nobody"
            raise table.problem("status", f"{key} already says {one.status.value} of {', '.join(sorted(shared))}")


def _overlap(one: Iterable[str] | None, other: Iterable[str] | None) -> bool:
    if one is None or other is None:
        return True
    return bool({*one} & {*other}) or ANY_CLASS in {*one, *other}
