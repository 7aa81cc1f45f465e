"""Shows that a long transfer or encoding goes on, without a line for each step."""

import time
from collections.abc import Callable

from harness.core.sizes import show_size


class TerminalProgress:
    """Prints one line when something has taken ``first`` seconds, and then every ``interval`` seconds."""

    def __init__(
        self,
        write: Callable[[str], None],
        *,
        first: float = 5.0,
        interval: float = 10.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._write = write
        self._first = first
        self._interval = interval
        self._clock = clock
        self._what = ""
        self._due = 0.0
        self._done = 0

    def __call__(self, what: str, done: int, total: int) -> None:
        """``done`` of ``total`` bytes of ``what`` are through."""
        now = self._clock()
        if what != self._what or done < self._done:
            self._what, self._due = what, now + self._first
        self._done = done
        if now >= self._due:
            self._due = now + self._interval
            share = f" ({done * 100 // total} %)" if total else ""
            self._write(f"{what}: {show_size(done)} of {show_size(total)}{share}")
