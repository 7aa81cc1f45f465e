"""``pacs-harness``: what can be done with a run that is over."""

import argparse
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from harness.core.conclusion import run_verdict
from harness.errors import HarnessError
from harness.report.manifest import manifest_problems
from harness.report.outputs import write_reports
from harness.report.record import read_run
from harness.report.terminal import matrix

#: Exit code of a request that cannot be met.
REFUSED = 4


class _Parser(argparse.ArgumentParser):
    """Ends with the code of a request that cannot be met."""

    def error(self, message: str) -> NoReturn:
        """Say how it is used, and what was wrong."""
        self.print_usage(sys.stderr)
        self.exit(REFUSED, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is that of the run's verdict, or 4 where the request cannot be met."""
    parser = _Parser(prog="pacs-harness", description="Work with the folder of a finished or killed run.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("report", "make every report of a run again from its run.json, and print the matrix"),
        ("verify", "check the files of a run against its manifest.sha256"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("folder", type=Path, help="run folder, such as reports/20260101T120000Z-abc123")
    chosen = parser.parse_args(arguments)
    try:
        folder = chosen.folder.parent if chosen.folder.is_file() else chosen.folder
        return {"report": _report, "verify": _verify}[chosen.command](folder)
    except HarnessError as error:
        sys.stderr.write(f"pacs-harness: {error}\n")
        return REFUSED


def _report(folder: Path) -> int:
    run = read_run(folder)
    write_reports(folder)
    width = shutil.get_terminal_size().columns
    sys.stdout.write(matrix(run, width, report=str(folder / "report.html")) + "\n")
    return run_verdict(run).verdict.value


def _verify(folder: Path) -> int:
    problems = manifest_problems(folder)
    sys.stdout.write("".join(f"{problem}\n" for problem in problems) or "all files are as recorded\n")
    return 1 if problems else 0
