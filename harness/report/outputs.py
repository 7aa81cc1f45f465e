"""Every output of a run, made from its record and nothing that people add."""

from collections.abc import Callable
from pathlib import Path

from harness.core.verification.dossier import Dossier
from harness.core.verification.report import compile_report
from harness.errors import RecordError
from harness.report import terminal
from harness.report.manifest import update_manifest
from harness.report.record import read_run
from harness.report.verification import page
from harness.report.verification.rendering import Rendering

PAGE = "report.html"

#: The outputs by their file names.
OUTPUTS: dict[str, Callable[[Rendering], bytes]] = {
    "matrix.txt": terminal.render,
    PAGE: page.render,
}


def write_reports(folder: Path, templates: Path | None = None) -> list[Path]:
    """Read the record in ``folder`` and write all outputs beside it; returns their paths, in order of their names.

    Files in the folder ``templates`` come before ours.

    Raises:
        RecordError: there is no readable record, or the folder cannot be written.
        DataFileError: a template cannot be used; names file and line.
    """
    rendering = Rendering(compile_report(read_run(folder), Dossier()), folder, templates=templates)
    written = []
    for name, render in OUTPUTS.items():
        path = folder / name
        text = render(rendering)
        try:
            path.write_bytes(text)
        except OSError as error:
            raise RecordError(f"{path}: cannot be written: {error.strerror}; free the place and repeat") from error
        written.append(path)
    update_manifest(folder, written)
    return written
