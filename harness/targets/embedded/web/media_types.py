"""Media types of DICOMweb, and which of them the Pixel Data of a transfer syntax is sent as (PS3.18 Table 8.7.3-5)."""

from harness.core.formats import Codec

DICOM = "application/dicom"
DICOM_JSON = "application/dicom+json"
OCTETS = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"

MPEG, MP4, H265, JPEG = "video/mpeg", "video/mp4", "video/H265", "image/jpeg"

_SYNTAX = "1.2.840.10008.1.2.4."
#: Compressed bulk data: media type by transfer syntax.
COMPRESSED = {
    **{_SYNTAX + last: MPEG for last in ("100", "100.1", "101", "101.1")},
    **{f"{_SYNTAX}{last}{twin}": MP4 for last in range(102, 107) for twin in ("", ".1")},
    **{_SYNTAX + last: H265 for last in ("107", "108")},
    **{_SYNTAX + last: JPEG for last in ("50", "51")},
}

#: Media types of video streams that a store takes, by their name in small letters, with the codec that each means.
VIDEO = {MPEG.lower(): Codec.MPEG2, MP4.lower(): Codec.H264, H265.lower(): Codec.HEVC}

#: Representations that are rendered ones, whatever else they may be (PS3.18 Table 8.7.4-1).
RENDERED_ONLY = frozenset({"image/gif", "image/png", "text/html", "text/plain", "application/pdf"})

_UNCOMPRESSED = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})


def bulk_media_type(transfer_syntax: str) -> str | None:
    """What the Pixel Data of ``transfer_syntax`` is sent as; None where it cannot be sent by itself."""
    return OCTETS if transfer_syntax in _UNCOMPRESSED else COMPRESSED.get(transfer_syntax)


def is_stream(transfer_syntax: str) -> bool:
    """Whether all frames are one stream, so that none can be taken out of it."""
    return COMPRESSED.get(transfer_syntax, "").startswith("video/")
