"""``pacs-harness``: what can be done without a run, or with one that is over.

Each command is a function here that reads its arguments and calls a module of :mod:`harness.plugin.commands`, imported
where it is used: some need the engine and the video library, which reports do not.
"""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.errors import HarnessError, UsageError
from harness.plugin.parser import REFUSED, make_parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is that of the run's verdict, or 4 where the request cannot be met."""
    chosen = make_parser().parse_args(arguments)
    try:
        return COMMANDS[chosen.command](chosen)
    except HarnessError as error:
        sys.stderr.write(f"pacs-harness: {error}\n")
        return REFUSED


def _report(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.report import make_reports

    return make_reports(_run_folder(chosen.folder), chosen.template)


def _bundle(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.bundle import make_bundle

    return make_bundle(_run_folder(chosen.folder), chosen.into, vars(chosen))


def _run_info(_: argparse.Namespace) -> int:
    from harness.catalogue.runinfo import run_info_template

    sys.stdout.write(run_info_template())
    return 0


def _known(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.known import show_entries

    return show_entries(_run_folder(chosen.folder))


def _requirements(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.requirements import show_requirements

    return show_requirements(chosen.own, accept=chosen.accept, as_json=chosen.json)


def _protocol(_: argparse.Namespace) -> int:
    from harness.plugin.commands.requirements import show_protocol

    return show_protocol()


def _verify(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.verify import verify_folder

    return verify_folder(_run_folder(chosen.folder), chosen.trust)


def _run_folder(named: Path) -> Path:
    """The folder itself, also where a file in it was named."""
    return named.parent if named.is_file() else named


def _targets(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.targets import new_site, show_targets

    return new_site(chosen.name) if chosen.making else show_targets(chosen.target_dir)


def _merge(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.merge import merge_runs

    return merge_runs(chosen.folders, chosen.into)


def _diff(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.diff import show_difference

    return show_difference(chosen.before, chosen.after, chosen.renamed, as_json=chosen.json)


def _matrix(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.matrix import Outputs, show_matrix

    return show_matrix(chosen.folders, Outputs(chosen.html, chosen.md, chosen.csv), claims=chosen.claims)


def _recommend(chosen: argparse.Namespace) -> int:
    from harness.core.recommendation import Picture
    from harness.plugin.commands.recommend import show_recommendation

    wanted = [one for one, on in ((Picture.HD, chosen.hd), (Picture.SD, chosen.sd)) if on]
    return show_recommendation(chosen.names, wanted or list(Picture))


def _doctor(_: argparse.Namespace) -> int:
    from harness.plugin.commands.doctor import doctor

    return doctor()


def _qualify(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.qualify import check_installation, check_operation, default_jobs

    if not (chosen.iq or chosen.oq):
        raise UsageError("qualify: give --iq, --oq, or both")
    if chosen.jobs is not None and chosen.jobs < 1:
        raise UsageError(f"qualify: --jobs {chosen.jobs}: give 1 or more")
    installed = check_installation(chosen.into) if chosen.iq else 0
    jobs = chosen.jobs or default_jobs()
    return (check_operation(chosen.into, jobs, only_quick=chosen.quick) if chosen.oq else 0) or installed


def _validate(chosen: argparse.Namespace) -> int:
    from harness.plugin.commands.validate import show_rules, validate

    if chosen.rules:
        return show_rules()
    if not chosen.files:
        raise UsageError("validate: name at least one FILE, or give --rules")
    return validate(chosen.files, as_json=chosen.json, second=chosen.second_opinion)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "report": _report,
    "bundle": _bundle,
    "run-info": _run_info,
    "known": _known,
    "verify": _verify,
    "requirements": _requirements,
    "protocol": _protocol,
    "targets": _targets,
    "merge": _merge,
    "diff": _diff,
    "matrix": _matrix,
    "recommend": _recommend,
    "doctor": _doctor,
    "qualify": _qualify,
    "validate": _validate,
}
