"""Mutants that keep a video and give it back wrongly by C-GET or C-MOVE."""

from harness.targets.embedded.hooks import GET, MOVE
from harness.targets.embedded.index import StoredInstance
from harness.targets.embedded.mutants.mutant import Mutant, damaged_copies, only

_UNABLE_TO_PERFORM = 0xA702


def _nothing(instances: list[StoredInstance]) -> list[StoredInstance] | int:
    return []


def _fail(instances: list[StoredInstance]) -> list[StoredInstance] | int:
    return _UNABLE_TO_PERFORM


MUTANTS = (
    Mutant("retrieves-nothing-on-get", "answers C-GET with success and no object", only(GET, _nothing)),
    Mutant("retrieves-nothing-on-move", "answers C-MOVE with success and no object", only(MOVE, _nothing)),
    Mutant("fails-get", "answers C-GET with 0xA702", only(GET, _fail)),
    Mutant("fails-move", "answers C-MOVE with 0xA702", only(MOVE, _fail)),
    Mutant("damages-on-get", "inverts one byte of what C-GET sends", only(GET, damaged_copies)),
    Mutant("damages-on-move", "inverts one byte of what C-MOVE sends", only(MOVE, damaged_copies)),
)
