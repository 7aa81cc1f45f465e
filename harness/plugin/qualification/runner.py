"""Runs the units of an operational check in several processes, and ends all of them when it ends."""

import multiprocessing
import os
import shutil
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.core.qualification.operation import BROKE, Row, answered
from harness.plugin.qualification.plan import Unit
from harness.plugin.qualification.units import run_unit
from harness.targets.scratch import SCRATCH_PREFIX

#: Hears of each finished unit: how many are done, how many there are, the unit, and its rows.
Told = Callable[[int, int, Unit, tuple[Row, ...]], None]

#: Seconds that a worker has at most to stop its PACS.
_GRACE = 15.0

_stopping = threading.Event()
_working = threading.Lock()


def run_units(units: Sequence[Unit], lacking: Mapping[str, str], *, jobs: int, told: Told) -> tuple[Row, ...]:
    """The rows of all units in the order of the units.

    An interrupt ends every process, with the PACS that it had started, and is raised again.
    """
    found: dict[int, tuple[Row, ...]] = {}
    with TemporaryDirectory(prefix=SCRATCH_PREFIX, ignore_cleanup_errors=True) as scratch, _pool(jobs, scratch) as pool:
        pending = {pool.submit(_work, unit, dict(lacking)): number for number, unit in enumerate(units)}
        for future in as_completed(pending):
            number = pending[future]
            found[number] = _rows_of(future, units[number])
            told(len(found), len(units), units[number], found[number])
    return tuple(row for number in sorted(found) for row in found[number])


def _rows_of(future: "Future[tuple[Row, ...]]", unit: Unit) -> tuple[Row, ...]:
    try:
        return future.result()
    except BrokenProcessPool:
        reason = "the process that asked died; free some memory and try again"
        return tuple(answered(planned, BROKE, reason) for planned in unit.rows)


@contextmanager
def _pool(jobs: int, scratch: str) -> Iterator[ProcessPoolExecutor]:
    """Processes that start anew, as the threads of a video library do not survive a fork."""
    context = multiprocessing.get_context("spawn")
    end, held = context.Pipe(duplex=False)
    begin = partial(_begin, end, Path(scratch))
    with end, held, ProcessPoolExecutor(jobs, mp_context=context, initializer=begin) as pool:
        try:
            yield pool
        except BaseException:
            # Each stops its PACS and takes nothing new; see _work.
            held.close()
            pool.shutdown(cancel_futures=True)
            raise


def _begin(end: Connection, scratch: Path) -> None:
    """Let a worker stop when the harness lets go of the other end, or was killed, and only then."""
    own = scratch / str(os.getpid())
    own.mkdir()
    tempfile.tempdir = str(own)
    # An interrupt from the keyboard reaches every process; the harness alone answers it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _stop)
    threading.Thread(target=_stop_after, args=(end, own), daemon=True).start()


def _stop_after(end: Connection, own: Path) -> None:
    wait([end])
    _stopping.set()
    os.kill(os.getpid(), signal.SIGTERM)
    # Where the harness was killed, nobody else tells a worker that it has nothing more to do.
    _working.acquire(timeout=_GRACE)
    # What was being made when the signal came is in no "with" yet.
    shutil.rmtree(own, ignore_errors=True)
    with suppress(OSError):
        own.parent.rmdir()  # the last worker empties it
    os._exit(1)


def _stop(number: int, frame: object) -> None:
    # Through every "with", so that nothing stays behind.
    _stopping.set()
    raise SystemExit(1)


def _work(unit: Unit, lacking: Mapping[str, str]) -> tuple[Row, ...]:
    with _working:
        return () if _stopping.is_set() else run_unit(unit, lacking)
