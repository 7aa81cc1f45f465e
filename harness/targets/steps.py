"""Named steps between "the containers run" and "the PACS can be tested", for PACS that need more than a
C-ECHO.

A step is tried until it succeeds, its time is up or a container ended; what fails names itself. A step that
takes long says so while it waits.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from harness.core.endpoint import Endpoint
from harness.errors import TargetUnhealthy
from harness.targets.definition import TargetDefinition

T = TypeVar("T")

#: Seconds between two attempts, until the first word about a slow step, and between two words.
PAUSE = 1.0
FIRST_WORD = 5.0
NEXT_WORD = 15.0


@dataclass(frozen=True, slots=True)
class Started:
    """A PACS whose containers run: what its setup works with.

    ``http_url`` has no path; ``receiver_host`` is how the PACS calls this machine. ``gone`` says in words how a
    container ended, or None while all run; ``say`` shows one line to the user.
    """

    definition: TargetDefinition
    id: str
    endpoint: Endpoint
    http_url: str
    receiver_host: str
    evidence: Path
    gone: Callable[[], str | None]
    log_tail: Callable[[], str]
    say: Callable[[str], None]


#: Makes a started PACS ready, and returns details for its identity, as name and value.
Setup = Callable[[Started], tuple[tuple[str, str], ...]]


class NotYet(Exception):
    """One attempt of a step did not succeed; says what was asked and what came back."""


class Steps:
    """Takes the steps of one started PACS."""

    def __init__(self, started: Started, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._started = started
        self._clock = clock

    def take(self, name: str, attempt: Callable[[], T], *, advice: str, seconds: float = 0.0) -> T:
        """What ``attempt`` returns; it is repeated for ``seconds`` while it raises :class:`NotYet`, 0 for one attempt.

        ``advice`` is the next step for whoever reads of the failure.

        Raises:
            TargetUnhealthy: a container ended, or the time is up; names the step and what the last attempt saw.
        """
        started, product = self._started, self._started.definition.product
        begun = self._clock()
        word_due = begun + FIRST_WORD
        while True:
            try:
                return attempt()
            except NotYet as obstacle:
                seen = str(obstacle)
            ended = started.gone()
            if ended is not None:
                raise TargetUnhealthy(f"{product} ended in the step {name!r}: {ended}", started.log_tail())
            now = self._clock()
            if now - begun >= seconds:
                limit = f" after {seconds:g} s" if seconds else ""
                raise TargetUnhealthy(f"{product}: step {name!r} failed{limit}: {seen}; {advice}", started.log_tail())
            if now >= word_due:
                word_due = now + NEXT_WORD
                started.say(f"{product}: {name}: {now - begun:.0f} s of at most {seconds:g} s ({seen})")
            time.sleep(PAUSE)
