"""``pacs-harness merge``: the jobs of one test, each with targets of its own, become one run."""

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.core.conclusion import run_verdict
from harness.plugin.recorder import new_run_id
from harness.report.merge import merge
from harness.report.terminal import matrix


def merge_runs(folders: Sequence[Path], into: Path | None) -> int:
    """Join the runs and print the matrix; the exit code is that of the verdict on the whole.

    Raises:
        HarnessError: a run cannot be read, or the runs do not go together.
    """
    run_id = f"{new_run_id()}-joined"
    folder = into or folders[0].parent / run_id
    run = merge(folders, folder, run_id=run_id)
    width = shutil.get_terminal_size().columns
    sys.stdout.write(matrix(run, width, report=str(folder / "report.html")) + "\n")
    return run_verdict(run).verdict.value
