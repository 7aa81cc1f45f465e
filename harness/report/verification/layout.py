"""The templates of a verification report: ours, and those of a folder that come before them."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from jinja2 import TemplateError, TemplateNotFound, TemplateSyntaxError
from markupsafe import Markup

from harness.errors import DataFileError
from harness.report import pages, summary, trees, wording
from harness.report.verification.clips import readable_sizes
from harness.report.verification.places import field_anchor
from harness.report.verification.view import View, named

#: What a template can raise by what it asks for, besides the errors of the template engine.
_MISTAKES = (TemplateError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def lay_out(
    name: str,
    view: View,
    own: Path | None = None,
    *,
    tree: Callable[[object], Markup] = trees.branches,
    more: Mapping[str, object] = MappingProxyType({}),
) -> Iterator[str]:
    """The template ``name`` with ``view``, in pieces; files in the folder ``own`` come before ours.

    ``tree`` writes nested values; ``more`` are further names that the templates of one output need.

    Raises:
        DataFileError: a file of ``own`` cannot be used; names file and line.
    """
    templates = pages.environment(
        {
            "label": summary.label,
            "bytes": wording.size,
            "tree": tree,
            "sizes": readable_sizes,
            "field": field_anchor,
            "utc": wording.moment,
            "named": lambda one: named(view.run, one),
        },
        own,
    )
    templates.globals |= {"view": view, **more}
    try:
        yield from templates.get_template(name).generate()
    except _MISTAKES as error:
        if own is None:
            raise
        raise _told(error, own) from error


def _told(error: Exception, own: Path) -> DataFileError:
    """An error of a template in the words of somebody who wrote it."""
    if isinstance(error, TemplateSyntaxError):
        return DataFileError(error.filename or own / (error.name or ""), f"line {error.lineno}", error.message or "")
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(own)]
    what = f"there is no template {error.name}" if isinstance(error, TemplateNotFound) else str(error)
    if frames:
        return DataFileError(frames[-1].filename, f"line {frames[-1].lineno}", what)
    return DataFileError(own, "templates", f"{what}; leave out what was changed to find where")
