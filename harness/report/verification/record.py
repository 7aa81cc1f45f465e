"""``report.json``: the verification report in canonical form (RFC 8785), from which everything else can be checked.

Only ``run`` and ``dossier`` are taken from it; all the rest follows from these, and is worked out again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from harness.core.plain import Misfit, from_plain, plain
from harness.core.verification.report import SCHEMA, Report
from harness.errors import RecordError

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """``report.json`` as it was read: its bytes, its JSON values, and the report that they describe."""

    data: bytes
    value: Mapping[str, Any]
    report: Report

    @property
    def is_canonical(self) -> bool:
        """Whether the bytes are those that RFC 8785 has for these values."""
        return self.data == rfc8785.dumps(dict(self.value))


def encoded(report: Report) -> bytes:
    """The report as ``report.json`` holds it."""
    return rfc8785.dumps(plain(report))


def read_report(path: Path) -> ReportRecord:
    """Read a record from its file or its folder.

    Raises:
        RecordError: the file is missing or broken, of another schema, or a field does not fit; names the place.
    """
    path = path / REPORT if path.is_dir() else path
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}; give the folder of a verification report") from error
    try:
        value = json.loads(data, parse_constant=_refuse)
        schema = value.get("schema") if isinstance(value, dict) else None
        if isinstance(value, dict) and schema != SCHEMA:
            raise RecordError(f"{path}: schema is {schema!r}, expected {SCHEMA!r}; read it with its own version")
        report = from_plain(Report, value)
        rfc8785.dumps(value)
    except Misfit as problem:
        raise RecordError(f"{path}: {problem}; the file was changed, restore it from a copy") from problem
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path}: no JSON of RFC 8785 ({error}); restore it from a copy") from error
    return ReportRecord(data, value, report)


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number")


@dataclass(frozen=True, slots=True)
class Difference:
    """The first place where two JSON values differ, such as ``counts[0].planned``; the values are cut short."""

    path: str
    one: str
    other: str


def first_difference(one: object, other: object, path: str = "") -> Difference | None:
    """Where two JSON values differ first, members in order of their names; None where they are the same."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in sorted({*one, *other}):
            place = f"{path}.{name}" if path else str(name)
            if name not in one or name not in other:
                return Difference(place, _shown(one, name), _shown(other, name))
            if found := first_difference(one[name], other[name], place):
                return found
        return None
    if isinstance(one, list) and isinstance(other, list):
        for index, (entry, counterpart) in enumerate(zip(one, other, strict=False)):
            if found := first_difference(entry, counterpart, f"{path}[{index}]"):
                return found
        if len(one) == len(other):
            return None
        return Difference(path, f"{len(one)} entries", f"{len(other)} entries")
    # True equals 1, and 1 equals 1.0; only the latter two are the same in JSON.
    if one == other and isinstance(one, bool) == isinstance(other, bool):
        return None
    return Difference(path, _text(one), _text(other))


def _shown(value: Mapping[str, object], name: str) -> str:
    return _text(value[name]) if name in value else "nothing"


def _text(value: object) -> str:
    text = json.dumps(value)
    return text if len(text) <= 120 else f"{text[:120]}..."
