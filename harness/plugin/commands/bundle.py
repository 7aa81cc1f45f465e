"""``pacs-harness bundle``: the verification report of a run, as a folder that can be handed on."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.core.conclusion import run_verdict
from harness.core.verification.report import Report, compile_report
from harness.errors import UsageError
from harness.plugin.given import read_given
from harness.plugin.keys import read_key
from harness.report.manifest import MANIFEST
from harness.report.record import read_run
from harness.report.verification.bundle import Bundle, write_bundle
from harness.report.wording import printable


def make_bundle(folder: Path, into: Path | None, values: Mapping[str, Any]) -> int:
    """Make it and say where it is; the exit code is that of the verdict on the run.

    ``values`` are those of the options by their names.

    Raises:
        HarnessError: the run is not as it was left, a file that was named cannot be used, the bundle cannot be written,
            or mandatory fields are missing where the report was to be strict.
    """
    given, key = read_given(values, Path()), read_key(values, Path())
    run = read_run(folder)
    dossier = given.of(run)
    if values["strict_report"]:
        missing = missing_fields(compile_report(run, dossier))
        if missing:
            raise UsageError("\n".join(("the report would be a draft and was not made", *missing)))
    made = write_bundle(
        folder,
        dossier,
        into or folder.resolve().parent,
        inputs=given.files,
        templates=values["template"],
        pdf=not values["without_pdf"],
        key=key,
    )
    sys.stdout.write("".join(f"{line}\n" for line in told(made)))
    return run_verdict(run).verdict.value


def missing_fields(report: Report) -> list[str]:
    """Each mandatory field that is missing, in a line with what asks for it and how to supply it."""
    return [
        f"NOT PROVIDED: {': '.join(part for part in (one.field, one.subject) if part)}, required by {one.clause}; "
        f"{one.supply}"
        for one in report.missing
    ]


def told(made: Bundle) -> list[str]:
    """What a person must know of a bundle: its place, what it lacks, and the hash to keep apart from it."""
    report = made.report
    stated = (*missing_fields(report), *report.approval_problems, *report.unmatched, *made.notes)
    return [
        *(printable(line) for line in stated),
        f"{report.title} ({report.completeness.upper()}, {report.verdict}): {made.folder}",
        f"SHA-256 of {MANIFEST}: {made.manifest_sha256}",
    ]
