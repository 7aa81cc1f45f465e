"""The mutants: one table of named misbehaviours of a PACS, each of them one hook replaced; a module for each family.

Most damage an object before it is kept, so that every way of getting it back shows the damage; those that
are about one service act there. A check is trusted once a mutant of this table made it fail. A module of this package
that has ``MUTANTS`` is part of the table; there is no other list.
"""

import importlib
import pkgutil

from harness.errors import UnknownName
from harness.targets.embedded.mutants.mutant import Mutant

MUTANTS: tuple[Mutant, ...] = tuple(
    one
    for module in sorted(pkgutil.iter_modules(__path__), key=lambda found: found.name)
    for one in getattr(importlib.import_module(f"{__name__}.{module.name}"), "MUTANTS", ())
)


def mutant(name: str) -> Mutant:
    """The mutant of that name.

    Raises:
        UnknownName: there is none.
    """
    by_name = {candidate.name: candidate for candidate in MUTANTS}
    if name not in by_name:
        raise UnknownName("mutant", name, by_name)
    return by_name[name]
