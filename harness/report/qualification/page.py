"""``iq.html`` and ``oq.html``: a record of a check of the harness as one page that needs no network and no script.

Where the extra ``pdf`` is installed, what matters of the page is also a PDF that holds the record.
"""

from datetime import datetime
from pathlib import Path

from harness.core.qualification.installation import Installation
from harness.core.qualification.operation import Operation, Outcome, Part, Row
from harness.errors import EnvironmentProblem, RecordError
from harness.report.pages import environment
from harness.report.qualification.record import FILES, content_of
from harness.report.verification.document import require

#: What each part is about, for readers.
MEANING = {
    Part.POSITIVE: "A well-behaved PACS. A check that fails here would raise false alarms.",
    Part.NEGATIVE: "A PACS with one fault. A check that does not fail here would pass a PACS that must fail.",
    Part.BENIGN: "A PACS that is unusual and within the standard. No check may fail.",
    Part.LOGIC: "The decision rule of a run, held against a truth table that was written out by hand.",
    Part.INTEGRITY: "What a run leaves: tampering is seen, hostile text stays text, the same run gives the same bytes.",
}

_OPEN = (Outcome.FAIL, Outcome.ERROR, Outcome.NOT_RUN)


def render(record: Installation | Operation, *, whole: bool = True) -> str:
    """The page of a record; where it is not ``whole``, rows that were as expected are left to the others."""
    pages = environment({})
    if isinstance(record, Installation):
        return pages.get_template("iq.html").render(record=record)
    parts = {part: [one for one in record.rows if one.planned.part is part] for part in Part}
    open_rows: list[Row] = [one for one in record.rows if one.outcome in _OPEN]
    return pages.get_template("oq.html").render(
        record=record, whole=whole, parts_rows=parts, meaning=MEANING, open_rows=open_rows, counts=record.counts
    )


def write_pages(record: Installation | Operation, folder: Path) -> list[Path]:
    """Write the page beside the record, and the PDF, which holds the record, where it can be made.

    Raises:
        RecordError: the folder cannot be written.
    """
    stem = "iq" if isinstance(record, Installation) else "oq"
    written = [folder / f"{stem}.html"]
    try:
        written[0].write_text(render(record), encoding="utf-8")
        if (document := _pdf(record)) is not None:
            written.append(folder / f"{stem}.pdf")
            written[1].write_bytes(document)
    except OSError as error:
        raise RecordError(f"{written[-1]}: cannot be written: {error}; choose another folder by --into") from error
    return written


def _pdf(record: Installation | Operation) -> bytes | None:
    """The page as PDF; None where none can be made here."""
    try:
        pdf = require()
    except EnvironmentProblem:
        return None
    pages = pdf.Pages(
        html=render(record, whole=False),
        identifier=record.id,
        made=datetime.fromisoformat(record.finished),
        record_name=FILES[type(record)],
        record=content_of(record),
    )
    archive: bytes
    archive, _ = pdf.write(pages)
    return archive
