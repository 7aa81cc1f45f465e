"""The record of an operational check (OQ): every challenge put to the harness, and whether it answered as it must."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.core.qualification.identity import Host, Identity

SCHEMA = "pytest-pacs/oq/1"


class Part(StrEnum):
    """What a row challenges."""

    POSITIVE = "positive control"  #: a well-behaved PACS: a check that fails here raises false alarms
    NEGATIVE = "negative control"  #: one fault: a check that does not fail here misses it
    BENIGN = "benign variation"  #: unusual and legal: no check may fail
    LOGIC = "verdict logic"  #: the decision rule
    INTEGRITY = "report integrity"  #: what is written is whole, escaped, repeatable, and tampering is seen


class Outcome(StrEnum):
    """What a row came to."""

    PASS = "PASS"  # noqa: S105 - seen as expected
    FAIL = "FAIL"  #: seen otherwise
    ERROR = "ERROR"  #: broke before anything was seen
    NOT_RUN = "NOT_RUN"  #: this machine lacks what the check needs, and the harness says so in a run too


@dataclass(frozen=True, slots=True)
class Planned:
    """One challenge. ``subject`` is the fault, the group of variations, or what a rule is held against.

    ``expected`` are the words of which one must be seen. ``format`` and ``variant`` are empty where the check has none.
    """

    part: Part
    check: str
    subject: str
    format: str
    variant: str
    expected: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A challenge with what was ``seen``. ``lacks`` names what this machine has not, so that it was not put."""

    planned: Planned
    seen: str
    outcome: Outcome
    reason: str
    lacks: str = ""


#: Parts whose rows put a check to a PACS.
_OF_CHECKS = (Part.POSITIVE, Part.NEGATIVE, Part.BENIGN)
_UNPLANNED = "no fault of it is planned"

#: What is seen where a challenge broke, and where it was not put.
BROKE, NOT_PUT = "ERROR", "NOT_RUN"


def outcome_of(planned: Planned, seen: str, lacks: str = "") -> Outcome:
    """What a row comes to."""
    if lacks:
        return Outcome.NOT_RUN
    if seen == BROKE and BROKE not in planned.expected:
        return Outcome.ERROR
    return Outcome.PASS if seen in planned.expected else Outcome.FAIL


def answered(planned: Planned, seen: str, reason: str) -> Row:
    """The row of a challenge that was put."""
    return Row(planned, seen, outcome_of(planned, seen), reason)


def not_put(planned: Planned, lacks: str) -> Row:
    """The row of a challenge that this machine cannot put."""
    return Row(planned, NOT_PUT, Outcome.NOT_RUN, f"this machine lacks {lacks}", lacks)


@dataclass(frozen=True, slots=True)
class Detected:
    """One fault with the checks that were seen to fail on it: a row of the detection matrix."""

    fault: str
    checks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """The rows of one part."""

    part: Part
    outcomes: tuple[tuple[Outcome, int], ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """An operational check.

    ``plan_sha256`` is that of everything that this version plans, ``partial`` why less was done, empty where nothing
    was left out. ``not_challenged`` pairs checks with the reason why none of their faults was put. ``sha256`` covers
    everything but itself.
    """

    schema: str
    id: str
    identity: Identity
    host: Host
    started: str
    finished: str
    plan_sha256: str
    partial: str
    rows: tuple[Row, ...]
    detection: tuple[Detected, ...]
    not_challenged: tuple[tuple[str, str], ...]
    counts: tuple[Counts, ...]
    verdict: str
    reasons: tuple[str, ...]
    sha256: str = ""


def plan_hash(plan: Iterable[Planned]) -> str:
    """SHA-256 of a plan in lower-case hex, whatever its order."""
    lines = sorted(
        "\t".join((one.part, one.check, one.subject, one.format, one.variant, *one.expected)) for one in plan
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def detection(rows: Iterable[Row]) -> tuple[Detected, ...]:
    """The detection matrix: every fault of the rows, by name, with the checks that found it."""
    found: dict[str, set[str]] = {}
    for one in rows:
        if one.planned.part is Part.NEGATIVE:
            checks = found.setdefault(one.planned.subject, set())
            if one.outcome is Outcome.PASS:
                checks.add(one.planned.check)
    return tuple(Detected(fault, tuple(sorted(checks))) for fault, checks in sorted(found.items()))


def not_challenged(rows: Iterable[Row]) -> tuple[tuple[str, str], ...]:
    """Checks of which no fault was put, each with the reason."""
    open_reasons: dict[str, str] = {}
    challenged: set[str] = set()
    for one in rows:
        if one.planned.part in _OF_CHECKS:
            open_reasons.setdefault(one.planned.check, _UNPLANNED)
        if one.planned.part is Part.NEGATIVE and one.lacks:
            open_reasons[one.planned.check] = one.reason
        elif one.planned.part is Part.NEGATIVE:
            challenged.add(one.planned.check)
    return tuple((check, reason) for check, reason in sorted(open_reasons.items()) if check not in challenged)


def count(rows: Iterable[Row]) -> tuple[Counts, ...]:
    """How many rows of each part came to what; every part and outcome is named."""
    found = {part: dict.fromkeys(Outcome, 0) for part in Part}
    for one in rows:
        found[one.planned.part][one.outcome] += 1
    return tuple(Counts(part, tuple(outcomes.items())) for part, outcomes in found.items())


def conclude(rows: Sequence[Row], partial: str) -> tuple[str, tuple[str, ...]]:
    """The verdict with its reasons: FAIL, NOT SHOWN where less was done than is planned or something broke, or PASS."""
    failed = tuple(_told(one) for one in rows if one.outcome is Outcome.FAIL)
    if failed:
        return "FAIL", failed
    gaps = [partial] if partial else []
    gaps += [_told(one) for one in rows if one.outcome is Outcome.ERROR]
    gaps += [f"{part}: nothing was put" for part in Part if not any(one.planned.part is part for one in rows)]
    gaps += [f"{check}: {reason}" for check, reason in not_challenged(rows) if reason == _UNPLANNED]
    gaps += [f"{group}: fewer than a third of the checks could pass" for group in _idle_groups(rows)]
    if gaps:
        return "NOT SHOWN", tuple(gaps)
    return "PASS", ("every challenge was answered as expected",)


def problem(record: Operation) -> str:
    """What does not follow from the rows of a record, in words; empty where all does."""
    if record.schema != SCHEMA:
        return f"schema is {record.schema}, expected {SCHEMA}"
    rows = record.rows
    if any(one.outcome is not outcome_of(one.planned, one.seen, one.lacks) for one in rows):
        return "the outcome of a row is not that of what was seen"
    if not record.partial and plan_hash(one.planned for one in rows) != record.plan_sha256:
        return "rows are missing, or more than planned"
    if record.counts != count(rows):
        return "the counts are not those of the rows"
    if (record.detection, record.not_challenged) != (detection(rows), not_challenged(rows)):
        return "the detection matrix is not that of the rows"
    if (record.verdict, record.reasons) != conclude(rows, record.partial):
        return "the verdict is not that of the rows"
    return ""


def _idle_groups(rows: Iterable[Row]) -> list[str]:
    """Groups of variations on which too little passes to show anything."""
    seen: dict[str, list[str]] = {}
    for one in rows:
        if one.planned.part is Part.BENIGN:
            seen.setdefault(one.planned.subject, []).append(one.seen)
    return [group for group, words in seen.items() if words.count("PASS") * 3 <= len(words)]


def _told(row: Row) -> str:
    planned = row.planned
    where = " ".join(filter(None, (planned.check, planned.format, planned.variant)))
    on = f" on {planned.subject}" if planned.subject else ""
    expected = " or ".join(planned.expected)
    return f"{planned.part}: {where}{on}: {row.seen}, expected {expected}: {row.reason}"
