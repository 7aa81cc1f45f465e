"""Which of several representations a request accepts (PS3.18 8.7.5 to 8.7.8, RFC 9110 12.5.1). Pure.

A range of ``multipart/related`` is about the type of its parts, so that is what it is matched by. The most specific
range that matches a representation decides its weight; among equal weights the order of the server's list decides.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

MULTIPART = "multipart/related"

_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - RFC 9110 5.6.2, no secret
_PARAMETER = re.compile(rf'\s*;\s*(?:({_TOKEN})\s*=\s*(?:({_TOKEN}(?:/{_TOKEN})?)|"((?:[^"\\]|\\.)*)")\s*)?')
_TYPE = re.compile(rf"\s*({_TOKEN}/{_TOKEN})\s*")
_WEIGHT = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type or range in small letters, and its parameters; names in small letters, values as written."""

    name: str
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One acceptable range: ``name`` of what comes, or of its parts; ``multipart`` None where both will do."""

    name: str
    multipart: bool | None
    transfer_syntax: str | None
    weight: float


@dataclass(frozen=True, slots=True)
class Offer:
    """One representation that the server has. ``transfer_syntax`` is None for types without that parameter."""

    name: str
    multipart: bool
    transfer_syntax: str | None = None


def parse_media_type(text: str) -> MediaType:
    """A ``Content-Type``.

    Raises:
        ValueError: it is none.
    """
    (one,) = _parse(text)
    return one


def parse_accept(text: str) -> tuple[MediaRange, ...]:
    """The ranges of an ``Accept`` header, as written.

    Raises:
        ValueError: the text breaks the syntax.
    """
    return tuple(_range(one) for one in _parse(text))


def choose(ranges: Iterable[MediaRange], offers: Iterable[Offer]) -> Offer | None:
    """The offer of the greatest weight, the first one of equals; None where none is acceptable."""
    known = tuple(ranges)
    best, weight = None, 0.0
    for offer in offers:
        matching = [one for one in known if _matches(one, offer)]
        decisive = max(matching, key=_specific, default=None)
        if decisive is not None and decisive.weight > weight:
            best, weight = offer, decisive.weight
    return best


def _parse(text: str) -> Iterator[MediaType]:
    place = 0
    while place < len(text):
        found = _TYPE.match(text, place)
        if found is None:
            raise ValueError(f"no media type at character {place} of {text!r:.200}")
        parameters, place = {}, found.end()
        while one := _PARAMETER.match(text, place):
            place = one.end()
            if one[1]:  # an empty parameter is allowed (RFC 9110 5.6.6)
                value = one[2] if one[2] is not None else re.sub(r"\\(.)", r"\1", one[3])
                parameters[one[1].lower()] = value
        yield MediaType(found[1].lower(), parameters)
        if place < len(text) and text[place] != ",":
            raise ValueError(f"no media type parameter at character {place} of {text!r:.200}")
        place += 1


def _range(one: MediaType) -> MediaRange:
    weight = one.parameters.get("q", "1")
    if not _WEIGHT.fullmatch(weight):
        raise ValueError(f"the weight {weight!r:.20} is not between 0 and 1 (RFC 9110 12.4.2)")
    parts = one.parameters.get("type", "*/*").lower()
    multipart = None if one.name == "*/*" else one.name in (MULTIPART, "multipart/*")
    return MediaRange(
        name=parts if multipart else one.name,
        multipart=multipart,
        transfer_syntax=one.parameters.get("transfer-syntax"),
        weight=float(weight),
    )


def _matches(one: MediaRange, offer: Offer) -> bool:
    major, _, minor = one.name.partition("/")
    own_major, _, own_minor = offer.name.lower().partition("/")
    return (
        one.multipart in (None, offer.multipart)
        and major in ("*", own_major)
        and minor in ("*", own_minor)
        # Without the parameter what is stored may come, where it is lossy as video is (PS3.18 8.7.3.5.2).
        and one.transfer_syntax in (None, "*", offer.transfer_syntax)
    )


def _specific(one: MediaRange) -> tuple[bool, bool, bool, bool]:
    major, _, minor = one.name.partition("/")
    return one.multipart is not None, major != "*", minor != "*", one.transfer_syntax not in (None, "*")
