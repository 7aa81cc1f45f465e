"""Whether a report says what follows from the record and from what people gave, and every view of it the same."""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from harness import __version__
from harness.core.plain import plain
from harness.core.results import Run
from harness.core.verification.dossier import Dossier
from harness.core.verification.report import Report, compile_report
from harness.errors import HarnessError, OtherVersion, RecordError
from harness.report.manifest import file_sha256
from harness.report.record import RECORD
from harness.report.verification.bundle import INPUTS, TEMPLATE, input_path
from harness.report.verification.findings import Findings
from harness.report.verification.record import REPORT, ReportRecord, first_difference, read_report
from harness.report.verification.rendering import Rendering
from harness.report.verification.statement import states_pdf
from harness.report.verification.verify_pdf import verify_pdf
from harness.report.verification.views import LAID_OUT, PDFS, STATEMENT, VIEWS

#: Reads the files that a bundle keeps of a dossier, in the folder given, to the dossier that they make with a run.
ReadInputs = Callable[[Path, Dossier, Run], Dossier]

#: Makes one view.
Render = Callable[[Rendering], bytes]


def verify_report(folder: Path, run: Run, read_inputs: ReadInputs, findings: Findings) -> None:
    """Hold ``report.json``, what it was made from, and the views against each other; ``run`` is that of the folder."""
    try:
        record = read_report(folder)
    except RecordError as problem:
        decided = not isinstance(problem, OtherVersion)
        findings.held(REPORT, [str(problem).replace(f"{folder}/", "")], decided=decided)
        verify_statement(folder, findings)
        return
    findings.held(f"the canonical form of {REPORT}", _form(record))
    findings.held(f"the run in {REPORT} against {RECORD}", _differing_run(record, run))
    dossier = record.dossier
    if findings.held(f"{len(dossier.sources)} files that people gave", _input_differences(folder, dossier)):
        findings.held(f"what {REPORT} says that people gave", _differing_dossier(folder, record, run, read_inputs))
    same = record.harness == __version__
    if not same:
        findings.notes.append(
            f"{REPORT} was made by version {record.harness}: what follows from the record was worked out again "
            f"by {__version__}, whose rules may be others, and the views were not made again; use that version for both"
        )
    report = worked_out(run, dossier, findings)
    if report is None:
        return
    findings.held(
        f"everything in {REPORT} that follows from run and dossier", _differing_rest(record, report), decided=same
    )
    verify_statement(folder, findings)
    if findings.differences:
        findings.notes.append("the views were not made again, since something that they show differs already")
        return
    stated = states_pdf((folder / STATEMENT).read_bytes())
    pdf = any((folder / name).is_file() for name in PDFS) if stated is None else stated
    rendering = Rendering(report, folder, record.data, pdf=pdf)
    templates = any(source.role == TEMPLATE for source in dossier.sources)
    if templates:
        findings.notes.append(f"{', '.join(LAID_OUT)}: laid out by templates of others and not made again")
    if same:
        chosen = {name: render for name, render in VIEWS.items() if not (templates and name in LAID_OUT)}
        findings.held(f"the views {', '.join(chosen)}", view_differences(rendering, chosen, REPORT))
    verify_pdf(folder, rendering, findings, again=same and not templates)


def worked_out(run: Run, dossier: Dossier, findings: Findings) -> Report | None:
    """The report that follows from a run and a dossier; None, and a difference, where none does."""
    try:
        return compile_report(run, dossier)
    except Exception as error:  # noqa: BLE001 - rules are made for what runs hold; a changed record holds anything
        findings.held(REPORT, [f"no report can be worked out from run and dossier: {type(error).__name__}: {error}"])
        return None


def _form(record: ReportRecord) -> Iterator[str]:
    if not record.is_canonical:
        yield f"{REPORT}: not in the canonical form of RFC 8785"


def _differing_run(record: ReportRecord, run: Run) -> Iterator[str]:
    if found := first_difference(record.value.get("run"), plain(run), "run"):
        yield f"{REPORT}: {found.path} is {found.one}, and {found.other} in {RECORD}"


def _differing_dossier(folder: Path, record: ReportRecord, run: Run, read_inputs: ReadInputs) -> Iterator[str]:
    try:
        given = read_inputs(folder / INPUTS, record.dossier, run)
    except HarnessError as problem:
        yield f"{INPUTS}: cannot be read again: {problem}"
        return
    if found := first_difference(record.value["dossier"], plain(given), "dossier"):
        yield f"{REPORT}: {found.path} is {found.one}, and {found.other} in {INPUTS}"


def _differing_rest(record: ReportRecord, report: Report) -> Iterator[str]:
    left_out = ("run", "dossier", "harness")
    recorded, worked_out = (
        {name: value for name, value in values.items() if name not in left_out}
        for values in (record.value, plain(report))
    )
    if found := first_difference(recorded, worked_out):
        yield f"{REPORT}: {found.path} is {found.one}, and what follows from run and dossier is {found.other}"


def verify_statement(folder: Path, findings: Findings) -> None:
    """Hold the hashes that the statement names against the files that they are of."""
    findings.held(f"the hashes in {STATEMENT}", _subject_differences(folder))


def _subject_differences(folder: Path) -> Iterator[str]:
    try:
        statement = json.loads((folder / STATEMENT).read_bytes())
        subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        yield f"{STATEMENT}: is no statement: {type(error).__name__}: {error}"
        return
    for name in (REPORT, RECORD):
        if not (folder / name).is_file() or subjects.get(name) != file_sha256(folder / name):
            yield f"{STATEMENT}: does not speak of this {name}"


def _input_differences(folder: Path, dossier: Dossier) -> Iterator[str]:
    places = {input_path(source): source for source in dossier.sources}
    present = {path.relative_to(folder).as_posix(): path for path in (folder / INPUTS).rglob("*") if path.is_file()}
    for name, source in places.items():
        if name not in present:
            yield f"{name}: missing, and {REPORT} names it as {source.role}"
        elif file_sha256(present[name]) != source.sha256:
            yield f"{name}: not the file that {REPORT} was made from"
    yield from (f"{name}: not named in {REPORT}" for name in sorted(present.keys() - places.keys()))


def view_differences(rendering: Rendering, views: Mapping[str, Render], source: str) -> Iterator[str]:
    """Every one of ``views``, by its file name, that is not what is made again; ``source`` is what they are made of."""
    for name, render in views.items():
        try:
            kept = (rendering.folder / name).read_bytes()
            made = render(rendering)
        except Exception as error:  # noqa: BLE001 - views are made of what runs hold; a changed record holds anything
            yield f"{name}: cannot be read or made again: {type(error).__name__}: {error}"
            continue
        if kept != made:
            place = next((at for at, pair in enumerate(zip(kept, made, strict=False)) if pair[0] != pair[1]), -1)
            at = f"byte {place}" if place >= 0 else f"its length, {len(kept)} and {len(made)} bytes"
            yield f"{name}: not what is made from {source}; the first difference is at {at}"
