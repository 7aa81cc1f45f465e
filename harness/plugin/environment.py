"""Where a run took place and with what: facts for the record, gathered without guessing."""

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import psutil

import harness

#: Distributions whose versions decide what a run does.
DISTRIBUTIONS = ("pytest", "pynetdicom", "pydicom", "av", "docker", "jinja2", "tabulate", "numpy")

#: Environment variables by which CI systems tell where a log of this run is.
CI_VARIABLES = ("CI", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "CI_JOB_URL", "BUILD_URL")


def now() -> str:
    """The time now, ISO 8601 in UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def environment() -> dict[str, object]:
    """The machine: system, processor, memory in bytes, time zone, and CI job where there is one."""
    return {
        "system": platform.platform(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "processor": _processor(),
        "memory": psutil.virtual_memory().total,
        "time zone": time.strftime("%Z %z"),
        "ci": {name: os.environ[name] for name in CI_VARIABLES if name in os.environ},
    }


def tools(media: dict[str, object]) -> dict[str, object]:
    """What did the work: harness, Python and libraries, with ``media`` as told by the video library."""
    return {
        "harness": {"version": harness.__version__, **_commit()},
        "python": platform.python_version(),
        "distributions": {name: metadata.version(name) for name in DISTRIBUTIONS},
        "media": media,
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _commit() -> dict[str, object]:
    """The commit of a checkout, and whether files differ from it; nothing for an installed harness."""
    root = Path(harness.__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return {}
    try:
        commit = _git(root, "rev-parse", "HEAD")
        return {"commit": commit, "modified": bool(_git(root, "status", "--porcelain"))}
    except (OSError, subprocess.SubprocessError):
        return {"commit": "unknown"}


def _git(root: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(root), *words], capture_output=True, text=True, check=True, timeout=10
    ).stdout.strip()
