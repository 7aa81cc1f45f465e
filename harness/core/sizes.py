"""Sizes as people write them, and the ladder of sizes that a run climbs."""

import re

MIB = 2**20

#: The rungs of the default ladder, in bytes.
DEFAULT_LADDER = (1 * MIB, 16 * MIB, 64 * MIB)

#: Each rung beyond the default ladder is this many times the one below.
STEP = 4

#: Sizes just below and at the limits of signed and unsigned numbers of 32 bits, where implementations break; the
#: greatest below 4 GiB is that of one fragment (PS3.5 A.4).
BELOW_EDGES = (2**31 - 2, 2**32 - 2)
EDGES = tuple(size for below in BELOW_EDGES for size in (below, below + 2))

_UNITS = {
    "": 1,
    "B": 1,
    "KIB": 2**10,
    "MIB": 2**20,
    "GIB": 2**30,
    "TIB": 2**40,
    "KB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "TB": 10**12,
}


def parse_size(text: str) -> int:
    """Bytes in ``text``, such as ``64MiB`` or ``1.5 GiB``.

    Raises:
        ValueError: the text is not a size above zero; the message says how sizes are written.
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]*)\s*", text)
    factor = _UNITS.get(match[2].upper()) if match else None
    size = round(float(match[1]) * factor) if match and factor else 0
    if size <= 0:
        raise ValueError(f"{text!r} is not a size; write it like 64MiB, 1.5GiB or 1000000")
    return size


def show_size(size: int) -> str:
    """``size`` bytes in the largest binary unit that keeps it readable, such as ``64MiB``."""
    if size in BELOW_EDGES:
        return f"{show_size(size + 2)}-2B"
    for unit, factor in (("TiB", 2**40), ("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size >= factor:
            number = f"{size / factor:.2f}".rstrip("0").rstrip(".")
            return f"{number}{unit}"
    return f"{size}B"


def ladder(max_size: int | None = None) -> tuple[int, ...]:
    """The rungs up to ``max_size`` bytes, which is always the last; without it the default ladder.

    Beyond the default ladder, the edges of 32 bits below ``max_size`` are among them.
    """
    if max_size is None:
        return DEFAULT_LADDER
    rungs = [rung for rung in DEFAULT_LADDER if rung < max_size]
    while rungs and rungs[-1] >= DEFAULT_LADDER[-1] and rungs[-1] * STEP < max_size:
        rungs.append(rungs[-1] * STEP)
    return tuple(sorted({*rungs, max_size} | {edge for edge in EDGES if edge < max_size}))
