"""Rows E1 to E8: how Pixel Data is cut and wrapped (PS3.5 8.2, A.4)."""

from collections.abc import Iterator

from harness.core.facts import ObjectFacts
from harness.core.formats import Codec, Container, Format
from harness.core.frames import frame_lengths, number_of_frames, offset_table_fault
from harness.core.validation.rules import EVERY, FRAGMENTABLE, JPEG, STREAMS, WHOLE, Finding, Rule, Seen, Severity
from harness.core.validation.texts import number

_ITEMS = "PS3.5 A.4"

#: Containers that hold a video stream and nothing else that Pixel Data could be.
_OF_VIDEO = frozenset(Container) - {Container.JPEG_FRAMES, Container.UNKNOWN, Container.ELEMENTARY}


def _one_fragment(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    count = len(object.fragment_lengths)
    if object.encapsulated and count == 0:
        yield Seen("Pixel Data has no fragment", section=_ITEMS)
    if count > 1:
        yield Seen(f"{count} fragments where the syntax allows exactly one")


def _some_fragments(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    count = len(object.fragment_lengths)
    if object.encapsulated and count == 0:
        yield Seen("Pixel Data has no fragment", section=_ITEMS)
    if count == 1 and format.twin_of is not None:
        yield Seen("one fragment only: the plain transfer syntax would be read by more systems", Severity.INFORMATION)


def _offset_table(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    if not format.is_video_stream:
        if fault := offset_table_fault(object, number_of_frames(object)):
            yield Seen(fault.removesuffix(f" ({_ITEMS})"), section=_ITEMS)
    elif object.offset_table_length:
        # One offset for the one frame of a stream would be right, and only MPEG-2 is told to leave it out.
        alone = format.codec is not Codec.MPEG2 and number_of_frames(object) == 1 and object.offset_table == (0,)
        yield Seen(
            f"the Basic Offset Table holds {object.offset_table_length} bytes and shall be empty",
            Severity.WARNING if alone else None,
        )


def _extended_table(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    if {"ExtendedOffsetTable", "ExtendedOffsetTableLengths"} & object.by_path.keys():
        yield Seen("an Extended Offset Table is present, and frames are not in separate fragments")


def _items(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    if not object.explicit_vr:
        yield Seen("the data set is not Explicit VR Little Endian")
    if not object.encapsulated:
        yield Seen("Pixel Data is not encapsulated")
        return
    if object.pixel_vr not in ("OB", ""):  # without any VR it is not Explicit VR, said above
        yield Seen(f"encapsulated Pixel Data has VR {object.pixel_vr} and shall have OB")
    if not object.delimited:
        yield Seen("the Sequence Delimitation Item is missing")
    odd = [length for length in object.fragment_lengths if length % 2]
    if odd:
        yield Seen(f"fragments of odd length: {odd[:5]}")
    empty = sum(1 for length in object.fragment_lengths if length == 0)
    if empty:
        yield Seen(f"{empty} fragments are empty")


def _total_length(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    told = object.by_path.get("EncapsulatedPixelDataValueTotalLength")
    if told is None or not object.encapsulated:
        return
    total, held = number(told), object.payload_length
    # A stream is padded once, at its end; of separate frames each may be.
    pads = 1 if format.is_video_stream else len(object.fragment_lengths)
    if total is None or not held - pads <= total <= held:
        yield Seen(f"(7FE0,0003) tells {told or 'no'} bytes, the fragments hold {held}")
    elif total == held - 1 and pads == 1 and object.unpadded_sha256 == object.payload_sha256:
        yield Seen("the byte that pads the stream is not zero", Severity.WARNING)


def _syntax(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    found = object.transfer_syntax_uid
    if found != format.uid:
        yield Seen(f"the transfer syntax is {found or 'missing'}, the video is of {format.uid}")


def _frame_fragments(format: Format, object: ObjectFacts) -> Iterator[Seen]:
    if not object.encapsulated:
        return
    frames, found = number_of_frames(object), len(frame_lengths(object))
    if found != frames:
        yield Seen(
            f"{frames} frames were sent, {len(object.fragment_lengths)} fragments make {found}; "
            "a fragment holds data of one frame"
        )


_SYNTAX_RULE = Rule(
    "E7",
    Severity.ERROR,
    "The transfer syntax is the one that the stream was handed over in",
    EVERY,
    "PS3.5 10, PS3.10 7.1",
    of_object=_syntax,
)

RULES = (
    Rule("E1", Severity.ERROR, "The whole stream is in exactly one fragment", WHOLE, of_object=_one_fragment),
    Rule("E2", Severity.ERROR, "The stream is in one or more fragments", FRAGMENTABLE, of_object=_some_fragments),
    Rule("E3", Severity.ERROR, "The Basic Offset Table is empty or right", EVERY, of_object=_offset_table),
    Rule(
        "E4",
        Severity.ERROR,
        "There is no Extended Offset Table",
        STREAMS,
        "PS3.3 C.7.6.3",
        of_object=_extended_table,
    ),
    Rule(
        "E5", Severity.ERROR, "Items, delimiter, VR and length are those of encapsulation", EVERY, _ITEMS, None, _items
    ),
    Rule(
        "E6",
        Severity.ERROR,
        "The total length is that of the stream without padding",
        EVERY,
        "PS3.3 C.7.6.3, PS3.5 8.2",
        of_object=_total_length,
    ),
    _SYNTAX_RULE,
    Rule("E8", Severity.ERROR, "Each fragment holds data of one frame", JPEG, "PS3.5 A.4.1", None, _frame_fragments),
)


def hidden_stream(object: ObjectFacts, container: Container) -> tuple[Finding, ...]:
    """Row E7 for an object whose transfer syntax is none of video: whether Pixel Data is a video stream all the same.

    ``container`` is what the bytes of Pixel Data begin like.
    """
    if container not in _OF_VIDEO:
        return ()
    text = (
        f"Pixel Data is a video stream in {container}, the transfer syntax {object.transfer_syntax_uid} says otherwise"
    )
    return (_SYNTAX_RULE.finding(None, Seen(text)),)
