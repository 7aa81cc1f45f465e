"""Asks DICOMweb, and every path by which a product gives an object back."""

from harness.plugin.questions.stow import LiveStow
from harness.plugin.questions.web import LiveWeb


class LiveDicomweb(LiveStow, LiveWeb):
    """See :class:`harness.core.families.dicomweb.DicomwebQuestions`."""
