"""Cleans up after a killed harness: ``python -m harness.targets.watcher RUN_ID SCRATCH_FOLDER``.

:class:`~harness.targets.scratch.RunScratch` starts one per run and holds its standard input. A word on it
means that the run ended and cleaned up itself; end of file alone means that the harness is gone.
"""

import shutil
import sys
import time
from pathlib import Path

# What a killed harness had begun may still come to be, such as a container that the engine is about to make:
# look again until nothing was found so many times, a second apart.
_QUIET_LOOKS = 3
_MOST_LOOKS = 60


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


if __name__ == "__main__":
    if not sys.stdin.buffer.read():
        clean_up(sys.argv[1], Path(sys.argv[2]))
