"""Trying again, and telling so: only what may pass by itself, and every attempt stays in the record."""

from collections.abc import Callable
from dataclasses import dataclass

from harness.core.exchange import TRANSIENT, Attempt, Exchange


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """At most ``attempts`` tries.

    The second waits ``first_delay`` seconds, each later one ``factor`` times longer.
    """

    attempts: int = 3
    first_delay: float = 0.5
    factor: float = 2.0

    def run(self, attempt: Callable[[], Exchange], *, sleep: Callable[[float], None]) -> Exchange:
        """Call ``attempt`` until trying again cannot change its ending; return the last exchange.

        Its ``earlier`` holds the attempts before.
        """
        earlier: list[Attempt] = []
        delay = self.first_delay
        exchange = attempt()
        while exchange.ending in TRANSIENT and len(earlier) + 1 < self.attempts:
            earlier.append(exchange.as_attempt)
            sleep(delay)
            delay *= self.factor
            exchange = attempt()
        return exchange.after(tuple(earlier))
