"""Every file of a verification report that is made from its record."""

from collections.abc import Callable

from harness.report.outputs import PAGE
from harness.report.verification import page, statement
from harness.report.verification.rendering import Rendering

STATEMENT = "statement.intoto.json"

#: Views that templates lay out, which can be replaced.
LAID_OUT = (PAGE,)

#: The views by their file names; each gives the same bytes for the same report.
VIEWS: dict[str, Callable[[Rendering], bytes]] = {
    STATEMENT: statement.render,
    PAGE: page.render,
}
