"""Run a foreign program that must not outlive the harness: ``python -m harness.targets.warden --
COMMAND...``.

The harness keeps the warden's standard input open and never writes to it. When it closes, because the harness
stopped the program or was itself killed, the program gets TERM, and KILL if it is still there after the
grace. The exit code is the program's; 128 plus the signal where a signal ended it, as shells have it.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from types import FrameType

#: Seconds between TERM and KILL.
GRACE = 10.0


def run(command: Sequence[str]) -> int:
    """Run ``command`` until it ends or standard input closes, and return its exit code."""
    # Its own session: Ctrl-C in the terminal goes to the harness, which decides when the program ends.
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as program:

        def end(number: int, frame: FrameType | None) -> None:
            program.terminate()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, end)
        threading.Thread(target=_end_at_eof, args=(program,), daemon=True).start()
        code = program.wait()
    return code if code >= 0 else 128 - code


def _end_at_eof(program: subprocess.Popen[bytes]) -> None:
    # Not sys.stdin: its buffer would still be locked by this thread when the interpreter ends.
    while os.read(0, 1024):
        pass
    program.terminate()
    try:
        program.wait(timeout=GRACE)
    except subprocess.TimeoutExpired:
        program.kill()


if __name__ == "__main__":
    marker, *arguments = sys.argv[1:] or [""]
    if marker != "--" or not arguments:
        sys.exit("usage: python -m harness.targets.warden -- COMMAND...")
    sys.exit(run(arguments))
