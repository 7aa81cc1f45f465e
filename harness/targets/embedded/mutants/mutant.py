"""What a mutant is, and the shapes that many mutants have."""

from collections.abc import Callable
from dataclasses import dataclass
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
    """Misbehave in one of the two retrieve services."""

    def retrieve(asked: str, instances: list[StoredInstance]) -> list[StoredInstance] | int:
        return misbehave(instances) if asked == service else send_all(asked, instances)

    return Hooks(retrieve=retrieve)
