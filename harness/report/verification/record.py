"""``report.json``: the verification report in canonical form (RFC 8785), from which everything else can be checked.

Only ``run`` and ``dossier`` are taken from it; all the rest follows from these, and is worked out again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import rfc8785

from harness import __version__
from harness.core.plain import Misfit, from_plain, plain
from harness.core.verification.dossier import Dossier
from harness.core.verification.report import SCHEMA, Report
from harness.errors import OtherVersion, RecordError

REPORT = "report.json"


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """``report.json`` as it was read: its bytes and JSON values, and what of these follows from nothing else.

    ``harness`` is the version that made it.
    """

    data: bytes
    value: Mapping[str, Any]
    is_canonical: bool
    harness: str
    dossier: Dossier


def encoded(report: Report) -> bytes:
    """The report as ``report.json`` holds it."""
    return rfc8785.dumps(plain(report))


def read_report(path: Path) -> ReportRecord:
    """Read a record from its file or its folder.

    Raises:
        RecordError: the file is missing or broken, or a field does not fit; names the place.
        OtherVersion: another version wrote it in another form.
    """
    path = path / REPORT if path.is_dir() else path
    try:
        data = path.read_bytes()
        value = json.loads(data, parse_constant=_refuse)
        canonical = rfc8785.dumps(value)
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}; give the folder of a verification report") from error
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path}: no JSON of RFC 8785 ({error}); restore it from a copy") from error
    if not isinstance(value, dict):
        raise RecordError(f"{path}: expected an object; restore it from a copy")
    schema, harness = value.get("schema"), value.get("harness")
    if schema != SCHEMA:
        raise OtherVersion(f"{path}: schema is {schema!r}, expected {SCHEMA!r}; read it with its own version")
    try:
        dossier = from_plain(Dossier, value.get("dossier"), "dossier")
    except Misfit as problem:
        if harness != __version__:
            raise OtherVersion(f"{path}: {problem}; version {harness} made it, read it with that one") from problem
        raise RecordError(f"{path}: {problem}; the file was changed, restore it from a copy") from problem
    return ReportRecord(data, value, canonical == data, str(harness), dossier)


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
