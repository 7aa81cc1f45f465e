"""Whether the files beside a record are those that it names, and say of themselves what it says of them."""

import json
from collections.abc import Iterator
from pathlib import Path

from harness.core.results import TRANSCRIPT, Evidence, Outcome, Run
from harness.report.manifest import file_sha256
from harness.report.merge import EVIDENCE
from harness.report.record import SBOM
from harness.report.verification.findings import Findings


def verify_evidence(folder: Path, run: Run, findings: Findings) -> None:
    """Hold every file that the record names against its hash, and every transcript against the cells that cite it."""
    if findings.held("every hash of evidence in the record", _evidence_differences(folder, run)):
        findings.held("what transcripts say that they are of", _transcript_differences(folder, run))
    if unnamed := _unnamed(folder, run):
        findings.notes.append(
            f"files of evidence that nothing in the record names: {len(unnamed)}, such as {unnamed[0]}"
        )
    if not run.shards:
        findings.held(SBOM, _sbom_differences(folder, run))


def _evidence_differences(folder: Path, run: Run) -> Iterator[str]:
    """Every file that the record names and that is not there as it was, each told once."""
    cited = _cited(run)
    told = dict.fromkeys((one.path, one.sha256) for _, one in cited)
    by = {(one.path, one.sha256): name for name, one in reversed(cited)}
    for path, sha256 in told:
        problem = _problem(folder, path, sha256)
        if problem:
            yield f"{path}: {problem} (evidence of {by[path, sha256]})"


def _cited(run: Run) -> list[tuple[str, Evidence]]:
    """Every piece of evidence with the target or cell that names it."""
    cited = [(target.id, one) for target in run.targets for one in target.evidence]
    return cited + [(result.cell.id, one) for result in run.results for one in result.evidence]


def _unnamed(folder: Path, run: Run) -> list[str]:
    """Files that a cell left which then broke; or that were put there since."""
    named = {one.path for _, one in _cited(run)}
    found = (path.relative_to(folder).as_posix() for path in (folder / EVIDENCE).rglob("*") if path.is_file())
    return sorted(set(found) - named)


def _problem(folder: Path, name: str, sha256: str) -> str:
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()):
            return "leads out of the folder, not opened"
        if not path.is_file():
            return "missing"
        return "" if file_sha256(path) == sha256 else "not the file that the record names"
    except (OSError, ValueError) as error:
        return f"cannot be read: {error}"


def _transcript_differences(folder: Path, run: Run) -> Iterator[str]:
    """Every transcript of another target or class than the results that cite it, or of a cell that does not.

    A cell that broke, or was ended, was the first to ask and cites nothing.
    """
    came_to = {result.cell.id: result.outcome for result in run.results}
    broken = {id for id in run.planned if came_to.get(id, Outcome.ERROR) is Outcome.ERROR}
    citing: dict[str, set[tuple[str, str, str]]] = {}
    for result in run.results:
        for one in result.evidence:
            if one.role == TRANSCRIPT:
                about = (result.cell.target, str(result.evidence_class), result.cell.id)
                citing.setdefault(one.path, set()).add(about)
    for path, results in citing.items():
        try:
            told = json.loads((folder / path).read_bytes())
            target, evidence_class, cell = (str(told[name]) for name in ("target", "evidence_class", "cell"))
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            yield f"{path}: is no transcript: {type(error).__name__}: {error}"
            continue
        if {(target, evidence_class)} != {one[:2] for one in results}:
            others = ", ".join(sorted({f"{of} ({kind})" for of, kind, _ in results}))
            yield f"{path}: says that it is of {target} ({evidence_class}), and is cited by results of {others}"
        elif cell and cell not in {one for _, _, one in results} | broken:
            yield f"{path}: says that {cell} was the first to ask, which does not cite it"


def _sbom_differences(folder: Path, run: Run) -> Iterator[str]:
    named = run.tools.get("sbom")
    if isinstance(named, dict) and (problem := _problem(folder, SBOM, str(named.get("SHA-256")))):
        yield f"{SBOM}: {problem}"
