"""Who started a scratch folder or a container, and whether that process still lives.

Everything a run leaves on the machine carries its owner: a folder in the file :data:`OWNER_FILE`, a container
or network in the label :data:`OWNER_LABEL`. Only what belongs to a dead process *of this host* may ever be
cleaned up, so that two runs, or two machines that share one engine, never touch each other.
"""

import os
import socket
from dataclasses import dataclass

import psutil

OWNER_FILE = "owner"
OWNER_LABEL = "pytest-pacs.owner"
RUN_LABEL = "pytest-pacs.run"

# The creation time of one process may be reported a little differently when the clock is corrected meanwhile;
# a process number is not given to a new process that fast.
_CLOCK_TOLERANCE = 30.0


@dataclass(frozen=True, slots=True)
class Owner:
    """A process on a host; ``created``, in seconds since the epoch, tells apart processes of one number."""

    pid: int
    created: float
    host: str

    @classmethod
    def current(cls) -> "Owner":
        """This process."""
        return cls.of(os.getpid())

    @classmethod
    def of(cls, pid: int) -> "Owner":
        """A living process of this host."""
        return cls(pid, psutil.Process(pid).create_time(), socket.gethostname())

    @classmethod
    def from_text(cls, text: str) -> "Owner":
        """Inverse of ``str``.

        Raises:
            ValueError: the text was not written by us.
        """
        pid, created, host = text.strip().split(" ", 2)
        return cls(int(pid), float(created), host)

    def __str__(self) -> str:
        return f"{self.pid} {self.created:.2f} {self.host}"

    @property
    def is_alive(self) -> bool:
        """True while the process runs; a zombie does not. Only meaningful on the owner's host."""
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return abs(process.create_time() - self.created) < _CLOCK_TOLERANCE
        except psutil.AccessDenied:
            return True
        except psutil.NoSuchProcess:
            return False

    @property
    def is_gone(self) -> bool:
        """True where the owner was a process of this host and has ended: its leftovers may be removed."""
        return self.host == socket.gethostname() and not self.is_alive
