"""What another validator says, and which of its remarks are known to be wrong."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from harness.core.formats import Codec, Format
from harness.core.validation.rules import Severity


@dataclass(frozen=True, slots=True)
class Remark:
    """One line of another validator: ERROR or WARNING, and its words."""

    severity: Severity
    text: str


@dataclass(frozen=True, slots=True)
class Opinion:
    """All that another validator says of one object; ``silent`` is why it says nothing at all."""

    remarks: tuple[Remark, ...] = ()
    silent: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Remarks of dciodvfy that do not count: whole text as a pattern, for which formats, and why not."""

    pattern: str
    applies: Callable[[Format], bool]
    reason: str


def _any(format: Format) -> bool:
    return True


def _hevc(format: Format) -> bool:
    return format.codec is Codec.HEVC


def _ten_bits(format: Format) -> bool:
    return format.pixels.bits_stored > 8


_CHANNELS = "<MultiplexedAudioChannelsDescriptionCodeSequence> Module=<Cine>"

#: Seen with dciodvfy 20260927. Anchored at both ends, so that a remark about anything else still counts.
WAIVERS = (
    Waiver(
        r"Unrecognized enumerated value <0x(10|a|9)> for value 1 of attribute <(Bits Allocated|Bits Stored|High Bit)>",
        _ten_bits,
        "PS3.5 8.2.11 demands 16, 10 and 9, the image modules list 8, 8 and 7: row D8, a conflict of the standard",
    ),
    Waiver(
        r"method inconsistent with Transfer Syntax - attribute <LossyImageCompressionMethod> = <ISO_23008_2>",
        _hevc,
        "dciodvfy knows no HEVC, so that the object is shown to it under a syntax of H.264",
    ),
    Waiver(
        r"Bad Sequence number of Items 0 \(1-n Required by Module definition\) Element=" + re.escape(_CHANNELS),
        _any,
        "PS3.3 C.7.6.5 has an empty sequence where no sound was recorded (Type 2C)",
    ),
    Waiver(
        r"Bad attribute Value Multiplicity Type 3 Optional Element=" + re.escape(_CHANNELS),
        _any,
        "the same complaint about the empty sequence in other words",
    ),
)

#: What dciodvfy does not see although it reads the object, as tried out with each of these faults.
BLIND_SPOTS = (
    "a photometric interpretation that the syntax does not allow",
    "Rows, Columns and Number of Frames against the stream",
    "several fragments where the syntax allows one, and all of the payload",
    "another codec, profile or level than the syntax names",
    "a code outside CID 4040",
    "an offset table, a total length and the VR of Pixel Data, which its copy does not have",
)


def waiver_of(format: Format, remark: Remark) -> Waiver | None:
    """Why a remark does not count; None where it does."""
    return next((one for one in WAIVERS if one.applies(format) and re.fullmatch(one.pattern, remark.text)), None)


def counted(format: Format, remarks: Iterable[Remark]) -> tuple[tuple[Remark, ...], tuple[tuple[Remark, str], ...]]:
    """Remarks that count, and those that do not with the reason of each."""
    kept: list[Remark] = []
    waived: list[tuple[Remark, str]] = []
    for remark in remarks:
        waiver = waiver_of(format, remark)
        if waiver is None:
            kept.append(remark)
        else:
            waived.append((remark, waiver.reason))
    return tuple(kept), tuple(waived)
