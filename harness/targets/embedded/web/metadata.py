"""Stored instances as DICOM JSON (PS3.18 Annex F): everything but Pixel Data, which is a URL."""

from typing import Any

from harness.media.part10 import layout, read_header
from harness.targets.embedded.index import StoredInstance

#: Tag of Pixel Data in DICOM JSON.
PIXEL_DATA = "7FE00010"


def metadata_of(instance: StoredInstance, url: str) -> dict[str, Any]:
    """One instance; ``url`` is that of the instance. Text is Unicode, whatever it was stored in (PS3.18 F.2).

    Raises:
        ObjectUnreadable: it cannot be parsed.
    """
    header = read_header(instance.path)
    if "SpecificCharacterSet" in header:
        # Decoded before the name of the old one is lost.
        header.decode()
        header.SpecificCharacterSet = "ISO_IR 192"
    told: dict[str, Any] = header.to_json_dict()
    told[PIXEL_DATA] = {"vr": layout(instance.path).vr or "OB", "BulkDataURI": f"{url}/bulkdata/{PIXEL_DATA}"}
    return told
