"""What a mutant is, and the shapes that many mutants have."""

import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from harness.targets.embedded import damage
from harness.targets.embedded.hooks import Hooks, keep, send_all
from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.store import ObjectStore


@dataclass(frozen=True, slots=True)
class Mutant:
    """A PACS that misbehaves in one way. ``does`` completes the sentence "This PACS ..."."""

    name: str
    does: str
    hooks: Hooks


def damaging(damaged: damage.Damage) -> Hooks:
    """Damage every object before it is kept."""

    def keep_damaged(store: ObjectStore, received: Path) -> int:
        damaged(received)
        return keep(store, received)

    return Hooks(store=keep_damaged)


def only(service: str, misbehave: Callable[[list[StoredInstance]], list[StoredInstance] | int]) -> Hooks:
    """Misbehave in one of the retrieve services."""

    def retrieve(asked: str, instances: list[StoredInstance]) -> list[StoredInstance] | int:
        return misbehave(instances) if asked == service else send_all(asked, instances)

    return Hooks(retrieve=retrieve)


def damaged_copies(
    instances: list[StoredInstance], damaged: damage.Damage = damage.flip_one_byte
) -> list[StoredInstance]:
    """Copies to be sent in place of what is kept, each damaged."""
    copies = []
    for instance in instances:
        copy = Path(shutil.copyfile(instance.path, instance.path.with_suffix(f".{uuid.uuid4().hex}")))
        damaged(copy)
        copies.append(replace(instance, path=copy))
    return copies
