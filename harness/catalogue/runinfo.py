"""What people tell of a run: the file of ``--run-info``, and its template.

Every table and key is checked. An empty text is the same as none: it is not provided, and the report says so.
"""

from dataclasses import fields
from datetime import date
from pathlib import Path
from typing import TypeVar

from harness.catalogue.places import dossier_template
from harness.catalogue.table import Table
from harness.core.verification.dossier import Person, Retest, Revision, RunInfo, Sender, StatedDeviation, SystemFacts

T = TypeVar("T", Person, Sender)

_TEXTS = (
    "document_number",
    "revision",
    "scope",
    "intended_use",
    "exclusions",
    "unattended",
    "network",
    "clock",
    "sample_size",
    "emulation",
    "actions",
)


def load_run_info(path: Path) -> RunInfo:
    """Read the file.

    Raises:
        DataFileError: it breaks its rules; names file and key.
    """
    table = Table.load(path)
    info = RunInfo(
        **{name: maybe(table, name) for name in _TEXTS},
        revisions=tuple(_revision(entry) for entry in table.tables("revisions")),
        sender=_all_texts(table, "sender", Sender),
        systems=_systems(table),
        executed_by=read_person(table, "executed_by"),
        deviations=tuple(_deviation(entry) for entry in table.tables("deviations")),
        retest=_retest(table.table("retest")) if "retest" in table else None,
    )
    table.done()
    if info.unattended and info.executed_by != Person():
        raise table.problem("unattended", "names a job, and [executed_by] a person; give one of them")
    return info


def run_info_template() -> str:
    """The file with every key, each with what belongs there; nothing in it is provided yet."""
    return dossier_template("run-info.toml").read_text("utf-8")


def read_person(table: Table, key: str) -> Person:
    """Take a table that tells of somebody; nobody where it is missing."""
    return _all_texts(table, key, Person)


def maybe(table: Table, key: str) -> str:
    """Take a text that may be missing or empty."""
    return table.text(key, empty=True) if key in table else ""


def iso_date(table: Table, key: str) -> str:
    """Take a day, as ISO 8601 writes it."""
    text = table.text(key)
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise table.problem(key, f"is {text!r}; give a day such as 2026-01-31") from error


def _all_texts(table: Table, key: str, kind: type[T]) -> T:
    """Take a table that holds the fields of a class, all of them texts that may be missing."""
    if key not in table:
        return kind()
    inner = table.table(key)
    found = kind(**{field.name: maybe(inner, field.name) for field in fields(kind)})
    inner.done()
    return found


def _systems(table: Table) -> tuple[SystemFacts, ...]:
    found: dict[str, SystemFacts] = {}
    for entry in table.tables("systems"):
        others = [field.name for field in fields(SystemFacts) if field.name != "target"]
        one = SystemFacts(target=entry.text("target"), **{name: maybe(entry, name) for name in others})
        entry.done()
        if one.target in found:
            raise entry.problem("target", f"{one.target!r} is described twice; join the two")
        found[one.target] = one
    return tuple(found.values())


def _revision(table: Table) -> Revision:
    found = Revision(revision=table.text("revision"), date=iso_date(table, "date"), text=table.text("text"))
    table.done()
    return found


def _deviation(table: Table) -> StatedDeviation:
    found = StatedDeviation(what=table.text("what"), reason=table.text("reason"), person=table.text("person"))
    table.done()
    return found


def _retest(table: Table) -> Retest:
    found = Retest(of=table.text("of"), changed=table.text("changed"), rationale=table.text("rationale"))
    table.done()
    return found
