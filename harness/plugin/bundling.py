"""The hooks that make the verification report when a run is over; what they need is read before it starts."""

from collections.abc import Mapping
from typing import Any

import pytest

from harness.core.conclusion import RunVerdict
from harness.core.verification.report import Completeness
from harness.errors import HarnessError
from harness.plugin.commands.bundle import told
from harness.plugin.dossier_options import OPTIONS
from harness.plugin.given import Given, read_given
from harness.plugin.keys import read_key
from harness.plugin.session import PacsPlugin
from harness.report.record import read_run
from harness.report.verification import document
from harness.report.verification.bundle import Bundle, write_bundle
from harness.report.verification.seal import SealKey


class BundlePlugin:
    """Registered where ``--pacs-bundle`` was given; ``session`` is the run that the report is of."""

    def __init__(self, given: Given, key: SealKey | None, *, strict: bool, pdf: bool) -> None:
        self.session: PacsPlugin | None = None
        self._given = given
        self._key = key
        self._strict = strict
        self._pdf = pdf
        self._bundle: Bundle | None = None
        self._problem = ""

    @classmethod
    def of(cls, config: pytest.Config) -> "BundlePlugin | None":
        """Read what people add to the report; None where none is to be made.

        Raises:
            pytest.UsageError: a file cannot be used, or options of the report were given without it.
        """
        values: Mapping[str, Any] = vars(config.option)
        if not values["pacs_bundle"]:
            dests = [*(option.dest for option in OPTIONS), "seal_key", "strict_report"]
            if named := [f"--{dest.replace('_', '-')}" for dest in dests if values[dest]]:
                raise pytest.UsageError(f"{named[0]} is for a report; add --pacs-bundle")
            return None
        try:
            start = config.invocation_params.dir
            given, key = read_given(values, start), read_key(values, start)
            if not values["without_pdf"]:
                document.require()
        except HarnessError as error:
            raise pytest.UsageError(str(error)) from error
        return cls(given, key, strict=values["strict_report"], pdf=not values["without_pdf"])

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Make the report; whatever goes wrong with it, the run is recorded and closed, and its results are shown."""
        folder = self.session.closed if self.session is not None else None
        if folder is None:
            return
        try:
            dossier = self._given.of(read_run(folder))
            self._bundle = write_bundle(
                folder, dossier, folder.parent, inputs=self._given.files, pdf=self._pdf, key=self._key
            )
        except Exception as error:  # noqa: BLE001 - no fault of a report may cost the results of a run
            reason = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
            self._problem = f"the report could not be made: {reason}; repeat it by pacs-harness bundle {folder}"
        draft = self._bundle is not None and self._bundle.report.completeness is Completeness.DRAFT
        if session.exitstatus == RunVerdict.MET.value and (self._bundle is None or (draft and self._strict)):
            session.exitstatus = RunVerdict.NOT_SHOWN.value

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the report is, what it lacks, and the hash to keep apart from it."""
        if self._problem:
            terminalreporter.write_line(self._problem, red=True)
        if self._bundle is not None:
            for line in told(self._bundle):
                terminalreporter.write_line(line)
