"""The files of a verification report, each made from :class:`harness.core.verification.report.Report` alone."""
