"""Objects as DICOM JSON (PS3.18 Annex F): metadata read as comparable text, and made from an object to be sent.

Strategy: what a service sent is written once more as a data set in memory and read back as bytes, so that its elements
become text by the same rules as those of a file (:mod:`harness.media.elements`).
"""

import json
import warnings
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from pydicom import Dataset, dcmread
from pydicom.filewriter import dcmwrite

from harness.errors import ObjectUnreadable
from harness.media.elements import flatten
from harness.media.part10 import read_header

_PIXEL_DATA: Final = "7FE00010"
#: Metadata of one object take some kilobytes; what is larger holds bulk data, and is not read.
LARGEST: Final = 16 * 2**20
#: The Image Pixel Description Macro (PS3.3 Table C.7-11c), which a server may derive (PS3.18 10.5.2.2).
_PIXEL_DESCRIPTION: Final = (
    *("SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns", "BitsAllocated", "BitsStored"),
    *("HighBit", "PixelRepresentation", "PlanarConfiguration", "PixelAspectRatio"),
)


@dataclass(frozen=True, slots=True)
class WebMetadata:
    """What metadata tell: attributes as path and text, where Pixel Data is, and whether it is in them.

    ``elsewhere`` are the paths of other attributes that are to be fetched as bulk data; those in items are not listed.
    """

    attributes: tuple[tuple[str, str], ...]
    bulk: str
    inline: bool
    elsewhere: tuple[str, ...]


def read_metadata(path: Path) -> WebMetadata:
    """The metadata of the one instance in a file of DICOM JSON.

    Raises:
        ObjectUnreadable: it is none, or is of several instances, or is far too large to be metadata.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise ObjectUnreadable(f"{size:,} bytes, which are more than metadata of one object; see what they hold")
    try:
        data = json.loads(path.read_bytes())
        (found,) = data if isinstance(data, list) else [data]
        pixels = found.pop(_PIXEL_DATA, {})
        # Other elements of group 0002 than these would be refused below, and none belongs here (PS3.18 10.4.1.1.2).
        strange = [tag for tag in found if tag.startswith("0002")]
        away = [tag for tag, element in found.items() if "BulkDataURI" in element]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = Dataset.from_json({tag: found[tag] for tag in found if tag not in (*away, *strange)}, _nothing)
            attributes = flatten(_read_back(dataset))
            names = tuple(
                name
                for name, _ in flatten(_read_back(Dataset.from_json({tag: {"vr": found[tag]["vr"]} for tag in away})))
            )
    except Exception as error:
        # Nothing narrower would do: which exceptions strange JSON provokes in pydicom is not documented.
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise ObjectUnreadable(f"no DICOM JSON of one instance: {reason}") from error
    attributes += tuple((f"({tag[:4]},{tag[4:]})", "of file meta information") for tag in strange)
    return WebMetadata(attributes, str(pixels.get("BulkDataURI", "")), "InlineBinary" in pixels, names)


def make_metadata(path: Path, *, location: str, without_pixel_description: bool) -> bytes:
    """DICOM JSON of an object whose Pixel Data is at ``location``, as STOW-RS wants it (PS3.18 10.5.2.2).

    Raises:
        ObjectUnreadable: the file is missing or is not a DICOM file.
    """
    header = read_header(path)
    if without_pixel_description:
        for keyword in _PIXEL_DESCRIPTION:
            if keyword in header:
                delattr(header, keyword)
    if "EncapsulatedPixelDataValueTotalLength" in header:
        del header.EncapsulatedPixelDataValueTotalLength  # it is about fragments, which the server makes
    data: dict[str, Any] = header.to_json_dict()
    data[_PIXEL_DATA] = {"vr": "OB", "BulkDataURI": location}
    return json.dumps([data]).encode()


def _read_back(dataset: Dataset) -> Dataset:
    buffer = BytesIO()
    dcmwrite(buffer, dataset, implicit_vr=False, little_endian=True)
    buffer.seek(0)
    return dcmread(buffer, force=True)


def _nothing(*_: object) -> bytes:
    return b""
