"""``pacs-harness recommend``: which format to send to a chosen set of products, and why."""

import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from harness.catalogue.claims import load_products
from harness.catalogue.read import load_formats
from harness.core.claims import ProductClaims
from harness.core.compatibility import Compatibility
from harness.core.counterparts import counts
from harness.core.naming import product_id
from harness.core.recommendation import Advice, Chosen, Picture, Taken, is_flat, recommend
from harness.core.side_by_side import compatibility
from harness.errors import UnknownName, UsageError
from harness.plugin.commands.matrix import read_runs
from harness.report.record import RECORD
from harness.report.wording import printable

_WIDTH = 110

_MEANING = {Picture.HD: "HD video, 720 rows and more", Picture.SD: "SD video, up to 576 rows"}


def show_recommendation(names: Sequence[str], pictures: Sequence[Picture]) -> int:
    """Print the answer for each kind of picture; 0 where each has a format known to be taken by all, else 1.

    ``names`` are products, as ``NAME``, ``NAME@RELEASE`` or ``NAME@RELEASE:CONFIGURATION``, and run folders.

    Raises:
        HarnessError: a name is not known, no product is named, or a file cannot be read.
    """
    folders = [Path(name) for name in names if is_run(Path(name))]
    claims = load_products()
    formats = load_formats().values()
    matrix = compatibility([(run, "") for run in read_runs(folders)], claims, formats)
    chosen = [choose(name, matrix, claims) for name in names if not is_run(Path(name))]
    if not chosen:
        raise UsageError(f"name at least one PRODUCT, such as {', '.join(list(claims)[:3])}")
    counted = {one.format.id: one.claimed for one in counts(matrix, claims)}
    elsewhere = {id_: one.k for id_, one in counted.items()}
    totals = {id_: f"{one.k} of {one.n}" for id_, one in counted.items()}
    found = {picture: recommend(chosen, formats, picture, elsewhere) for picture in pictures}
    parts = [_text(_MEANING[picture], chosen, advice, totals) for picture, advice in found.items()]
    flat = ", ".join(one.id for one in formats if not is_flat(one))
    parts.append(f"Left out, as they are for two views: {flat}.")
    parts.append("MEASURED is what was seen in the runs given; CLAIMED is what a source says, and was not tested.")
    sys.stdout.write("\n\n".join(parts) + "\n")
    return 0 if all(any(one.by_all for one in advice) for advice in found.values()) else 1


def is_run(path: Path) -> bool:
    """Whether a name on the command line is a run rather than a product."""
    return path.name == RECORD or (path / RECORD).is_file()


def choose(text: str, matrix: Compatibility, claims: Mapping[str, ProductClaims]) -> Chosen:
    """The product that is meant.

    Raises:
        UnknownName: there is no such product among claims and runs, or no such configuration of it.
    """
    name, _, rest = text.partition("@")
    release, _, configuration = rest.partition(":")
    rows = {one.id: one for one in matrix.products}
    seen = {one.product.casefold(): one.id for one in matrix.products}
    id_ = product_id(name, claims.values()) or seen.get(name.casefold())
    if id_ is None or id_ not in rows:
        raise UnknownName("product", name, rows)
    if configuration:
        known = {one.configuration for one in rows[id_].claimed} | {one.configuration for one in rows[id_].seen}
        if configuration not in known:
            raise UnknownName(f"configuration of {name}", configuration, sorted(one for one in known if one))
    return Chosen(rows[id_], claims.get(id_), release, configuration)


def _text(title: str, chosen: Sequence[Chosen], advice: Sequence[Advice], totals: Mapping[str, str]) -> str:
    lines = [f"{title}, for {', '.join(printable(one.name) for one in chosen)}"]
    if not any(one.by_all for one in advice):
        lines.append("No format is known to be taken by all.")
    for place, one in enumerate(advice, start=1):
        refused = one.count(Taken.REFUSED)
        lines.append("")
        lines.append(f"{'not' if refused else f'{place}.'} {one.format.id}, {one.format.name}: {one.text}")
        lines.append(f"   accepted by {totals[one.format.id]} named, dated releases of all products, as claimed")
        for reason in one.reasons:
            line = printable(f"{reason.product}: {reason.taken}. {reason.evidence}")
            lines.append(textwrap.fill(line, _WIDTH, initial_indent="   ", subsequent_indent="     "))
    return "\n".join(lines)
