"""What a target is to the rest of the harness: started once, asked how it is, always stopped."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from harness.core.endpoint import Endpoint, EvidenceClass, Runtime, TargetIdentity, TargetState


@dataclass(frozen=True, slots=True)
class Place:
    """Where a target of this run may put things.

    ``scratch`` is private to the target and removed when the run ends; ``evidence`` is inside the run folder and
    kept: logs, configuration snapshots.
    """

    run_id: str
    scratch: Path
    evidence: Path


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

    def start(self, place: Place) -> Endpoint:
        """Start and wait until it answers C-ECHO.

        Raises:
            EnvironmentProblem: it cannot run here or did not become ready; whatever was started is stopped again.
        """
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
