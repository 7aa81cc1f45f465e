"""Reading and writing of objects, against bytes laid out by hand and against pydicom."""

import errno
import hashlib
import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pydicom import Dataset, FileMetaDataset, dcmread, dcmwrite
from pydicom.dataelem import RawDataElement
from pydicom.encaps import generate_fragments
from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset
from pydicom.tag import Tag
from pydicom.uid import (
    MPEG4HP41,
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from harness.core.frames import frame_lengths, offset_table_fault
from harness.errors import MediaError, ObjectUnreadable
from harness.media import part10
from harness.media.container import sniff_container
from harness.media.examine import examine
from harness.media.part10 import Piece

from .conftest import SmallClip

CLASS, INSTANCE = "1.2.840.10008.5.1.4.1.1.77.1.1.1", "2.25.7"
DELIMITER = b"\xfe\xff\xdd\xe0\0\0\0\0"
Write = Callable[..., Path]


def header(syntax: str = MPEG4HP41) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = CLASS, INSTANCE
    dataset.PatientName = "Synthétique^Été"
    return dataset


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write an object with the payloads as fragments."""

    def make(*payloads: bytes, dataset: Dataset | None = None, offset_table: bytes = b"") -> Path:
        parts, path = [], tmp_path / "object.dcm"
        for number, payload in enumerate(payloads):
            source = tmp_path / f"part{number}"
            source.write_bytes(payload)
            parts.append(Piece(source, 0, len(payload)))
        part10.write_object(path, dataset or header(), parts, offset_table=offset_table)
        return path

    return make


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_pydicom_reads_what_was_written(write: Write) -> None:
    path = write(b"abc", b"defg")
    dataset = dcmread(path)
    assert dataset.file_meta.TransferSyntaxUID == MPEG4HP41
    assert dataset["PixelData"].VR == "OB"
    assert dataset["PixelData"].is_undefined_length
    table, *fragments = generate_fragments(dataset.PixelData)
    assert table == b""
    assert fragments == [b"abc\0", b"defg"]


def test_facts_of_what_was_written(write: Write) -> None:
    facts = part10.read_object(write(b"abc", b"defg\0"))
    assert (facts.sop_class_uid, facts.sop_instance_uid) == (CLASS, INSTANCE)
    assert facts.transfer_syntax_uid == MPEG4HP41
    assert facts.encapsulated
    assert facts.delimited
    assert facts.offset_table_length == 0
    assert facts.fragment_lengths == (4, 6)
    assert facts.payload_length == 10
    assert facts.payload_sha256 == sha256(b"abc\0defg\0\0")
    assert facts.unpadded_sha256 == sha256(b"abc\0defg\0")
    assert facts.by_path["PatientName"] == "Synthétique^Été"
    assert not any(path.startswith(("FileMeta", "TransferSyntax", "PixelData")) for path in facts.by_path)


def test_a_last_byte_that_is_not_zero_is_no_padding(write: Write) -> None:
    facts = part10.read_object(write(b"\0abc"))
    assert facts.payload_sha256 == facts.unpadded_sha256 == sha256(b"\0abc")


def test_a_payload_that_holds_delimiters_is_read_whole(write: Write) -> None:
    payload = (DELIMITER + b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + bytes(3)) * 5
    facts = part10.read_object(write(payload))
    assert facts.fragment_lengths == (len(payload) + 1,)
    assert facts.unpadded_sha256 == sha256(payload)


def test_an_offset_table_is_read_and_kept_out_of_the_payload(write: Write, tmp_path: Path) -> None:
    path = write(b"12", b"34", offset_table=struct.pack("<II", 0, 10))
    facts = part10.read_object(path)
    assert (facts.offset_table_length, facts.offset_table) == (8, (0, 10))
    part10.extract_payload(path, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"1234"


def test_an_offset_table_of_broken_length_keeps_its_whole_offsets(write: Write) -> None:
    facts = part10.read_object(write(b"12", b"34", offset_table=struct.pack("<IH", 7, 1)))
    assert (facts.offset_table_length, facts.offset_table) == (6, (7,))
    assert facts.payload_sha256 == sha256(b"1234")


def test_an_offset_table_is_read_no_further_than_fragments_can_need(write: Write) -> None:
    facts = part10.read_object(write(b"12", b"34", offset_table=bytes(4 * 1000)))
    assert (facts.offset_table_length, facts.offset_table) == (4000, (0, 0, 0))


def test_fragments_that_begin_a_jpeg_picture_are_told(write: Write) -> None:
    facts = part10.read_object(write(b"\xff\xd8ab", b"ab\xff\xd8", b"\xff\xd8", b"", b"\xff\xd9"))
    assert facts.jpeg_starts == (True, False, True, False, False)


@pytest.mark.parametrize("with_table", [True, False])
def test_pictures_over_several_fragments_play_as_they_were(
    tmp_path: Path, small_clip: Callable[[str], SmallClip], with_table: bool
) -> None:
    clip = small_clip("mjpeg")
    parts, firsts, place, written = [], [], 0, 0
    for size in clip.frame_sizes:
        half = size // 4 * 2
        parts += [Piece(clip.path, place, half), Piece(clip.path, place + half, size - half)]
        firsts.append(written)
        place, written = place + size, written + 8 + half + 8 + size - half + size % 2
    dataset = header(JPEGBaseline8Bit)
    dataset.NumberOfFrames = len(clip.frame_sizes)
    path, joined = tmp_path / "split.dcm", tmp_path / "joined"
    table = struct.pack(f"<{len(firsts)}I", *firsts) if with_table else b""
    part10.write_object(path, dataset, parts, offset_table=table)
    facts = part10.read_object(path)
    assert len(facts.fragment_lengths) == 2 * len(clip.frame_sizes)
    assert offset_table_fault(facts, len(clip.frame_sizes)) is None
    part10.extract_payload(path, joined)
    sent = examine(clip.path, frame_sizes=clip.frame_sizes, rate=clip.recipe.rate)
    assert examine(joined, frame_sizes=frame_lengths(facts), rate=clip.recipe.rate).stamps == sent.stamps


@pytest.fixture
def written_as(tmp_path: Path) -> Callable[..., Path]:
    """Write an object under a video syntax with the data set in any encoding."""

    def make(*, implicit: bool, little: bool = True, pixel_vr: bytes = b"OB\0\0") -> Path:
        path = tmp_path / "object.dcm"
        dcmwrite(path, header(), implicit_vr=False, little_endian=True, enforce_file_format=True)
        meta = path.read_bytes().removesuffix(_encoded(header(), implicit=False, little=True))
        tag = struct.pack("<HH" if little else ">HH", 0x7FE0, 0x0010)
        items = b"\xfe\xff\x00\xe0\0\0\0\0" + b"\xfe\xff\x00\xe0\4\0\0\0abcd" + DELIMITER
        data = _encoded(header(), implicit=implicit, little=little)
        path.write_bytes(meta + data + tag + pixel_vr + b"\xff" * 4 + items)
        return path

    return make


def _encoded(dataset: Dataset, *, implicit: bool, little: bool) -> bytes:
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = implicit, little
    write_dataset(buffer, dataset)
    return buffer.getvalue()


def test_explicit_vr_little_endian_is_a_fact(written_as: Callable[..., Path]) -> None:
    facts = part10.read_object(written_as(implicit=False))
    assert (facts.explicit_vr, facts.pixel_vr, facts.payload_length) == (True, "OB", 4)


def test_implicit_vr_under_a_video_syntax_is_a_fact(written_as: Callable[..., Path]) -> None:
    facts = part10.read_object(written_as(implicit=True, pixel_vr=b""))
    assert facts.transfer_syntax_uid == MPEG4HP41
    assert (facts.explicit_vr, facts.pixel_vr) == (False, "")
    assert facts.by_path["PatientName"] == "Synthétique^Été"
    assert facts.payload_sha256 == sha256(b"abcd")


@pytest.mark.parametrize(("implicit", "vr"), [(True, b"OB\0\0"), (False, b"")])
def test_one_part_in_implicit_vr_is_enough(written_as: Callable[..., Path], implicit: bool, vr: bytes) -> None:
    assert not part10.read_object(written_as(implicit=implicit, pixel_vr=vr)).explicit_vr


def test_elements_behind_pixel_data_in_implicit_vr_are_enough(write: Write) -> None:
    path = write(b"abcd")
    with path.open("ab") as file:
        file.write(struct.pack("<HHI4s", 0xFFFC, 0xFFFC, 4, b"pad!"))
    facts = part10.read_object(path)
    assert facts.by_path["DataSetTrailingPadding"] == b"pad!".hex()
    assert not facts.explicit_vr


def test_big_endian_under_a_video_syntax_is_unreadable(written_as: Callable[..., Path]) -> None:
    with pytest.raises(ObjectUnreadable):
        part10.read_object(written_as(implicit=False, little=False))


@pytest.mark.parametrize("vr", ["OW", "UN", "OF"])
def test_another_vr_of_pixel_data_is_a_fact(written_as: Callable[..., Path], vr: str) -> None:
    facts = part10.read_object(written_as(implicit=False, pixel_vr=vr.encode() + bytes(2)))
    assert (facts.explicit_vr, facts.pixel_vr, facts.payload_length) == (True, vr, 4)


def test_a_payload_is_cut_to_its_true_length(write: Write, tmp_path: Path) -> None:
    path = write(b"1234", b"567")
    part10.extract_payload(path, tmp_path / "out", length=7)
    assert (tmp_path / "out").read_bytes() == b"1234567"
    part10.extract_payload(path, tmp_path / "out", length=3)
    assert (tmp_path / "out").read_bytes() == b"123"
    with pytest.raises(ObjectUnreadable, match="8 bytes and not 9"):
        part10.extract_payload(path, tmp_path / "out", length=9)


@pytest.mark.parametrize("lost", range(1, 9))
def test_a_lost_sequence_delimiter_is_a_fact(write: Write, lost: int) -> None:
    path = write(b"abcd")
    os.truncate(path, path.stat().st_size - lost)
    facts = part10.read_object(path)
    assert not facts.delimited
    assert facts.payload_sha256 == sha256(b"abcd")


def test_a_cut_off_fragment_names_file_and_offset(write: Write) -> None:
    path = write(b"abcd", b"efgh")
    item = part10.layout(path).fragments[1][0] - 8
    os.truncate(path, path.stat().st_size - 9)
    with pytest.raises(ObjectUnreadable, match=rf"object\.dcm: an item at offset {item} announces 4 bytes and 3"):
        part10.read_object(path)


@pytest.mark.parametrize("tag", [b"\xfe\xff\x0d\xe0", b"\xe0\x7f\x10\x00", b"ABCD"])
def test_what_is_no_item_is_named_with_its_offset(write: Write, tag: bytes) -> None:
    path = write(b"abcd")
    pixels = part10.layout(path)
    data = bytearray(path.read_bytes())
    data[pixels.end - 8 : pixels.end - 4] = tag
    path.write_bytes(data)
    with pytest.raises(ObjectUnreadable, match=f"at offset {pixels.end - 8} is neither an item"):
        part10.layout(path)


def test_an_item_of_undefined_length_is_malformed(write: Write) -> None:
    path = write(b"abcd")
    data = bytearray(path.read_bytes())
    start = part10.layout(path).fragments[0][0]
    data[start - 4 : start] = b"\xff" * 4
    path.write_bytes(data)
    with pytest.raises(ObjectUnreadable, match="neither an item of defined length"):
        part10.layout(path)


def test_pixel_data_without_offset_table_item_is_malformed(write: Write) -> None:
    path = write()
    path.write_bytes(path.read_bytes().removesuffix(b"\xfe\xff\x00\xe0\0\0\0\0" + DELIMITER) + DELIMITER)
    with pytest.raises(ObjectUnreadable, match="no offset table item"):
        part10.layout(path)


def test_elements_behind_pixel_data_are_facts(write: Write) -> None:
    path = write(b"abcd")
    with path.open("ab") as file:
        file.write(struct.pack("<HH2sHI4s", 0xFFFC, 0xFFFC, b"OB", 0, 4, b"pad!"))
    assert part10.read_object(path).by_path["DataSetTrailingPadding"] == b"pad!".hex()


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_native_pixel_data_is_read_by_its_length(tmp_path: Path, syntax: str) -> None:
    dataset = header(syntax)
    dataset.Rows = 258
    dataset.BitsAllocated = 8
    dataset.add_new("PixelData", "OB", b"pixels" + DELIMITER)
    dataset.add_new("DataSetTrailingPadding", "OB", bytes(2))
    path = tmp_path / "native.dcm"
    dataset.save_as(path, enforce_file_format=True)
    facts = part10.read_object(path)
    assert facts.transfer_syntax_uid == syntax
    assert facts.explicit_vr is (syntax == ExplicitVRLittleEndian)
    assert facts.pixel_vr == ("" if syntax == ImplicitVRLittleEndian else "OB")
    assert not facts.encapsulated
    assert facts.delimited
    assert facts.fragment_lengths == ()
    assert facts.offset_table_length is None
    assert facts.payload_length == 14
    assert facts.unpadded_sha256 == sha256(b"pixels" + DELIMITER[:-1])
    assert facts.by_path["Rows"] == "258"
    assert facts.by_path["DataSetTrailingPadding"] == "0000"
    part10.extract_payload(path, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"pixels" + DELIMITER


def test_a_deflated_data_set_gives_its_header_and_a_clear_refusal(tmp_path: Path) -> None:
    dataset = header(DeflatedExplicitVRLittleEndian)
    dataset.add_new("PixelData", "OB", b"pixels")
    path = tmp_path / "deflated.dcm"
    dataset.save_as(path, enforce_file_format=True)
    assert part10.read_header(path).SOPInstanceUID == INSTANCE
    with pytest.raises(ObjectUnreadable, match="deflated"):
        part10.read_object(path)


def test_a_header_stops_before_pixel_data(write: Write) -> None:
    found = part10.read_header(write(bytes(4)))
    assert found.file_meta.MediaStorageSOPInstanceUID == INSTANCE
    assert found.PatientName == "Synthétique^Été"
    assert "PixelData" not in found


@pytest.mark.parametrize("data", [b"", b"\0" * 128 + b"DICM", b"\0" * 128 + b"DICM" + b"\xff" * 50, b"GIF89a" * 99])
def test_other_bytes_are_unreadable(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(data)
    with pytest.raises(ObjectUnreadable, match="other"):
        part10.read_object(path)


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(ObjectUnreadable, match="was the object received"):
        part10.layout(tmp_path / "none.dcm")


def test_damage_anywhere_never_raises_anything_else(write: Write) -> None:
    dataset = header()
    item = Dataset()
    item.CodeValue = "14742008"
    dataset.AnatomicRegionSequence = [item]
    dataset["AnatomicRegionSequence"].is_undefined_length = True
    dataset.AcquisitionContextSequence = []
    path = write(b"abcdefgh", b"ijkl", dataset=dataset)
    good = path.read_bytes()
    for place in range(128, len(good)):
        for damage in (good[:place], good[:place] + b"\xff" + good[place + 1 :]):
            path.write_bytes(damage)
            try:
                part10.read_object(path)
            except ObjectUnreadable as error:
                assert str(path) in str(error)  # noqa: PT017 - most damage is not noticed, and need not be


def test_attributes_are_text_as_written(write: Write) -> None:
    dataset = header()
    raw = {
        0x00080008: ("CS", b"ORIGINAL \\PRIMARY "),
        0x00100020: ("LO", b" 0012 \0"),
        0x00181063: ("DS", b" 33.3670"),
        0x00280009: ("AT", struct.pack("<HH", 0x18, 0x1063)),
        0x00280034: ("IS", b"15\\16"),
        0x0040A123: ("PN", "Zoë^A".encode()),
        0x00420011: ("OB", bytes(range(40))),
        0x00089999: ("UN", b"\x01\x02"),
        0x60003000: ("OW", b"\x01\x00"),
        0x7FE00003: ("UV", struct.pack("<Q", 2**32)),
        0x00091001: ("UN", b"\x05\x06"),
        0x00090010: ("LO", b"MAKER "),
        0x00189073: ("FD", struct.pack("<dd", 0.5, 2)),
    }
    for number, (vr, value) in raw.items():
        dataset[number] = RawDataElement(Tag(number), vr, len(value), value, 0, False, True)
    inner, outer = Dataset(), Dataset()
    inner.CodeMeaning = "Zäh"
    outer.ConceptCodeSequence = [inner, Dataset()]
    dataset.AcquisitionContextSequence = [outer]
    dataset.ReferencedImageSequence = []
    path = write(b"", dataset=dataset)
    # A PACS that does not know the VR writes UN.
    path.write_bytes(path.read_bytes().replace(b"\xe0\x7f\x03\0UV", b"\xe0\x7f\x03\0UN"))
    found = part10.read_object(path).by_path
    expected = {
        "ImageType": "ORIGINAL\\PRIMARY",
        "PatientID": "0012",
        "FrameTime": "33.3670",
        "FrameIncrementPointer": "(0018,1063)",
        "PixelAspectRatio": "15\\16",
        "PersonName": "Zoë^A",
        "EncapsulatedDocument": "sha256:" + sha256(bytes(range(40))),
        "(0008,9999)": "0102",
        "(6000,3000)": "0100",
        "EncapsulatedPixelDataValueTotalLength": str(2**32),
        "(0009,0010)": "MAKER",
        "(0009,1001)": "0506",
        "AcquisitionDuration": "0.5\\2.0",
        "AcquisitionContextSequence[0].ConceptCodeSequence[0].CodeMeaning": "Zäh",
        "AcquisitionContextSequence[0].ConceptCodeSequence[1]": "",
        "ReferencedImageSequence": "",
    }
    assert {path: found.get(path) for path in expected} == expected


def test_a_fragment_beyond_32_bits_is_refused_with_a_way_out(tmp_path: Path) -> None:
    source = tmp_path / "sparse"
    source.touch()
    os.truncate(source, 2**32 - 1)
    with pytest.raises(MediaError, match="fragmentable"):
        part10.write_object(tmp_path / "big.dcm", header(), [Piece(source, 0, 2**32 - 1)])
    assert [path.name for path in tmp_path.iterdir()] == ["sparse"]


def test_a_failed_write_leaves_the_old_file_alone(write: Write, tmp_path: Path) -> None:
    path = write(b"abcd")
    before = path.read_bytes()
    with pytest.raises(MediaError, match="ended 1 bytes early"):
        part10.write_object(path, header(), [Piece(tmp_path / "part0", 0, 5)])
    assert path.read_bytes() == before
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["object.dcm", "part0"]


def test_a_header_that_reaches_beyond_pixel_data_is_refused(write: Write) -> None:
    dataset = header()
    dataset.add_new("DataSetTrailingPadding", "OB", bytes(2))
    with pytest.raises(MediaError, match="from \\(7FE0,0010\\) on"):
        write(b"", dataset=dataset)


@pytest.mark.skipif(sys.platform != "linux", reason="peak memory of a process is read from /proc")
def test_memory_stays_flat(tmp_path: Path) -> None:
    source, path = tmp_path / "payload", tmp_path / "object.dcm"
    source.touch()
    os.truncate(source, 300 << 20)
    part10.write_object(path, header(), [Piece(source, 0, 150 << 20), Piece(source, 150 << 20, 150 << 20)])
    program = (
        "import resource, sys; from pathlib import Path; from harness.media import part10;"
        "base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; path = Path(sys.argv[1]);"
        "part10.read_object(path); part10.extract_payload(path, path.with_suffix('.out'));"
        "pieces = [part10.Piece(path.with_suffix('.out'), 0, 300 << 20)];"
        "part10.write_object(path, part10.read_header(path), pieces);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base)"
    )
    grown = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=True).stdout
    assert int(grown) < 20 << 10, f"{grown} KiB more for an object of 300 MiB"


@pytest.mark.parametrize("problem", [MemoryError(), OSError(errno.EMFILE, "too many"), OSError(errno.EIO, "disk")])
def test_what_is_wrong_with_this_machine_is_not_blamed_on_the_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise problem

    path = tmp_path / "object.dcm"
    path.write_bytes(bytes(128) + b"DICM")
    monkeypatch.setattr("harness.media.part10.read_partial", fail)
    with pytest.raises(type(problem)):
        part10.read_object(path)
    if isinstance(problem, OSError):
        monkeypatch.setattr(Path, "open", fail)
        with pytest.raises(OSError, match=problem.strerror):
            part10.read_object(path)
        with pytest.raises(OSError, match=problem.strerror):
            sniff_container(path)
