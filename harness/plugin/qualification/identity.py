"""Which harness this is, and on which machine: what a qualification holds for."""

import hashlib
import platform
import uuid
from collections.abc import Mapping
from importlib import metadata
from os import cpu_count
from pathlib import Path
from typing import Any

import harness
from harness.core.qualification.identity import Host, Identity
from harness.media.tools import tool_versions
from harness.plugin import environment
from harness.plugin.closure import DISTRIBUTION, closure
from harness.plugin.qualification.distributions import differences, is_editable

_MACHINE_ID = Path("/etc/machine-id")


def this_harness(tools: Mapping[str, Any] | None = None) -> Identity:
    """The harness that runs now; ``tools`` are those of a run, where they were gathered already."""
    known: Mapping[str, Any] = tools if tools is not None else environment.tools(tool_versions())
    about = known["harness"]
    media = known["media"]
    content, changed = ("", False) if "commit" in about else _installed()
    libraries = {name: found.version for name, found in dependencies().items()}
    libraries |= {f"FFmpeg {name}": version for name, version in media["libraries"].items()}
    return Identity(
        version=harness.__version__,
        commit=str(about.get("commit", "")),
        # A checkout whose git does not answer shows nothing of its files.
        modified=bool(about.get("modified", "commit" in about)) or changed,
        content=content,
        python=f"{platform.python_implementation()} {platform.python_version()}",
        libraries={**libraries, "FFmpeg": str(media["FFmpeg"])},
    )


def this_host() -> Host:
    """The machine that this runs on.

    Its id is a hash, so that no record tells the number by which a system knows itself.
    """
    try:
        number = _MACHINE_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        number = ""
    parts = (number or f"{uuid.getnode():x}", platform.node(), platform.system(), platform.machine())
    return Host(
        id=hashlib.sha256("\n".join(("pytest-pacs host", *parts)).encode()).hexdigest()[:32],
        system=platform.platform(),
        machine=platform.machine(),
        processors=cpu_count() or 1,
    )


def dependencies() -> dict[str, metadata.Distribution]:
    """Every distribution that the harness needs, directly or through others, by its normalised name; by name.

    What is not installed is left out, and so is what an extra alone asks for.
    """
    return {one.name: one.distribution for one in closure() if not one.optional and one.name != DISTRIBUTION}


def _installed() -> tuple[str, bool]:
    """SHA-256 of the list of the installed files with their hashes, and whether one differs or none is listed."""
    try:
        own = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        return "", True
    listed = "" if is_editable(own) else own.read_text("RECORD")
    return (hashlib.sha256(listed.encode()).hexdigest(), bool(differences(own))) if listed else ("", True)
