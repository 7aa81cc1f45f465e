"""The test data as it is laid out."""

from collections.abc import Mapping
from dataclasses import dataclass

from harness.core.results import Run
from harness.report import wording
from harness.report.verification.places import Places

#: Names under which a record has numbers of bytes.
_SIZES = frozenset({"size", "memory", "memory_peak"})


@dataclass(frozen=True, slots=True)
class ClipView:
    """One clip: what a reader looks for first, in words, and everything ``about`` it.

    ``made`` is of that how it was made, and what is declared of it.
    """

    anchor: str
    id: str
    codec: str
    picture: str
    frames: str
    container: str
    size: str
    sha256: str
    about: object
    made: Mapping[str, object]


def clips(run: Run, places: Places) -> tuple[ClipView, ...]:
    """Every clip, in order. What a record does not say is left empty."""
    return tuple(_clip(places.clips[name], name, clip) for name, clip in run.clips.items())


def readable_sizes(value: object) -> object:
    """Byte counts among these values in units that a person reads."""
    if not isinstance(value, Mapping):
        return value
    return {
        name: wording.size(entry) if name in _SIZES and type(entry) is int else entry for name, entry in value.items()
    }


def _clip(anchor: str, name: str, clip: object) -> ClipView:
    said = _mapping(clip)
    recipe, facts = _mapping(said.get("recipe")), _mapping(said.get("facts"))
    size = said.get("size")

    def one(key: str) -> str:
        value = facts.get(key, recipe.get(key))
        return "" if value is None else str(value)

    return ClipView(
        anchor=anchor,
        id=name,
        codec=one("codec"),
        picture=", ".join(
            part
            for part in (_raster(one("columns"), one("rows")), one("rate") and f"{one('rate')} Hz", one("scan"))
            if part
        ),
        frames=one("frames"),
        container=one("container"),
        size=wording.size(size) if type(size) is int else "",
        sha256=str(said.get("sha256") or ""),
        about=clip,
        made={name: value for name, value in said.items() if name not in ("facts", "sha256", "size")},
    )


def _raster(columns: str, rows: str) -> str:
    return f"{columns} x {rows}" if columns and rows else ""


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
