"""What every way to run a product of ``compose/`` shares: its name, its evidence, and a start that leaves
nothing behind when it fails.
"""

from abc import ABC, abstractmethod
from contextlib import suppress

from harness.core.endpoint import (
    Endpoint,
    EvidenceClass,
    RestEndpoint,
    Runtime,
    TargetIdentity,
    TargetState,
    WebEndpoint,
)
from harness.errors import HarnessError, TargetUnhealthy
from harness.targets.definition import TARGET_FILE, TargetDefinition
from harness.targets.readiness import answers_web
from harness.targets.target import Place


class ProductTarget(ABC):
    """A real product; ``id`` is its name in this run."""

    evidence_class = EvidenceClass.MEASURED
    runtime: Runtime

    def __init__(self, definition: TargetDefinition, id: str) -> None:
        self._definition = definition
        self._id = id
        self._identity: TargetIdentity | None = None
        self.web: WebEndpoint | None = None
        self.rest: RestEndpoint | None = None

    @property
    def id(self) -> str:
        """Name of the target in this run."""
        return self._id

    def start(self, place: Place) -> Endpoint:
        """Start the PACS and wait until it answers.

        Raises:
            EngineUnavailable, ImageMissing, PortTaken, TargetUnhealthy: see :mod:`harness.errors`; what was
                started is stopped and removed again, and its log kept in ``place.evidence``.
            DataFileError: a file of its folder cannot be used.
        """
        try:
            return self._start(place)
        except BaseException:
            # The first error is the one to show, whatever clean-up says.
            with suppress(HarnessError):
                self.stop()
            raise

    def identity(self) -> TargetIdentity:
        """What was found out at the start.

        Raises:
            TargetUnhealthy: it was never started.
        """
        if self._identity is None:
            raise TargetUnhealthy(f"{self._id}: not started, so its version is not known; start it first")
        return self._identity

    @abstractmethod
    def state(self) -> TargetState:
        """How it is doing now; never raises."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it; its log is complete afterwards. May be called twice, and after a failed start."""

    @abstractmethod
    def _start(self, place: Place) -> Endpoint:
        """Start and set the identity; may leave what it started to :meth:`stop` when it fails."""

    def _serves(self, url: str) -> None:
        """Take over the services that the running PACS has at the root ``url`` of its HTTP port."""
        http = self._definition.http
        if http is None:
            return
        if http.dicomweb and answers_web(url + http.dicomweb):
            self.web = WebEndpoint(url + http.dicomweb, wado_uri=url + http.wado_uri if http.wado_uri else None)
        self.rest = RestEndpoint(http.rest, url) if http.rest else None

    def _identify(self, version: str, details: tuple[tuple[str, str], ...]) -> None:
        release = self._definition.release
        if release not in ("", version):
            raise TargetUnhealthy(
                f"{self._id}: release {release} was asked for and version {version} runs; "
                f"correct the image of the release in {self._definition.folder / TARGET_FILE}, or make it anew"
            )
        self._identity = TargetIdentity(
            id=self._id,
            product=self._definition.product,
            version=version,
            runtime=self.runtime,
            evidence_class=self.evidence_class,
            details=details,
        )

    def _ended(self) -> str | None:
        """How it ended, in words; None while it runs."""
        state = self.state()
        if state.alive:
            return None
        return f"exit code {state.exit_code}" + (", killed for want of memory" if state.out_of_memory else "")
