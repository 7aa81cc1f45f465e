"""Numbers that observations of a run hold, for plots and the tables behind them.

A record may be older than this version or written by another hand: what is not where it is looked for is left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from harness.core.conclusion import SettledCell
from harness.core.results import Outcome


@dataclass(frozen=True, slots=True)
class Timed:
    """One size on one target: ``size`` in bytes of video, seconds to store and to return, 0 where it was not."""

    target: str
    format: str
    service: str
    size: int
    stored: float
    returned: float


@dataclass(frozen=True, slots=True)
class Survived:
    """The largest video of a format that came back unchanged from a target; ``size`` in bytes."""

    target: str
    format: str
    size: int


@dataclass(frozen=True, slots=True)
class Distance:
    """Decoded pictures against the drawn ones, of the worst picture: PSNR in dB and SSIM.

    ``sent`` is of the video as it was sent, ``returned`` the worst of all paths; None where it is not known.
    """

    target: str
    format: str
    sent: tuple[float, float] | None
    returned: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Measured:
    """All numbers of a run that are drawn."""

    timed: tuple[Timed, ...]
    survived: tuple[Survived, ...]
    distances: tuple[Distance, ...]


def measured(cells: Iterable[SettledCell]) -> Measured:
    """Gather the numbers, in the order of the cells."""
    timed: list[Timed] = []
    largest: dict[tuple[str, str], int] = {}
    distances: list[Distance] = []
    for one in cells:
        format_id = one.cell.format or ""
        for attempt in one.attempts:
            seen = attempt.observation
            kind = seen.get("kind")
            if kind == "SizeSeen":
                found = _timed(one.cell.target, format_id, seen)
                timed += [found] if found else []
                sizes = [found.size] if found and attempt.outcome is Outcome.PASS else []
            elif kind == "CeilingSeen":
                format_id = str(seen.get("format_id") or format_id)
                sizes = _passed(seen.get("rungs"))
            elif kind == "PicturesSeen":
                distances.append(_distance(one.cell.target, format_id, seen))
                continue
            else:
                continue
            for size in sizes:
                place = (one.cell.target, format_id)
                largest[place] = max(largest.get(place, 0), size)
    survived = tuple(Survived(target, name, size) for (target, name), size in largest.items() if name)
    return Measured(tuple(timed), survived, tuple(distances))


def _timed(target: str, format_id: str, seen: Mapping[str, object]) -> Timed | None:
    inner, cost = _mapping(seen.get("seen")), _mapping(seen.get("cost"))
    size = _mapping(inner.get("sent")).get("length")
    stored, returned = _number(cost.get("store_seconds")), _number(cost.get("fetch_seconds"))
    if type(size) is not int or size <= 0 or not (stored or returned):
        return None
    return Timed(target, format_id, str(inner.get("service") or ""), size, stored or 0.0, returned or 0.0)


def _passed(rungs: object) -> list[int]:
    found = [_mapping(rung) for rung in rungs] if isinstance(rungs, list | tuple) else []
    sizes = [rung.get("size") for rung in found if rung.get("outcome") == Outcome.PASS]
    return [size for size in sizes if type(size) is int]


def _distance(target: str, format_id: str, seen: Mapping[str, object]) -> Distance:
    paths = seen.get("paths")
    found = [_mapping(path) for path in paths] if isinstance(paths, list | tuple) else []
    worst = [one for path in found if (one := _worst(path.get("distance")))]
    return Distance(target, format_id, _worst(seen.get("sent")), min(worst, default=None))


def _worst(distance: object) -> tuple[float, float] | None:
    values = _mapping(distance)
    psnr, ssim = _number(values.get("psnr_worst")), _number(values.get("ssim_worst"))
    return None if psnr is None or ssim is None else (psnr, ssim)


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
