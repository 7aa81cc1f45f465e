"""The scratch folder of a run: made at the start, removed at the end, and removed also when the harness is
killed.

A watcher process (:mod:`harness.targets.watcher`) holds the other end of a socket. A normal end tells it so;
when the socket just closes, the harness was killed, and the watcher removes the folder and every container of
the run. A run that keeps its targets hands them over to the watcher instead.
"""

import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import UsageError
from harness.targets.owner import OWNER_FILE, Owner
from harness.targets.target import Place

SCRATCH_PREFIX = "pytest-pacs-"

#: What the watcher reads when the run ended by itself.
ENDED = b"e"

#: What the watcher reads, with descriptors to hold, when it takes over what runs, and what it answers.
KEEP = b"k"

#: More descriptors than targets of a run have.
MOST_DESCRIPTORS = 64

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class RunScratch:
    """Context manager around the scratch folder of one run.

    ``parent`` is where the folder is made, the system's temporary folder unless told. With ``keep`` the watcher owns
    everything, and can take over what runs at the end: see :meth:`hand_over`.

    Raises:
        UsageError: ``run_id`` is no good as part of a file name, or a run of that id is there already.
    """

    def __init__(self, run_id: str, *, parent: Path | None = None, keep: bool = False) -> None:
        if not _RUN_ID.fullmatch(run_id):
            raise UsageError(f"run id {run_id!r}: use letters, digits, '_', '.' and '-', starting with letter or digit")
        self.run_id = run_id
        self.path = (parent or Path(tempfile.gettempdir())) / f"{SCRATCH_PREFIX}{run_id}"
        self._keep = keep
        self._owner = Owner.current()
        self._watcher: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            raise UsageError(f"{self.path}: a run {self.run_id!r} is there already; choose another run id") from None
        # Its own session: Ctrl-C in the terminal must not end the watcher before its work.
        self._line, far_end = socket.socketpair()
        with far_end:
            self._watcher = subprocess.Popen(
                [sys.executable, "-m", "harness.targets.watcher", self.run_id, str(self.path)],
                stdin=far_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        if self._keep:
            self._owner = Owner.of(self._watcher.pid)
        (self.path / OWNER_FILE).write_text(f"{self._owner}\n", encoding="utf-8")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def place(self, target_id: str, evidence: Path) -> Place:
        """A private scratch folder for one target, and ``evidence`` (made when missing) for what it keeps."""
        scratch = self.path / target_id
        scratch.mkdir(exist_ok=True)
        evidence.mkdir(parents=True, exist_ok=True)
        return Place(run_id=self.run_id, scratch=scratch, evidence=evidence, owner=self._owner)

    def hand_over(self, kept: Mapping[str, Sequence[int]]) -> int:
        """Leave targets, by id with the descriptors that they run by, to the watcher, and return its process id.

        When that process gets TERM, it ends and removes all of them, and what is left of the scratch folder.
        """
        watcher, line = self._watcher, self._line
        if watcher is None or line is None:
            raise UsageError(f"run {self.run_id}: is closed; hand over before that")
        for entry in self.path.iterdir():
            if entry.name not in (*kept, OWNER_FILE):
                shutil.rmtree(entry, ignore_errors=True)
        descriptors = [one for some in kept.values() for one in some]
        socket.send_fds(line, [KEEP], descriptors)
        # From the watcher: it has them now.
        line.recv(1)
        line.close()
        self._watcher = self._line = None
        # It lives on by design.
        watcher.returncode = 0
        return watcher.pid

    def close(self) -> None:
        """Remove the folder and let the watcher go. May be called twice."""
        watcher, self._watcher = self._watcher, None
        line, self._line = self._line, None
        if watcher is None or line is None:
            return
        # The folder first: if this process is killed in between, the watcher still finishes the work.
        shutil.rmtree(self.path, ignore_errors=True)
        with line, suppress(OSError):
            line.send(ENDED)
        try:
            watcher.wait(timeout=10)
        except subprocess.TimeoutExpired:
            watcher.kill()
            watcher.wait()
