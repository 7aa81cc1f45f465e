"""Mutants that leave video and identity alone and break a rule of the standard beside them."""

import struct
from pathlib import Path

from pydicom import Dataset

from harness.media.part10 import layout
from harness.media.pixeldata import ITEM, SEQUENCE_DELIMITER
from harness.targets.embedded import damage
from harness.targets.embedded.damage import changing_header
from harness.targets.embedded.mutants.mutant import Mutant, damaging

#: Offset of the VR behind the tag of an element in explicit VR (PS3.5 7.1.2).
_VR = 4


def _without(*keywords: str) -> damage.Damage:
    def remove(header: Dataset) -> None:
        for keyword in keywords:
            if keyword in header:
                del header[keyword]

    return changing_header(remove)


def _say_planar(header: Dataset) -> None:
    header.PlanarConfiguration = 1


def _add_aspect(header: Dataset) -> None:
    header.PixelAspectRatio = [1, 1]


def _add_overlay(header: Dataset) -> None:
    for element, vr, value in ((0x0010, "US", 8), (0x0011, "US", 8), (0x0100, "US", 1), (0x3000, "OW", bytes(8))):
        header.add_new((0x6000, element), vr, value)


def _add_extended_table(header: Dataset) -> None:
    # As if the first frame were the whole stream.
    header.ExtendedOffsetTable, header.ExtendedOffsetTableLengths = bytes(8), struct.pack("<Q", 2)


def _misstate_length(header: Dataset) -> None:
    if "EncapsulatedPixelDataValueTotalLength" in header:
        header.EncapsulatedPixelDataValueTotalLength += 2


def _count_bits_less(header: Dataset) -> None:
    header.BitsStored, header.HighBit = header.BitsStored - 1, header.HighBit - 1


def _write_as_words(path: Path) -> None:
    """Give Pixel Data the VR of native samples."""
    with path.open("r+b") as file:
        file.seek(layout(path).offset + _VR)
        file.write(b"OW")


def _drop_delimiter(path: Path) -> None:
    """End the file behind the last fragment."""
    pixels = layout(path)
    with path.open("r+b") as file:
        file.truncate(pixels.end - len(SEQUENCE_DELIMITER))


def _add_odd_fragment(path: Path) -> None:
    """Add a fragment of one byte, and no padding."""
    pixels = layout(path)
    with path.open("r+b") as file:
        file.truncate(pixels.end - len(SEQUENCE_DELIMITER))
        file.seek(0, 2)
        file.write(ITEM + struct.pack("<I", 1) + b"\0" + SEQUENCE_DELIMITER)


MUTANTS = (
    Mutant(
        "calls-colours-rgb",
        "says that samples are RGB",
        damaging(damage.change_header(PhotometricInterpretation="RGB")),
    ),
    Mutant(
        "says-planar",
        "says that colours are in planes",
        damaging(changing_header(_say_planar)),
    ),
    Mutant("says-fewer-bits", "says one stored bit less than there is", damaging(changing_header(_count_bits_less))),
    Mutant("adds-pixel-aspect", "adds a Pixel Aspect Ratio", damaging(changing_header(_add_aspect))),
    Mutant("adds-extended-table", "adds an Extended Offset Table", damaging(changing_header(_add_extended_table))),
    Mutant(
        "misstates-total-length",
        "says two bytes more in (7FE0,0003)",
        damaging(changing_header(_misstate_length)),
    ),
    Mutant("writes-pixel-data-as-words", "gives encapsulated Pixel Data the VR OW", damaging(_write_as_words)),
    Mutant("drops-delimiter", "drops the Sequence Delimitation Item of Pixel Data", damaging(_drop_delimiter)),
    Mutant("adds-odd-fragment", "adds a fragment of one byte", damaging(_add_odd_fragment)),
    Mutant(
        "names-another-method",
        "names the lossy method of another codec",
        damaging(damage.change_header(LossyImageCompressionMethod="ISO_10918_1")),
    ),
    Mutant(
        "denies-lossy", "says that the video is not lossy", damaging(damage.change_header(LossyImageCompression="00"))
    ),
    Mutant("changes-modality", "says that the modality is OT", damaging(damage.change_header(Modality="OT"))),
    Mutant("drops-frame-time", "drops Frame Time and keeps what points to it", damaging(_without("FrameTime"))),
    Mutant(
        "adds-window",
        "adds the window of a VOI LUT",
        damaging(damage.change_header(WindowCenter="128", WindowWidth="256")),
    ),
    Mutant("adds-overlay", "adds an overlay plane", damaging(changing_header(_add_overlay))),
    Mutant(
        "drops-empty-attributes",
        "drops attributes that may be empty and must be there",
        damaging(_without("PatientOrientation", "AcquisitionContextSequence")),
    ),
)
