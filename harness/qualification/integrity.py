"""What must hold of everything that a run leaves: it is whole, tampering is seen, hostile text stays text, and the same
run gives the same bytes.
"""

from collections.abc import Callable
from pathlib import Path

from harness.core.qualification.operation import Part, Planned
from harness.errors import RecordError
from harness.qualification.specimen import HOSTILE, specimen, write_evidence
from harness.report.manifest import MANIFEST, manifest_problems
from harness.report.outputs import write_reports
from harness.report.record import RecordWriter, read_run

#: Looks at something in an empty folder, and tells in a word and a line what was seen.
Look = Callable[[Path], tuple[str, str]]


def recorded(folder: Path) -> Path:
    """The run folder of the specimen, finished, with all its reports."""
    run = specimen()
    write_evidence(folder)
    RecordWriter(folder, run).finish(run.conclusion, run.finished)
    write_reports(folder)
    return folder


def record_returns(folder: Path) -> tuple[str, str]:
    """The record read again holds the same values."""
    same = read_run(recorded(folder)) == specimen()
    return ("same values" if same else "other values"), "run.json written and read"


def changed_bytes(folder: Path) -> tuple[str, str]:
    """One byte changed in each file of a run folder, one after the other."""
    recorded(folder)
    if problems := manifest_problems(folder):
        return "false alarm", problems[0]
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    missed = [path.name for path in files if not _is_noticed(folder, path)]
    return ("missed" if missed else "found"), f"{', '.join(missed)} of {len(files)} files" if missed else (
        f"in each of {len(files)} files"
    )


def _is_noticed(folder: Path, path: Path) -> bool:
    whole = path.read_bytes()
    place = len(whole) // 2
    path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
    try:
        return bool(manifest_problems(folder))
    except RecordError:
        return path.name == MANIFEST
    finally:
        path.write_bytes(whole)


def missing_and_added_files(folder: Path) -> tuple[str, str]:
    """A file taken away, and one put in."""
    recorded(folder)
    (folder / "evidence" / "specimen" / "server.log").unlink()
    (folder / "evidence" / "added.log").write_text("added")
    problems = manifest_problems(folder)
    return ("found" if len(problems) == 2 else "missed"), "; ".join(problems)


def hostile_text(folder: Path) -> tuple[str, str]:
    """Text of a PACS in every field of the record that it controls."""
    page = (recorded(folder) / "report.html").read_text(encoding="utf-8")
    got_out = [name for name, text in HOSTILE if text in page]
    return ("got out" if got_out else "escaped"), ", ".join(got_out) or f"{len(HOSTILE)} kinds of text"


def same_bytes(folder: Path) -> tuple[str, str]:
    """The same run, reported twice in two folders."""
    first, second = recorded(folder / "first"), recorded(folder / "second")
    names = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    other = [str(name) for name in names if (first / name).read_bytes() != (second / name).read_bytes()]
    return ("other bytes" if other else "same bytes"), ", ".join(other) or f"{len(names)} files"


#: Rule, subject, what must be seen, and the look.
_ROWS: tuple[tuple[str, str, str, Look], ...] = (
    ("record", "written and read", "same values", record_returns),
    ("manifest", "one byte of each file changed", "found", changed_bytes),
    ("manifest", "a file missing, a file added", "found", missing_and_added_files),
    ("report", "hostile text", "escaped", hostile_text),
    ("report", "the same run twice", "same bytes", same_bytes),
)


def challenges() -> dict[Planned, Look]:
    """Every look, by its challenge."""
    return {
        Planned(Part.INTEGRITY, rule, subject, "", "", (expected,)): look for rule, subject, expected, look in _ROWS
    }
