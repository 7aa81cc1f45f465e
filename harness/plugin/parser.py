"""The words of ``pacs-harness``: every command with its arguments."""

import argparse
import sys
from pathlib import Path
from typing import NoReturn

from harness.plugin.dossier_options import TEMPLATES, declare

#: Exit code of a request that cannot be met.
REFUSED = 4


class Parser(argparse.ArgumentParser):
    """Ends with the code of a request that cannot be met."""

    def error(self, message: str) -> NoReturn:
        """Say how it is used, and what was wrong."""
        self.print_usage(sys.stderr)
        self.exit(REFUSED, f"{self.prog}: {message}\n")


def make_parser() -> Parser:
    """The parser of all commands; what it gives has the name of the chosen one as ``command``."""
    parser = Parser(
        prog="pacs-harness", description="See what can be tested from here, and work with the folders of runs."
    )
    commands = parser.add_subparsers(dest="command", required=True)

    def command(name: str, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(name, help=text, description=text)
        return made

    report = command("report", "make every report of a run again from its run.json, and print the matrix")
    report.add_argument("folder", type=Path, help="run folder, such as reports/20260101T120000Z-abc123")
    report.add_argument("--template", type=Path, metavar="DIR", help=TEMPLATES)

    bundling = command("bundle", "make the verification report of a run, with all that it rests on, as one folder")
    bundling.add_argument("folder", type=Path, metavar="RUN", help="run folder")
    bundling.add_argument("--into", type=Path, metavar="DIR", help="folder to make it in (default: beside the run)")
    bundling.add_argument("--template", type=Path, metavar="DIR", help=TEMPLATES)
    declare(bundling.add_argument)

    command("run-info", "print the template of the file in which people tell what the harness cannot see of a run")

    known = command("known", "print an entry for each anomaly of a run, to be completed and given as --known")
    known.add_argument("folder", type=Path, metavar="RUN", help="run folder")

    verify = command(
        "verify",
        "work out again what a run folder or a report says, and name what differs; 1 where something does, 10 where "
        "only the version that made it could tell",
    )
    verify.add_argument("folder", type=Path, metavar="FOLDER", help="run folder, or the folder of a report")
    verify.add_argument(
        "--trust",
        type=Path,
        metavar="FILE",
        help="certificates of authorities (PEM), of which one must vouch for the seal",
    )

    required = command("requirements", "show what is required and which checks verify it; 1 where a link is wrong")
    required.add_argument("--requirements", type=Path, metavar="FILE", dest="own", help="take in those of your own")
    required.add_argument("--accept", action="store_true", help="record that somebody reviewed every link as it is")
    required.add_argument("--json", action="store_true", help="print one JSON value and nothing else")

    command("protocol", "print id, version and hash of the protocol, as a file for its approval")

    targets = command("targets", "list the systems that can be tested, and what each needs")
    targets.add_argument("--target-dir", type=Path, metavar="DIR", help="list the site files of this folder too")
    making = targets.add_subparsers(dest="making")
    new = making.add_parser("new", help="print the template of a site file")
    new.add_argument("name", metavar="NAME", help="a site template of the list, such as philips-intellispace")

    merging = command("merge", "join runs of different targets, such as the jobs of one CI run, to one")
    merging.add_argument("folders", type=Path, nargs="+", metavar="RUN", help="run folders")
    merging.add_argument("--into", type=Path, metavar="DIR", help="new run folder (default: beside the first one)")

    comparing = command("diff", "show what changed between two runs; 1 where a verdict did")
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

    compatible = command("matrix", "show what was seen and what is claimed, products by formats")
    compatible.add_argument("folders", type=Path, nargs="*", metavar="RUN", help="run folders, joined or single")
    compatible.add_argument("--claims", action="store_true", help="take in products that no run has")
    for name in ("html", "md", "csv"):
        compatible.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"write {name.upper()}")

    advising = command(
        "recommend",
        "say which format to send to these products, and why; 1 where none is known to be taken by all",
    )
    advising.add_argument(
        "names", nargs="+", metavar="NAME", help="a PRODUCT, PRODUCT@RELEASE or PRODUCT@RELEASE:CONFIGURATION, or a RUN"
    )
    advising.add_argument("--hd", action="store_true", help="only video of 720 rows and more")
    advising.add_argument("--sd", action="store_true", help="only video of up to 576 rows")

    command("doctor", "say what this machine has for the harness, and what it lacks")

    qualifying = command("qualify", "check the harness itself on this machine, and record what came of it")
    qualifying.add_argument("--iq", action="store_true", help="installation: versions, files, encoders, clock, places")
    qualifying.add_argument(
        "--oq",
        action="store_true",
        help="operation: every check on a good PACS, on each fault and on legal variations; some minutes",
    )
    qualifying.add_argument("--into", type=Path, metavar="DIR", help="write there, and not where runs look for it")
    qualifying.add_argument("--jobs", type=int, metavar="N", help="how many PACS at a time (default: 2 a processor)")
    qualifying.add_argument("--quick", action="store_true", help="only one check of each family; does not count")

    validate = command("validate", "hold Part 10 files of any size against the rules that the standard has for video")
    validate.add_argument("files", type=Path, nargs="*", metavar="FILE", help="a DICOM file")
    validate.add_argument("--rules", action="store_true", help="print the rules and judge nothing")
    validate.add_argument("--json", action="store_true", help="print one JSON value and nothing else")
    validate.add_argument("--second-opinion", action="store_true", help="ask dciodvfy of dicom3tools too")
    return parser
