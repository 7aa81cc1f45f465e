"""What a target is to the rest of the harness: started once, asked how it is, always stopped."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from harness.core.endpoint import (
    Endpoint,
    EvidenceClass,
    RestEndpoint,
    Runtime,
    TargetIdentity,
    TargetState,
    WebEndpoint,
)
from harness.targets.owner import Owner


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target of this run may put things.

    ``scratch`` is private to the target and removed when the run ends; ``evidence`` is inside the run folder and
    kept: logs, configuration snapshots. ``say`` shows the user one line about a slow start.
    ``owner`` is the process with which everything that is left behind loses its right to be there: this one, unless
    told.
    """

    run_id: str
    scratch: Path
    evidence: Path
    say: Callable[[str], None] = lambda line: None
    owner: Owner = field(default_factory=Owner.current)


class Target(Protocol):
    """A PACS that we may talk to."""

    @property
    def id(self) -> str:
        """The name given on the command line; column head of the matrix."""
        ...

    @property
    def evidence_class(self) -> EvidenceClass:
        """What its results are evidence of; known before it is started."""
        ...

    @property
    def runtime(self) -> Runtime:
        """What runs it."""
        ...

    def start(self, place: Place) -> Endpoint | None:
        """Start and wait until it answers C-ECHO; None where it has DICOMweb only.

        Raises:
            EnvironmentProblem: it cannot run here or did not become ready; whatever was started is stopped again.
        """
        ...

    @property
    def web(self) -> WebEndpoint | None:
        """Its DICOMweb service; None where it has none, or was not started."""
        ...

    @property
    def rest(self) -> RestEndpoint | None:
        """The product's own interface that the harness can speak; None where there is none."""
        ...

    def identity(self) -> TargetIdentity:
        """Product, version and details, as found out from the running system."""
        ...

    def state(self) -> TargetState:
        """How it is doing now; never raises."""
        ...

    def stop(self) -> None:
        """Stop it and keep its logs as evidence. May be called twice, and after a failed start."""
        ...


@runtime_checkable
class Keepable(Protocol):
    """A target that can outlive the run that started it."""

    def keep(self) -> tuple[int, ...]:
        """Let go of what runs, so that :meth:`Target.stop` does nothing any more.

        Returns descriptors: it runs until the last copy of each is closed.
        """
        ...
