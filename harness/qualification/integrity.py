"""What must hold of everything that a run leaves.

It is whole, tampering is seen, hostile text stays text, a missing field makes a draft, and the same run gives the same
bytes.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import rfc8785

from harness.core.qualification.operation import Part, Planned
from harness.core.verification.completeness import missing
from harness.core.verification.dossier import Dossier, RunInfo
from harness.core.verification.report import Completeness, compile_report
from harness.errors import EnvironmentProblem, HarnessError
from harness.qualification.specimen import HOSTILE, specimen, write_evidence
from harness.report.manifest import write_manifest
from harness.report.outputs import write_reports
from harness.report.record import RecordWriter, read_run
from harness.report.verification.bundle import write_bundle
from harness.report.verification.document import require
from harness.report.verification.record import REPORT
from harness.report.verification.verify import verify

#: Looks at something in an empty folder, and tells in a word and a line what was seen.
Look = Callable[[Path], tuple[str, str]]


def recorded(folder: Path) -> Path:
    """The run folder of the specimen, finished, with all its reports."""
    run = specimen()
    write_evidence(folder)
    RecordWriter(folder, run).finish(run.conclusion, run.finished)
    write_reports(folder)
    return folder


def bundled(folder: Path) -> Path:
    """The verification report of the specimen, with its PDF files where they can be made."""
    try:
        require()
        pdf = True
    except EnvironmentProblem:
        pdf = False
    return write_bundle(recorded(folder / "run"), Dossier(), folder / "out", pdf=pdf).folder


def record_returns(folder: Path) -> tuple[str, str]:
    """The record read again holds the same values."""
    same = read_run(recorded(folder)) == specimen()
    return ("same values" if same else "other values"), "run.json written and read"


def changed_bytes(folder: Path) -> tuple[str, str]:
    """One byte changed in each file of a verification report, one after the other."""
    made = bundled(folder)
    if differences := _verified(made):
        return "false alarm", differences[0]
    files = _files(made)
    missed = [name for name in files if not _is_noticed(made, made / name)]
    return ("missed" if missed else "found"), ", ".join(missed) or f"in each of {len(files)} files"


def _verified(folder: Path) -> list[str]:
    """What verification finds; nobody gave anything to this run."""
    return verify(folder, lambda inputs, dossier, run: Dossier()).differences


def _is_noticed(folder: Path, path: Path) -> bool:
    whole = path.read_bytes()
    place = len(whole) // 2
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    try:
        return bool(_verified(folder))
    except HarnessError:
        return True
    finally:
        path.write_bytes(whole)


def changed_verdict(folder: Path) -> tuple[str, str]:
    """A failed cell made a passed one in the record, with every hash made again."""
    made = bundled(folder)
    for name in ("run.json", REPORT):
        value = json.loads((made / name).read_bytes())
        run = value if name == "run.json" else value["run"]
        _pass(run)
        (made / name).write_bytes(rfc8785.dumps(value))
    write_manifest(made)
    differences = _verified(made)
    return ("found" if differences else "missed"), differences[0] if differences else "nothing"


def _pass(run: dict[str, Any]) -> None:
    for result in run["results"]:
        if result["outcome"] == "FAIL":
            result["outcome"] = "PASS"


def missing_and_added_files(folder: Path) -> tuple[str, str]:
    """A file taken away, and one put in."""
    made = bundled(folder)
    (made / "evidence" / "specimen" / "server.log").unlink()
    (made / "evidence" / "added.log").write_text("added", encoding="utf-8")
    differences = _verified(made)
    found = all(any(name in one for one in differences) for name in ("server.log: missing", "added.log: not listed"))
    return ("found" if found else "missed"), "; ".join(differences)


def hostile_text(folder: Path) -> tuple[str, str]:
    """Text of a PACS in every field of the record that it controls."""
    page = (bundled(folder) / "report.html").read_text(encoding="utf-8")
    got_out = [name for name, text in HOSTILE if text in page]
    return ("got out" if got_out else "escaped"), ", ".join(got_out) or f"{len(HOSTILE)} kinds of text"


def same_bytes(folder: Path) -> tuple[str, str]:
    """The same run, reported twice in two folders."""
    first, second = bundled(folder / "first"), bundled(folder / "second")
    names = _files(first)
    other = [name for name in names if (first / name).read_bytes() != (second / name).read_bytes()]
    return ("other bytes" if other else "same bytes"), ", ".join(other) or f"{len(names)} files"


def missing_field(folder: Path) -> tuple[str, str]:
    """A document number taken from what people gave: the report says so, and is a draft."""
    run = specimen()
    given = Dossier(info=RunInfo(document_number="DOC-1"))
    without = replace(given, info=replace(given.info, document_number=""))
    named = [one for one in missing(run, without) if one not in missing(run, given)]
    draft = compile_report(run, without).completeness is Completeness.DRAFT
    told = [f"{one.field}, {one.clause}" for one in named]
    return ("draft" if draft and len(named) == 1 else "passed over"), "; ".join(told) or "nothing is missed"


def _files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


#: Rule, subject, what must be seen, and the look.
_ROWS: tuple[tuple[str, str, str, Look], ...] = (
    ("record", "written and read", "same values", record_returns),
    ("verify", "one byte of each file changed", "found", changed_bytes),
    ("verify", "a verdict changed with every hash", "found", changed_verdict),
    ("verify", "a file missing, a file added", "found", missing_and_added_files),
    ("report", "hostile text", "escaped", hostile_text),
    ("report", "the same run twice", "same bytes", same_bytes),
    ("report", "a mandatory field missing", "draft", missing_field),
)


def challenges() -> dict[Planned, Look]:
    """Every look, by its challenge."""
    return {
        Planned(Part.INTEGRITY, rule, subject, "", "", (expected,)): look for rule, subject, expected, look in _ROWS
    }
