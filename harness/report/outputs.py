"""Every output of a run, made from its record.

A module of this package that has ``OUTPUT``, a file name, and ``render(run, folder)``, which gives the bytes
of that file, is an output. There is no other list.
"""

import importlib
import pkgutil
from pathlib import Path

import harness.report
from harness.errors import RecordError
from harness.report.manifest import update_manifest
from harness.report.record import read_run


def write_reports(folder: Path) -> list[Path]:
    """Read the record in ``folder`` and write all outputs beside it; returns their paths, sorted.

    Raises:
        RecordError: there is no readable record, or the folder cannot be written.
    """
    run = read_run(folder)
    written = []
    for module in sorted(pkgutil.iter_modules(harness.report.__path__), key=lambda found: found.name):
        output = importlib.import_module(f"harness.report.{module.name}")
        if not hasattr(output, "OUTPUT"):
            continue
        path = folder / output.OUTPUT
        try:
            path.write_bytes(output.render(run, folder))
        except OSError as error:
            raise RecordError(f"{path}: cannot be written: {error.strerror}; free the place and repeat") from error
        written.append(path)
    update_manifest(folder, written)
    return sorted(written)
