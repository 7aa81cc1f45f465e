"""``report.html`` of a run folder: the verification report of the run alone, with nothing that people add."""

from pathlib import Path

from harness.core.results import Run
from harness.core.verification.dossier import Dossier
from harness.core.verification.report import compile_report
from harness.report.verification import page
from harness.report.verification.rendering import Rendering

OUTPUT = "report.html"


def render(run: Run, folder: Path) -> bytes:
    """The whole page; pictures are taken from the evidence in ``folder``."""
    return page.render(Rendering(compile_report(run, Dossier()), folder))
