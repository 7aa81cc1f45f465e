"""The representation that a request gets, by its Accept query parameter and header (PS3.18 8.7.5, 8.7.8)."""

from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.web.accept import MediaRange, Offer, choose, parse_accept
from harness.targets.embedded.web.asked import Asked, Refusal
from harness.targets.embedded.web.media_types import DICOM, RENDERED_ONLY

MIXED = "DICOM and rendered media types are not asked for at once (PS3.18 8.7.5)"


def accepted(asked: Asked) -> tuple[tuple[MediaRange, ...], tuple[MediaRange, ...]]:
    """The ranges of the query parameter and of the header.

    Raises:
        Refusal: 406 without the header, which the parameter does not replace; 400 where one breaks the syntax, or
            where DICOM and rendered media types are mixed.
    """
    if asked.accept is None:
        raise Refusal(406, "a request needs an Accept header (PS3.18 8.7.5)")
    try:
        parameter, header = parse_accept(asked.one("accept")), parse_accept(asked.accept)
    except ValueError as problem:
        raise Refusal(400, str(problem)) from None
    names = [one.name for one in (*parameter, *header)]
    if any(name.startswith(DICOM) for name in names) and not RENDERED_ONLY.isdisjoint(names):
        raise Refusal(400, MIXED)
    return parameter, header


def select(asked: Asked, offers: tuple[Offer, ...], hooks: Hooks) -> Offer:
    """The first acceptable offer, the query parameter before the header.

    Raises:
        Refusal: 406 where none is acceptable; and as :func:`accepted`.
    """
    offered = hooks.web.offers(asked.resource, offers)
    for ranges in accepted(asked):
        chosen = choose(ranges, offered)
        if chosen is not None:
            return chosen
    had = ", ".join(dict.fromkeys(offer.name for offer in offered)) or "nothing of this kind"
    raise Refusal(406, f"not acceptable: {asked.accept:.200}; there is {had}")
