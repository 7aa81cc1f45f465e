"""Asks DICOMweb, and every path by which a product gives an object back."""

from harness.plugin.questions.asking import Asking


class LiveDicomweb(Asking):
    """See :class:`harness.core.families.dicomweb.DicomwebQuestions`."""
