"""``report.pdf`` and ``report-submission.pdf``: the verification report on paper.

The archive carries ``report.json`` inside and has empty fields for people to sign; the submission has neither, because
portals refuse both. They are the same pages.
"""

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from markupsafe import Markup

from harness.core.results import Run
from harness.errors import EnvironmentProblem
from harness.report import trees
from harness.report.verification.layout import lay_out
from harness.report.verification.printed import printed
from harness.report.verification.rendering import Rendering
from harness.report.verification.results import Detail
from harness.report.verification.view import prepare

if TYPE_CHECKING:
    from types import ModuleType

ARCHIVE = "report.pdf"
SUBMISSION = "report-submission.pdf"

#: The field that a seal of software fills; see :mod:`harness.report.verification.seal`.
SEAL_FIELD = "software_seal"

#: Paper prints no observation, and a few pictures.
PAPER = Detail(values=0, picture_bytes=2 * 2**20)


@dataclass(frozen=True, slots=True)
class Documents:
    """Both files: ``archive`` asks for the profile PDF/A-3b, ``submission`` for PDF/A-2b."""

    archive: bytes
    submission: bytes


def render(rendering: Rendering) -> Documents:
    """Both files, from one layout.

    Raises:
        EnvironmentProblem: WeasyPrint or Pango is not on this machine.
        DataFileError: a template that was given cannot be used; names file and line.
        UsageError: a template asks for something that would have to be fetched.
    """
    pdf = require()
    view = prepare(rendering, PAPER)
    date = made(rendering.report.run)
    more = {
        "printed": printed(view),
        "made": f"{date:%Y-%m-%dT%H:%M:%SZ}",
        "seal": SEAL_FIELD,
        "apart": apart,
    }
    html = "".join(lay_out("document.html", view, rendering.templates, tree=trees.paragraphs, more=more))
    archive, submission = pdf.write(
        pdf.Pages(
            html=html,
            identifier=f"urn:uuid:{rendering.report.uuid}",
            made=date,
            record_name="report.json",
            record=rendering.record,
            signatures=(*(role.lower().replace(" ", "_") for role, _ in view.signatures), SEAL_FIELD),
        )
    )
    return Documents(archive, submission)


def made(run: Run) -> datetime:
    """The date that the files bear: when the run ended, and when it began where that is not known."""
    return datetime.fromisoformat(run.finished or run.started).astimezone(UTC).replace(microsecond=0)


def apart(drawing: Markup) -> Markup:
    """The address of a drawing of its own: inside the page each of its marks would be styled like a paragraph."""
    whole = str(drawing).replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    return Markup("data:image/svg+xml;base64,") + base64.b64encode(whole.encode()).decode("ascii")


def require() -> "ModuleType":
    """The part that needs WeasyPrint, which in turn loads Pango from the system.

    Raises:
        EnvironmentProblem: one of them is not here.
    """
    try:
        from harness.report.verification import pdf
    except (ImportError, OSError) as error:
        problem = (
            f"no PDF can be made here: {error}; pip install 'pytest-pacs[pdf]', and Pango of the system "
            "(Debian: libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core), or give --without-pdf"
        )
        raise EnvironmentProblem(problem) from error
    return pdf
