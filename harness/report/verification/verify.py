"""Whether a run folder, or the bundle of a report, says what it said when it was made.

Hashes find what was changed by somebody who knows no better. Everything that follows from something else is worked out
again, which also finds what was changed together with its hash. What follows from nothing, such as the time of a run,
only a seal can protect.
"""

from collections.abc import Iterator
from pathlib import Path

from harness import __version__
from harness.core.results import Evidence, Run
from harness.core.verification.rejudge import disagreements
from harness.errors import EnvironmentProblem, OtherVersion, RecordError
from harness.report.manifest import MANIFEST, file_sha256, manifest_problems
from harness.report.merge import EVIDENCE, SHARDS
from harness.report.record import RECORD, read_run
from harness.report.verification.findings import Findings
from harness.report.verification.junit import JUNIT, junit_differences
from harness.report.verification.record import REPORT
from harness.report.verification.seal import is_sealed, seal_problems, sealed_by
from harness.report.verification.verify_report import ReadInputs, verify_report, verify_statement
from harness.report.verification.views import STATEMENT


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
    is_bundle = any((folder / name).is_file() for name in (REPORT, STATEMENT))
    try:
        run = read_run(folder)
    except RecordError as problem:
        findings.held(RECORD, [_inside(str(problem), folder)], decided=not isinstance(problem, OtherVersion))
        if is_bundle:
            verify_statement(folder, findings)
        return findings
    _verify_run(folder, run, findings)
    if is_bundle:
        verify_report(folder, run, read_inputs, findings)
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


def _verify_run(folder: Path, run: Run, findings: Findings) -> None:
    harness = run.tools.get("harness")
    version = harness.get("version") if isinstance(harness, dict) else None
    same = version == __version__
    differences = [
        f"{RECORD}: {one.cell or 'the run'}: the {one.what} is {one.recorded[:200]!r}, and what was seen comes to "
        f"{one.recomputed[:200]!r}"
        for one in disagreements(run)
    ]
    findings.held(f"{len(run.results)} verdicts, judged again from what was seen", differences, decided=same)
    if not same:
        findings.notes.append(f"judged by version {version}, and again by {__version__}, whose rules may be others")
    findings.held("every hash of evidence in the record", _evidence_differences(folder, run))
    if unnamed := _unnamed_evidence(folder, run):
        findings.notes.append(
            f"files of evidence that nothing in the record names: {len(unnamed)}, such as {unnamed[0]}"
        )
    if run.shards:
        findings.held("the records of joined runs", _shard_differences(folder, run))
    if (folder / JUNIT).is_file():
        findings.held(f"{JUNIT} against the record", junit_differences(folder / JUNIT, run))
    elif not run.shards:
        findings.notes.append(f"there is no {JUNIT}")


def _evidence_differences(folder: Path, run: Run) -> Iterator[str]:
    """Every file that the record names and that is not there as it was, each told once."""
    cited = _cited(run)
    told = dict.fromkeys((one.path, one.sha256) for _, one in cited)
    by = {(one.path, one.sha256): name for name, one in reversed(cited)}
    for path, sha256 in told:
        problem = _evidence_problem(folder, Evidence(path, sha256, "", ""))
        if problem:
            yield f"{path}: {problem} (evidence of {by[path, sha256]})"


def _cited(run: Run) -> list[tuple[str, Evidence]]:
    """Every piece of evidence with the target or cell that names it."""
    cited = [(target.id, one) for target in run.targets for one in target.evidence]
    return cited + [(result.cell.id, one) for result in run.results for one in result.evidence]


def _unnamed_evidence(folder: Path, run: Run) -> list[str]:
    """Files that a cell left which then broke; or that were put there since."""
    named = {one.path for _, one in _cited(run)}
    found = (path.relative_to(folder).as_posix() for path in (folder / EVIDENCE).rglob("*") if path.is_file())
    return sorted(set(found) - named)


def _evidence_problem(folder: Path, one: Evidence) -> str:
    try:
        path = (folder / one.path).resolve()
        if not path.is_relative_to(folder.resolve()):
            return "leads out of the folder, not opened"
        if not path.is_file():
            return "missing"
        return "" if file_sha256(path) == one.sha256 else "not the file that the record names"
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"


def _shard_differences(folder: Path, run: Run) -> Iterator[str]:
    """Every joined run whose own record is not the one that was joined, or says other than the whole does."""
    whole = {(one.cell.id, one.started): one for one in run.results}
    for shard in run.shards:
        name = f"{SHARDS}/{shard.run_id}/{RECORD}"
        path = folder / name
        if "/" in shard.run_id or not path.is_file():
            yield f"{name}: missing"
        elif file_sha256(path) != shard.record_sha256:
            yield f"{name}: not the record that was joined"
        else:
            try:
                part = read_run(path)
            except RecordError as problem:
                yield _inside(str(problem), folder)
                continue
            yield from (
                f"{RECORD}: {one.cell.id}: not as the joined run {shard.run_id} has it"
                for one in part.results
                if whole.get((one.cell.id, one.started)) != one
            )
            if (cases := path.with_name(JUNIT)).is_file():
                yield from (f"{SHARDS}/{shard.run_id}/{one}" for one in junit_differences(cases, part))


def _inside(problem: str, folder: Path) -> str:
    """The problem with names relative to the folder, so that it reads the same wherever that lies."""
    return problem.replace(f"{folder}/", "")
