"""Faults of a network that are made on purpose, and what is told of each afterwards."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What happens to a connection."""

    CUT = "cut"  #: both sides see it closed
    STALL = "stall"  #: it stays open, and nothing passes any more in either direction
    THROTTLE = "throttle"  #: bytes pass slowly and steadily
    CORRUPT = "corrupt"  #: one byte is inverted on its way, and no length changes


#: After these nothing more passes.
HOLDING = frozenset({FaultKind.CUT, FaultKind.STALL})


class Place(StrEnum):
    """Where in an object it happens.

    In DICOM without TLS: half-way through the first or last fragment of the data set, or through the data set as a
    whole (PS3.8 9.3.5). Where the proxy cannot look inside, after a share of the object's size.
    """

    FIRST = "first"
    MIDDLE = "middle"
    LAST = "last"


class Direction(StrEnum):
    """Which way the object goes."""

    TO_TARGET = "to the target"
    TO_US = "to us"


class SideEnd(StrEnum):
    """How one side of the proxy ended its connection."""

    CLOSED = "closed"
    RESET = "reset"
    OPEN = "left open"  #: it did not close by itself until the proxy did


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault for one connection.

    ``size`` is the length in bytes of what is sent: the data set in DICOM, the file elsewhere; a place inside is found
    by it. ``rate`` is in bytes a second, for THROTTLE only, which begins at ``place``.
    """

    kind: FaultKind
    place: Place
    size: int
    direction: Direction = Direction.TO_TARGET
    rate: int = 0


@dataclass(frozen=True, slots=True)
class Interruption:
    """What a proxy did to one connection, and saw of its ends.

    ``inside`` tells whether the fragments of DICOM could be seen. ``at`` is the number of bytes that had passed in the
    direction of the fault when it happened, None where the connection ended before; ``after`` is the time until then
    in seconds. ``data_bytes`` counts bytes of the data set that passed, None where they could not be seen.
    ``to_target`` and ``to_us`` count all bytes that passed, ``withheld`` those that arrived and were not passed on.
    ``seconds`` is how long bytes were passed or awaited. ``target_reached`` is False where it took no connection.
    """

    fault: Fault
    inside: bool
    at: int | None
    after: float | None
    data_bytes: int | None
    to_target: int
    to_us: int
    withheld: int
    seconds: float
    our_end: SideEnd
    target_end: SideEnd
    detail: str = ""
    target_reached: bool = True

    @property
    def happened(self) -> bool:
        """Whether the connection lived long enough for the fault."""
        return self.at is not None

    @property
    def summary(self) -> str:
        """One line for a person."""
        if not self.target_reached:
            return f"{self.fault.kind}: the target took no connection: {self.detail}"
        if self.at is None:
            return f"{self.fault.kind}: did not happen; {self.to_target:,} bytes passed to the target"
        where = f"{self.fault.kind} after {self.at:,} bytes"
        if self.data_bytes is not None:
            where += f", {self.data_bytes:,} of {self.fault.size:,} of the data set"
        return "; ".join(part for part in (where, self.detail, self._ends) if part)

    @property
    def _ends(self) -> str:
        """How the side that got the object took the end of it, where it was told one."""
        if self.fault.kind not in HOLDING:
            return ""
        inward = self.fault.direction is Direction.TO_US
        return f"our side {self.our_end}" if inward else f"the target's side {self.target_end}"
