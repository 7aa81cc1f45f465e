"""How a page is made: every text is escaped, none of it is trusted, and a name that is not there is an error."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PackageLoader, StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from harness.report import wording
from harness.report.summary import SIGNS


def environment(filters: Mapping[str, Callable[..., Any]], own: Path | None = None) -> Environment:
    """The templates of the reports, with these filters besides those of the library.

    Files in the folder ``own`` come before ours; such a template reaches nothing but what it is given.
    """
    loaders: list[BaseLoader] = [FileSystemLoader(own)] if own else []
    kind = SandboxedEnvironment if own else Environment
    made = kind(
        loader=ChoiceLoader([*loaders, PackageLoader("harness.report")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: wording.printable(value) if type(value) is str else value,
    )
    made.filters |= filters
    made.globals["signs"] = SIGNS
    return made
