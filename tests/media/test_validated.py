"""Any file gives findings or one clear error, and what cannot be judged is said."""

import hashlib
import random
import struct
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset, FileMetaDataset, dcmwrite
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian

from harness.catalogue.read import load_formats
from harness.core.facts import Undecodable
from harness.core.validation.rules import Severity
from harness.errors import DiskTooSmall, MediaError, ObjectUnreadable
from harness.media import validated
from harness.media.container import sniff_container
from harness.media.encode import encode
from harness.media.examine import examine
from harness.media.part10 import Piece, layout, read_header, write_object
from harness.media.validated import Validated, validate_file
from harness.media.values import Clip, VideoObject
from harness.media.wrap import wrap

from .conftest import RECIPES, SmallClip, small_recipe
from .test_container import remuxed, with_arrival_times

FORMATS = load_formats()
BY_UID = {format.uid: format for format in FORMATS.values()}
Make = Callable[..., VideoObject]


@pytest.fixture
def make(small_clip: Callable[[str], SmallClip], tmp_path: Path) -> Make:
    """The object of a format around its small clip, or around another file."""

    def wrapped(id_: str, payload: Path | None = None, sop_class: int = 0) -> VideoObject:
        format = FORMATS[id_]
        small = small_clip(format.recipe or "")
        path = payload or small.path
        facts = examine(path, frame_sizes=small.frame_sizes, rate=small.recipe.rate)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        clip = Clip(path, small.recipe, path.stat().st_size, digest, facts, small.frame_sizes)
        uids = {"study_uid": "2.25.1", "series_uid": "2.25.2", "instance_uid": "2.25.3"}
        fragments = 3 if format.fragmentable else 1
        return wrap(clip, format, format.sop_classes[sop_class], tmp_path / f"{id_}.dcm", fragments=fragments, **uids)

    return wrapped


def validate(path: Path, scratch: Path) -> Validated:
    scratch.mkdir(exist_ok=True)
    return validate_file(path, BY_UID, scratch)


def rules_of(seen: Validated, severity: Severity = Severity.ERROR) -> set[str]:
    return {one.rule for one in seen.findings if one.severity is severity}


#: Rows that a small picture breaks by its size alone.
BY_SIZE = {"h264_bd41": {"V10"}, "mpeg2_hl": {"V4", "V13"}}


@pytest.mark.parametrize("id_", sorted(id_ for id_, format in FORMATS.items() if format.recipe))
def test_object_of_ours_breaks_no_rule_but_by_the_size_of_its_test_picture(
    id_: str, make: Make, tmp_path: Path
) -> None:
    seen = validate(make(id_).path, tmp_path / "scratch")
    assert rules_of(seen) == BY_SIZE.get(id_.removesuffix("_frag"), set()), seen.findings
    assert seen.not_judged == ()
    assert seen.object is not None
    assert seen.object.meta
    assert not list((tmp_path / "scratch").iterdir())


@pytest.mark.parametrize(
    ("muxer", "rule", "severity"),
    [
        ("matroska", "K1", Severity.ERROR),
        ("h264", "K1", Severity.ERROR),
        ("mov", "K1", Severity.WARNING),
        ("mp4", "K3", Severity.WARNING),
    ],
)
def test_container_that_the_syntax_forbids_is_found(
    muxer: str, rule: str, severity: Severity, make: Make, small_clip: Callable[[str], SmallClip], tmp_path: Path
) -> None:
    other = remuxed(small_clip("h264_hp41"), tmp_path / "other", muxer)
    seen = validate(make("h264_hp41", other).path, tmp_path / "scratch")
    assert rule in rules_of(seen, severity), seen.findings


def test_camcorder_stream_is_no_mpeg_ts(make: Make, small_clip: Callable[[str], SmallClip], tmp_path: Path) -> None:
    stream = with_arrival_times(remuxed(small_clip("h264_hp41"), tmp_path / "stream", "mpegts"))
    seen = validate(make("h264_hp41", stream).path, tmp_path / "scratch")
    assert any("the container is m2ts" in one.seen for one in seen.findings)


def test_mpeg1_under_a_syntax_of_mpeg2_is_found(make: Make, tmp_path: Path) -> None:
    recipe = replace(small_recipe("mpeg2_ml"), encoder="mpeg1video", options=(), sound=None)
    encode(recipe, tmp_path / "clip")
    seen = validate(make("mpeg2_ml", tmp_path / "clip").path, tmp_path / "scratch")
    assert {"K2", "V1"} <= rules_of(seen)


def test_video_under_a_plain_syntax_is_found(make: Make, tmp_path: Path) -> None:
    made, path = make("h264_hp41"), tmp_path / "plain.dcm"
    header = read_header(made.path)
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    payload = made.clip.path.read_bytes()
    with path.open("wb") as file:
        dcmwrite(file, header, implicit_vr=False, little_endian=True, enforce_file_format=True)
        file.write(struct.pack("<HH2sHI", 0x7FE0, 0x0010, b"OB", 0, len(payload)) + payload)
    seen = validate(path, tmp_path / "scratch")
    assert rules_of(seen) == {"E7"}
    assert "no video syntax" in " ".join(seen.not_judged)


def test_object_of_no_video_is_not_judged(tmp_path: Path) -> None:
    seen = validate(written(tmp_path, "1.2.840.10008.5.1.4.1.1.88.11"), tmp_path / "scratch")
    assert seen.findings == ()
    assert seen.not_judged == ("everything: it has no Pixel Data, so it is no video",)


def test_video_class_without_pixel_data_is_an_error(tmp_path: Path) -> None:
    seen = validate(written(tmp_path, "1.2.840.10008.5.1.4.1.1.77.1.1.1"), tmp_path / "scratch")
    assert [one.seen for one in seen.findings] == ["Pixel Data is missing"]


def test_deflated_object_is_not_judged(tmp_path: Path) -> None:
    path = written(tmp_path, "1.2.840.10008.5.1.4.1.1.88.11", DeflatedExplicitVRLittleEndian)
    assert "deflated" in " ".join(validate(path, tmp_path / "scratch").not_judged)


def written(folder: Path, sop_class: str, syntax: str = ExplicitVRLittleEndian) -> Path:
    data = Dataset()
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = UID(syntax)
    data.SOPClassUID, data.SOPInstanceUID = UID(sop_class), UID("2.25.9")
    dcmwrite(folder / "object.dcm", data, enforce_file_format=True)
    return folder / "object.dcm"


@pytest.mark.parametrize("data", [b"", b"text", b"\0" * 200])
def test_what_is_no_dicom_file_is_one_error(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(ObjectUnreadable, match=r"^[^\n]*$"):
        validate(path, tmp_path / "scratch")


def test_a_disk_too_small_is_told(make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(validated, "extract_payload", full)
    with pytest.raises(DiskTooSmall, match="TMPDIR"):
        validate(make("h264_hp41").path, tmp_path / "scratch")


def test_missing_total_length_does_not_stop_decoding(make: Make, tmp_path: Path) -> None:
    made = make("h264_hp41")
    path = tmp_path / "other.dcm"
    header = read_header(made.path)
    del header[0x7FE00003]
    write_object(path, header, [Piece(made.path, *one) for one in layout(made.path).fragments])
    seen = validate(path, tmp_path / "scratch")
    assert rules_of(seen) == set()
    assert not isinstance(seen.stream, Undecodable)


def told_of(path: Path, scratch: Path) -> list[str]:
    try:
        return [one.seen for one in validate(path, scratch).findings]
    except MediaError as error:
        return [str(error)]


@pytest.mark.parametrize("id_", ["h264_hp41_frag", "hevc_main51", "mpeg2_ml", "mjpeg"])
def test_damaged_objects_give_findings_or_one_error(id_: str, make: Make, tmp_path: Path) -> None:
    data = make(id_).path.read_bytes()
    path, generator = tmp_path / "damaged.dcm", random.Random(id_)
    with warnings.catch_warnings():
        # pydicom warns of what it forgives; nothing of it may reach the user of the command.
        warnings.simplefilter("error")
        for number in range(40):
            copy = bytearray(data)
            if number % 3 == 0:
                del copy[generator.randrange(len(copy)) :]
            # Half of the changes hit the header, where a byte counts most.
            reach = len(copy) if number % 2 else min(len(copy), 3000)
            for _ in range(generator.randrange(1, 6)) if reach else ():
                copy[generator.randrange(reach)] = generator.randrange(256)
            path.write_bytes(copy)
            told = told_of(path, tmp_path / "scratch")
            assert all(text and "\n" not in text for text in told)
            assert not list((tmp_path / "scratch").iterdir())


def test_every_recipe_has_a_container_that_is_sniffed(small_clip: Callable[[str], SmallClip]) -> None:
    assert all(sniff_container(small_clip(id_).path) in FORMATS[id_].containers for id_ in RECIPES)
