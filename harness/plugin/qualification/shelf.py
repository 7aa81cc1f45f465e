"""Where the records of installation and operational checks lie, and what they show for a run."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import platformdirs

from harness.core.plain import plain
from harness.core.qualification.installation import Installation
from harness.core.qualification.operation import Operation, plan_hash
from harness.core.qualification.standing import Found, Qualification, shown
from harness.errors import RecordError
from harness.plugin.qualification.identity import this_harness, this_host
from harness.plugin.qualification.plan import whole_plan
from harness.report.qualification.record import FILES, read

Record = TypeVar("Record", Installation, Operation)


def shelf() -> Path:
    """The folder where runs look for records: one of this user."""
    return platformdirs.user_data_path("pytest-pacs") / "qualification"


def planned_hash() -> str:
    """The hash of everything that this version puts to itself."""
    return plan_hash(row for unit in whole_plan() for row in unit.rows)


def looked_up(tools: Mapping[str, Any], folder: Path | None = None) -> dict[str, Any]:
    """What the records in ``folder``, else those of this user, show for the harness of these tools, as plain values."""
    place, identity, host = folder or shelf(), this_harness(tools), this_host()
    operations = _found(place, Operation)
    qualification = Qualification(
        installation=shown(_found(place, Installation), identity, host),
        operation=shown(operations, identity, host, planned_hash() if operations else ""),
    )
    value: dict[str, Any] = plain(qualification)
    return value


def _found(folder: Path, kind: type[Record]) -> list[Found]:
    name = FILES[kind]
    return [_read(path, kind) for path in sorted(folder.glob(f"*/{name}"))]


def _read(path: Path, kind: type[Record]) -> Found:
    try:
        content = path.read_bytes()
    except OSError as error:
        return Found(None, "", f"{path.name}: {error.strerror}")
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        return Found(read(kind, content, f"{path.parent.name}/{path.name}"), sha256)
    except RecordError as problem:
        return Found(None, sha256, str(problem))
