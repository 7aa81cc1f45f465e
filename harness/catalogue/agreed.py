"""What users agreed on before a run: requirements and risk controls of their own, and the approval of the protocol.

The files of ``--requirements``, ``--risk-map`` and ``--approval``. Whether the checks that they name exist is for
:func:`harness.core.verification.references.unmatched`, which knows the run.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from harness.catalogue.required import read_requirement
from harness.catalogue.runinfo import read_person
from harness.catalogue.table import Table
from harness.core.requirements import Requirement
from harness.core.verification.dossier import Approval, RiskControl, Shows

T = TypeVar("T", Requirement, RiskControl)

_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


def load_user_requirements(path: Path) -> tuple[Requirement, ...]:
    """Read requirements: each ``[[requirements]]`` names its checks, or why none tests it.

    A requirement of the catalogue may be named in place of the checks that verify it.

    Raises:
        DataFileError: the file breaks its rules; names file and key.
    """
    table = Table.load(path)
    found: dict[str, Requirement] = {}
    for entry in table.tables("requirements"):
        one = read_requirement(entry, _checks(entry) if "checks" in entry else (), path.name)
        entry.done()
        _require_new(entry, one.id, found)
        if one.checks and one.not_tested:
            raise entry.problem("not_tested", "gives a reason why no check tests it, and checks names some; keep one")
        found[one.id] = one
    return _some(table, "requirements", found)


def load_risk_map(path: Path) -> tuple[RiskControl, ...]:
    """Read risk controls: each ``[[controls]]`` names the checks that touch it, or requirements for their checks.

    A check shows that a control is implemented, and that it is effective only where the file says so (ISO 14971 7.2).

    Raises:
        DataFileError: the file breaks its rules; names file and key.
    """
    table = Table.load(path)
    found: dict[str, RiskControl] = {}
    for entry in table.tables("controls"):
        one = RiskControl(
            id=entry.text("id"),
            text=entry.text("text"),
            checks=_checks(entry),
            shows=entry.choice("shows", Shows) if "shows" in entry else Shows.IMPLEMENTATION,
        )
        entry.done()
        _require_new(entry, one.id, found)
        found[one.id] = one
    return _some(table, "controls", found)


def load_approval(path: Path) -> Approval:
    """Read the approval of a protocol.

    Raises:
        DataFileError: the file breaks its rules; names file and key.
    """
    table = Table.load(path)
    approval = Approval(
        protocol=table.text("protocol"),
        version=table.text("version"),
        sha256=table.text("sha256").lower(),
        approved_by=read_person(table, "approved_by"),
        approved=_moment(table, "approved"),
    )
    table.done()
    if not _SHA256.fullmatch(approval.sha256):
        raise table.problem("sha256", f"is {approval.sha256!r}; give the 64 hex digits of the protocol's SHA-256")
    if not approval.approved_by.name:
        raise table.problem("approved_by.name", "is missing; say who approved")
    return approval


def _require_new(table: Table, id: str, found: dict[str, T]) -> None:
    if id in found:
        raise table.problem("id", f"{id} occurs twice; give each its own")


def _some(table: Table, key: str, found: dict[str, T]) -> tuple[T, ...]:
    table.done()
    if not found:
        raise table.problem(key, f"is empty; give at least one [[{key}]], or leave the option out")
    return tuple(found.values())


def _checks(table: Table) -> tuple[str, ...]:
    checks = table.texts("checks")
    if not checks or len(set(checks)) != len(checks):
        raise table.problem("checks", "is empty or names a check twice")
    return checks


def _moment(table: Table, key: str) -> str:
    text = table.text(key)
    try:
        told = datetime.fromisoformat(text).tzinfo is not None
    except ValueError:
        told = False
    if not told:
        raise table.problem(
            key, f"is {text!r}; give a time with its offset from UTC, such as 2026-01-31T14:00:00+01:00"
        )
    return text
