"""Benign variations: one table of legal behaviours of a PACS that differ from how the embedded one behaves by itself.

No check may fail on one of them: a refusal is a refusal, and what the standard leaves open is no fault. Several can be
had at once.
"""

from collections.abc import Iterable

from harness.errors import UnknownName
from harness.targets.embedded.hooks import WELL_BEHAVED, Hooks
from harness.targets.embedded.variations import association, stored, timing, transfer, web
from harness.targets.embedded.variations.variation import Variation

VARIATIONS: tuple[Variation, ...] = (
    *association.VARIATIONS,
    *stored.VARIATIONS,
    *timing.VARIATIONS,
    *transfer.VARIATIONS,
    *web.VARIATIONS,
)


def variation(name: str) -> Variation:
    """The variation of that name.

    Raises:
        UnknownName: there is none.
    """
    by_name = {candidate.name: candidate for candidate in VARIATIONS}
    if name not in by_name:
        raise UnknownName("variation", name, by_name)
    return by_name[name]


def varied(names: Iterable[str]) -> Hooks:
    """The well-behaved PACS with these variations, applied in their order.

    Raises:
        UnknownName: there is none of a name.
    """
    hooks = WELL_BEHAVED
    for name in names:
        hooks = variation(name).vary(hooks)
    return hooks
