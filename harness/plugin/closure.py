"""What the harness needs to run, as it is installed: each distribution with what it asks for, and what came inside it.

Extras count where they were asked for: those of the harness itself where what they name is installed, those of others
where something names them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

#: The distribution that carries the harness.
DISTRIBUTION = "pytest-pacs"

#: What only those need who develop the harness.
_NOT_NEEDED = frozenset({"dev"})

#: Folders into which the makers of a wheel put libraries of others, and how they name these there.
_BUNDLED = re.compile(r"(^|/)([^/]+\.libs|\.dylibs|\.libs)/[^/]+$")
_UNIX = re.compile(r"(?P<name>lib[\w+.-]+?)(-[0-9a-f]{8,})?\.so\.?(?P<version>[\d.]*)")
_MAC = re.compile(r"(?P<name>lib[^.]+)(\.(?P<version>[\d.]+))?\.dylib")
_WINDOWS = re.compile(r"(?P<name>[\w+.]+?)(-(?P<version>[\d.]+))?(-[0-9a-f]{8,})?\.dll")


@dataclass(frozen=True, slots=True)
class Native:
    """A library in machine code inside a wheel; ``version`` is that in its file's name, empty where it has none.

    ``path`` is relative to where distributions are installed.
    """

    name: str
    version: str
    path: str
    file: Path


@dataclass(frozen=True, slots=True)
class Installed:
    """One distribution by its normalised name; ``requires`` are those that it asks for and that are here.

    ``optional`` tells that only an extra of the harness leads to it.
    """

    name: str
    distribution: metadata.Distribution
    requires: tuple[str, ...]
    optional: bool


@cache
def closure() -> tuple[Installed, ...]:
    """Every distribution that the harness needs, the harness first, the others by name; what is absent is left out."""
    needed = _reached(frozenset())
    extras = frozenset(_distribution(DISTRIBUTION).metadata.get_all("Provides-Extra") or ()) - _NOT_NEEDED
    found = _reached(extras)
    return tuple(
        Installed(name, _distribution(name), tuple(sorted(requires)), name not in needed)
        for name, requires in sorted(found.items(), key=lambda one: (one[0] != DISTRIBUTION, one[0]))
    )


def natives(found: metadata.Distribution) -> tuple[Native, ...]:
    """The libraries of others that a distribution carries, by path."""
    bundled = []
    for path in found.files or ():
        file = Path(str(path.locate()))
        if _BUNDLED.search(path.as_posix()) and file.is_file():
            name, version = named(path.name)
            bundled.append(Native(name, version, path.as_posix(), file))
    return tuple(sorted(bundled, key=lambda one: one.path))


def named(file: str) -> tuple[str, str]:
    """Name and version of a library by the name of its file; the whole name and nothing where it has another form."""
    for form in (_UNIX, _MAC, _WINDOWS):
        if match := form.fullmatch(file):
            return match["name"], (match["version"] or "").strip(".")
    return file, ""


def _reached(extras: frozenset[str]) -> dict[str, set[str]]:
    """What each distribution asks for, of those that are reached from the harness with these extras of it."""
    asked: dict[str, frozenset[str]] = {}
    found: dict[str, set[str]] = {}
    waiting = [(DISTRIBUTION, extras)]
    while waiting:
        name, with_extras = waiting.pop()
        wanted = asked.get(name, frozenset()) | with_extras
        if name in found and wanted == asked[name]:
            continue
        asked[name] = wanted
        required = {other: also for other, also in _required(name, wanted) if _is_installed(other)}
        found[name] = set(required)
        waiting += required.items()
    return found


def _required(name: str, extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    gathered: dict[str, frozenset[str]] = {}
    for line in _distribution(name).requires or ():
        try:
            wanted = Requirement(line)
        except InvalidRequirement:
            continue
        if wanted.marker is None or any(wanted.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            other = canonicalize_name(wanted.name)
            gathered[other] = gathered.get(other, frozenset()) | frozenset(wanted.extras)
    return iter(gathered.items())


@cache
def _distribution(name: str) -> metadata.Distribution:
    return metadata.distribution(name)


def _is_installed(name: str) -> bool:
    try:
        _distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True
