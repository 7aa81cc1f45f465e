"""Cleans up after a killed harness: ``python -m harness.targets.watcher RUN_ID SCRATCH_FOLDER``.

:class:`~harness.targets.scratch.RunScratch` starts one per run and holds the other end of its standard input, a
socket. What comes over it says that the run ended and cleaned up itself, or that its targets are to be kept until
this process gets TERM; end of file alone means that the harness is gone.
"""

import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

# What a killed harness had begun may still come to be, such as a container that the engine is about to make:
# look again until nothing was found so many times, a second apart.
_QUIET_LOOKS = 3
_MOST_LOOKS = 60


_ENDS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def clean_up(run_id: str, scratch: Path) -> None:
    """Remove the scratch folder, and all containers, networks and volumes of the run."""
    # Not at the top: the watcher of every run should be small while it waits.
    from harness.targets.leftovers import remove_run

    quiet = 0
    for _ in range(_MOST_LOOKS):
        found = bool(remove_run(run_id)) or scratch.exists()
        shutil.rmtree(scratch, ignore_errors=True)
        quiet = 0 if found else quiet + 1
        if quiet == _QUIET_LOOKS:
            return
        time.sleep(1)


def watch(line: socket.socket, run_id: str, scratch: Path) -> None:
    """Wait for the end of the harness or for its word, and do what that calls for."""
    from harness.targets.scratch import KEEP, MOST_DESCRIPTORS

    word, descriptors, _, _ = socket.recv_fds(line, 1, MOST_DESCRIPTORS)
    if word == KEEP:
        # Before the answer: from then on the signal may come.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        line.send(KEEP)
        signal.sigwait(_ENDS)
        for descriptor in descriptors:
            os.close(descriptor)
    if word in (b"", KEEP):
        clean_up(run_id, scratch)


if __name__ == "__main__":
    watch(socket.socket(fileno=0), sys.argv[1], Path(sys.argv[2]))
