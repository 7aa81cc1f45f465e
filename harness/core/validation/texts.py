"""Attribute values, which are texts, as numbers and parts."""

from collections.abc import Mapping
from fractions import Fraction

_LONGEST = 600


def number(text: str) -> Fraction | None:
    """The number of a DS, IS or binary value; None where it is none."""
    text = text.strip(" \0")
    # A hostile exponent would take the machine's memory; no value of these VRs is as long, or has as large a one.
    if len(text) > 40 or len(text.lower().partition("e")[2]) > 4:
        return None
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        return None


def printable(text: str) -> str:
    """Text from outside on one line, fit for a terminal: what is not printable is escaped, what is long is cut."""
    shown = "".join(one if one.isprintable() else repr(one)[1:-1] for one in text[:_LONGEST])
    return shown if len(text) <= _LONGEST else f"{shown}…"


def has_sequence(values: Mapping[str, str], keyword: str) -> bool:
    """Whether a sequence is there, with or without items."""
    return keyword in values or any(path.startswith(f"{keyword}[") for path in values)
