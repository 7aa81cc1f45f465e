"""Values as a person reads them.

Text that came from a PACS is untrusted: :func:`printable` comes before any output.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

_LONGEST = 2000


def printable(text: str) -> str:
    """The text with control characters and lone surrogates written as escapes, cut where it is very long.

    A terminal obeys control characters, so a PACS could otherwise write what it likes into a matrix.
    """
    rest = len(text) - _LONGEST
    if rest <= 0 and text.isprintable():
        return text
    cut = text if rest <= 0 else f"{text[:_LONGEST]} ... ({rest} more characters in the record)"
    return "".join(
        char if char.isprintable() or char == "\n" else char.encode("unicode_escape").decode() for char in cut
    )


#: What a spreadsheet takes for the start of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def guarded(text: str) -> str:
    """Text that no spreadsheet runs: what looks like a formula gets an apostrophe before it."""
    shown = printable(text)
    return f"'{shown}" if shown.lstrip(" ").startswith(_FORMULA) else shown


def size(count: int) -> str:
    """A number of bytes in binary units, with the exact number where that is another."""
    value = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if value < 1024 or unit == "GiB":
            break
        value /= 1024
    return f"{count} bytes" if unit == "bytes" else f"{value:.1f} {unit} ({count} bytes)"


def moment(text: str) -> str:
    """A time of a record, ISO 8601, as ``2026-11-22 10:05:00 UTC``; what is none stays as it is."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return text
    return text if found.tzinfo is None else f"{found.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def key(name: str) -> str:
    """The name of a field in words."""
    return printable(name.replace("_", " "))


Node = str | Sequence[tuple[str, "Node"]]


def tree(value: object, *, depth: int = 12) -> Node:
    """JSON values as text or as named branches, ready to print: short lists in one line, pairs as names.

    What is nested deeper than ``depth`` is left out and said to be, so that no record can exhaust the stack.
    """
    if not isinstance(value, Mapping | list | tuple):
        return scalar(value)
    if not depth:
        return "nested deeper than shown here, see the record"
    if isinstance(value, Mapping):
        return [(key(str(name)), tree(entry, depth=depth - 1)) for name, entry in value.items()] or "none"
    if value and all(_is_pair(entry) for entry in value):
        return [(printable(entry[0]), tree(entry[1], depth=depth - 1)) for entry in value]
    if any(isinstance(entry, Mapping | list | tuple) for entry in value):
        return [(str(number), tree(entry, depth=depth - 1)) for number, entry in enumerate(value, start=1)]
    return printable(_row(value)) or "none"


def scalar(value: object) -> str:
    """One value; what is not known is said to be so."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return printable(f"{value:.12g}" if isinstance(value, float) else str(value)) or "empty"


def _is_pair(value: object) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and isinstance(value[0], str)


def _row(values: Sequence[object]) -> str:
    """Values in one line; counted runs such as frame numbers as ``0 to 47``."""
    parts: list[str] = []
    start = 0
    while start < len(values):
        end = start
        while end + 1 < len(values) and _follows(values[end], values[end + 1]):
            end += 1
        if end - start >= 2:
            parts.append(f"{values[start]} to {values[end]}")
        else:
            parts.extend(scalar(value) for value in values[start : end + 1])
        start = end + 1
    return ", ".join(parts)


def _follows(one: object, other: object) -> bool:
    return type(one) is int and type(other) is int and other == one + 1
