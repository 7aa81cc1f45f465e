"""What every view of a verification report is made from."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from harness.core.verification.report import Report


@dataclass(frozen=True, slots=True)
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

    @property
    def record_sha256(self) -> str:
        """SHA-256 of ``report.json`` in lower-case hex; empty where there is none."""
        return hashlib.sha256(self.record).hexdigest() if self.record else ""
