"""What every view of a verification report is made from."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from harness.core.verification.report import Report
from harness.report.exhibits import Exhibits
from harness.report.summary import Summary, summarise
from harness.report.verification.evidence import EvidenceIndex
from harness.report.verification.places import Places, places_of


@dataclass(frozen=True)
class Rendering:
    """A report with its surroundings.

    ``folder`` holds the evidence that the paths of the run lead to. ``record`` are the bytes of ``report.json``; empty
    where the report has none, as in a run folder. ``templates`` is a folder whose files come before our own. ``pdf``
    tells that the report has its PDF files.
    """

    report: Report
    folder: Path
    record: bytes = b""
    templates: Path | None = None
    pdf: bool = False

    @cached_property
    def summary(self) -> Summary:
        """The run in the order in which it is read."""
        return summarise(self.report.run)

    @cached_property
    def places(self) -> Places:
        """The names of all parts inside the report."""
        return places_of(self.summary, self.report)

    @cached_property
    def evidence(self) -> EvidenceIndex:
        """Every file of evidence."""
        return EvidenceIndex(Exhibits(self.folder), self.summary, self.places)

    @cached_property
    def record_sha256(self) -> str:
        """SHA-256 of ``report.json`` in lower-case hex; empty where there is none."""
        return hashlib.sha256(self.record).hexdigest() if self.record else ""
