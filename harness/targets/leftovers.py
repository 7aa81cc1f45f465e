"""Remove what a run left on this machine: containers, networks and volumes by label, scratch folders by owner
file.

Two callers: the watcher of a run whose harness was killed, and the start of the next run, for what even a
watcher could not remove (power loss). Nothing of a living owner, or of another host, is ever touched.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from docker import DockerClient
from docker.errors import DockerException
from docker.models.containers import Container
from docker.models.networks import Network
from docker.models.volumes import Volume

from harness.errors import EngineUnavailable
from harness.targets.engine import connect, engine_errors
from harness.targets.owner import OWNER_FILE, OWNER_LABEL, RUN_LABEL, Owner
from harness.targets.scratch import SCRATCH_PREFIX

Labelled = Container | Network | Volume


def sweep_leftovers(*, parent: Path | None = None) -> tuple[str, ...]:
    """Remove everything of ended runs of this host, and say in words what was removed.

    ``parent`` as in :class:`~harness.targets.scratch.RunScratch`. A machine without engine has no containers
    to remove; that is no error.
    """
    removed = []
    for folder in (parent or Path(tempfile.gettempdir())).glob(f"{SCRATCH_PREFIX}*"):
        try:
            owner = Owner.from_text((folder / OWNER_FILE).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if owner.is_gone:
            shutil.rmtree(folder, ignore_errors=True)
            removed.append(f"folder {folder}")
    return (*removed, *_remove_labelled(OWNER_LABEL))


def remove_run(run_id: str) -> tuple[str, ...]:
    """Remove containers, networks and volumes of one run, whoever its owner is, and say what was removed."""
    return _remove_labelled(f"{RUN_LABEL}={run_id}")


def _remove_labelled(label: str) -> tuple[str, ...]:
    removed: list[str] = []
    # No engine, or one that goes away or is busy with the same things: the next sweep sees what is left.
    with suppress(EngineUnavailable), connect() as client, engine_errors("removing leftovers"):
        for thing in _labelled(client, label):
            if label == OWNER_LABEL and not _is_abandoned(thing):
                continue
            if _remove(thing):
                removed.append(f"{type(thing).__name__.lower()} {thing.name}")
    return tuple(removed)


def _labelled(client: DockerClient, label: str) -> Iterator[Labelled]:
    """Containers first: a network or volume in use cannot be removed."""
    yield from client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
    yield from client.networks.list(filters={"label": label})
    yield from client.volumes.list(filters={"label": label})


def _is_abandoned(thing: Labelled) -> bool:
    labels = thing.attrs.get("Labels") or thing.attrs.get("Config", {}).get("Labels") or {}
    try:
        return Owner.from_text(labels.get(OWNER_LABEL, "")).is_gone
    except ValueError:
        # Started by hand from our compose file: no owner, not ours to remove.
        return False


def _remove(thing: Labelled) -> bool:
    try:
        if isinstance(thing, Container):
            thing.remove(force=True, v=True)
        else:
            thing.remove()
    except DockerException:
        return False
    return True
