"""``pacs-harness report``: every report of a run once more, from its record alone."""

import shutil
import sys
from pathlib import Path

from harness.core.conclusion import run_verdict
from harness.errors import UsageError
from harness.report.outputs import PAGE, write_reports
from harness.report.record import read_run
from harness.report.terminal import matrix
from harness.report.verification.record import REPORT


def make_reports(folder: Path, templates: Path | None) -> int:
    """Make them and print the matrix; the exit code is that of the verdict on the run.

    Raises:
        HarnessError: the run cannot be read, or a template cannot be used.
    """
    if (folder / REPORT).is_file():
        raise UsageError(f"{folder}: is a report that was made, and stays as it is; bundle the run once more instead")
    run = read_run(folder)
    write_reports(folder, templates)
    width = shutil.get_terminal_size().columns
    sys.stdout.write(matrix(run, width, report=str(folder / PAGE)) + "\n")
    return run_verdict(run).verdict.value
