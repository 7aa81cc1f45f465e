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
FAMILIES = (
    "association",
    "store",
    "query",
    "retrieve",
    "transfer",
    "dicomweb",
    "playback",
    "validation",
    "size",
    "label",
    "interruption",
)

#: Families that may leave a target worse than they found it: they come when everything else has been asked.
LAST = frozenset({"label", "interruption"})

#: What a check function may take as arguments.
_ARGUMENTS = ("pacs", "video", "variant")

cell_key = pytest.StashKey[Cell]()
check_key = pytest.StashKey[CheckInfo]()


@dataclass(frozen=True, slots=True)
class VideoKey:
    """Which video a cell is about: a format, one of its SOP classes, and a size where that is the question.

    ``purpose`` tells apart objects that carry the same clip and must not have the same UIDs.
    """

    format_id: str
    sop_class_id: str
    size: int | None = None
    purpose: str = ""

    @property
    def name(self) -> str:
        """Good as a file name."""
        parts = (self.format_id, self.sop_class_id, show_size(self.size) if self.size else "", self.purpose)
        return "-".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Sample:
    """The video in the first format that the target takes, as only the running target can tell; ``size`` in bytes."""

    size: int | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """The video of a cell with the variant that tells it apart from others of its format; both may be none."""

    video: VideoKey | Sample | None = None
    variant: str | None = None

    @property
    def format_id(self) -> str | None:
        """The format of the cell; None where it is about none, or about one that only the target tells."""
        return self.video.format_id if isinstance(self.video, VideoKey) else None

    @property
    def size(self) -> int | None:
        """Size in bytes where that is the question."""
        return self.video.size if self.video else None


@dataclass(frozen=True, slots=True)
class Axes:
    """What checks are multiplied by, in the order of the columns and rows of the matrix."""

    targets: tuple[str, ...]
    formats: tuple[Format, ...]
    sizes: tuple[int, ...]


def subjects(over: Over, axes: Axes) -> tuple[Subject, ...]:
    """Every subject of a check, in order."""
    first = [(format, format.sop_classes[0]) for format in axes.formats]
    match over:
        case Over.TARGET:
            return (Subject(),)
        case Over.SAMPLE:
            return (Subject(Sample()),)
        case Over.SAMPLE_SIZE:
            return tuple(Subject(Sample(size), show_size(size)) for size in axes.sizes)
        case Over.FORMAT:
            return tuple(Subject(VideoKey(format.id, sop_class.id)) for format, sop_class in first)
        case Over.SIZE:
            return tuple(
                Subject(VideoKey(format.id, sop_class.id, size), show_size(size))
                for format, sop_class in first
                for size in axes.sizes
            )
        case Over.OBJECT:
            return tuple(
                Subject(VideoKey(format.id, sop_class.id), sop_class.id)
                for format in axes.formats
                for sop_class in format.sop_classes
            )


def multiply(metafunc: pytest.Metafunc, axes: Axes) -> None:
    """Parametrize a marked function over targets, subjects and variants; touch nothing else."""
    marker = metafunc.definition.get_closest_marker(MARKER)
    if marker is None:
        return
    names = [name for name in _ARGUMENTS if name in metafunc.fixturenames]
    rows = [
        (target, subject, variant)
        for target in axes.targets
        for subject in subjects(marker.kwargs["over"], axes)
        for variant in marker.kwargs["variants"] or (None,)
    ]
    metafunc.parametrize(
        names,
        [[value for name, value in zip(_ARGUMENTS, row, strict=True) if name in names] for row in rows],
        ids=["-".join(filter(None, _id_parts(*row))) for row in rows],
        indirect=[name for name in names if name != "variant"],
    )


def _id_parts(target: str, subject: Subject, variant: str | None) -> tuple[str | None, ...]:
    return (target, subject.format_id, subject.variant, variant)


def subject_of(item: pytest.Item) -> Subject:
    """The video that a check item is about, and its variant."""
    subject: Subject = getattr(item, "callspec").params.get("video", Subject())  # noqa: B009 - not declared by Item
    return subject


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
        subject = subject_of(item)
        variant = "-".join(filter(None, (subject.variant, params.get("variant"))))
        item.stash[cell_key] = Cell(params["pacs"], info.id, subject.format_id, variant or None)
        item.stash[check_key] = info


def in_order(items: Sequence[pytest.Item], axes: Axes) -> list[pytest.Item]:
    """Sort check items by target, format, family and size, so that each target and video is needed in one stretch."""
    formats = [None, *(format.id for format in axes.formats)]

    def place(item: pytest.Item) -> tuple[int, bool, int, int, int]:
        cell, family = item.stash[cell_key], item.stash[check_key].family
        return (
            axes.targets.index(cell.target),
            family in LAST,
            formats.index(cell.format),
            FAMILIES.index(family) if family in FAMILIES else len(FAMILIES),
            subject_of(item).size or 0,
        )

    checks = [item for item in items if cell_key in item.stash]
    return [item for item in items if cell_key not in item.stash] + sorted(checks, key=place)
