"""What is seen of a transfer that is cut, stalled, slowed or damaged, and of the PACS afterwards."""

from dataclasses import dataclass

from harness.core.exchange import TRANSIENT, Attempt, Exchange
from harness.core.faults import Interruption
from harness.core.observations import Observation, Payload, PayloadSeen
from harness.core.verdicts import query_succeeded


@dataclass(frozen=True, slots=True)
class Broken:
    """One operation with faults on its way.

    ``exchange`` is its last attempt, and ``tried`` are those before, which were broken on purpose and say nothing of
    how reliable the target is. ``interruptions`` are what the proxy did, one each connection that it harmed;
    ``connections`` counts all that it took. ``attempts`` is the most that the retry policy allows, ``stall`` and
    ``answer`` are the limits in seconds.
    """

    exchange: Exchange
    tried: tuple[Attempt, ...]
    interruptions: tuple[Interruption, ...]
    connections: int
    attempts: int
    stall: float
    answer: float

    @property
    def happened(self) -> bool:
        """Whether any fault did: after the first one, a target may take no second connection to be harmed."""
        return any(one.happened for one in self.interruptions)

    @property
    def summary(self) -> str:
        """One line for a person."""
        return "; ".join(dict.fromkeys(one.summary for one in self.interruptions)) or "no connection was harmed"

    @property
    def policy(self) -> str:
        """How often it was tried, and that this is what the policy says."""
        count = len(self.tried) + 1
        return f"{count} of at most {self.attempts} attempts: a transfer that ended {self.exchange.ending} is " + (
            "tried again" if self.exchange.ending in TRANSIENT else "not tried again"
        )


@dataclass(frozen=True, slots=True)
class Found:
    """A look for an object by its own UIDs, and what it brought by the first way there is.

    ``exchange`` is None where queries are not allowed or not offered, and ``why_not`` says so. ``answers`` counts
    matches. ``fetched`` is None where nothing was found, or no way to get it back is offered;
    ``returned`` is what came.
    """

    exchange: Exchange | None
    answers: int = 0
    why_not: str = ""
    fetched: Exchange | None = None
    returned: Payload | None = None
    unreadable: str = ""

    @property
    def asked_well(self) -> bool:
        """Whether the query succeeded, so that no match means that the object is not there."""
        return query_succeeded(self.exchange)

    @property
    def in_words(self) -> str:
        """What was found and what came of it."""
        if self.returned is not None:
            return f"found, and {self.returned.length:,} bytes of video came back"
        if self.fetched is not None:
            return f"found, and not given back: {self.unreadable or self.fetched.summary}"
        return "found"


@dataclass(frozen=True, slots=True)
class Recovery:
    """How the PACS was after a fault.

    ``while_held`` is a C-ECHO while a stalled connection was still open, ``echo`` the last of ``echo_tries`` after it;
    both None where C-ECHO is not allowed or not offered. ``before`` and ``after`` are looks for another object, which
    was stored before the fault.
    """

    echo: Exchange | None
    echo_tries: int
    while_held: Exchange | None
    before: Found
    after: Found


@dataclass(frozen=True, slots=True)
class InterruptedSeen(Observation):
    """A store was cut or stalled, then looked for, then sent again; ``resent`` is None where it was not that far.

    ``returned`` is what came back after that.
    """

    sent: Payload
    broken: Broken
    recovery: Recovery
    found: Found
    resent: Exchange | None
    returned: PayloadSeen | None


@dataclass(frozen=True, slots=True)
class ThrottledSeen(Observation):
    """A store was slowed to ``rate`` bytes a second; ``returned`` is None where it was not answered with success."""

    broken: Broken
    rate: int
    returned: PayloadSeen | None


@dataclass(frozen=True, slots=True)
class CorruptedSeen(Observation):
    """A byte was changed on the way of a store, and then the object was sent again as it is.

    ``first`` is what came back before that, ``resent`` and ``second`` are None where it was not sent again.
    """

    sent: Payload
    broken: Broken
    first: Found
    resent: Exchange | None
    second: Found | None


@dataclass(frozen=True, slots=True)
class CutReturnSeen(Observation):
    """A C-GET was cut, and asked again; ``arrived`` counts objects that the cut one brought whole."""

    broken: Broken
    arrived: int
    recovery: Recovery
    returned: PayloadSeen
