"""Every file of a verification report that is made from its record."""

from collections.abc import Callable, Iterator

from harness.report.outputs import PAGE
from harness.report.verification import document, page, reqif, statement, tracecsv
from harness.report.verification.rendering import Rendering

STATEMENT = "statement.intoto.json"
TRACE = "trace.csv"
EXCHANGE = "trace.reqif"

#: The PDF files, which are made of one layout.
PDFS = (document.ARCHIVE, document.SUBMISSION)

#: Views that templates lay out, which can be replaced.
LAID_OUT = (PAGE,)

#: The views by their file names; each gives the same bytes for the same report.
VIEWS: dict[str, Callable[[Rendering], bytes]] = {
    STATEMENT: statement.render,
    PAGE: page.render,
    TRACE: tracecsv.render,
    EXCHANGE: reqif.render,
}


def rendered(rendering: Rendering) -> Iterator[tuple[str, bytes]]:
    """Every view with its file name; the PDF files where the report has them.

    Raises:
        EnvironmentProblem: a PDF is wanted, and this machine cannot make one.
        DataFileError, UsageError: a template cannot be used.
    """
    for name, render in VIEWS.items():
        yield name, render(rendering)
    if rendering.pdf:
        documents = document.render(rendering)
        yield from zip(PDFS, (documents.archive, documents.submission), strict=True)
