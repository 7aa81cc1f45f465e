"""``pacs-harness matrix``: runs and claims, products by formats, to HTML, Markdown and CSV."""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import harness
from harness.catalogue.claims import load_products
from harness.catalogue.figures import load_figures
from harness.catalogue.read import load_formats
from harness.core.counterparts import besides, counts
from harness.core.results import Run
from harness.core.side_by_side import compatibility
from harness.errors import UsageError
from harness.plugin.environment import now
from harness.report.compatibility import markdown, page, sheet
from harness.report.compatibility.writing import write
from harness.report.outputs import PAGE
from harness.report.record import read_run


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where to write; None is not written."""

    html: Path | None = None
    md: Path | None = None
    csv: Path | None = None


def show_matrix(folders: Sequence[Path], outputs: Outputs, *, claims: bool) -> int:
    """Write the matrix; without any file to write, Markdown goes to standard output. 0 where that was done.

    ``claims`` takes in products that no run has; those that were tested are held against their claims in any case.

    Raises:
        HarnessError: a run or a matrix file cannot be read, or a file cannot be written.
    """
    if not folders and not claims:
        raise UsageError("name at least one RUN, or give --claims for what is claimed alone")
    runs = read_runs(folders)
    products = load_products()
    links = [_link(folder, outputs.html) for folder in folders]
    matrix = compatibility(list(zip(runs, links, strict=True)), products, load_formats().values(), everything=claims)
    counted = counts(matrix, products)
    figures = besides(load_figures().values(), runs, counted)
    made = page.Made(f"pytest-pacs {harness.__version__}", now())
    if outputs.html:
        places: Mapping[tuple[str, str, str], str] = {
            key: place for run, link in zip(runs, links, strict=True) for key, place in page.places(run, link).items()
        }
        write(outputs.html, page.render(matrix, counted, figures, made, places))
    if outputs.csv:
        write(outputs.csv, sheet.render(matrix))
    text = markdown.render(matrix, counted, figures, made)
    if outputs.md:
        write(outputs.md, text)
    written = [path for path in (outputs.html, outputs.md, outputs.csv) if path]
    sys.stdout.write("".join(f"{path}\n" for path in written) or text)
    return 0


def read_runs(folders: Sequence[Path]) -> list[Run]:
    """The runs, each once.

    Raises:
        HarnessError: one cannot be read, or two folders hold the same run.
    """
    runs = [read_run(folder) for folder in folders]
    for number, run in enumerate(runs):
        if run.run_id in [other.run_id for other in runs[:number]]:
            raise UsageError(f"{folders[number]}: run {run.run_id} is given twice")
    return runs


def _link(folder: Path, page_file: Path | None) -> str:
    """The report of a run as it is reached from the page; empty where it was not made."""
    folder = folder.parent if folder.is_file() else folder
    report = folder / PAGE
    if page_file is None or not report.is_file():
        return ""
    relative = os.path.relpath(report.resolve(), page_file.resolve().parent)
    return "/".join(quote(part) for part in Path(relative).parts)
