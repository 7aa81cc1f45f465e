"""What a run may say of the harness that made it, from the records that are on this machine."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from harness.core.plain import Misfit, from_plain
from harness.core.qualification.identity import Host, Identity, difference
from harness.core.qualification.installation import Installation
from harness.core.qualification.operation import Operation
from harness.core.results import Run


class Kind(StrEnum):
    """Which check of the harness."""

    IQ = "IQ"
    OQ = "OQ"


@dataclass(frozen=True, slots=True)
class Found:
    """A record with the SHA-256 of its file; where it does not count by itself it is None, and ``fault`` says why."""

    record: Installation | Operation | None
    sha256: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """What one check of the harness showed for this harness on this host.

    ``verdict`` is PASS, FAIL or NOT SHOWN, with the ``reason`` in the last case. ``sha256`` is that of the file of the
    record. ``not_challenged`` are checks that it could not challenge, each with the reason.
    """

    verdict: str
    id: str = ""
    sha256: str = ""
    date: str = ""
    reason: str = ""
    not_challenged: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Qualification:
    """Both checks of the harness, as a run records them."""

    installation: Shown
    operation: Shown


NOT_SHOWN = "NOT SHOWN"


def shown(found: Sequence[Found], identity: Identity, host: Host, plan_sha256: str = "") -> Shown:
    """What the records of one kind show: the latest that counts, else why the latest does not.

    ``plan_sha256`` is that of what this version plans, where the records are of OQ.
    """
    latest = Shown(NOT_SHOWN, reason="not run by this user on this host")
    counting: Shown | None = None
    for one in sorted(found, key=lambda one: one.record.finished if one.record else ""):
        record = one.record
        if record is None:
            latest = Shown(NOT_SHOWN, sha256=one.sha256, reason=one.fault)
            continue
        latest = Shown(
            NOT_SHOWN, record.id, one.sha256, record.finished, _obstacle(record, identity, host, plan_sha256)
        )
        if not latest.reason:
            open_checks = record.not_challenged if isinstance(record, Operation) else ()
            counting = replace(latest, verdict=record.verdict, not_challenged=open_checks)
    return counting or latest


def _obstacle(record: Installation | Operation, identity: Identity, host: Host, plan_sha256: str) -> str:
    """Why a record does not count for this harness on this host, in words; empty where it does."""
    if record.host.id != host.id:
        return "it was run on another host"
    if changed := difference(record.identity, identity):
        return changed
    if isinstance(record, Operation) and record.plan_sha256 != plan_sha256:
        return "its challenges are not those of this version"
    return "; ".join(record.reasons) if record.verdict == NOT_SHOWN else ""


def words(kind: Kind, shown: Shown) -> str:
    """One line for a report."""
    if shown.verdict == NOT_SHOWN:
        return f"harness {kind}: NOT SHOWN: {shown.reason}"
    line = f"harness {kind}: {shown.verdict}, {shown.id}, {shown.date}, SHA-256 {shown.sha256}"
    names = ", ".join(check for check, _ in shown.not_challenged)
    return f"{line}; not challenged here: {names}" if names else line


def told(run: Run) -> tuple[str, ...]:
    """What a run says of the harness that made it, one line for each check of it; of a joined run, by its shards."""
    return tuple(f"{run_id}{words(kind, shown)}" for run_id, kind, shown in _recorded(run))


def lacking(run: Run) -> tuple[str, ...]:
    """The checks of the harness that a run does not show to have been made, in words; of a joined run, by shard."""
    return tuple(f"{run_id}{kind}" for run_id, kind, shown in _recorded(run) if shown.verdict == NOT_SHOWN)


def _recorded(run: Run) -> Iterator[tuple[str, Kind, Shown]]:
    """Both checks, each with the run that it was looked up for, as the beginning of a line."""
    found = run.tools.get("qualification")
    if not run.shards:
        yield from (("", *one) for one in _both(found))
    for shard in run.shards:
        value = found.get(shard.run_id) if isinstance(found, Mapping) else None
        yield from ((f"{shard.run_id}: ", *one) for one in _both(value))


def _both(value: object) -> tuple[tuple[Kind, Shown], ...]:
    try:
        found = from_plain(Qualification, value)
    except Misfit:
        silent = Shown(NOT_SHOWN, reason="the record of the run does not say")
        found = Qualification(silent, silent)
    return (Kind.IQ, found.installation), (Kind.OQ, found.operation)
