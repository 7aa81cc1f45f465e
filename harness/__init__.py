"""pytest-pacs: does a PACS keep and play DICOM video?

Kept light on purpose: pytest imports this package in every session on the machine.
"""

__version__ = "0.1.0"
