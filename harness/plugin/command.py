"""``pacs-harness``: what can be done without a run, or with one that is over."""

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
    parser = _Parser(
        prog="pacs-harness", description="See what can be tested from here, and work with the folders of runs."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, text in (
        ("report", "make every report of a run again from its run.json, and print the matrix"),
        ("verify", "check the files of a run against its manifest.sha256"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        command.add_argument("folder", type=Path, help="run folder, such as reports/20260101T120000Z-abc123")
    targets = commands.add_parser("targets", help="list the systems that can be tested, and what each needs")
    targets.add_argument("--target-dir", type=Path, metavar="DIR", help="list the site files of this folder too")
    making = targets.add_subparsers(dest="making")
    new = making.add_parser("new", help="print the template of a site file")
    new.add_argument("name", metavar="NAME", help="a site template of the list, such as philips-intellispace")
    merging = commands.add_parser(
        "merge", help="join runs of different targets, such as the jobs of one CI run, to one"
    )
    merging.add_argument("folders", type=Path, nargs="+", metavar="RUN", help="run folders")
    merging.add_argument("--into", type=Path, metavar="DIR", help="new run folder (default: beside the first one)")
    comparing = commands.add_parser("diff", help="show what changed between two runs; 1 where a verdict did")
    comparing.add_argument("before", type=Path, metavar="BEFORE", help="run folder")
    comparing.add_argument("after", type=Path, metavar="AFTER", help="run folder")
    comparing.add_argument(
        "--as",
        dest="renamed",
        action="append",
        default=[],
        metavar="OLD=NEW",
        help="compare target OLD of BEFORE with target NEW of AFTER, such as orthanc@1.10.1=orthanc@1.12.7",
    )
    comparing.add_argument("--json", action="store_true", help="print JSON instead of text")
    matrix_text = "show what was seen and what is claimed, products by formats"
    compatible = commands.add_parser("matrix", help=matrix_text, description=matrix_text)
    compatible.add_argument("folders", type=Path, nargs="*", metavar="RUN", help="run folders, joined or single")
    compatible.add_argument("--claims", action="store_true", help="take in products that no run has")
    for name in ("html", "md", "csv"):
        compatible.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write {name.upper()}")
    advice_text = "say which format to send to these products, and why; 1 where none is known to be taken by all"
    advising = commands.add_parser("recommend", help=advice_text, description=advice_text)
    advising.add_argument(
        "names", nargs="+", metavar="NAME", help="a PRODUCT, PRODUCT@RELEASE or PRODUCT@RELEASE:CONFIGURATION, or a RUN"
    )
    advising.add_argument("--hd", action="store_true", help="only video of 720 rows and more")
    advising.add_argument("--sd", action="store_true", help="only video of up to 576 rows")
    commands.add_parser("doctor", help="say what this machine has for the harness, and what it lacks")
    text = "hold Part 10 files of any size against the rules that the standard has for video"
    validate = commands.add_parser("validate", help=text, description=text)
    validate.add_argument("files", type=Path, nargs="*", metavar="FILE", help="a DICOM file")
    validate.add_argument("--rules", action="store_true", help="print the rules and judge nothing")
    validate.add_argument("--json", action="store_true", help="print one JSON value and nothing else")
    validate.add_argument("--second-opinion", action="store_true", help="ask dciodvfy of dicom3tools too")
    chosen = parser.parse_args(arguments)
    try:
        # Imported where they are used: they need the engine and the video library, which reports do not.
        if chosen.command == "targets":
            from harness.plugin.commands.targets import new_site, show_targets

            return new_site(chosen.name) if chosen.making else show_targets(chosen.target_dir)
        if chosen.command == "merge":
            from harness.plugin.commands.merge import merge_runs

            return merge_runs(chosen.folders, chosen.into)
        if chosen.command == "diff":
            from harness.plugin.commands.diff import show_difference

            return show_difference(chosen.before, chosen.after, chosen.renamed, as_json=chosen.json)
        if chosen.command == "matrix":
            from harness.plugin.commands.matrix import Outputs, show_matrix

            return show_matrix(chosen.folders, Outputs(chosen.html, chosen.md, chosen.csv), claims=chosen.claims)
        if chosen.command == "recommend":
            from harness.core.recommendation import Picture
            from harness.plugin.commands.recommend import show_recommendation

            wanted = [one for one, on in ((Picture.HD, chosen.hd), (Picture.SD, chosen.sd)) if on]
            return show_recommendation(chosen.names, wanted or list(Picture))
        if chosen.command == "doctor":
            from harness.plugin.commands.doctor import doctor

            return doctor()
        if chosen.command == "validate":
            from harness.plugin.commands.validate import show_rules
            from harness.plugin.commands.validate import validate as validate_files

            if chosen.rules:
                return show_rules()
            if not chosen.files:
                validate.error("name at least one FILE")
            return validate_files(chosen.files, as_json=chosen.json, second=chosen.second_opinion)
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
