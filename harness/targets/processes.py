"""Small facts about processes and their files that several targets need."""

import hashlib
import random
import re
import socket
from pathlib import Path

from harness.errors import PortTaken

_PEAK = re.compile(r"^VmHWM:\s*(\d+) kB", re.MULTILINE)


#: Above the ports that services are known by, and below those that systems give to whoever connects (RFC 6335 6, and
#: 32768 on Linux): a port of these could be gone between being found and being listened on.
_OURS = range(20_000, 32_000)
_TRIES = 50


def free_port(host: str) -> int:
    """A TCP port of ``host`` that nobody listens on now, and that a system, as it comes, gives to no connection.

    Raises:
        PortTaken: ``host`` is no address of this machine, or no port was found.
    """
    problem = ""
    # Whoever seeds the common generator in several processes would make all of them find the same ports.
    for port in random.SystemRandom().sample(_OURS, _TRIES):
        try:
            with socket.socket() as probe:
                probe.bind((host, port))
                return port
        except OSError as error:
            problem = error.strerror or str(error)
    raise PortTaken(f"no port to be had on {host}: {problem}; see that the address is local")


def file_sha256(path: Path) -> str:
    """SHA-256 of a file in lower-case hex, read as a stream."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def peak_memory(proc_status: str) -> int | None:
    """Peak resident memory in bytes, from the text of ``/proc/<pid>/status``; None where it does not say.

    The page cache is not in it: what is measured is the memory that the PACS itself asked for.
    """
    found = _PEAK.search(proc_status)
    return int(found[1]) * 1024 if found else None


def peak_memory_of(pid: int) -> int | None:
    """Peak resident memory of a process of this machine, in bytes; None where it is gone or the system does not say."""
    try:
        return peak_memory(Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None


def last_lines(path: Path, count: int = 20) -> str:
    """The end of a text file, without reading the rest of it; empty where there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 400 * count))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-count:])
