"""Video objects carry their clip unchanged and describe it as the standard demands."""

import hashlib
import os
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from pydicom import dcmread
from pydicom.sr.codedict import codes
from pydicom.sr.coding import Code

from harness.catalogue.read import load_formats, load_recipes, load_sop_classes
from harness.core.facts import SoundFacts, StreamFacts
from harness.core.formats import Format, SopClass, SoundCodec
from harness.core.frames import frame_lengths
from harness.errors import MediaError
from harness.media.description import IMPLEMENTATION_VERSION_NAME
from harness.media.part10 import extract_payload
from harness.media.values import Clip, VideoObject
from harness.media.wrap import wrap

FORMATS = load_formats()
SOP_CLASSES = load_sop_classes()
RECIPES = load_recipes()
FRAMES = 48
SOUND = SoundFacts(SoundCodec.AAC, 48000, 2)

each_format = pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
each_class = pytest.mark.parametrize("sop_class", SOP_CLASSES.values(), ids=SOP_CLASSES)
VIDEO_CLASSES = [SOP_CLASSES[f"video_{kind}"] for kind in ("endoscopic", "microscopic", "photographic")]
each_video_class = pytest.mark.parametrize("sop_class", VIDEO_CLASSES, ids=lambda one: one.id)


def clip_for(folder: Path, format_: Format, *, size: int = 40_001) -> Clip:
    """A clip of meaningless bytes with the facts that its format wants; nothing here looks into it."""
    recipe = RECIPES[format_.recipe or "h264_hp41"]
    frame_sizes = () if format_.is_video_stream else (101, 100, 99) * (FRAMES // 3)
    path = folder / "clip"
    payload = hashlib.shake_128(format_.codec.encode()).digest(sum(frame_sizes) or size)
    path.write_bytes(payload)
    facts = StreamFacts(
        container=recipe.container,
        codec=format_.codec,
        profile=format_.point.profile,
        level=format_.point.level,
        bit_depth=format_.point.bit_depth,
        chroma="4:2:0",
        rows=recipe.rows,
        columns=recipe.columns,
        rate=recipe.rate,
        scan=recipe.scan,
        sample_aspect=recipe.sample_aspect,
        full_range=False,
        frame_packed=format_.frame_packed,
        high_tier=False,
        frames=FRAMES,
        regular_timing=True,
        sound=None,
        stamps=tuple(range(FRAMES)),
        problems=(),
    )
    return Clip(path, recipe, len(payload), hashlib.sha256(payload).hexdigest(), facts, frame_sizes)


def make(
    clip: Clip,
    format_: Format,
    sop_class: SopClass | None = None,
    *,
    fragments: int = 1,
    study_uid: str = "2.25.1",
) -> VideoObject:
    return wrap(
        clip,
        format_,
        sop_class or format_.sop_classes[0],
        clip.path.with_suffix(".dcm"),
        study_uid=study_uid,
        series_uid="2.25.2",
        instance_uid="2.25.3",
        fragments=fragments,
    )


@each_format
def test_the_payload_comes_back_whole(tmp_path: Path, format_: Format) -> None:
    clip = clip_for(tmp_path, format_)
    video = make(clip, format_, fragments=3 if format_.fragmentable else 1)
    assert video.facts.transfer_syntax_uid == format_.uid
    assert video.facts.encapsulated
    assert video.facts.delimited
    assert video.facts.offset_table_length == 0
    assert video.facts.explicit_vr
    assert video.facts.pixel_vr == "OB"
    lengths = video.facts.fragment_lengths
    extract_payload(video.path, tmp_path / "out", length=clip.size)
    if format_.is_video_stream:
        assert (tmp_path / "out").read_bytes() == clip.path.read_bytes()
        assert video.facts.by_path["EncapsulatedPixelDataValueTotalLength"] == str(clip.size)
        assert len(lengths) == (3 if format_.fragmentable else 1)
    else:
        assert lengths == frame_lengths(video.facts) == tuple(size + size % 2 for size in clip.frame_sizes)
        assert "EncapsulatedPixelDataValueTotalLength" not in video.facts.by_path


@each_format
def test_the_pixel_description_is_that_of_the_format_and_the_stream(tmp_path: Path, format_: Format) -> None:
    found = make(clip_for(tmp_path, format_), format_).facts.by_path
    pixels, recipe = format_.pixels, RECIPES[format_.recipe or "h264_hp41"]
    expected = {
        "SamplesPerPixel": pixels.samples_per_pixel,
        "PhotometricInterpretation": pixels.photometric_interpretation,
        "PlanarConfiguration": pixels.planar_configuration,
        "PixelRepresentation": pixels.pixel_representation,
        "BitsAllocated": pixels.bits_allocated,
        "BitsStored": pixels.bits_stored,
        "HighBit": pixels.high_bit,
        "Rows": recipe.rows,
        "Columns": recipe.columns,
        "NumberOfFrames": FRAMES,
        "LossyImageCompression": "01",
        "LossyImageCompressionMethod": format_.lossy_method,
        "FrameIncrementPointer": "(0018,1063)",
    }
    assert {path: found[path] for path in expected} == {path: str(value) for path, value in expected.items()}
    assert float(found["FrameTime"]) == pytest.approx(1000 / float(recipe.rate))


# PS3.3 Tables C.7-1, C.7-3, C.7-5a, C.7-8, C.7-9, C.7-11a, C.7-13, C.7-14, C.8-77, C.12-1.
TYPE_1 = [
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "ImageType"),
    *("ContentTime", "FrameTime", "FrameIncrementPointer", "NumberOfFrames", "Rows", "Columns"),
    *("SamplesPerPixel", "PhotometricInterpretation", "BitsAllocated", "BitsStored", "HighBit"),
    *("PixelRepresentation", "PlanarConfiguration", "AnatomicRegionSequence[0].CodeValue"),
]
TYPE_2 = [
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "StudyID"),
    *("AccessionNumber", "ReferringPhysicianName", "SeriesNumber", "InstanceNumber", "Manufacturer"),
    *("ContentDate", "PatientOrientation", "LossyImageCompression", "AcquisitionContextSequence"),
]


@each_video_class
def test_a_video_class_has_all_it_must_have(tmp_path: Path, sop_class: SopClass) -> None:
    found = make(clip_for(tmp_path, FORMATS["h264_hp41"]), FORMATS["h264_hp41"], sop_class).facts.by_path
    assert [path for path in TYPE_1 if not found.get(path)] == []
    assert [path for path in TYPE_2 if path not in found] == []
    assert found["Modality"] == sop_class.modality
    assert found["ImageLaterality"] == "U"


def test_other_classes_have_what_they_add_and_nothing_of_the_video_classes(tmp_path: Path) -> None:
    clip = clip_for(tmp_path, FORMATS["mjpeg"])
    capture = make(clip, FORMATS["mjpeg"], SOP_CLASSES["mf_true_color_sc"]).facts.by_path
    ultrasound = make(clip, FORMATS["mjpeg"], SOP_CLASSES["us_multiframe"]).facts.by_path
    assert capture["ConversionType"] == "SYN"
    assert capture["BurnedInAnnotation"] == "NO"
    assert ultrasound["Modality"] == "US"
    assert "ConversionType" not in ultrasound
    for found in (capture, ultrasound):
        assert found["BodyPartExamined"] == "ABDOMEN"
        assert not {"Laterality", "AcquisitionContextSequence", "AnatomicRegionSequence[0].CodeValue"} & found.keys()


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("video_endoscopic", codes.cid4040.LargeIntestine),
        ("video_microscopic", codes.cid4031.LargeIntestine),
        ("video_photographic", codes.cid4029.Skin),
    ],
)
def test_the_anatomic_region_is_in_its_context_group(tmp_path: Path, kind: str, code: Code) -> None:
    video = make(clip_for(tmp_path, FORMATS["h264_hp41"]), FORMATS["h264_hp41"], SOP_CLASSES[kind])
    item = dcmread(video.path, stop_before_pixels=True).AnatomicRegionSequence[0]
    assert Code(item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning) == code


@each_class
def test_patient_and_study_are_plainly_synthetic_and_can_be_searched_for(tmp_path: Path, sop_class: SopClass) -> None:
    found = make(clip_for(tmp_path, FORMATS["mjpeg"]), FORMATS["mjpeg"], sop_class).facts.by_path
    assert found["PatientName"].startswith("SYNTHETIC^")
    for keyword in ("PatientID", "AccessionNumber", "StudyID", "StudyDescription", "SeriesDescription"):
        assert found[keyword]
    assert len(found["AccessionNumber"]) <= 16
    assert len(found["StudyID"]) <= 16


def test_patients_of_two_studies_differ(tmp_path: Path) -> None:
    clip = clip_for(tmp_path, FORMATS["mjpeg"])
    first = make(clip, FORMATS["mjpeg"]).facts.by_path
    second = make(clip, FORMATS["mjpeg"], study_uid="2.25.9").facts.by_path
    for keyword in ("PatientID", "AccessionNumber", "StudyID"):
        assert first[keyword] != second[keyword]


def test_equal_arguments_give_equal_bytes(tmp_path: Path) -> None:
    clip = clip_for(tmp_path, FORMATS["hevc_main51"])
    first = make(clip, FORMATS["hevc_main51"]).path.read_bytes()
    assert make(clip, FORMATS["hevc_main51"]).path.read_bytes() == first


@pytest.mark.parametrize("rate", ["25", "30", "30000/1001", "24000/1001", "60000/1001", "50", "59.94", "1/3"])
def test_frame_time_is_exact_and_fits_its_field(tmp_path: Path, rate: str) -> None:
    clip = clip_for(tmp_path, FORMATS["h264_hp41"])
    clip = replace(clip, facts=replace(clip.facts, rate=Fraction(rate)))
    found = make(clip, FORMATS["h264_hp41"]).facts.by_path
    assert len(found["FrameTime"]) <= 16
    assert float(found["FrameTime"]) == pytest.approx(float(1000 / Fraction(rate)), rel=1e-12)
    assert found["CineRate"] == found["RecommendedDisplayFrameRate"] == str(round(Fraction(rate)))
    assert float(found["EffectiveDuration"]) == pytest.approx(float(FRAMES / Fraction(rate)), rel=1e-12)


def test_pictures_without_a_rate_take_that_of_their_recipe(tmp_path: Path) -> None:
    clip = clip_for(tmp_path, FORMATS["mjpeg"])
    clip = replace(clip, facts=replace(clip.facts, rate=Fraction(0)))
    assert float(make(clip, FORMATS["mjpeg"]).facts.by_path["FrameTime"]) == float(1000 / clip.recipe.rate)


def test_pixel_aspect_ratio_is_vertical_to_horizontal_and_only_where_allowed(tmp_path: Path) -> None:
    for id_, expected in (("mpeg2_ml", "15\\16"), ("mpeg2_hl", None), ("h264_hp41", None)):
        clip = clip_for(tmp_path, FORMATS[id_])
        clip = replace(clip, facts=replace(clip.facts, sample_aspect=Fraction(16, 15)))
        assert make(clip, FORMATS[id_]).facts.by_path.get("PixelAspectRatio") == expected
    clip = replace(clip, facts=replace(clip.facts, sample_aspect=Fraction(1)))
    assert "PixelAspectRatio" not in make(clip, FORMATS["mpeg2_ml"]).facts.by_path


def test_stereo_pairs_are_said_to_be_present_where_frames_are_packed(tmp_path: Path) -> None:
    for id_, expected in (("h264_hp42_3d", "YES"), ("h264_hp42", None)):
        found = make(clip_for(tmp_path, FORMATS[id_]), FORMATS[id_]).facts.by_path
        assert found.get("StereoPairsPresent") == expected


@pytest.mark.parametrize(("channels", "mode"), [(1, "MONO"), (2, "STEREO")])
def test_sound_is_described(tmp_path: Path, channels: int, mode: str) -> None:
    clip = clip_for(tmp_path, FORMATS["h264_hp41"])
    clip = replace(clip, facts=replace(clip.facts, sound=replace(SOUND, channels=channels)))
    found = make(clip, FORMATS["h264_hp41"]).facts.by_path
    item = "MultiplexedAudioChannelsDescriptionCodeSequence[0]"
    assert found[f"{item}.ChannelMode"] == mode
    assert found[f"{item}.ChannelIdentificationCode"] == "1"
    assert found[f"{item}.ChannelSourceSequence[0].CodingSchemeDesignator"] == "DCM"


def test_silence_is_not_described(tmp_path: Path) -> None:
    found = make(clip_for(tmp_path, FORMATS["h264_hp41"]), FORMATS["h264_hp41"]).facts.by_path
    assert not any(path.startswith("MultiplexedAudio") for path in found)


def test_the_compression_ratio_is_that_of_the_described_frames(tmp_path: Path) -> None:
    clip = clip_for(tmp_path, FORMATS["hevc_main10_51"])
    found = make(clip, FORMATS["hevc_main10_51"]).facts.by_path
    expected = clip.facts.rows * clip.facts.columns * 3 * 2 * FRAMES / clip.size
    assert float(found["LossyImageCompressionRatio"]) == pytest.approx(expected, abs=0.01)


def test_fragments_are_even_and_joined_they_are_the_clip(tmp_path: Path) -> None:
    clip = clip_for(tmp_path, FORMATS["h264_hp41_frag"])
    whole = make(clip, FORMATS["h264_hp41"])
    cut = make(clip, FORMATS["h264_hp41_frag"], fragments=7)
    assert len(cut.facts.fragment_lengths) == 7
    assert all(length > 0 and length % 2 == 0 for length in cut.facts.fragment_lengths)
    assert cut.facts.payload_sha256 == whole.facts.payload_sha256


def test_a_format_of_one_fragment_refuses_more(tmp_path: Path) -> None:
    for id_ in ("h264_hp41", "mpeg2_ml", "mjpeg"):
        with pytest.raises(MediaError, match=rf"{id_}: 2 fragments"):
            make(clip_for(tmp_path, FORMATS[id_]), FORMATS[id_], fragments=2)


@pytest.mark.parametrize("fragments", [0, -1, 3])
def test_impossible_numbers_of_fragments_are_refused(tmp_path: Path, fragments: int) -> None:
    with pytest.raises(MediaError, match="5 bytes do not make"):
        make(clip_for(tmp_path, FORMATS["hevc_main51"], size=5), FORMATS["hevc_main51"], fragments=fragments)


def test_a_clip_that_lost_bytes_makes_no_object(tmp_path: Path) -> None:
    clip = clip_for(tmp_path, FORMATS["h264_hp41"])
    os.truncate(clip.path, clip.size - 1)
    with pytest.raises(MediaError, match="early"):
        make(clip, FORMATS["h264_hp41"])
    assert [path.name for path in tmp_path.iterdir()] == ["clip"]


def test_the_file_meta_information_names_its_writer(tmp_path: Path) -> None:
    meta = dcmread(make(clip_for(tmp_path, FORMATS["mjpeg"]), FORMATS["mjpeg"]).path).file_meta
    assert meta.ImplementationClassUID.startswith("2.25.")
    assert meta.ImplementationVersionName == IMPLEMENTATION_VERSION_NAME
    assert meta.MediaStorageSOPInstanceUID == "2.25.3"


@each_format
def test_dcmtk_reads_it(tmp_path: Path, format_: Format) -> None:
    if shutil.which("dcmdump") is None:
        assert not os.environ.get("CI"), "dcmdump of DCMTK is part of the CI machine; install dcmtk"
        pytest.skip("needs dcmdump of DCMTK")
    video = make(clip_for(tmp_path, format_), format_)
    dump = subprocess.run(["dcmdump", "-q", video.path], capture_output=True, text=True, check=True)
    assert dump.stderr == ""
    assert f"(PixelSequence #={1 + len(video.facts.fragment_lengths)})" in dump.stdout
