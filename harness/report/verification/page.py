"""``report.html``: the interoperability verification report as one file that needs no network and no script."""

from harness.report.verification.layout import lay_out
from harness.report.verification.rendering import Rendering
from harness.report.verification.view import prepare


def render(rendering: Rendering) -> bytes:
    """The whole page in UTF-8.

    Raises:
        DataFileError: a template that was given cannot be used; names file and line.
    """
    # A name from a PACS may hold half a character; it must not cost the report.
    pieces = lay_out("report.html", prepare(rendering), rendering.templates)
    return b"".join(piece.encode("utf-8", errors="backslashreplace") for piece in pieces)
