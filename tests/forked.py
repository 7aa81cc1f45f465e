"""Embedded PACS that start at once: a process that has imported everything forks one for each that is asked for.

Half of the time of starting one is spent on imports, and the tests start hundreds. What runs is the same ``main`` with
the same arguments, files and pipes; :mod:`tests.targets.test_embedded_process` starts it as users do.
"""

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import IO, Any

import pytest

from harness.targets.embedded import target as module

#: Largest request: a list of arguments as JSON.
REQUEST = 64 * 1024


class ForkedPopen:
    """What :class:`~harness.targets.embedded.target.EmbeddedTarget` needs of a process, after ``subprocess.Popen``."""

    def __init__(self, command: Sequence[str], *, stderr: IO[str], **_: Any) -> None:
        assert list(command[1:3]) == ["-m", "harness.targets.embedded"]
        read_in, write_in = os.pipe()
        read_out, write_out = os.pipe()
        self._ended, child_ended = socket.socketpair()
        with Forker.lock:
            line = Forker.line()
            descriptors = [read_in, write_out, stderr.fileno(), child_ended.fileno()]
            socket.send_fds(line, [json.dumps(command[3:]).encode()], descriptors)
            self.pid = int(line.recv(32))
        for descriptor in (read_in, write_out):
            os.close(descriptor)
        child_ended.close()
        self.stdin = os.fdopen(write_in, "w")
        self.stdout = os.fdopen(read_out)
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        with suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for the end; its exit code is negative where a signal ended it."""
        if self.returncode is None:
            self._ended.settimeout(timeout or 0.000001 if timeout is not None else None)
            try:
                self.returncode = int(self._ended.recv(32))
            except (TimeoutError, BlockingIOError):
                raise subprocess.TimeoutExpired("embedded", timeout or 0) from None
            self._ended.close()
        return self.returncode

    def terminate(self) -> None:
        """Send TERM."""
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """Send KILL."""
        self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


class Forker:
    """The one process of this one that forks; started when first needed."""

    lock = threading.Lock()
    _line: socket.socket | None = None

    @classmethod
    def line(cls) -> socket.socket:
        """The socket over which it takes requests and answers with process numbers."""
        if cls._line is None:
            ours, theirs = socket.socketpair()
            root = Path(__file__).parents[1]
            process = subprocess.Popen([sys.executable, "-m", "tests.forked"], stdin=theirs.fileno(), cwd=root)
            theirs.close()
            cls._line = ours
            atexit.register(cls._end, process)
        return cls._line

    @classmethod
    def _end(cls, process: subprocess.Popen[bytes]) -> None:
        if cls._line is not None:
            cls._line.close()
        process.wait(10)


@contextmanager
def forking() -> Iterator[None]:
    """Inside, embedded PACS are forked."""
    with pytest.MonkeyPatch.context() as patch:
        shown = SimpleNamespace(Popen=ForkedPopen, PIPE=subprocess.PIPE, TimeoutExpired=subprocess.TimeoutExpired)
        patch.setattr(module, "subprocess", shown)
        yield


def serve(line: socket.socket) -> None:
    """Fork a PACS for each request until the line closes."""
    from harness.targets.embedded import __main__ as embedded

    running: dict[int, socket.socket] = {}
    wake, woken = socket.socketpair()
    wake.setblocking(False)
    # An interrupt from the keyboard reaches every process; the tests alone answer it, and close the line.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake.fileno())

    with selectors.DefaultSelector() as selector:
        selector.register(line, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is woken:
                    woken.recv(4096)
                    _reap(running)
                    continue
                request, descriptors, _, _ = socket.recv_fds(line, REQUEST, 4)
                if not request:
                    return
                pid = os.fork()
                if pid == 0:
                    _become(embedded.main, json.loads(request), descriptors)
                running[pid] = socket.socket(fileno=descriptors[3])
                for descriptor in descriptors[:3]:
                    os.close(descriptor)
                line.send(str(pid).encode())


def _reap(running: dict[int, socket.socket]) -> None:
    while running:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == 0:
            return
        with running.pop(pid) as ended, suppress(OSError):
            ended.send(str(os.waitstatus_to_exitcode(status)).encode())


def _become(main: Any, arguments: list[str], descriptors: list[int]) -> None:
    """In the child: take over the pipes, and never return."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for number, descriptor in enumerate(descriptors[:3]):
            os.dup2(descriptor, number)
        os.closerange(3, max(descriptors) + 64)
        sys.argv = ["harness.targets.embedded", *arguments]
        main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1
    except BaseException:  # noqa: BLE001 - as the interpreter does with what nobody catches
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(socket.socket(fileno=os.dup(0)))
