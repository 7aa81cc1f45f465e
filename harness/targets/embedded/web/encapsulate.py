"""An object out of metadata and the video stream that came beside it (PS3.18 10.5.2, Table 10.5.2-1).

The stream is stored unchanged. What the metadata leave out of the Image Pixel Description is read from the stream; no
metadata tell the transfer syntax, so that is derived too. Blu-ray compatible H.264 (.103) cannot be told from .102.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from pydicom import Dataset, FileMetaDataset
from pydicom.uid import UID

from harness.catalogue.read import load_formats
from harness.core.facts import StreamFacts
from harness.core.formats import Codec, Format
from harness.core.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from harness.errors import MediaError
from harness.media.examine import examine
from harness.media.part10 import MAX_ITEM, Piece, write_object
from harness.targets.embedded.web.media_types import VIDEO

_SYNTAX = "1.2.840.10008.1.2.4."
#: The largest picture of Main Level: rows and columns (PS3.5 Table 8-1).
_MAIN_LEVEL = (576, 720)
_LEVEL_4_1 = 41


def encapsulate(
    metadata: dict[str, Any], stream: Path, media_type: str, into: Path, *, label: Callable[[str], str]
) -> None:
    """Write the object; ``label`` gives the transfer syntax that it says, told the right one for the stream.

    Raises:
        MediaError: the stream is not what its media type says, or no transfer syntax is for it.
        ValueError, KeyError, TypeError: the metadata are no DICOM JSON.
    """
    facts = examine(stream)
    if facts.codec is not VIDEO[media_type.lower()] or not facts.frames:
        raise MediaError(f"the part says {media_type} and holds {facts.codec} with {facts.frames} frames")
    size = stream.stat().st_size
    format = _by_uid()[syntax_of(facts, size)]
    header = Dataset.from_json(metadata)
    header.SpecificCharacterSet = "ISO_IR 192"
    for keyword, value in derived(facts, format).items():
        if keyword not in header:
            setattr(header, keyword, value)
    header.EncapsulatedPixelDataValueTotalLength = size
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = UID(label(format.uid))
    header.file_meta.ImplementationClassUID = UID(IMPLEMENTATION_CLASS_UID)
    header.file_meta.ImplementationVersionName = IMPLEMENTATION_VERSION_NAME
    pieces = [Piece(stream, start, min(MAX_ITEM, size - start)) for start in range(0, size, MAX_ITEM)]
    write_object(into, header, pieces)


def syntax_of(facts: StreamFacts, size: int) -> str:
    """The transfer syntax of a stream of ``size`` bytes: the fragmentable twin where one item does not hold it.

    Raises:
        MediaError: there is none.
    """
    twin = ".1" if size > MAX_ITEM else ""
    if facts.codec is Codec.MPEG2:
        rows, columns = _MAIN_LEVEL
        return f"{_SYNTAX}{100 if facts.rows <= rows and facts.columns <= columns else 101}{twin}"
    if facts.codec is Codec.H264:
        if facts.frame_packed:
            return f"{_SYNTAX}105{twin}"
        return f"{_SYNTAX}{102 if facts.level <= _LEVEL_4_1 else 104}{twin}"
    if facts.codec is Codec.HEVC:
        return f"{_SYNTAX}{107 if facts.bit_depth == 8 else 108}"
    raise MediaError(f"no transfer syntax is for {facts.codec}")


def derived(facts: StreamFacts, format: Format) -> dict[str, Any]:
    """What the stream and its transfer syntax say of the picture (PS3.3 Table C.7-11c, PS3.5 8.2)."""
    pixels = format.pixels
    values: dict[str, Any] = {
        "Rows": facts.rows,
        "Columns": facts.columns,
        "NumberOfFrames": facts.frames,
        "SamplesPerPixel": pixels.samples_per_pixel,
        "PhotometricInterpretation": pixels.photometric_interpretation,
        "PlanarConfiguration": pixels.planar_configuration,
        "PixelRepresentation": pixels.pixel_representation,
        "BitsAllocated": pixels.bits_allocated,
        "BitsStored": pixels.bits_stored,
        "HighBit": pixels.high_bit,
        "LossyImageCompression": "01",
        "LossyImageCompressionMethod": format.lossy_method,
    }
    if pixels.pixel_aspect_ratio_allowed and facts.sample_aspect != 1:
        values["PixelAspectRatio"] = [facts.sample_aspect.denominator, facts.sample_aspect.numerator]
    return values


@cache
def _by_uid() -> dict[str, Format]:
    return {format.uid: format for format in load_formats().values()}
