"""The record of an installation check (IQ): every item that was looked at, and what it came to."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from harness.core.qualification.identity import Host, Identity

SCHEMA = "pytest-pacs/iq/1"


class Outcome(StrEnum):
    """What an item came to."""

    PASS = "PASS"  # noqa: S105 - as expected
    FAIL = "FAIL"  #: not as expected, and the harness needs it
    INFO = "INFO"  #: told for people; decides nothing


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that was looked at. ``group`` orders the table."""

    group: str
    thing: str
    outcome: Outcome
    expected: str
    seen: str


@dataclass(frozen=True, slots=True)
class Installation:
    """An installation check. ``counts`` pairs outcomes with numbers. ``sha256`` covers everything but itself."""

    schema: str
    id: str
    identity: Identity
    host: Host
    started: str
    finished: str
    items: tuple[Item, ...]
    counts: tuple[tuple[Outcome, int], ...]
    verdict: str
    reasons: tuple[str, ...]
    sha256: str = ""


def count(items: Iterable[Item]) -> tuple[tuple[Outcome, int], ...]:
    """How many items came to what; every outcome is named."""
    found = dict.fromkeys(Outcome, 0)
    for one in items:
        found[one.outcome] += 1
    return tuple(found.items())


def conclude(items: Iterable[Item]) -> tuple[str, tuple[str, ...]]:
    """The verdict, PASS or FAIL, with its reasons."""
    failed = tuple(f"{one.thing}: {one.seen}" for one in items if one.outcome is Outcome.FAIL)
    return ("FAIL", failed) if failed else ("PASS", ("every item that the harness needs is as expected",))


def problem(record: Installation) -> str:
    """What does not follow from the items of a record, in words; empty where all does."""
    if record.schema != SCHEMA:
        return f"schema is {record.schema}, expected {SCHEMA}"
    if record.counts != count(record.items):
        return "the counts are not those of the items"
    if (record.verdict, record.reasons) != conclude(record.items):
        return "the verdict is not that of the items"
    return ""
