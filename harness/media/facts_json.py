"""Facts of streams to and from plain JSON values."""

from collections.abc import Iterable
from typing import Any

from harness.core.facts import PictureDistance, Seek, StreamFacts
from harness.core.plain import from_plain, plain


def facts_to_plain(facts: StreamFacts) -> Any:
    """Facts as JSON values: fractions as text, enumerations by their value."""
    return plain(facts)


def facts_from_plain(value: object) -> StreamFacts:
    """Inverse of :func:`facts_to_plain`.

    Raises:
        Misfit: the values are not facts.
    """
    return from_plain(StreamFacts, value, "facts")


def examined_to_plain(facts: StreamFacts, distance: PictureDistance | None, jumps: Iterable[Seek]) -> dict[str, Any]:
    """All that examining a clip showed, as JSON values."""
    return {"facts": plain(facts), "distance": plain(distance), "jumps": plain(tuple(jumps))}


def examined_from_plain(value: dict[str, Any]) -> tuple[StreamFacts, PictureDistance | None, tuple[Seek, ...]]:
    """Inverse of :func:`examined_to_plain`.

    Raises:
        KeyError, TypeError, Misfit: the values are not what examining shows.
    """
    distance = value["distance"]
    return (
        facts_from_plain(value["facts"]),
        None if distance is None else from_plain(PictureDistance, distance, "distance"),
        tuple(from_plain(Seek, jump, "jumps") for jump in value["jumps"]),
    )
