"""Whether plain JSON values have the shape of a dataclass, told by its type hints.

Old records, and records from other machines, are read with this: a damaged one is refused with a sentence
about the field instead of a traceback from somewhere inside a report.
"""

import dataclasses
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import NoneType, UnionType
from typing import get_args, get_origin, get_type_hints

_WORDS = {str: "text", float: "a number", NoneType: "null"}


def misfit(value: object, kind: object, place: str) -> str | None:
    """Say where ``value``, called ``place``, is not the JSON form of the type ``kind``; None where it is."""
    origin = get_origin(kind)
    if isinstance(kind, UnionType):
        problems = [misfit(value, option, place) for option in get_args(kind)]
        return None if None in problems else problems[0]
    if origin is tuple:
        if not isinstance(value, list):
            return f"{place}: expected a list, found {_found(value)}"
        item = get_args(kind)[0]
        return _first(misfit(entry, item, f"{place}[{index}]") for index, entry in enumerate(value))
    if origin is Mapping:
        return None if isinstance(value, dict) else f"{place}: expected an object, found {_found(value)}"
    if not isinstance(kind, type):
        raise TypeError(f"{place}: no rule for {kind!r}")
    if dataclasses.is_dataclass(kind):
        return _fields_misfit(value, kind, place)
    if issubclass(kind, StrEnum):
        known = [member.value for member in kind]
        return None if value in known else f"{place}: {_found(value)} is none of {', '.join(known)}"
    if isinstance(value, int | float if kind is float else kind) and not isinstance(value, bool):
        return None
    return f"{place}: expected {_WORDS[kind]}, found {_found(value)}"


def _fields_misfit(value: object, kind: type, place: str) -> str | None:
    if not isinstance(value, dict):
        return f"{place or 'the file'}: expected an object, found {_found(value)}"
    hints = get_type_hints(kind)
    prefix = f"{place}." if place else ""
    for name in hints:
        if name not in value:
            return f"{prefix}{name}: missing"
    for name in value:
        if name not in hints:
            return f"{prefix}{name}: unknown field"
    return _first(misfit(value[name], hint, f"{prefix}{name}") for name, hint in hints.items())


def _first(problems: Iterable[str | None]) -> str | None:
    return next((problem for problem in problems if problem is not None), None)


def _found(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
