"""How large a video may be: what is seen at one size, where the ceiling is and whose it is, and what is asked."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from harness.core.endpoint import TargetState
from harness.core.exchange import Ending, Exchange
from harness.core.families.paths import StreamSeen
from harness.core.observations import Fetched, Observation, PayloadSeen
from harness.core.results import Outcome
from harness.core.sizes import MIB, show_size
from harness.core.verdicts import Verdict, judge

if TYPE_CHECKING:
    from harness.core.ports import Video


class Limit(StrEnum):
    """Whose limit a video met."""

    MEMORY = "the memory of the target"
    ENDED = "the target, which ended"
    RESOURCES = "memory or disk of the target, as it says"
    STATED = "a limit of the target, as it says"
    CONTENT = "the target, which did not keep the content"
    CONNECTION = "the target or the network, which broke off"
    TIME = "time: the target did not answer within the limit"
    FORMAT = "the format, which allows one fragment"
    DISK = "the disk of the harness"
    SITE = "what we may send there"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one size took: seconds to store and to fetch (0 where it was not), and the memory peaks in bytes.

    ``target_memory`` is the peak of the target since it was started, None where it cannot be known.
    """

    store_seconds: float
    fetch_seconds: float
    target_memory: int | None
    harness_memory: int

    def told(self, length: int) -> str:
        """In words, for ``length`` bytes of video."""
        parts = [
            f"{verb} in {seconds:.1f} s ({length / MIB / seconds:.1f} MiB/s)"
            for verb, seconds in (("stored", self.store_seconds), ("returned", self.fetch_seconds))
            if seconds
        ]
        if self.target_memory is not None:
            parts.append(f"memory peak of the target {show_size(self.target_memory)}")
        parts.append(f"of the harness {show_size(self.harness_memory)}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class SizeSeen(Observation):
    """A video of one size, stored and returned by one path, with what that took; ``limit`` where it met one."""

    seen: PayloadSeen | StreamSeen
    cost: Cost
    limit: Limit | None


@dataclass(frozen=True, slots=True)
class Rung:
    """One size on the way to the ceiling; ``size`` in bytes."""

    size: int
    outcome: Outcome
    reason: str
    limit: Limit | None
    cost: Cost | None


@dataclass(frozen=True, slots=True)
class CeilingSeen(Observation):
    """The sizes tried in search of the largest that survives, in order; ``bound`` is the largest asked for in bytes."""

    format_id: str
    bound: int
    rungs: tuple[Rung, ...]


class SizeQuestions(Protocol):
    """What checks ask of how large a video may be."""

    def measured(self, video: "Video", stored: Exchange, fetched: Fetched | StreamSeen) -> SizeSeen:
        """What a sized video came to, with its cost and whose limit it met."""
        ...

    def ceiling(self, video: "Video") -> CeilingSeen:
        """Look for the largest video like ``video`` that survives. Raises Undecided unless that was asked for."""
        ...


def limit_met(stored: Exchange, fetched: Exchange | None, state: TargetState) -> Limit:
    """Whose limit a video met that was not stored and returned unchanged."""
    if state.out_of_memory:
        return Limit.MEMORY
    if not state.alive:
        return Limit.ENDED
    for exchange in filter(None, (stored, fetched)):
        status = exchange.status
        if status is not None and (status & 0xFF00 == 0xA700 or status == 507):
            return Limit.RESOURCES
        if exchange.ending is Ending.TIMED_OUT:
            return Limit.TIME
        if exchange.ending not in (Ending.ANSWERED, Ending.REFUSED):
            return Limit.CONNECTION
        if exchange.ending is Ending.REFUSED or status not in (0, 200, 202, 0xB000, 0xB006, 0xB007):
            return Limit.STATED
    return Limit.CONTENT


@judge.register
def _(seen: SizeSeen) -> Verdict:
    verdict = judge(seen.seen)
    told = seen.cost.told(seen.seen.sent.length)
    whose = f"; limit met: {seen.limit}" if seen.limit is not None else ""
    return replace(verdict, reason=f"{verdict.reason}{whose}; {told}")


@judge.register
def _(seen: CeilingSeen) -> Verdict:
    survived = max((rung.size for rung in seen.rungs if rung.outcome is Outcome.PASS), default=0)
    best = f"the largest video that survives has {show_size(survived)}" if survived else "no size survives"
    lost = [rung for rung in seen.rungs if rung.outcome is Outcome.FAIL]
    if lost:
        first = min(lost, key=lambda rung: rung.size)
        whose = f"; limit met: {first.limit}" if first.limit else ""
        return Verdict(Outcome.FAIL, f"{best}; one of {show_size(first.size)} does not: {first.reason}{whose}")
    stopped = [rung for rung in seen.rungs if rung.outcome is not Outcome.PASS]
    if not stopped:
        return Verdict(Outcome.PASS, f"no ceiling up to {show_size(seen.bound)}, the largest size asked for")
    first = min(stopped, key=lambda rung: rung.size)
    whose = f" (limit met: {first.limit})" if first.limit else ""
    reason = f"{best}; one of {show_size(first.size)} does not{whose}: {first.reason}"
    if first.outcome in (Outcome.UNSUPPORTED, Outcome.NOT_RUN) and survived:
        return Verdict(Outcome.PASS, reason)
    # An error is one of ours, so that nothing is known of the size.
    return Verdict(Outcome.INCONCLUSIVE if first.outcome is Outcome.ERROR else first.outcome, reason)
