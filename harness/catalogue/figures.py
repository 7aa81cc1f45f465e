"""The file of claims on formats whatever the product, as core values; every error names file and key."""

from pathlib import Path

from harness.catalogue.claim_rows import (
    Names,
    check_all_used,
    optional_text,
    read_basis,
    read_formats,
    read_sources,
)
from harness.catalogue.places import data_folder
from harness.catalogue.read import load_formats
from harness.catalogue.table import Table
from harness.core.figures import FigureClaim, Measure

#: The only file among the matrices that is no product.
FIGURES_FILE = "format-claims.toml"


def load_figures(path: Path | None = None) -> dict[str, FigureClaim]:
    """The claims on formats whatever the product, by id, in the order of the file.

    Raises:
        DataFileError: the file breaks its rules.
    """
    table = Table.load(path or data_folder("matrices") / FIGURES_FILE)
    names = Names(read_sources(table), {}, tuple(load_formats()), ())
    inner = table.table("claims")
    figures = {id_: _figure(id_, inner.table(id_), names) for id_ in inner.names()}
    check_all_used(table, names.sources, (figure.basis for figure in figures.values()))
    table.done()
    return figures


def _figure(id_: str, table: Table, names: Names) -> FigureClaim:
    claim = FigureClaim(
        id=id_,
        measure=table.choice("measure", Measure),
        formats=read_formats(table, names),
        least=table.fraction("least") if "least" in table else None,
        most=table.fraction("most") if "most" in table else None,
        basis=read_basis(table, names),
        condition=optional_text(table, "condition"),
        against=read_formats(table, names, "against") if "against" in table else (),
    )
    if claim.least is None and claim.most is None:
        raise table.problem("least", "is missing; give least, most or both")
    if claim.least is not None and claim.most is not None and claim.least > claim.most:
        raise table.problem("least", f"is {claim.least}, more than most, {claim.most}")
    if bool(claim.against) is not (claim.measure is Measure.SAVING):
        raise table.problem("against", f"belongs to a {Measure.SAVING.value}, and to nothing else")
    table.done()
    return claim
