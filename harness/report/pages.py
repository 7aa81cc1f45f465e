"""How a page is made: every text is escaped, none of it is trusted, and a name that is not there is an error."""

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from harness.report import wording


def environment(filters: Mapping[str, Callable[..., Any]]) -> Environment:
    """The templates of the reports, with these filters besides those of the library."""
    made = Environment(
        loader=PackageLoader("harness.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: wording.printable(value) if type(value) is str else value,
    )
    made.filters |= filters
    return made
