"""Several associations at once, each with a thread and a client of its own.

Threads that share an association would wait for one another; what is meant to overlap meets at a gate, so that it
overlaps however quick a PACS is.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

T = TypeVar("T")


class Gate:
    """Where ``count`` workers wait for one another, each at most ``limit`` seconds.

    ``met`` is the largest number that ever waited at one time.
    """

    def __init__(self, count: int, limit: float) -> None:
        self._missing = count
        self._limit = limit
        self._inside = 0
        self._changed = threading.Condition()
        self.met = 0

    def wait(self) -> None:
        """Come, and go on once all have come or gone, or the limit is over."""
        with self._changed:
            self._inside += 1
            self.met = max(self.met, self._inside)
            self._come()
            self._changed.wait_for(lambda: self._missing <= 0, self._limit)
            self._inside -= 1

    def leave(self) -> None:
        """Never come."""
        with self._changed:
            self._come()

    def _come(self) -> None:
        self._missing -= 1
        self._changed.notify_all()


class _Worker(Generic[T]):
    """One piece of work in a thread of its own; ``result`` or ``problem`` is set at its end."""

    def __init__(self, work: Callable[[Callable[[], None]], T], gate: Gate) -> None:
        self._work = work
        self._gate = gate
        self._came = False
        self.result: T
        self.problem: BaseException | None = None
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work(self._ready)
        except BaseException as problem:  # noqa: BLE001 - raised again by at_once()
            self.problem = problem
        finally:
            if not self._came:
                self._came = True
                self._gate.leave()

    def _ready(self) -> None:
        if not self._came:  # a second attempt waits for nobody
            self._came = True
            self._gate.wait()


def at_once(works: Sequence[Callable[[Callable[[], None]], T]], *, limit: float) -> tuple[tuple[T, ...], int]:
    """Run each in a thread of its own; their results in order, and how many were ready at one time.

    Each is given what it must call when it is ready, which returns when all the others are, or are over, at the latest
    after ``limit`` seconds. A client must be of its worker alone.

    Raises:
        Exception: what the first of them raised, once all are over.
    """
    gate = Gate(len(works), limit)
    workers = [_Worker(work, gate) for work in works]
    for worker in workers:
        worker.thread.join()
    for worker in workers:
        if worker.problem is not None:
            raise worker.problem
    return tuple(worker.result for worker in workers), gate.met
