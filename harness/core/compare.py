"""Two sets of facts in, a list of differences out. Nothing here decides what a difference means for a verdict."""

from collections import Counter
from fractions import Fraction

from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Format
from harness.core.frames import frame_lengths, number_of_frames, offset_table_fault

#: Attributes that an archive may coerce when it knows better (PS3.4 B.4.1.3).
COERCIBLE = frozenset(
    {"PatientID", "IssuerOfPatientID", "OtherPatientIDsSequence", "StudyInstanceUID", "SeriesInstanceUID"}
)

#: Attributes whose text may be written in several ways for one number (VR DS and IS, PS3.5 6.2).
NUMERIC = frozenset(
    {
        "ActualFrameDuration",
        "CineRate",
        "EffectiveDuration",
        "FrameTime",
        "InstanceNumber",
        "LossyImageCompressionRatio",
        "NumberOfFrames",
        "RecommendedDisplayFrameRate",
        "SeriesNumber",
    }
)

#: Attributes of VR PN: trailing delimiters do not count (PS3.5 6.2.1).
PERSON_NAMES = frozenset({"OperatorsName", "PatientName", "PerformingPhysicianName", "ReferringPhysicianName"})


def same_value(keyword: str, sent: str, returned: str) -> bool:
    """Whether two texts are one value: padding never counts, and numbers and names may be written in several ways."""
    sent, returned = sent.strip(" \0"), returned.strip(" \0")
    if keyword in PERSON_NAMES:
        return _name(sent) == _name(returned)
    if sent == returned or keyword not in NUMERIC:
        return sent == returned
    a, b = number(sent), number(returned)
    return a is not None and a == b


def attribute_differences(
    sent: ObjectFacts, returned: ObjectFacts, *, announced: bool
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Attributes lost or changed, as ``(wrong, allowed)``.

    Allowed are attributes that were added, and coercions of the listed identifiers where the status of the store
    ``announced`` them (0xB000, PS3.4 B.2.3 and B.4.1.3); both are named.
    Attributes of Pixel Data itself belong to :func:`encapsulation_differences`.
    """
    before, after = sent.by_path, returned.by_path
    wrong: list[str] = []
    allowed: list[str] = []
    for path, value in before.items():
        keyword = path.split("[")[0].rsplit(".", 1)[-1]
        last = path.rsplit(".", 1)[-1]
        if path not in after:
            wrong.append(f"{path} was {value!r}, is gone")
        elif not same_value(last, value, after[path]):
            text = f"{path} was {value!r}, is {after[path]!r}"
            (allowed if announced and keyword in COERCIBLE else wrong).append(text)
    allowed.extend(f"{path} was added as {after[path]!r}" for path in after if path not in before)
    return tuple(wrong), tuple(allowed)


def encapsulation_differences(format: Format, sent: ObjectFacts, returned: ObjectFacts) -> tuple[str, ...]:
    """Ways in which the returned object is not encapsulated as its transfer syntax demands (PS3.5 8.2, A.4)."""
    wrong: list[str] = []
    if returned.transfer_syntax_uid != sent.transfer_syntax_uid:
        wrong.append(
            f"transfer syntax was {sent.transfer_syntax_uid}, is {returned.transfer_syntax_uid or 'missing'} (PS3.5 10)"
        )
    if not returned.explicit_vr:
        wrong.append("the data set is not Explicit VR Little Endian (PS3.5 A.4)")
    if not returned.encapsulated:
        wrong.append("Pixel Data is not encapsulated (PS3.5 A.4)")
        return tuple(wrong)
    if returned.pixel_vr not in ("OB", ""):  # without any VR it is not Explicit VR, said above
        wrong.append(f"encapsulated Pixel Data has VR {returned.pixel_vr} and shall have OB (PS3.5 A.4)")
    if not returned.delimited:
        wrong.append("the Sequence Delimitation Item is missing (PS3.5 A.4)")
    odd = [length for length in returned.fragment_lengths if length % 2]
    if odd:
        wrong.append(f"fragments of odd length: {odd[:5]} (PS3.5 A.4)")
    if format.is_video_stream:
        wrong.extend(_stream_encapsulation(format, returned))
    else:
        wrong.extend(_picture_encapsulation(number_of_frames(sent), returned))
    return tuple(wrong)


def _stream_encapsulation(format: Format, returned: ObjectFacts) -> list[str]:
    wrong: list[str] = []
    if returned.offset_table_length:
        wrong.append(
            f"the Basic Offset Table holds {returned.offset_table_length} bytes and shall be empty ({format.section})"
        )
    if "ExtendedOffsetTable" in returned.by_path:
        wrong.append("an Extended Offset Table is present, and frames are not in separate fragments (PS3.3 C.7.6.3)")
    count = len(returned.fragment_lengths)
    if count == 0:
        wrong.append("Pixel Data has no fragment (PS3.5 A.4)")
    if count > 1 and not format.fragmentable:
        wrong.append(f"{count} fragments where the syntax allows exactly one ({format.section})")
    return wrong


def _picture_encapsulation(frames: int, returned: ObjectFacts) -> list[str]:
    wrong: list[str] = []
    if fault := offset_table_fault(returned, frames):
        wrong.append(fault)
    found = len(frame_lengths(returned))
    if found != frames:
        wrong.append(
            f"{frames} frames were sent, {len(returned.fragment_lengths)} fragments make {found}; "
            "a fragment holds data of one frame (PS3.5 A.4.1)"
        )
    return wrong


def encapsulation_seen(returned: ObjectFacts) -> str:
    """How an object is encapsulated, in short."""
    kind = "encapsulated" if returned.encapsulated else "not encapsulated"
    return f"{returned.transfer_syntax_uid}, {kind}, {len(returned.fragment_lengths)} fragments"


def stream_seen(stream: StreamFacts | Undecodable) -> str:
    """What a stream turned out to be, in short."""
    if isinstance(stream, Undecodable):
        return "no stream"
    numbers = (
        f", numbers {_at(stream.stamps, 0)} to {_at(stream.stamps, len(stream.stamps) - 1)}" if stream.stamps else ""
    )
    size = f"{stream.columns}x{stream.rows} at {float(stream.rate):g} frames per second"
    return f"{stream.codec} in {stream.container}, {size}, {stream.frames} frames{numbers}"


def frame_differences(sent: StreamFacts, returned: StreamFacts | Undecodable) -> tuple[str, ...]:
    """Frames lost, repeated, re-ordered or unreadable, by the number inside each picture."""
    if isinstance(returned, Undecodable):
        return (f"does not decode: {returned.reason}",)
    wrong = list(returned.problems)
    if returned.stamps != sent.stamps:
        if len(returned.stamps) != len(sent.stamps):
            wrong.append(f"{len(sent.stamps)} frames were sent, {len(returned.stamps)} decode")
        place = next(
            (n for n, (a, b) in enumerate(zip(sent.stamps, returned.stamps, strict=False)) if a != b),
            min(len(sent.stamps), len(returned.stamps)),
        )
        was, now = _at(sent.stamps, place), _at(returned.stamps, place)
        wrong.append(f"first difference at frame {place + 1}: sent {was}, returned {now}")
        missing = sorted({n for n in sent.stamps if n is not None} - set(returned.stamps))
        if missing:
            wrong.append(f"{len(missing)} frames are missing, numbers {_some(missing)}")
        surplus = Counter(returned.stamps) - Counter(sent.stamps)
        repeated = sorted(n for n in surplus if n is not None)
        if repeated:
            wrong.append(f"frames come more often than sent: {_some(repeated)}")
    return tuple(wrong)


def description_differences(format: Format, facts: ObjectFacts, stream: StreamFacts | Undecodable) -> tuple[str, ...]:
    """Ways in which the attributes do not describe the pictures of their own bit stream (PS3.5 8.2.5 to 8.2.11).

    What they say of time belongs to :mod:`harness.core.timing`, and of sound to :mod:`harness.core.soundtrack`.
    """
    if isinstance(stream, Undecodable):
        return (f"does not decode: {stream.reason}",)
    has = facts.by_path
    pixels = format.pixels
    wrong: list[str] = []
    expected: dict[str, str] = {
        "Rows": str(stream.rows),
        "Columns": str(stream.columns),
        "SamplesPerPixel": str(pixels.samples_per_pixel),
        "PhotometricInterpretation": pixels.photometric_interpretation,
        "BitsAllocated": str(pixels.bits_allocated),
        "BitsStored": str(pixels.bits_stored),
        "HighBit": str(pixels.high_bit),
        "PixelRepresentation": str(pixels.pixel_representation),
        "PlanarConfiguration": str(pixels.planar_configuration),
    }
    for keyword, value in expected.items():
        seen = has.get(keyword)
        if seen is None or not same_value(keyword, value, seen):
            wrong.append(f"{keyword} is {'missing' if seen is None else repr(seen)}, the stream demands {value!r}")
    aspect = has.get("PixelAspectRatio")
    if not pixels.pixel_aspect_ratio_allowed and aspect is not None:
        wrong.append(f"Pixel Aspect Ratio is present and shall be absent ({format.section})")
    elif pixels.pixel_aspect_ratio_allowed and _aspect(aspect) != stream.sample_aspect:
        # The codecs write horizontal over vertical (PS3.3 C.7.6.3.1.7).
        shown = f"{stream.sample_aspect.denominator}\\{stream.sample_aspect.numerator}"
        wrong.append(f"Pixel Aspect Ratio is {aspect or 'missing'}, the stream demands {shown} (PS3.3 C.7.6.3.1.7)")
    return tuple(wrong)


def number(text: str) -> Fraction | None:
    """The value of a number as DICOM writes it, or None where the text is none."""
    try:
        return Fraction(text.strip(" \0"))
    except (ValueError, ZeroDivisionError):
        return None


def _aspect(text: str | None) -> Fraction | None:
    """Horizontal over vertical of a Pixel Aspect Ratio, which is written the other way; 1 where there is none."""
    if text is None:
        return Fraction(1)
    parts = [number(part) for part in text.split("\\")]
    if len(parts) != 2 or not all(parts):
        return None
    vertical, horizontal = parts
    return horizontal / vertical if vertical and horizontal else None


def _name(text: str) -> tuple[str, ...]:
    groups = [group.rstrip("^ ") for group in text.split("=")]
    return tuple(groups) if any(groups[1:]) else (groups[0],)


def _at(stamps: tuple[int | None, ...], place: int) -> str:
    if place >= len(stamps):
        return "nothing"
    return "no readable number" if stamps[place] is None else str(stamps[place])


def _some(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:8]))
    return shown if len(numbers) <= 8 else f"{shown} and {len(numbers) - 8} more"
