"""``iq.json`` and ``oq.json``: canonical JSON (RFC 8785) that carries its own hash.

A record is read only where its bytes are canonical, its hash is that of its content, and its counts and verdict follow
from its rows: an edited one does not count, whatever was edited.
"""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import rfc8785

from harness.core.plain import Misfit, from_plain, plain
from harness.core.qualification import installation, operation
from harness.core.qualification.installation import Installation
from harness.core.qualification.operation import Operation
from harness.errors import RecordError

Record = TypeVar("Record", Installation, Operation)

#: The file of each kind of record.
FILES: dict[type[Installation] | type[Operation], str] = {Installation: "iq.json", Operation: "oq.json"}


def sealed(record: Record) -> Record:
    """The record with its own hash."""
    return replace(record, sha256=_hash(plain(replace(record, sha256=""))))


def content_of(record: Installation | Operation) -> bytes:
    """The bytes of the file of a record."""
    return rfc8785.dumps(plain(record))


def write(record: Installation | Operation, folder: Path) -> Path:
    """Write a sealed record into ``folder``, which is made where it does not exist.

    Raises:
        RecordError: the folder cannot be written.
    """
    path = folder / FILES[type(record)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content_of(record))
    except OSError as error:
        raise RecordError(f"{path}: cannot be written: {error.strerror}; choose another folder by --into") from error
    return path


def read(kind: type[Record], content: bytes, place: str) -> Record:
    """The record in ``content``; ``place`` names it in errors.

    Raises:
        RecordError: it is no record of this kind and version, or it was changed after it was written.
    """
    try:
        value: Any = json.loads(content)
        record = from_plain(kind, value)
        canonical = rfc8785.dumps(value)
    except (ValueError, Misfit, RecursionError, rfc8785.CanonicalizationError) as error:
        raise RecordError(f"{place}: is no record of this version: {error}") from error
    if canonical != content:
        raise RecordError(f"{place}: is not in canonical form; it was changed after it was written")
    if _hash(value | {"sha256": ""}) != record.sha256:
        raise RecordError(f"{place}: its hash is not that of its content; it was changed after it was written")
    problem = operation.problem(record) if isinstance(record, Operation) else installation.problem(record)
    if problem:
        raise RecordError(f"{place}: {problem}; it was changed after it was written")
    return record


def _hash(value: Any) -> str:
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()
