"""Whether a run folder, or the bundle of a report, says what it said when it was made.

Hashes find what was changed by somebody who knows no better. Everything that follows from something else is worked out
again, which also finds what was changed together with its hash. What follows from nothing, such as the time of a run,
only a seal can protect.
"""

from pathlib import Path

from harness import __version__
from harness.core.results import Run
from harness.core.verification.dossier import Dossier
from harness.core.verification.rejudge import disagreements
from harness.errors import EnvironmentProblem, OtherVersion, RecordError
from harness.report.manifest import MANIFEST, file_sha256, manifest_problems
from harness.report.outputs import OUTPUTS, PAGE
from harness.report.record import RECORD, read_run
from harness.report.verification.bundle import INPUTS
from harness.report.verification.findings import Findings
from harness.report.verification.junit import JUNIT, junit_differences
from harness.report.verification.record import REPORT
from harness.report.verification.rendering import Rendering
from harness.report.verification.seal import DSSE, is_sealed, seal_problems, sealed_by
from harness.report.verification.verify_evidence import verify_evidence
from harness.report.verification.verify_joined import joined_differences
from harness.report.verification.verify_report import (
    ReadInputs,
    verify_report,
    verify_statement,
    view_differences,
    worked_out,
)
from harness.report.verification.views import PDFS, VIEWS

#: What only a bundle has: one of them is enough to ask for all.
_ONLY_IN_BUNDLES = (REPORT, *(name for name in VIEWS if name != PAGE), *PDFS, DSSE, INPUTS)


def verify(folder: Path, read_inputs: ReadInputs, trust: Path | None = None) -> Findings:
    """Hold everything in a folder against everything that it can be held against.

    ``read_inputs`` reads what people gave anew, from the files that the bundle keeps. ``trust`` holds the certificates
    of authorities, one of which must vouch for its seal.

    Raises:
        RecordError: this is no folder of a run or a report.
        UsageError: ``trust`` holds no certificate.
        EnvironmentProblem: ``trust`` is given, and no seal can be checked on this machine.
    """
    if not any((folder / name).is_file() for name in (RECORD, REPORT, MANIFEST)):
        raise RecordError(f"{folder}: holds neither {RECORD} nor {REPORT}; give the folder of a run or of a report")
    findings = Findings()
    _verify_files(folder, findings)
    _verify_seal(folder, trust, findings)
    is_bundle = any((folder / name).exists() for name in _ONLY_IN_BUNDLES)
    try:
        run = read_run(folder)
    except RecordError as problem:
        findings.held(RECORD, [_inside(str(problem), folder)], decided=not isinstance(problem, OtherVersion))
        if is_bundle:
            verify_statement(folder, findings)
        return findings
    version = _version(run)
    same = version == __version__
    if not same:
        findings.notes.append(f"judged by version {version}, and again by {__version__}, whose rules may be others")
    try:
        _verify_run(folder, run, findings, same=same)
        if is_bundle:
            verify_report(folder, run, read_inputs, findings)
        elif same:
            _verify_outputs(folder, run, findings)
    except RecursionError:
        findings.held(RECORD, [f"{RECORD}: values inside values, deeper than any run has them"])
    return findings


def _verify_files(folder: Path, findings: Findings) -> None:
    if not (folder / MANIFEST).is_file():
        findings.held(MANIFEST, [f"{MANIFEST}: missing: a run that was killed has none, and nothing shows its files"])
        return
    try:
        findings.held(f"every file against {MANIFEST}", manifest_problems(folder))
    except RecordError as problem:
        findings.held(MANIFEST, [_inside(str(problem), folder)])


def _verify_seal(folder: Path, trust: Path | None, findings: Findings) -> None:
    if trust is None and not is_sealed(folder):
        if (folder / MANIFEST).is_file():
            findings.notes.append(
                f"{MANIFEST} has the SHA-256 {file_sha256(folder / MANIFEST)} and no seal: hold this against what was "
                "printed when it was made"
            )
        return
    try:
        if findings.held(f"the seal over {MANIFEST}", seal_problems(folder, trust)):
            worth = "" if trust else "; anybody can make such a certificate, so name the authority by --trust"
            findings.notes.append(f"sealed by the key {sealed_by(folder)}{worth}")
    except EnvironmentProblem as problem:
        if trust:
            raise
        findings.notes.append(f"the seal was not checked: {problem}")


def _verify_run(folder: Path, run: Run, findings: Findings, *, same: bool) -> None:
    differences = [
        f"{RECORD}: {one.cell or 'the run'}: the {one.what} is {one.recorded[:200]!r}, and what was seen comes to "
        f"{one.recomputed[:200]!r}"
        for one in disagreements(run)
    ]
    findings.held(f"{len(run.results)} verdicts, judged again from what was seen", differences, decided=same)
    verify_evidence(folder, run, findings)
    if run.shards:
        findings.held("the records of joined runs", joined_differences(folder, run), decided=same)
    if (folder / JUNIT).is_file():
        findings.held(f"{JUNIT} against the record", junit_differences(folder / JUNIT, run))
    elif not run.shards:
        findings.notes.append(f"there is no {JUNIT}")


def _verify_outputs(folder: Path, run: Run, findings: Findings) -> None:
    """Make the outputs of a run folder again; those of a bundle are views of its report."""
    present = {name: render for name, render in OUTPUTS.items() if (folder / name).is_file()}
    if not present:
        return
    if findings.differences or findings.undecided:
        findings.notes.append(f"{', '.join(present)}: not made again, since something that they show differs already")
        return
    report = worked_out(run, Dossier(), findings)
    if report is None:
        return
    rendering = Rendering(report, folder)
    for name, render in present.items():
        # Whoever makes a report anew may lay it out by other templates, or by another version.
        findings.held(name, view_differences(rendering, {name: render}, RECORD), decided=False)


def _version(run: Run) -> object:
    harness = run.tools.get("harness")
    return harness.get("version") if isinstance(harness, dict) else None


def _inside(problem: str, folder: Path) -> str:
    """The problem with names relative to the folder, so that it reads the same wherever that lies."""
    return problem.replace(f"{folder}/", "")
