"""Stream facts to and from plain JSON values."""

from dataclasses import asdict, fields
from enum import StrEnum
from fractions import Fraction
from typing import Any, TypeVar

from harness.core.facts import Coding, Packaging, SoundDetail, SoundFacts, StreamFacts
from harness.core.formats import Codec, Container, Scan, SoundCodec

E = TypeVar("E", bound=StrEnum)


def facts_to_plain(facts: StreamFacts) -> dict[str, Any]:
    """Facts as JSON values: fractions as text, enumerations by their value."""
    plain = {field.name: getattr(facts, field.name) for field in fields(facts)}
    sound = facts.sound
    return plain | {
        "rate": str(facts.rate),
        "sample_aspect": str(facts.sample_aspect),
        "sound": None if sound is None else asdict(sound),
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
            **{name: tuple(plain[name]) for name in ("problems", "changes", "timing_faults")},
            "coding": Coding(**{name: _hashable(value) for name, value in plain["coding"].items()}),
            "packaging": Packaging(**plain["packaging"]),
            "sound_detail": SoundDetail(**plain["sound_detail"]),
        }
    )


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _known(kind: type[E], value: str) -> E | str:
    """The member of an enumeration, or the text itself where facts may hold a name from outside."""
    return kind(value) if value in set(kind) else value
