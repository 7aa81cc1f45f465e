"""Which harness on which machine: what a qualification holds for, and what ends it."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A harness with everything it works with.

    A checkout has a ``commit``, an installed harness has ``content``, the SHA-256 of the list of its files; it is
    ``modified`` where its files differ from these. ``libraries`` are versions by name, of distributions and of the
    parts of the video library.
    """

    version: str
    commit: str
    modified: bool
    content: str
    python: str
    libraries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Host:
    """A machine. ``id`` is the same for the same machine and user system; the rest is for people to read."""

    id: str
    system: str
    machine: str
    processors: int


def difference(then: Identity, now: Identity) -> str:
    """Why what was shown for ``then`` does not hold for ``now``, in words; empty where it does."""
    if now.modified:
        return "modified checkout: files differ from the commit" if now.commit else "modified after it was installed"
    if then.modified:
        return "it was modified when it was checked"
    for what, before, after in (
        ("version", then.version, now.version),
        ("commit", then.commit[:12], now.commit[:12]),
        ("installed files", then.content[:12], now.content[:12]),
        ("Python", then.python, now.python),
    ):
        if before != after:
            return f"other {what}: {before or 'none'} was checked, this is {after or 'none'}"
    names = sorted(then.libraries.keys() | now.libraries.keys())
    changed = [name for name in names if then.libraries.get(name) != now.libraries.get(name)]
    if changed:
        shown = [f"{one} {then.libraries.get(one, 'none')}, now {now.libraries.get(one, 'none')}" for one in changed]
        return f"changed libraries: {'; '.join(shown)}"
    return ""
