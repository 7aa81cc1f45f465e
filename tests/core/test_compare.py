"""What counts as a difference between what was sent and what came back."""

from dataclasses import replace
from fractions import Fraction

import pytest

from harness.catalogue.read import load_formats
from harness.core.compare import (
    attribute_differences,
    converted_differences,
    encapsulation_differences,
    frame_differences,
    same_value,
)
from harness.core.facts import ObjectFacts, StreamFacts, Undecodable
from harness.core.formats import Codec, Container, Scan

FORMATS = load_formats()
H264 = FORMATS["h264_hp41"]
TWIN = FORMATS["h264_hp41_frag"]
MJPEG = FORMATS["mjpeg"]

STREAM = StreamFacts(
    container=Container.MP4,
    codec=Codec.H264,
    profile=100,
    level=41,
    bit_depth=8,
    chroma="4:2:0",
    rows=720,
    columns=1280,
    rate=Fraction(25),
    scan=Scan.PROGRESSIVE,
    sample_aspect=Fraction(1),
    full_range=False,
    frame_packed=False,
    high_tier=False,
    frames=50,
    regular_timing=True,
    sound=None,
    stamps=tuple(range(50)),
    problems=(),
)

SENT = ObjectFacts(
    sop_class_uid="1.2.840.10008.5.1.4.1.1.77.1.1.1",
    sop_instance_uid="1.2.3",
    transfer_syntax_uid=H264.uid,
    attributes=(
        ("PatientID", "P1"),
        ("PatientName", "SYNTHETIC^ONE"),
        ("OtherPatientIDsSequence[0].PatientID", "P2"),
        ("Rows", "720"),
        ("Columns", "1280"),
        ("NumberOfFrames", "50"),
        ("FrameTime", "40.0"),
        ("FrameIncrementPointer", "(0018,1063)"),
        ("EffectiveDuration", "2"),
        ("SamplesPerPixel", "3"),
        ("PhotometricInterpretation", "YBR_PARTIAL_420"),
        ("BitsAllocated", "8"),
        ("BitsStored", "8"),
        ("HighBit", "7"),
        ("PixelRepresentation", "0"),
        ("PlanarConfiguration", "0"),
    ),
    explicit_vr=True,
    pixel_vr="OB",
    encapsulated=True,
    fragment_lengths=(1000,),
    jpeg_starts=(False,),
    offset_table_length=0,
    offset_table=(),
    delimited=True,
    payload_length=1000,
    payload_sha256="aa",
    unpadded_sha256="aa",
)


def with_attributes(**changes: str | None) -> ObjectFacts:
    attributes = {**SENT.by_path, **changes}
    return replace(SENT, attributes=tuple((k, v) for k, v in attributes.items() if v is not None))


def test_equal_objects_have_no_difference():
    assert attribute_differences(SENT, SENT, announced=False) == ((), ())
    assert encapsulation_differences(H264, SENT, SENT) == ()
    assert frame_differences(STREAM, STREAM) == ()


@pytest.mark.parametrize(
    ("keyword", "sent", "returned", "same"),
    [
        ("FrameTime", "40.0", "40", True),
        ("FrameTime", "40", "40.1", False),
        ("FrameTime", "40", "", False),
        ("PatientID", "007", "7", False),
        ("PatientName", "A^B ", "A^B", True),
        ("PatientName", "A^B", "A^B^^^", True),
        ("PatientName", "A^B=C^D", "A^B^=C^D^^", True),
        ("PatientName", "A^B", "A^B=C^D", False),
        ("PatientName", "A^B", "A^^B", False),
        ("AccessionNumber", "A", "A^^", False),
        ("SOPInstanceUID", "1.2.3\0", "1.2.3", True),
    ],
)
def test_only_numbers_may_be_written_in_several_ways(keyword, sent, returned, same):
    assert same_value(keyword, sent, returned) is same


@pytest.mark.parametrize(
    ("changes", "announced", "wrong", "allowed"),
    [
        ({"PatientName": "OTHER"}, True, True, False),
        ({"PatientName": None}, True, True, False),
        ({"PatientID": "P9"}, True, False, True),
        ({"PatientID": "P9"}, False, True, False),
        ({"OtherPatientIDsSequence[0].PatientID": "P9"}, True, False, True),
        ({"PatientID": None}, True, True, False),
        ({"InstitutionName": "ADDED"}, False, False, True),
        ({"FrameTime": "40"}, False, False, False),
    ],
)
def test_attributes_may_be_added_and_identifiers_coerced_when_announced(changes, announced, wrong, allowed):
    found = attribute_differences(SENT, with_attributes(**changes), announced=announced)
    assert (bool(found[0]), bool(found[1])) == (wrong, allowed)


@pytest.mark.parametrize(
    ("format", "changes", "wrong"),
    [
        (H264, {"transfer_syntax_uid": "1.2.840.10008.1.2.4.103"}, "the transfer syntax is 1.2.840.10008.1.2.4.103"),
        (H264, {"encapsulated": False, "offset_table_length": None}, "not encapsulated"),
        (H264, {"explicit_vr": False, "pixel_vr": ""}, "not Explicit VR Little Endian"),
        (H264, {"pixel_vr": "OW"}, "has VR OW"),
        (H264, {"pixel_vr": "UN"}, "has VR UN"),
        (H264, {"delimited": False}, "Sequence Delimitation Item"),
        (H264, {"offset_table_length": 4}, "shall be empty"),
        (H264, {"fragment_lengths": (500, 500)}, "exactly one"),
        (H264, {"fragment_lengths": ()}, "no fragment"),
        (TWIN, {"fragment_lengths": (500, 501)}, "odd length"),
        (TWIN, {"offset_table_length": 4}, "shall be empty"),
    ],
)
def test_encapsulation_that_breaks_the_syntax_is_found(format, changes, wrong):
    sent = replace(SENT, transfer_syntax_uid=format.uid)
    (text,) = encapsulation_differences(format, sent, replace(sent, **changes))
    assert wrong in text


def test_fragments_of_a_fragmentable_syntax_may_be_cut_anew():
    sent = replace(SENT, transfer_syntax_uid=TWIN.uid, fragment_lengths=(250,) * 4)
    assert encapsulation_differences(TWIN, sent, replace(sent, fragment_lengths=(400, 600))) == ()


PICTURES = replace(
    with_attributes(NumberOfFrames="3"),
    transfer_syntax_uid=MJPEG.uid,
    fragment_lengths=(10, 10, 10),
    jpeg_starts=(True, True, True),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"offset_table_length": 12, "offset_table": (0, 18, 36)},
        {"fragment_lengths": (4, 6, 10, 10), "jpeg_starts": (True, False, True, True)},
        {
            "fragment_lengths": (4, 6, 10, 10),
            "jpeg_starts": (True, True, True, True),
            "offset_table_length": 12,
            "offset_table": (0, 26, 44),
        },
    ],
)
def test_motion_jpeg_may_gain_an_offset_table_and_split_its_frames(changes):
    assert encapsulation_differences(MJPEG, PICTURES, replace(PICTURES, **changes)) == ()


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"explicit_vr": False}, "not Explicit VR Little Endian"),
        ({"pixel_vr": "OW"}, "has VR OW"),
        ({"offset_table_length": 4, "offset_table": (0,)}, "has 4 bytes, and 3 frames need 12"),
        ({"offset_table_length": 14, "offset_table": (0, 18, 36)}, "has 14 bytes"),
        ({"offset_table_length": 12, "offset_table": (0, 18, 35)}, "byte 35, where no item begins"),
        ({"fragment_lengths": (10, 10), "jpeg_starts": (True,) * 2}, "3 frames were sent, 2 fragments make 2"),
        ({"fragment_lengths": (10,) * 4, "jpeg_starts": (True,) * 4}, "3 frames were sent, 4 fragments make 4"),
        ({"fragment_lengths": (), "jpeg_starts": ()}, "3 frames were sent, 0 fragments make 0"),
    ],
)
def test_motion_jpeg_may_not_lose_a_frame_or_its_place(changes, wrong):
    (text,) = encapsulation_differences(MJPEG, PICTURES, replace(PICTURES, **changes))
    assert wrong in text


def test_frames_of_motion_jpeg_are_counted_as_sent_whatever_the_attribute_says():
    lost = replace(with_attributes(NumberOfFrames="2"), transfer_syntax_uid=MJPEG.uid, fragment_lengths=(10, 10))
    lost = replace(lost, jpeg_starts=(True, True))
    (text,) = encapsulation_differences(MJPEG, PICTURES, lost)
    assert "3 frames were sent" in text


def stamped(*stamps: int | None, **changes) -> StreamFacts:
    return replace(STREAM, stamps=stamps, frames=len(stamps), **changes)


@pytest.mark.parametrize(
    ("returned", "texts"),
    [
        (
            stamped(0, 1, 3),
            [
                "4 frames were sent, 3 decode",
                "frame 3: sent 2, returned 3",
                "1 frames are missing, numbers 2",
            ],
        ),
        (stamped(0, 2, 1, 3), ["frame 2: sent 1, returned 2"]),
        (
            stamped(0, 1, 1, 3),
            ["frame 3: sent 2, returned 1", "missing, numbers 2", "more often than sent: 1"],
        ),
        (stamped(0, 1, 2, 3, 3), ["4 frames were sent, 5 decode", "frame 5: sent nothing, returned 3"]),
        (stamped(0, None, 2, 3), ["frame 2: sent 1, returned no readable number"]),
        (stamped(0, 1, 2, 3, problems=("packet 3 is damaged",)), ["packet 3 is damaged"]),
        (Undecodable("no container"), ["does not decode: no container"]),
    ],
)
def test_frames_lost_swapped_repeated_or_damaged_are_named(returned, texts):
    found = "; ".join(frame_differences(stamped(0, 1, 2, 3), returned))
    assert all(text in found for text in texts), found


@pytest.mark.parametrize(
    ("returned", "found"),
    [
        (stamped(0, 1, 2), ()),
        (stamped(None, None, None), None),
        (stamped(None, None, None, problems=("packet 3 is damaged",)), ("packet 3 is damaged",)),
    ],
)
def test_frames_whose_numbers_an_encoder_made_unreadable_are_not_compared(returned, found):
    assert converted_differences(stamped(0, 1, 2), returned) == found


@pytest.mark.parametrize("returned", [stamped(None, None), stamped(0, 1, None), stamped(0, 0, 0), stamped()])
def test_frames_that_are_lost_in_an_encoding_are_named(returned):
    assert converted_differences(stamped(0, 1, 2), returned)
