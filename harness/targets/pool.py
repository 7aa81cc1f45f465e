"""Targets of a run: each started when first needed, once, and always stopped.

A target that could not start is not tried again: every later request gets the same error, so that a hundred
checks do not wait a hundred times. The caller's ``finally`` (or ``with``) ends all of them, whatever
interrupted the run.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from harness.core.endpoint import Endpoint
from harness.errors import UnknownName
from harness.targets.target import Place, Target


@dataclass(frozen=True, slots=True)
class StartedTarget:
    """A running target and how to reach it by DIMSE; None where it has DICOMweb only."""

    target: Target
    endpoint: Endpoint | None


class TargetPool:
    """Starts and stops targets; ``place_of`` gives the place of a target by its id. For one thread only."""

    def __init__(self, targets: Mapping[str, Target], place_of: Callable[[str], Place]) -> None:
        self._targets = dict(targets)
        self._place_of = place_of
        self._started: dict[str, StartedTarget] = {}
        self._failed: dict[str, Exception] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop_all()

    def get(self, target_id: str) -> StartedTarget:
        """The target, started if it was not.

        Raises:
            UnknownName: no such target in this run.
            EnvironmentProblem: it could not start, now or at the first request.
        """
        if target_id in self._failed:
            raise self._failed[target_id].with_traceback(None)
        if target_id not in self._started:
            target = self._find(target_id)
            try:
                endpoint = target.start(self._place_of(target_id))
            except Exception as error:
                self._failed[target_id] = error
                raise
            self._started[target_id] = StartedTarget(target, endpoint)
        return self._started[target_id]

    def failed(self, target_id: str) -> bool:
        """True where the target could not start, so that :meth:`get` only repeats its error."""
        return target_id in self._failed

    def stop(self, target_id: str) -> None:
        """Stop a target; nothing happens to one that does not run. A later :meth:`get` starts it anew."""
        target = self._find(target_id)
        self._started.pop(target_id, None)
        target.stop()

    def stop_all(self) -> None:
        """Stop every target, also after one of them could not be stopped; then the first error is raised."""
        errors: list[Exception] = []
        # Not only the started ones: an interrupt during a start leaves a target that never got that far.
        for target_id in reversed(self._targets):
            try:
                self.stop(target_id)
            except Exception as error:  # noqa: BLE001 - the others must be stopped first
                errors.append(error)
        if errors:
            raise errors[0]

    def _find(self, target_id: str) -> Target:
        try:
            return self._targets[target_id]
        except KeyError:
            raise UnknownName("target", target_id, self._targets) from None
