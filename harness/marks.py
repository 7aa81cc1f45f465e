"""The marker that makes a pytest function a check."""

from enum import StrEnum

import pytest

from harness.core.results import CheckInfo


class Over(StrEnum):
    """What a check is multiplied by, besides the targets."""

    TARGET = "target"  #: nothing: one cell per target
    FORMAT = "format"  #: each format, in the SOP class that comes first
    OBJECT = "object"  #: each format in each of its SOP classes
    SIZE = "size"  #: each format in each size of the ladder


def check(
    id: str,
    *,
    family: str,
    title: str,
    expected: str,
    requirement: str,
    section: str,
    over: Over = Over.FORMAT,
) -> pytest.MarkDecorator:
    """Mark a function as a check.

    Args:
        id: stable short name; two checks with one id are refused at collection.
        family: group in reports.
        title: the question, as a sentence that a PASS answers with yes.
        expected: what is seen when all is well, with tolerance and unit where there is one.
        requirement: SHALL, SHOULD or MAY.
        section: paragraph of the standard that the requirement comes from.
        over: what the check is multiplied by.
    """
    info = CheckInfo(id=id, family=family, title=title, expected=expected, requirement=requirement, section=section)
    return pytest.mark.pacs_check(info=info, over=over)
