"""The marker that makes a pytest function a check."""

from enum import IntEnum, StrEnum

import pytest

from harness.core.results import CheckInfo
from harness.core.sizes import DEFAULT_LADDER


class Over(StrEnum):
    """What a check is multiplied by, besides the targets."""

    TARGET = "target"  #: nothing: one cell per target
    SAMPLE = "sample"  #: nothing; it gets one video, in the first format that the target takes
    FORMAT = "format"  #: each format, in the SOP class that comes first
    OBJECT = "object"  #: each format in each of its SOP classes
    SIZE = "size"  #: each format in each size of the ladder
    SAMPLE_SIZE = "sample size"  #: the sample in each size of the ladder


class Depth(IntEnum):
    """How thorough a run is; a check names the least thorough one that it belongs to."""

    QUICK = 0
    STANDARD = 1
    FULL = 2

    @property
    def label(self) -> str:
        """As written on the command line."""
        return self.name.lower()


#: The largest size in bytes that each profile climbs to in every format, where no other limit was asked for.
_LARGEST = {Depth.QUICK: DEFAULT_LADDER[0], Depth.STANDARD: DEFAULT_LADDER[1]}


def depth_of(size: int) -> Depth:
    """The least thorough run that tries every format in this size, in bytes."""
    return next((depth for depth, largest in _LARGEST.items() if size <= largest), Depth.FULL)


def check(
    id: str,
    *,
    family: str,
    title: str,
    expected: str,
    level: str,
    section: str,
    verifies: tuple[str, ...],
    over: Over = Over.FORMAT,
    variants: tuple[str, ...] = (),
    depth: Depth = Depth.STANDARD,
    objects: int = 0,
) -> pytest.MarkDecorator:
    """Mark a function as a check.

    Args:
        id: stable short name; two checks with one id are refused at collection.
        family: group in reports.
        title: the question, as a sentence that a PASS answers with yes.
        expected: what is seen when all is well, with tolerance and unit where there is one.
        level: SHALL, SHOULD or MAY; no stronger than that of what it verifies.
        section: paragraph of the standard that it comes from.
        verifies: ids of the requirements that a PASS helps to show, in :mod:`harness.catalogue.requirements`.
        over: what the check is multiplied by.
        variants: what it is multiplied by further; the function gets each as its argument ``variant``.
        depth: the least thorough run that asks it; a less thorough one records that it did not.
        objects: how many objects each cell stores at most, besides the one video that it shares with others.
    """
    info = CheckInfo(
        id=id, family=family, title=title, expected=expected, level=level, section=section, verifies=verifies
    )
    return pytest.mark.pacs_check(info=info, over=over, variants=variants, depth=depth, objects=objects)
