"""What is required of a PACS, the name of the protocol that asks for it, and what of both was reviewed."""

import re
from pathlib import Path

from harness.catalogue.places import protocol_file, requirements_folder, reviewed_file
from harness.catalogue.table import Table
from harness.core.coverage import Link, Reviewed
from harness.core.requirements import Kind, Level, Requirement
from harness.errors import DataFileError, UsageError

_ID = re.compile(r"R(-[A-Z0-9]+){2,}")


def load_requirements(folder: Path | None = None) -> tuple[Requirement, ...]:
    """The catalogue of requirements, in the order of the files and of each file; no check is linked yet.

    Raises:
        DataFileError: a file breaks its rules; names file and key.
    """
    folder = folder or requirements_folder()
    found: dict[str, Requirement] = {}
    for path in sorted(folder.glob("*.toml")):
        table = Table.load(path)
        for entry in table.tables("requirements"):
            one = read_requirement(entry)
            entry.done()
            if not _ID.fullmatch(one.id):
                raise entry.problem("id", f"is {one.id!r}; give one such as R-RET-GET")
            if one.id in found:
                raise entry.problem("id", f"{one.id} occurs twice; give each its own")
            found[one.id] = one
        table.done()
    if not found:
        raise DataFileError(folder, "requirements", "no file there has any")
    return tuple(found.values())


def read_requirement(entry: Table, checks: tuple[str, ...] = (), origin: str = "") -> Requirement:
    """What every requirement says, whoever wrote it."""
    return Requirement(
        id=entry.text("id"),
        text=entry.text("text"),
        level=entry.choice("level", Level),
        source=entry.text("source"),
        kind=entry.choice("kind", Kind),
        checks=checks,
        not_tested=entry.text("not_tested") if "not_tested" in entry else "",
        origin=origin,
    )


def load_protocol_name(path: Path | None = None) -> tuple[str, str]:
    """Id and version of the protocol.

    Raises:
        DataFileError: the file breaks its rules.
    """
    table = Table.load(path or protocol_file())
    name = table.text("id"), table.text("version")
    table.done()
    return name


def load_reviewed(path: Path | None = None) -> Reviewed:
    """What was reviewed.

    Raises:
        DataFileError: the file breaks its rules.
    """
    table = Table.load(path or reviewed_file())
    protocol, requirements = table.table("protocol"), table.table("requirements")
    links = {}
    for id in requirements.names():
        entry = requirements.table(id)
        links[id] = Link(entry.text("fingerprint"), entry.texts("checks"))
        entry.done()
    found = Reviewed(protocol.text("version"), protocol.text("sha256"), links)
    protocol.done()
    table.done()
    return found


def save_reviewed(reviewed: Reviewed, path: Path | None = None) -> Path:
    """Write down what was reviewed, and tell where.

    Raises:
        UsageError: the file cannot be written.
    """
    path = path or reviewed_file()
    lines = [
        "# What somebody reviewed: each requirement with the checks that verify it. Written by",
        "# pacs-harness requirements --accept; what differs from it is a finding.",
        "",
        "[protocol]",
        f'version = "{reviewed.version}"',
        f'sha256 = "{reviewed.sha256}"',
    ]
    for id, link in reviewed.links.items():
        checks = ", ".join(f'"{check}"' for check in link.checks)
        lines += ["", f"[requirements.{id}]", f'fingerprint = "{link.fingerprint}"', f"checks = [{checks}]"]
    try:
        path.write_text("\n".join(lines) + "\n", "utf-8")
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}; accept in a checkout of the harness") from error
    return path
