"""Where a run took place and with what: facts for the record, gathered without guessing."""

import locale
import os
import platform
import shutil
import subprocess
import tempfile
import time
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import psutil
import pynetdicom

import harness
from harness.core.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from harness.plugin import clock
from harness.plugin.content import package_sha256

#: Distributions whose versions decide what a run does, or what its report looks like; those not installed are left out.
DISTRIBUTIONS = (
    *("pytest", "pynetdicom", "pydicom", "av", "docker", "jinja2", "tabulate", "numpy"),
    *("httpx", "starlette", "uvicorn", "rfc8785", "cyclonedx-python-lib", "weasyprint", "pyhanko"),
)

#: Where Linux tells what its time comes from, and what marks the inside of a container.
_CLOCK_SOURCE = Path("/sys/devices/system/clocksource/clocksource0/current_clocksource")
_CONTAINER_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))

#: Environment variables by which CI systems tell where a log of this run is.
CI_VARIABLES = (
    *("CI", "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_SHA"),
    *("CI_JOB_URL", "CI_PIPELINE_URL", "CI_COMMIT_SHA", "BUILD_URL", "GIT_COMMIT"),
)


def now() -> str:
    """The time now, ISO 8601 in UTC to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def environment() -> dict[str, object]:
    """The machine: system, processor, memory and free disk in bytes, clock, locale, and CI job where there is one.

    The offset of the clock is only told where the kernel knows that it is kept right; else it is unknown.
    """
    synchronisation = clock.synchronisation()
    within = synchronisation.partition(", ")[2]
    scratch = Path(tempfile.gettempdir())
    return {
        "system": platform.platform(),
        "kernel": f"{platform.system()} {platform.release()}",
        "operating system": _distribution(),
        "machine": platform.machine(),
        "processors": os.cpu_count(),
        "processor": _processor(),
        "memory": psutil.virtual_memory().total,
        "inside a container": any(mark.exists() for mark in _CONTAINER_MARKS),
        "scratch folder": str(scratch),
        "free there": shutil.disk_usage(scratch).free,
        "file system there": _file_system(scratch),
        "time zone": time.strftime("%Z %z"),
        "clock source": _first_line(_CLOCK_SOURCE) or "unknown",
        "clock": synchronisation,
        "clock offset": within or "unknown",
        "locale": ".".join(filter(None, locale.getlocale())) or "C",
        "ci": {name: os.environ[name] for name in CI_VARIABLES if name in os.environ},
    }


def tools(media: dict[str, object]) -> dict[str, object]:
    """What did the work: harness, Python and libraries, with ``media`` as told by the video library."""
    return {
        "harness": {"version": harness.__version__, **_commit(), "sha256": package_sha256()},
        "python": platform.python_version(),
        "distributions": {name: found for name in DISTRIBUTIONS if (found := _version(name))},
        "DICOM implementation": f"{IMPLEMENTATION_VERSION_NAME} {IMPLEMENTATION_CLASS_UID}",
        "pynetdicom implementation": f"{pynetdicom.PYNETDICOM_IMPLEMENTATION_VERSION} "
        f"{pynetdicom.PYNETDICOM_IMPLEMENTATION_UID}",
        "media": media,
    }


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return "unknown"


def _first_line(path: Path) -> str:
    try:
        return path.read_text("utf-8").partition("\n")[0]
    except (OSError, ValueError):
        return ""


def _file_system(folder: Path) -> str:
    """The kind of file system that a folder lies on, by the longest mount point above it."""
    place = folder.resolve()
    found = [one for one in psutil.disk_partitions(all=True) if place.is_relative_to(one.mountpoint)]
    return max(found, key=lambda one: len(one.mountpoint)).fstype if found else "unknown"


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
