"""Observations as a record holds them, and back, so that an old record can be judged again."""

import importlib
import pkgutil
import sys
from collections.abc import Mapping
from functools import cache

from harness.core import families
from harness.core.observations import Observation
from harness.core.plain import Misfit, from_plain, to_plain


def observation_from_plain(value: object, place: str = "observation") -> Observation:
    """Inverse of :func:`~harness.core.plain.to_plain` for an observation of any class.

    Raises:
        Misfit: the value is none; names the place.
    """
    name = value.get("kind") if isinstance(value, Mapping) else None
    kind = observation_classes().get(str(name))
    if kind is None:
        raise Misfit(f"{place}.kind: {name!r} is no observation of this version")
    return from_plain(kind, value, place)


def as_recorded(observation: Observation) -> Observation:
    """The observation as it comes back from a record: what is judged is what is recorded."""
    return observation_from_plain(to_plain(observation))


@cache
def observation_classes() -> dict[str, type[Observation]]:
    """Every class that a check may return, by its name."""
    for module in pkgutil.iter_modules(families.__path__):
        importlib.import_module(f"{families.__name__}.{module.name}")
    found: dict[str, type[Observation]] = {}
    waiting = [Observation]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            # A class with slots is made twice, and the first one may still be there.
            if getattr(sys.modules[kind.__module__], kind.__name__, None) is not kind:
                continue
            waiting.append(kind)
            if kind.__name__ in found:
                raise TypeError(f"{kind.__module__} and {found[kind.__name__].__module__} both have {kind.__name__}")
            found[kind.__name__] = kind
    return found
