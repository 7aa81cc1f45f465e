"""The scratch folder of a run: made at the start, removed at the end, and removed also when the harness is
killed.

A watcher process (:mod:`harness.targets.watcher`) holds the other end of a pipe. A normal end tells it so;
when the pipe just closes, the harness was killed, and the watcher removes the folder and every container of
the run.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.errors import UsageError
from harness.targets.owner import OWNER_FILE, Owner
from harness.targets.target import Place

SCRATCH_PREFIX = "pytest-pacs-"

#: What the watcher reads when the run ended by itself.
ENDED = b"ended\n"

_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class RunScratch:
    """Context manager around the scratch folder of one run.

    ``parent`` is where the folder is made, the system's temporary folder unless told.

    Raises:
        UsageError: ``run_id`` is no good as part of a file name, or a run of that id is there already.
    """

    def __init__(self, run_id: str, *, parent: Path | None = None) -> None:
        if not _RUN_ID.fullmatch(run_id):
            raise UsageError(f"run id {run_id!r}: use letters, digits, '_', '.' and '-', starting with letter or digit")
        self.run_id = run_id
        self.path = (parent or Path(tempfile.gettempdir())) / f"{SCRATCH_PREFIX}{run_id}"
        self._watcher: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.path.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            raise UsageError(f"{self.path}: a run {self.run_id!r} is there already; choose another run id") from None
        (self.path / OWNER_FILE).write_text(f"{Owner.current()}\n", encoding="utf-8")
        # Its own session: Ctrl-C in the terminal must not end the watcher before its work.
        self._watcher = subprocess.Popen(
            [sys.executable, "-m", "harness.targets.watcher", self.run_id, str(self.path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
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
        return Place(run_id=self.run_id, scratch=scratch, evidence=evidence)

    def close(self) -> None:
        """Remove the folder and let the watcher go. May be called twice."""
        # The folder first: if this process is killed in between, the watcher still finishes the work.
        shutil.rmtree(self.path, ignore_errors=True)
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            try:
                watcher.communicate(ENDED, timeout=10)
            except subprocess.TimeoutExpired:
                watcher.kill()
                watcher.wait()
