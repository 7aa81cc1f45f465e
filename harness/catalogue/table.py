"""Strict reading of TOML tables: every key is asked for by name and type, and what nobody asked for is an error.

A :class:`Table` remembers which keys were taken. Whoever reads a file takes each key once and calls
:meth:`Table.done`, so that a misspelt key is reported instead of ignored.
"""

import tomllib
from collections.abc import Callable
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from harness.errors import DataFileError

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")

#: What a template holds where a person must write something; a file that still holds it is refused.
PLACEHOLDER = "CHANGE-ME"

#: Video libraries keep numbers in 32 bits.
_GREATEST = 2**31 - 1


class Table:
    """One TOML table with the place it came from.

    Every method that takes a key raises :class:`~harness.errors.DataFileError`, naming file and key, when the key is
    missing or its value has another type.
    """

    def __init__(self, path: Path, values: dict[str, Any], prefix: str = "") -> None:
        self.path = path
        self._values = dict(values)
        self._prefix = prefix
        #: Every key that was asked for: what may be in the table.
        self._known: dict[str, None] = {}

    @classmethod
    def load(cls, path: Path) -> "Table":
        """Read a whole file.

        Raises:
            DataFileError: the file cannot be read or is not TOML.
        """
        try:
            return cls(path, tomllib.loads(path.read_text("utf-8")))
        except OSError as error:
            raise DataFileError(path, "file", f"cannot be read: {error.strerror}") from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise DataFileError(path, "file", f"is not TOML: {error}") from error

    def __contains__(self, key: str) -> bool:
        self._known[key] = None
        return key in self._values

    def problem(self, key: str, text: str) -> DataFileError:
        """The error for a key of this table, ready to raise."""
        return DataFileError(self.path, self._prefix + key, text)

    def text(self, key: str, *, empty: bool = False) -> str:
        """Take a string; it may be empty only where ``empty`` says so."""
        value: str = self._take(key, str, "a text")
        if not value and not empty:
            raise self.problem(key, "is empty; give a text")
        return value

    def integer(self, key: str) -> int:
        """Take a whole number that is not negative and fits into 32 bits."""
        value: int = self._take(key, int, "a whole number")
        if value < 0:
            raise self.problem(key, f"is {value}; give a number that is not negative")
        if value > _GREATEST:
            raise self.problem(key, f"is {value}; give a number up to {_GREATEST}")
        return value

    def boolean(self, key: str) -> bool:
        """Take true or false."""
        value: bool = self._take(key, bool, "true or false")
        return value

    def fraction(self, key: str) -> Fraction:
        """Take a positive fraction written as a string, such as ``"30000/1001"``."""
        return self._convert(key, self.text(key), _positive, "a positive fraction such as 30000/1001")

    def fractions(self, key: str) -> tuple[Fraction, ...]:
        """Take a list of positive fractions."""
        wanted = "positive fractions such as 30000/1001"
        return tuple(self._convert(key, text, _positive, wanted) for text in self.texts(key))

    def choice(self, key: str, kind: type[E]) -> E:
        """Take one member of an enumeration, by its value."""
        return self._convert(key, self.text(key), kind, f"one of {', '.join(kind)}")

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """Take a list of members of an enumeration."""
        return tuple(self._convert(key, text, kind, f"some of {', '.join(kind)}") for text in self.texts(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """Take a list of strings; it may be empty."""
        values: list[Any] = self._take(key, list, "a list of texts")
        if not all(isinstance(value, str) for value in values):
            raise self.problem(key, f"is {values!r}; give a list of texts")
        return tuple(values)

    def table(self, key: str) -> "Table":
        """Take a table inside this one."""
        return Table(self.path, self._take(key, dict, "a table"), f"{self._prefix}{key}.")

    def tables(self, key: str) -> tuple["Table", ...]:
        """Take an array of tables; absent means none."""
        if key not in self:
            return ()
        values: list[Any] = self._take(key, list, "an array of tables")
        if not all(isinstance(value, dict) for value in values):
            raise self.problem(key, "is not an array of tables")
        return tuple(Table(self.path, value, f"{self._prefix}{key}[{n}].") for n, value in enumerate(values))

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Take a table of strings, in the order of the file."""
        inner = self.table(key)
        return tuple((name, inner.text(name)) for name in list(inner._values))

    def names(self) -> tuple[str, ...]:
        """The keys that are left, in the order of the file."""
        return tuple(self._values)

    def done(self) -> None:
        """Say that every known key was taken.

        Raises:
            DataFileError: a key is left that nobody knows.
        """
        for key in self._values:
            known = f"; known: {', '.join(self._known)}" if self._known else ""
            raise self.problem(key, f"is not a known key; remove it or correct its spelling{known}")

    def _take(self, key: str, kind: type, wanted: str) -> Any:
        if key not in self:
            raise self.problem(key, f"is missing; give {wanted}")
        value = self._values.pop(key)
        if isinstance(value, str) and PLACEHOLDER in value:
            raise self.problem(key, f"still holds the placeholder {PLACEHOLDER}; give {wanted}")
        # TOML has no implicit conversions, and Python's bool is an int: compare the exact type.
        if type(value) is not kind:
            raise self.problem(key, f"is {value!r}; give {wanted}")
        return value

    def _convert(self, key: str, text: str, convert: Callable[[str], T], wanted: str) -> T:
        try:
            return convert(text)
        except (ValueError, ZeroDivisionError) as error:
            raise self.problem(key, f"is {text!r}; give {wanted}") from error


def _positive(text: str) -> Fraction:
    value = Fraction(text)
    if value <= 0 or max(value.numerator, value.denominator) > _GREATEST:
        raise ValueError(text)
    return value
