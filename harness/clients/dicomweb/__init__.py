"""DICOMweb: STOW-RS, QIDO-RS and WADO-RS (PS3.18 10), on httpx."""

from harness.clients.dicomweb.client import WebClient

__all__ = ["WebClient"]
