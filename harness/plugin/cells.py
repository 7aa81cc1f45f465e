"""From options and marked functions to cells: which target, format and variant each test item stands for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from harness.core.formats import Format
from harness.core.results import Cell, CheckInfo
from harness.core.sizes import show_size
from harness.marks import Over

MARKER = "pacs_check"

#: Order of the families within a format: what others build on comes first. Unknown families follow.
FAMILIES = ("association", "store", "query", "retrieve", "playback", "size")

cell_key = pytest.StashKey[Cell]()
check_key = pytest.StashKey[CheckInfo]()


@dataclass(frozen=True, slots=True)
class VideoKey:
    """Which video a cell is about: a format, one of its SOP classes, and a size where that is the question."""

    format_id: str
    sop_class_id: str
    size: int | None = None

    @property
    def name(self) -> str:
        """Good as a file name."""
        size = "" if self.size is None else f"-{show_size(self.size)}"
        return f"{self.format_id}-{self.sop_class_id}{size}"


@dataclass(frozen=True, slots=True)
class Subject:
    """The video of a cell with the variant that tells it apart from others of its format; both may be none."""

    video: VideoKey | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True)
class Axes:
    """What checks are multiplied by, in the order of the columns and rows of the matrix."""

    targets: tuple[str, ...]
    formats: tuple[Format, ...]
    sizes: tuple[int, ...]


def subjects(over: Over, axes: Axes) -> tuple[Subject, ...]:
    """Every subject of a check, in order."""
    if over is Over.TARGET:
        return (Subject(),)
    first = [(format, format.sop_classes[0]) for format in axes.formats]
    if over is Over.FORMAT:
        return tuple(Subject(VideoKey(format.id, sop_class.id)) for format, sop_class in first)
    if over is Over.SIZE:
        return tuple(
            Subject(VideoKey(format.id, sop_class.id, size), show_size(size))
            for format, sop_class in first
            for size in axes.sizes
        )
    return tuple(
        Subject(VideoKey(format.id, sop_class.id), sop_class.id)
        for format in axes.formats
        for sop_class in format.sop_classes
    )


def multiply(metafunc: pytest.Metafunc, axes: Axes) -> None:
    """Parametrize a marked function over targets and subjects; touch nothing else."""
    marker = metafunc.definition.get_closest_marker(MARKER)
    if marker is None:
        return
    rows = [(target, subject) for target in axes.targets for subject in subjects(marker.kwargs["over"], axes)]
    ids = ["-".join(part for part in _id_parts(target, subject) if part) for target, subject in rows]
    if marker.kwargs["over"] is Over.TARGET:
        metafunc.parametrize("pacs", [target for target, _ in rows], ids=ids, indirect=True)
    else:
        metafunc.parametrize(("pacs", "video"), rows, ids=ids, indirect=True)


def _id_parts(target: str, subject: Subject) -> tuple[str | None, ...]:
    return (target, subject.video.format_id if subject.video else None, subject.variant)


def marked(items: Iterable[pytest.Item]) -> list[pytest.Item]:
    """The items that are checks."""
    return [item for item in items if item.get_closest_marker(MARKER)]


def assign_cells(items: Sequence[pytest.Item]) -> None:
    """Give each check item its cell.

    Raises:
        pytest.UsageError: two functions carry one check id.
    """
    owners: dict[str, str] = {}
    for item in items:
        marker = item.get_closest_marker(MARKER)
        if marker is None:
            continue
        info: CheckInfo = marker.kwargs["info"]
        function = item.nodeid.split("[")[0]
        if owners.setdefault(info.id, function) != function:
            raise pytest.UsageError(f"check id {info.id} is used by {owners[info.id]} and by {function}")
        params: dict[str, Any] = getattr(item, "callspec").params  # noqa: B009 - Item does not declare it
        subject: Subject = params.get("video", Subject())
        format_id = subject.video.format_id if subject.video else None
        item.stash[cell_key] = Cell(params["pacs"], info.id, format_id, subject.variant)
        item.stash[check_key] = info


def in_order(items: Sequence[pytest.Item], axes: Axes) -> list[pytest.Item]:
    """Sort check items by target, format and family, so that each target and video is needed in one stretch."""
    formats = [None, *(format.id for format in axes.formats)]

    def place(item: pytest.Item) -> tuple[int, int, int]:
        cell, family = item.stash[cell_key], item.stash[check_key].family
        return (
            axes.targets.index(cell.target),
            formats.index(cell.format),
            FAMILIES.index(family) if family in FAMILIES else len(FAMILIES),
        )

    checks = [item for item in items if cell_key in item.stash]
    return [item for item in items if cell_key not in item.stash] + sorted(checks, key=place)
