"""Each row of the table finds its own fault, with the weight that it has."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from harness.core.facts import Coding, Packaging, SoundDetail, SoundFacts
from harness.core.formats import Container, Scan, SoundCodec
from harness.core.validation.rules import Severity
from harness.core.validation.table import RULES, findings

from .validation_cases import FORMATS, object_of, stream_of, with_attributes

E, W, NOTE = Severity.ERROR, Severity.WARNING, Severity.INFORMATION

#: Rule, severity, format, changes of the object, text of the finding.
OBJECTS: list[tuple[str, Severity, str, dict[str, Any], str]] = [
    ("E1", E, "h264_hp41", {"fragment_lengths": (500, 500)}, "2 fragments where the syntax allows exactly one"),
    ("E1", E, "mpeg2_hl", {"fragment_lengths": ()}, "no fragment"),
    ("E2", E, "h264_hp41_frag", {"fragment_lengths": ()}, "no fragment"),
    ("E2", NOTE, "h264_hp41_frag", {"fragment_lengths": (1000,)}, "one fragment only"),
    ("E3", E, "mpeg2_ml", {"offset_table_length": 4, "offset_table": (0,)}, "holds 4 bytes and shall be empty"),
    ("E3", E, "hevc_main51", {"offset_table_length": 4, "offset_table": (0,)}, "holds 4 bytes and shall be empty"),
    ("E3", E, "mjpeg", {"offset_table_length": 8, "offset_table": (0, 28)}, "has 8 bytes, and 50 frames need 200"),
    ("E5", E, "h264_hp41", {"pixel_vr": "OW"}, "VR OW"),
    ("E5", E, "h264_hp41", {"delimited": False}, "Sequence Delimitation Item is missing"),
    ("E5", E, "h264_hp41_frag", {"fragment_lengths": (999, 1)}, "odd length: [999, 1]"),
    ("E5", E, "h264_hp41_frag", {"fragment_lengths": (1000, 0)}, "1 fragments are empty"),
    ("E5", E, "h264_hp41", {"encapsulated": False}, "not encapsulated"),
    ("E5", E, "h264_hp41", {"explicit_vr": False}, "not Explicit VR Little Endian"),
    ("E6", W, "h264_hp41", {"unpadded_sha256": "aa"}, "pads the stream is not zero"),
    ("E6", E, "h264_hp41", {"payload_length": 998}, "tells 999 bytes, the fragments hold 998"),
    ("E6", E, "h264_hp41", {"payload_length": 1002}, "tells 999 bytes, the fragments hold 1002"),
    (
        "E7",
        E,
        "h264_hp41",
        {"transfer_syntax_uid": "1.2.840.10008.1.2.1"},
        "transfer syntax is 1.2.840.10008.1.2.1",
    ),
    ("E7", E, "h264_hp41", {"transfer_syntax_uid": ""}, "the transfer syntax is missing"),
    ("E8", E, "mjpeg", {"fragment_lengths": (20,) * 49, "jpeg_starts": (True,) * 49}, "49 fragments make 49"),
    (
        "D6",
        E,
        "h264_hp41",
        {"sop_instance_uid": "1.2.4"},
        "UID is 1.2.3, the data set has 1.2.4",
    ),
    (
        "D6",
        E,
        "h264_hp41",
        {"meta": (("TransferSyntaxUID", "1"),)},
        "ClassUID is missing in the file meta",
    ),
    ("D7", E, "h264_hp41", {"sop_class_uid": "1.2.840.10008.5.1.4.1.1.77.1.1"}, "VL Endoscopic Image Storage cannot"),
    ("D7", W, "h264_hp41", {"sop_class_uid": "1.2.3"}, "1.2.3 is not known as a class that carries video"),
]

#: The same for changes of attributes.
ATTRIBUTES: list[tuple[str, Severity, str, dict[str, str | None], str]] = [
    ("E3", W, "h264_hp41", {"NumberOfFrames": "1"}, "shall be empty"),
    ("E4", E, "h264_hp41", {"ExtendedOffsetTable": "00"}, "Extended Offset Table is present"),
    ("E6", E, "h264_hp41", {"EncapsulatedPixelDataValueTotalLength": "many"}, "tells many bytes"),
    ("V11", E, "h264_hp42_3d", {"StereoPairsPresent": None}, "missing, stereo video demands YES"),
    ("V11", E, "h264_hp42", {"StereoPairsPresent": "YES"}, "the syntax is one of 2D video"),
    ("V13", E, "h264_hp41", {"Rows": "736"}, "Rows is '736', the stream demands '720'"),
    ("V13", E, "h264_hp41", {"Columns": None}, "Columns is missing"),
    ("A1", W, "h264_hp41", {"MultiplexedAudioChannelsDescriptionCodeSequence[0].X": "1"}, "and the stream has none"),
    ("D1", E, "h264_hp41", {"PhotometricInterpretation": "RGB"}, "PhotometricInterpretation is 'RGB'"),
    ("D1", E, "h264_hp41", {"PlanarConfiguration": "1"}, "PlanarConfiguration is '1'"),
    ("D1", E, "hevc_main10_51", {"BitsAllocated": "8"}, "BitsAllocated is '8', the stream demands '16'"),
    ("D1", W, "mpeg2_hl", {"PhotometricInterpretation": "MONOCHROME2", "SamplesPerPixel": "1"}, "MONOCHROME2"),
    ("D2", E, "h264_hp41", {"NumberOfFrames": "49"}, "NumberOfFrames is '49'"),
    ("D3", E, "h264_hp41", {"FrameTime": "33.33"}, "Frame Time is 33.33 ms, the stream plays 40 ms"),
    ("D3", E, "h264_hp41", {"FrameIncrementPointer": None}, "Frame Increment Pointer is missing"),
    ("D3", E, "h264_hp41", {"FrameTime": None}, "points to FrameTime, which is missing"),
    ("D3", E, "h264_hp41", {"FrameTime": ""}, "points to FrameTime, which is missing"),
    ("D3", W, "h264_hp41", {"FrameIncrementPointer": "(0054,0080)"}, "Frame Increment Pointer is (0054,0080)"),
    ("D3", W, "h264_hp41", {"CineRate": "30"}, "CineRate is 30, the stream plays 25"),
    ("D3", E, "h264_hp41", {"FrameTimeVector": "0\\40"}, "Frame Time Vector has 2 entries for 50 frames"),
    ("D3", E, "h264_hp41", {"FrameTimeVector": "\\".join(["40"] * 50)}, "begins with 40 and not 0"),
    ("D4", E, "h264_hp41", {"PixelAspectRatio": "1\\1"}, "Pixel Aspect Ratio is present and shall be absent"),
    ("D4", E, "mpeg2_ml", {"PixelAspectRatio": "4\\3"}, "Pixel Aspect Ratio is '4\\\\3', the stream plays '1\\\\1'"),
    ("D4", E, "mpeg2_ml", {"PixelAspectRatio": "0\\0"}, "Pixel Aspect Ratio is"),
    ("D5", E, "h264_hp41", {"LossyImageCompression": "00"}, "Lossy Image Compression is '00'"),
    ("D5", E, "h264_hp41", {"LossyImageCompressionMethod": "ISO_10918_1"}, "the codec is ISO_14496_10"),
    ("D5", W, "h264_hp41", {"LossyImageCompressionRatio": "2\\3"}, "1 lossy methods have 2 ratios"),
    ("D5", NOTE, "h264_hp41", {"LossyImageCompressionMethod": None}, "Method is not told"),
    ("D6", E, "h264_hp41", {"Modality": "OT"}, "Modality is OT, Video Endoscopic Image demands ES"),
    ("D6", E, "h264_hp41", {"StudyDate": None}, "StudyDate is missing; it may be empty"),
    ("D6", E, "h264_hp41", {"StudyInstanceUID": ""}, "StudyInstanceUID has no value"),
    ("D6", E, "h264_hp41", {"ImageType": "ORIGINAL"}, "two values are needed"),
    ("D6", E, "h264_hp41", {"WindowCenter": "1"}, "WindowCenter is present, a module that shall not be"),
    ("D6", E, "h264_hp41", {"VOILUTSequence[0].LUTData": "1"}, "VOILUTSequence[0].LUTData is present"),
    ("D6", E, "h264_hp41", {"(6002,3000)": "1"}, "(6002,3000) is present"),
    ("D6", E, "h264_hp41", {"AnatomicRegionSequence[0].CodeValue": None}, "Anatomic Region Sequence has no item"),
    ("D6", W, "h264_hp41", {"AnatomicRegionSequence[0].CodeValue": "71854001"}, "is none of CID 4040"),
    ("D6", NOTE, "h264_hp41", {"ImageLaterality": None}, "no laterality"),
    ("D6", E, "h264_hp41", {"PatientName": "Été"}, "PatientName is not ASCII"),
    ("D9", W, "h264_hp41", {"EffectiveDuration": "3"}, "Effective Duration is 3 s, the stream plays 2 s"),
]

#: The same for changes of the stream.
STREAMS: list[tuple[str, Severity, str, dict[str, Any], str]] = [
    ("K1", E, "h264_hp41", {"container": Container.ELEMENTARY}, "the container is elementary"),
    ("K1", E, "hevc_main51", {"container": Container.M2TS}, "the container is m2ts"),
    ("K1", W, "h264_hp41", {"container": Container.QUICKTIME}, "the container is quicktime"),
    ("K1", W, "mpeg2_ml", {"container": Container.AVI}, "which few systems expect"),
    ("K2", E, "h264_hp41", {"codec": "av1"}, "the codec is av1, demanded is h264"),
    ("K3", W, "h264_hp41", {"packaging": Packaging(index_first=False)}, "is behind the pictures"),
    ("K3", W, "h264_hp41", {"packaging": Packaging(fragmented=True)}, "movie fragments"),
    ("K3", W, "hevc_main51", {"packaging": Packaging(sample_entry="hev1")}, "many players know only hvc1"),
    ("K3", W, "h264_hp41", {"packaging": Packaging(video_tracks=2)}, "2 video tracks"),
    ("K4", E, "h264_hp41", {"problems": ("packet 7 does not decode",)}, "packet 7 does not decode"),
    ("V1", E, "mpeg2_ml", {"codec": "mpeg1video"}, "MPEG-1 and not MPEG-2"),
    ("V2", E, "mpeg2_hl", {"level": 6}, "the level is 6, demanded is 4"),
    ("V2", W, "mpeg2_hl", {"level": 8}, "the level is 8, demanded is 4"),
    ("V2", W, "mpeg2_ml", {"level": 10}, "the level is 10 (Low)"),
    ("V2", E, "mpeg2_ml", {"level": 4}, "the highest allowed is 8"),
    ("V2", E, "mpeg2_ml", {"profile": 5}, "the profile is 5, demanded is 4"),
    ("V3", E, "h264_hp41", {"chroma": "4:2:2"}, "the chroma format is 4:2:2"),
    ("V4", E, "mpeg2_hl", {"sample_aspect": Fraction(3, 4)}, "shown at 4:3, demanded is 16:9"),
    ("V4", E, "mpeg2_hl", {"coding": Coding(aspect_code=1)}, "aspect_ratio_information is 1, demanded is 3"),
    ("V5", E, "mpeg2_ml", {"bit_rate": 15_000_001}, "the bit rate is 15000001"),
    ("V5", W, "mpeg2_hl", {"bit_rate": 0x3FFFF * 400}, "leaves the bit rate open"),
    ("V5", E, "mpeg2_hl", {"bit_rate": 0x3FFFF * 400, "measured_bit_rate": 80_000_001}, "the bit rate is 104857200"),
    ("V6", W, "mpeg2_ml", {"coding": Coding(colour=(1, 1, 1))}, "PAL should have (5, 5, 5)"),
    ("V7", W, "h264_hp41", {"profile": 77}, "a decoder of High Profile may play it"),
    ("V7", E, "h264_hp41", {"profile": 110}, "the profile is 110, demanded is 100"),
    ("V7", E, "h264_stereo42", {"profile": 100}, "the profile is 100, demanded is 128"),
    ("V8", E, "h264_hp41", {"level": 42}, "the level is 42, the highest allowed is 41"),
    ("V8", E, "h264_hp41", {"rows": 1080, "columns": 1920, "rate": Fraction(50)}, "level 4.1 allows 62914560"),
    ("V8", E, "h264_hp41", {"level": 30, "rate": Fraction(10)}, "the declared level 3 allows 414720"),
    ("V8", E, "h264_hp41", {"level": 31, "rate": Fraction(50)}, "the declared level 3.1 allows 27648000"),
    ("V8", W, "h264_hp41", {"level": 31, "bit_rate": 20_000_000}, "the declared level 3.1 allows 17500000"),
    ("V9", E, "h264_hp41", {"bit_depth": 10}, "samples have 10 bits"),
    ("V9", E, "h264_hp41", {"coding": Coding(chroma_depth=10)}, "samples of chroma have 10 bits"),
    ("V9", E, "h264_hp41", {"sample_aspect": Fraction(16, 15)}, "16:15, demanded is 1:1"),
    ("V9", E, "h264_hp41", {"coding": Coding(aspect_code=255)}, "aspect_ratio_idc is 255, demanded is 1"),
    ("V10", E, "h264_bd41", {"rate": Fraction(25)}, "the picture is 1280x720 at 25 Hz progressive"),
    ("V10", W, "h264_bd41", {"rate": Fraction(60)}, "which the table names 60000/1001"),
    ("V11", E, "h264_hp42", {"frame_packed": True}, "belongs to 3D video"),
    ("V11", W, "h264_hp41", {"frame_packed": True}, "belongs to 3D video"),
    ("V11", E, "h264_hp42_3d", {"frame_packed": False}, "frame packing arrangement that 3D video demands"),
    ("V11", E, "h264_stereo42", {"profile": 100}, "subset parameter set of the second view is missing"),
    ("V12", E, "hevc_main51", {"profile": 3}, "the profile is 3, demanded is 1"),
    ("V12", E, "hevc_main51", {"high_tier": True}, "the tier is High"),
    ("V12", E, "hevc_main51", {"level": 156}, "the level is 156, the highest allowed is 153"),
    ("V13", E, "mpeg2_hl", {"rows": 704}, "the picture is 1280x704"),
    ("V14", W, "h264_hp41", {"full_range": True}, "samples use the full range"),
    ("V14", W, "mjpeg", {"full_range": False}, "samples use the nominal range"),
    ("V15", W, "h264_hp41", {"regular_timing": False}, "not equally spaced"),
    ("V15", W, "h264_hp41", {"rate": Fraction(0)}, "tells no frame rate"),
    ("V16", W, "h264_hp41", {"changes": ("the sequence parameters change",)}, "the sequence parameters change"),
    ("V16", W, "h264_hp41", {"timing_faults": ("frame 3 is not later",)}, "frame 3 is not later"),
    ("V16", W, "h264_hp41", {"packaging": Packaging(edits=3)}, "edit list of 3 entries"),
    ("V17", E, "h264_bd41", {"rows": 1080, "columns": 1920}, "the picture is 1920x1080 at 24 Hz interlaced"),
    ("V17", E, "mpeg2_hl", {}, "the picture is 1280x720 at 25 Hz interlaced"),
    ("V18", E, "hevc_main51", {"rows": 4320, "columns": 7680}, "level 5.1 allows 8912896"),
    ("V18", E, "hevc_main51", {"bit_rate": 40_000_001}, "the bit rate is 40000001"),
    ("V18", E, "mpeg2_ml", {"rate": Fraction(30)}, "luma samples are coded a second"),
    ("J1", E, "mjpeg", {"profile": 193}, "the profile is 193, demanded is 192"),
    ("A1", E, "h264_hp41", {"sound": SoundFacts(SoundCodec.AC3, 48000, 2)}, "not allowed in MP4"),
    ("A1", E, "h264_hp41", {"sound": SoundFacts(SoundCodec.AAC, 44100, 2)}, "44100 samples a second"),
    ("A1", E, "h264_hp41", {"sound": SoundFacts(SoundCodec.AAC, 48000, 1)}, "1 channels"),
    ("A1", E, "mpeg2_ml", {"sound": SoundFacts(SoundCodec.MP2, 48000, 2)}, "allowed is mp3"),
    (
        "A1",
        E,
        "mpeg2_ml",
        {"sound": SoundFacts(SoundCodec.MP3, 48000, 2), "sound_detail": SoundDetail(constant=False)},
        "the bit rate of the sound is not constant",
    ),
    (
        "A1",
        E,
        "h264_hp41",
        {"sound": SoundFacts(SoundCodec.AAC, 48000, 2), "sound_detail": SoundDetail(bit_rate=700_000)},
        "sound has 700000 bit/s, aac allows 640000",
    ),
    ("A1", E, "h264_hp41", {"sound": SoundFacts(SoundCodec.AAC, 48000, 2)}, "Description Code Sequence is missing"),
]


def assert_found(found: tuple[Any, ...], rule: str, severity: Severity, text: str) -> None:
    hits = [one for one in found if one.rule == rule and text in one.seen]
    assert hits, found
    assert hits[0].severity is severity
    assert hits[0].section.startswith(("PS3.", "ISO/IEC"))


@pytest.mark.parametrize(("rule", "severity", "id_", "changes", "text"), OBJECTS)
def test_fault_of_an_object_is_found(
    rule: str, severity: Severity, id_: str, changes: dict[str, Any], text: str
) -> None:
    format = FORMATS[id_]
    assert_found(findings(format, object=replace(object_of(format), **changes)), rule, severity, text)


@pytest.mark.parametrize(("rule", "severity", "id_", "changes", "text"), ATTRIBUTES)
def test_fault_of_attributes_is_found(rule, severity, id_, changes, text):
    format = FORMATS[id_]
    changed = with_attributes(object_of(format), changes)
    if rule == "E3":
        changed = replace(changed, offset_table_length=4, offset_table=(0,))
    assert_found(findings(format, object=changed, stream=stream_of(format)), rule, severity, text)


@pytest.mark.parametrize(("rule", "severity", "id_", "changes", "text"), STREAMS)
def test_fault_of_a_stream_is_found(
    rule: str, severity: Severity, id_: str, changes: dict[str, Any], text: str
) -> None:
    format = FORMATS[id_]
    if rule == "V17":
        changes = changes | {"scan": Scan.INTERLACED}
    stream = replace(stream_of(format), **changes)
    assert_found(findings(format, object=object_of(format), stream=stream), rule, severity, text)


def test_every_rule_has_a_fault_that_it_finds() -> None:
    assert {row[0] for row in (*OBJECTS, *ATTRIBUTES, *STREAMS)} | {"D8"} == {rule.id for rule in RULES}
