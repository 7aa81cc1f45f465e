"""DICOMweb, and every path by which a product gives an object back: what is seen, what it means, and what is asked."""

from typing import Protocol


class DicomwebQuestions(Protocol):
    """What checks ask of DICOMweb, and every path by which a product gives an object back."""
