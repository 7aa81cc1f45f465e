"""Values as JSON holds them, and back.

What is written can always be read again and put in canonical form (RFC 8785): no infinity, no half of a character, no
number that a double does not hold. Such values are kept as text, not paid for with the whole result. Of a very long
text the beginning, the length and the hash are kept.
"""

import hashlib
import math
import sys
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

T = TypeVar("T")

#: Integers beyond this lose digits in JSON (RFC 8785 3.2.2.3).
_LARGEST = 2**53 - 1
#: Characters that a text may have, and how many of a longer one are kept: a peer must not fill the disk by one answer.
_LONGEST, _KEPT = 20_000, 4_000
_WORDS = {str: "text", float: "a number", int: "a number", bool: "true or false", NoneType: "null"}


class Misfit(ValueError):
    """Plain values that are not those of the type; the message names the place and what was expected there."""


def plain(value: Any) -> Any:
    """Any value made of dataclasses, as JSON values."""
    return _plain(value, named=False)


def to_plain(value: Any) -> Any:
    """The same, where ``kind`` names the class of each dataclass that has no such field itself."""
    return _plain(value, named=True)


def _plain(value: Any, *, named: bool) -> Any:
    # Nearly everything is one of these, and there is very much of it.
    kind = type(value)
    if kind is str:
        return value if len(value) <= _LONGEST and value.isascii() else _text(value)
    if kind is dict:
        return {_plain(str(key), named=named): _plain(item, named=named) for key, item in value.items()}
    if kind is list or kind is tuple:
        return [_plain(item, named=named) for item in value]
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if -_LARGEST <= value <= _LARGEST else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, tuple):
        return [_plain(item, named=named) for item in value]
    if isinstance(value, Mapping):
        return {_plain(str(key), named=named): _plain(item, named=named) for key, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        found = {"kind": type(value).__name__} if named else {}
        for name in _names(type(value)):
            found[name] = _plain(getattr(value, name), named=named)
        return found
    return str(value)


def _text(value: str) -> str:
    if len(value) > _LONGEST:
        digest = hashlib.sha256(value.encode(errors="backslashreplace")).hexdigest()
        value = f"{value[:_KEPT]} ... ({len(value)} characters, SHA-256 of all {digest})"
    return value if value.isascii() else value.encode(errors="backslashreplace").decode()


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {name: hints[name] for name in _names(kind)}


def from_plain(kind: type[T], value: object, place: str = "") -> T:
    """Inverse of :func:`plain` and :func:`to_plain` for a value of the type ``kind``, called ``place``.

    Raises:
        Misfit: the value is not of this type.
    """
    found: T = _read(kind, value, place)
    return found


def _read(kind: Any, value: object, place: str) -> Any:
    if kind is Any:
        return value
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        return _read_union(get_args(kind), value, place)
    if origin is tuple:
        return _read_tuple(get_args(kind), value, place)
    if origin in (Mapping, dict) or kind in (Mapping, dict):
        if not isinstance(value, Mapping):
            raise Misfit(f"{place}: expected an object, found {_found(value)}")
        return dict(value)
    if is_dataclass(kind):
        return _read_fields(kind, value, place)
    return _read_scalar(kind, value, place)


def _read_union(options: tuple[Any, ...], value: object, place: str) -> Any:
    if value is None and NoneType in options:
        return None
    name = value.get("kind") if isinstance(value, Mapping) else None
    named = [option for option in options if is_dataclass(option) and getattr(option, "__name__", "") == name]
    problems = []
    # An enumeration comes before the text that stands for a value it does not know.
    for option in named or sorted(options, key=_last):
        try:
            return _read(option, value, place)
        except Misfit as problem:
            problems.append(problem)
    raise problems[0]


def _last(option: Any) -> bool:
    return option is str or option is NoneType


def _read_tuple(items: tuple[Any, ...], value: object, place: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise Misfit(f"{place}: expected a list, found {_found(value)}")
    if len(items) == 2 and items[1] is Ellipsis:
        return tuple(_read(items[0], entry, f"{place}[{index}]") for index, entry in enumerate(value))
    if len(items) != len(value):
        raise Misfit(f"{place}: expected a list of {len(items)}, found {_found(value)}")
    return tuple(
        _read(item, entry, f"{place}[{index}]") for index, (item, entry) in enumerate(zip(items, value, strict=True))
    )


def _read_fields(kind: Any, value: object, place: str) -> Any:
    if not isinstance(value, Mapping):
        raise Misfit(f"{place or 'the file'}: expected an object, found {_found(value)}")
    kind = _named(kind, value.get("kind"))
    hints = _hints(kind)
    prefix = f"{place}." if place else ""
    for name in hints:
        if name not in value:
            raise Misfit(f"{prefix}{name}: missing")
    for name in value:
        if name not in hints and name != "kind":
            raise Misfit(f"{prefix}{name}: unknown field")
    if "kind" not in hints and value.get("kind", kind.__name__) != kind.__name__:
        raise Misfit(f"{prefix}kind: expected {kind.__name__}, found {_found(value['kind'])}")
    return kind(**{name: _read(hint, value[name], f"{prefix}{name}") for name, hint in hints.items()})


def _named(kind: Any, name: object) -> Any:
    """The class itself, or the one below it that has this name."""
    if "kind" in _names(kind) or name in (None, kind.__name__):
        return kind
    below = list(kind.__subclasses__())
    while below:
        found = below.pop()
        if found.__name__ == name and getattr(sys.modules[found.__module__], found.__name__, None) is found:
            return found
        below += found.__subclasses__()
    return kind


def _read_scalar(kind: Any, value: object, place: str) -> Any:
    if not isinstance(kind, type):
        raise TypeError(f"{place}: no rule for {kind!r}")
    try:
        if issubclass(kind, Enum):
            known = [member.value for member in kind]
            if value not in known:
                raise Misfit(f"{place}: {_found(value)} is none of {', '.join(map(str, known))}")
            return kind(value)
        if kind is Fraction and isinstance(value, str):
            return Fraction(value)
        if kind is float and (isinstance(value, int | float) or value in ("inf", "-inf", "nan")):
            if isinstance(value, bool):
                raise ValueError
            return value if isinstance(value, int) else float(str(value))
        if kind is int and isinstance(value, str):
            return int(value)
        if isinstance(value, kind) and isinstance(value, bool) == (kind is bool):
            return value
    except (ValueError, ZeroDivisionError) as error:
        if isinstance(error, Misfit):
            raise
    raise Misfit(f"{place}: expected {_WORDS.get(kind, kind.__name__)}, found {_found(value)}")


def _found(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:40]}..."
