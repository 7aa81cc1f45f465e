"""Facts of streams to and from plain JSON values."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from harness.core.facts import (
    Coding,
    Packaging,
    PictureDistance,
    Seek,
    SoundDetail,
    SoundFacts,
    SoundTrack,
    StreamFacts,
)
from harness.core.formats import Codec, Container, Scan, SoundCodec

E = TypeVar("E", bound=StrEnum)


def facts_to_plain(facts: StreamFacts) -> dict[str, Any]:
    """Facts as JSON values: fractions as text, enumerations by their value."""
    return _plain(facts) | {
        "sound": None if facts.sound is None else _plain(facts.sound),
        "track": None if facts.track is None else _plain(facts.track),
        "coding": asdict(facts.coding),
        "packaging": asdict(facts.packaging),
        "sound_detail": asdict(facts.sound_detail),
    }


def facts_from_plain(plain: dict[str, Any]) -> StreamFacts:
    """Inverse of :func:`facts_to_plain`.

    Raises:
        KeyError, TypeError, ValueError: the values are not facts.
    """
    sound = plain["sound"]
    if sound is not None:
        sound = SoundFacts(**sound | {"codec": _known(SoundCodec, sound["codec"])})
    track = plain["track"]
    if track is not None:
        track = SoundTrack(**track | {name: Fraction(track[name]) for name in ("seconds", "offset")})
    return StreamFacts(
        **plain
        | {
            "container": Container(plain["container"]),
            "codec": _known(Codec, plain["codec"]),
            "rate": Fraction(plain["rate"]),
            "scan": Scan(plain["scan"]),
            "sample_aspect": Fraction(plain["sample_aspect"]),
            "sound": sound,
            "stamps": tuple(plain["stamps"]),
            "pictures": tuple(plain["pictures"]),
            "times": tuple(plain["times"]),
            "time_base": Fraction(plain["time_base"]),
            "track": track,
            **{name: tuple(plain[name]) for name in ("problems", "changes", "timing_faults")},
            "coding": Coding(**{name: _hashable(value) for name, value in plain["coding"].items()}),
            "packaging": Packaging(**plain["packaging"]),
            "sound_detail": SoundDetail(**plain["sound_detail"]),
        }
    )


def examined_to_plain(facts: StreamFacts, distance: PictureDistance | None, jumps: Iterable[Seek]) -> dict[str, Any]:
    """All that examining a clip showed, as JSON values."""
    return {
        "facts": facts_to_plain(facts),
        "distance": None if distance is None else _plain(distance),
        "jumps": [_plain(jump) for jump in jumps],
    }


def examined_from_plain(plain: dict[str, Any]) -> tuple[StreamFacts, PictureDistance | None, tuple[Seek, ...]]:
    """Inverse of :func:`examined_to_plain`.

    Raises:
        KeyError, TypeError, ValueError: the values are not what examining shows.
    """
    distance = plain["distance"]
    return (
        facts_from_plain(plain["facts"]),
        None if distance is None else PictureDistance(**distance),
        tuple(Seek(**jump | {"seconds": Fraction(jump["seconds"])}) for jump in plain["jumps"]),
    )


def _plain(value: Any) -> dict[str, Any]:
    """The fields of a dataclass, fractions as text."""
    found = {field.name: getattr(value, field.name) for field in fields(value)}
    return {name: str(one) if isinstance(one, Fraction) else one for name, one in found.items()}


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _known(kind: type[E], value: str) -> E | str:
    """The member of an enumeration, or the text itself where facts may hold a name from outside."""
    return kind(value) if value in set(kind) else value
