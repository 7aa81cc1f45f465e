"""Attribute values, which are texts, as numbers and parts."""

from collections.abc import Mapping
from fractions import Fraction


def number(text: str) -> Fraction | None:
    """The number of a DS, IS or binary value; None where it is none."""
    try:
        return Fraction(text.strip(" \0"))
    except (ValueError, ZeroDivisionError):
        return None


def has_sequence(values: Mapping[str, str], keyword: str) -> bool:
    """Whether a sequence is there, with or without items."""
    return keyword in values or any(path.startswith(f"{keyword}[") for path in values)
