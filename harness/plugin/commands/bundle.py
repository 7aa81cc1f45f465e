"""``pacs-harness bundle``: the verification report of a run, as a folder that can be handed on."""

import sys
from pathlib import Path

from harness.core.conclusion import run_verdict
from harness.core.verification.dossier import Dossier
from harness.report.manifest import MANIFEST
from harness.report.verification.bundle import Bundle, write_bundle


def make_bundle(folder: Path, into: Path | None) -> int:
    """Make it and say where it is; the exit code is that of the verdict on the run.

    Raises:
        HarnessError: the run is not as it was left, or the bundle cannot be written.
    """
    made = write_bundle(folder, Dossier(), into or folder.resolve().parent)
    sys.stdout.write("".join(f"{line}\n" for line in told(made)))
    return run_verdict(made.report.run).verdict.value


def told(made: Bundle) -> list[str]:
    """What a person must know of a bundle: its place, what it lacks, and the hash to keep apart from it."""
    report = made.report
    missing = [f"NOT PROVIDED: {one.field}, required by {one.clause}; {one.supply}" for one in report.missing]
    return [
        *missing,
        *made.notes,
        f"{report.title} ({report.completeness.upper()}, {report.verdict}): {made.folder}",
        f"SHA-256 of {MANIFEST}: {made.manifest_sha256}",
    ]
