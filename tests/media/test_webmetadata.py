"""DICOM JSON read as comparable text, and made to be sent."""

import json

import pytest
from pydicom import Dataset
from pydicom.dataset import FileMetaDataset

from harness.errors import ObjectUnreadable
from harness.media.part10 import Piece, read_object, write_object
from harness.media.webmetadata import LARGEST, make_metadata, read_metadata

PIXELS = {"vr": "OB", "BulkDataURI": "http://here/bulk"}
ROWS = {"00280010": {"vr": "US", "Value": [64]}}


@pytest.fixture
def read(tmp_path):
    def read(data: object):
        path = tmp_path / "metadata.json"
        path.write_bytes(data if isinstance(data, bytes) else json.dumps(data).encode())
        return read_metadata(path)

    return read


def test_elements_become_text_by_the_rules_of_files(read):
    found = read(
        [
            ROWS
            | {
                "7FE00010": PIXELS,
                "00080005": {"vr": "CS", "Value": ["ISO_IR 192"]},
                "00100010": {"vr": "PN", "Value": [{"Alphabetic": "Test^Käthe", "Ideographic": "山田"}]},
                "00181063": {"vr": "DS", "Value": [33.37]},
                "00280009": {"vr": "AT", "Value": ["00181063"]},
                "00080050": {"vr": "SH"},
                "00082218": {"vr": "SQ", "Value": [{"00080100": {"vr": "SH", "Value": ["T-1"]}}]},
            }
        ]
    )
    assert dict(found.attributes) == {
        "SpecificCharacterSet": "ISO_IR 192",
        "AccessionNumber": "",
        "AnatomicRegionSequence[0].CodeValue": "T-1",
        "PatientName": "Test^Käthe=山田",
        "FrameTime": "33.37",
        "FrameIncrementPointer": "(0018,1063)",
        "Rows": "64",
    }
    assert (found.bulk, found.inline, found.elsewhere) == ("http://here/bulk", False, ())


def test_video_inside_the_metadata_is_seen(read):
    assert read([ROWS | {"7FE00010": {"vr": "OB", "InlineBinary": "AAAA"}}]).inline


def test_other_bulk_data_are_named_and_not_fetched(read):
    found = read([ROWS | {"00420011": {"vr": "OB", "BulkDataURI": "http://elsewhere/x"}}])
    assert found.elsewhere == ("EncapsulatedDocument",)
    assert dict(found.attributes) == {"Rows": "64"}


def test_file_meta_information_is_told(read):
    found = read([ROWS | {"00020010": {"vr": "UI", "Value": ["1.2"]}}])
    assert ("(0002,0010)", "of file meta information") in found.attributes


@pytest.mark.parametrize(
    "data",
    [b"", b"<html>", b"[]", [ROWS, ROWS], [1], [{"00280010": 5}], [{"zz": {"vr": "US"}}], [{"00280010": {}}]],
)
def test_what_is_no_metadata_of_one_instance_is_unreadable(read, data):
    with pytest.raises(ObjectUnreadable, match="no DICOM JSON of one instance"):
        read(data)


def test_what_is_too_large_to_be_metadata_is_not_read(tmp_path):
    path = tmp_path / "metadata.json"
    with path.open("wb") as file:
        file.truncate(LARGEST + 1)
    with pytest.raises(ObjectUnreadable, match="more than metadata"):
        read_metadata(path)


@pytest.fixture
def object_file(tmp_path):
    dataset = Dataset()
    dataset.SpecificCharacterSet, dataset.PatientName = "ISO_IR 192", "Test^Käthe"
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.77.1.1.1", "1.2.3"
    dataset.Rows, dataset.Columns, dataset.PhotometricInterpretation = 64, 48, "YBR_PARTIAL_420"
    dataset.FrameTime, dataset.NumberOfFrames = "33.37", 26
    dataset.EncapsulatedPixelDataValueTotalLength = 5
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    stream = tmp_path / "stream"
    stream.write_bytes(b"video")
    path = tmp_path / "object.dcm"
    write_object(path, dataset, (Piece(stream, 0, 5),))
    return path


def test_metadata_made_of_an_object_tell_the_same_as_the_object(object_file, read):
    found = read(make_metadata(object_file, location="video", without_pixel_description=False))
    sent = read_object(object_file).by_path
    del sent["EncapsulatedPixelDataValueTotalLength"]
    assert dict(found.attributes) == sent
    assert (found.bulk, found.inline) == ("video", False)


def test_pixel_description_may_be_left_to_the_server_and_nothing_else(object_file, read):
    found = read(make_metadata(object_file, location="video", without_pixel_description=True))
    left = set(read_object(object_file).by_path) - {name for name, _ in found.attributes}
    assert left == {"Rows", "Columns", "PhotometricInterpretation", "EncapsulatedPixelDataValueTotalLength"}
