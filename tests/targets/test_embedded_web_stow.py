"""STOW-RS of the embedded PACS: objects, and metadata beside a video stream that is stored unchanged."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import VideoEndoscopicImageStorage, generate_uid

from harness.catalogue.read import load_recipes
from harness.clients.dicomweb import WebClient
from harness.media.encode import encode
from harness.media.part10 import read_object
from harness.targets.embedded.web.body import Body
from harness.targets.embedded.web.multipart import multipart
from tests.targets.conftest import Caller, Embedded, MakeObject

H264 = "1.2.840.10008.1.2.4.102"
SYNTAX = "1.2.840.10008.1.2.4."


@dataclass
class Web:
    base: str
    http: httpx.Client
    client: WebClient
    dimse: Caller

    def post(
        self, parts: list[tuple[dict[str, str], bytes]], kind: str = "application/dicom", study: str = ""
    ) -> httpx.Response:
        content_type, body = multipart([(header, Body((data,))) for header, data in parts], kind)
        headers = {"Content-Type": content_type, "Accept": "application/dicom+json"}
        path = f"/studies/{study}" if study else "/studies"
        return self.http.post(self.base + path, content=b"".join(body.chunks()), headers=headers)

    def nothing_is_incoming(self) -> bool:
        return not list(self.dimse.folder.glob("scratch/*/incoming/*"))


@pytest.fixture(scope="module")
def web(embedded: Embedded) -> Iterator[Web]:
    with embedded() as (target, caller):
        assert target.web is not None
        with httpx.Client(timeout=30) as http, WebClient(target.web) as client:
            yield Web(target.web.base, http, client, caller)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], bytes]:
    """The bytes of a short and small clip of a recipe."""
    folder = tmp_path_factory.mktemp("clips")
    recipes = load_recipes()

    def make(id_: str) -> bytes:
        path = folder / id_
        if not path.is_file():
            encode(replace(recipes[id_], rows=240, columns=320, frames=26, sample_aspect=Fraction(1)), path)
        return path.read_bytes()

    return make


def metadata(**values: Any) -> Dataset:
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = VideoEndoscopicImageStorage, generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    data.PatientName, data.PatientID, data.Modality = "Käthe^Test", "P1", "ES"
    for keyword, value in values.items():
        setattr(data, keyword, value)
    return data


def as_part(*data: Dataset, location: str = "video") -> tuple[dict[str, str], bytes]:
    told = [one.to_json_dict() | {"7FE00010": {"vr": "OB", "BulkDataURI": location}} for one in data]
    return {"Content-Type": "application/dicom+json"}, json.dumps(told).encode()


def stream(data: bytes, kind: str = "video/mp4", location: str = "video") -> tuple[dict[str, str], bytes]:
    return {"Content-Type": kind, "Content-Location": location}, data


def reasons(answer: httpx.Response, sequence: str, reason: str = "00081197") -> list[int]:
    return [item[reason]["Value"][0] for item in answer.json()[sequence]["Value"] if reason in item]


def test_an_object_is_kept_as_it_was_sent(web: Web, make_object: MakeObject) -> None:
    made = make_object()
    exchange = web.client.store(made[0], str(made[1].StudyInstanceUID))
    assert (exchange.status, exchange.detail) == (200, "")
    for again, received in (web.dimse.get(made), web.dimse.move(made)):
        assert again.status == 0
        assert [read_object(path) for path in received] == [read_object(made[0])]
    assert web.nothing_is_incoming()


def test_several_objects_are_answered_one_by_one(web: Web, make_object: MakeObject) -> None:
    good, unknown = make_object(), make_object(SOPClassUID="1.2.3.4")
    strange = (
        make_object(syntax="1.2.840.10008.1.2.4.102")[0]
        .read_bytes()
        .replace(b"1.2.840.10008.1.2.4.102\0", b"1.2.840.10008.1.2.4.999\0")
    )
    header = {"Content-Type": "application/dicom"}
    answer = web.post(
        [(header, path.read_bytes()) for path in (good[0], unknown[0])] + [(header, strange), (header, b"?")]
    )
    assert answer.status_code == 202
    (stored,) = answer.json()["00081199"]["Value"]
    assert stored["00081155"]["Value"] == [good[1].SOPInstanceUID]
    assert stored["00081190"]["Value"][0].endswith(f"/instances/{good[1].SOPInstanceUID}")
    assert reasons(answer, "00081198") == [0x0122, 0xC122]
    assert reasons(answer, "0008119A") == [0xC000]
    assert web.nothing_is_incoming()


def test_an_object_of_another_study_is_not_kept(web: Web, make_object: MakeObject) -> None:
    made = make_object()
    answer = web.post([({"Content-Type": "application/dicom"}, made[0].read_bytes())], study="1.2.3")
    assert (answer.status_code, reasons(answer, "00081198")) == (409, [0xC409])
    assert web.dimse.find(made) == ()


def test_a_single_part_is_an_object_too(web: Web, make_object: MakeObject) -> None:
    made = make_object()
    answer = web.http.post(
        f"{web.base}/studies", content=made[0].read_bytes(), headers={"Content-Type": "application/dicom"}
    )
    assert answer.status_code == 200
    assert len(web.dimse.find(made)) == 1


@pytest.mark.parametrize(
    ("recipe", "kind", "syntax", "bits"),
    [
        ("h264_hp41", "video/mp4", "102", (8, 8, 7)),
        ("h264_hp42_3d", "video/mp4", "105", (8, 8, 7)),
        ("mpeg2_ml", "video/mpeg", "100", (8, 8, 7)),
        ("hevc_main51", "video/H265", "107", (8, 8, 7)),
        ("hevc_main10_51", "video/h265", "108", (16, 10, 9)),
    ],
)
def test_a_stream_beside_metadata_is_stored_unchanged_and_described(
    web: Web, clip: Callable[[str], bytes], tmp_path: Path, recipe: str, kind: str, syntax: str, bits: tuple[int, ...]
) -> None:
    data, video = metadata(), clip(recipe)
    answer = web.post([as_part(data), stream(video, kind)], "application/dicom+json")
    assert answer.status_code == 200, answer.text
    uids = [str(data[name].value) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    _, (path,) = web.client.retrieve(*uids, tmp_path)
    stored = dcmread(path, stop_before_pixels=True)
    assert stored.file_meta.TransferSyntaxUID == SYNTAX + syntax
    assert (stored.Rows, stored.Columns, stored.NumberOfFrames, stored.SamplesPerPixel) == (240, 320, 26, 3)
    assert (stored.BitsAllocated, stored.BitsStored, stored.HighBit) == bits
    assert (stored.PhotometricInterpretation, stored.PatientName) == ("YBR_PARTIAL_420", "Käthe^Test")
    assert stored.EncapsulatedPixelDataValueTotalLength == len(video)
    place = f"/studies/{uids[0]}/series/{uids[1]}/instances/{uids[2]}/rendered"
    assert web.http.get(web.base + place, headers={"Accept": "*/*"}).content == video
    assert web.nothing_is_incoming()


def test_what_the_metadata_tell_is_kept_as_told(web: Web, clip: Callable[[str], bytes]) -> None:
    data = metadata(NumberOfFrames=7, LossyImageCompressionMethod="ISO_14496_10")
    assert web.post([as_part(data), stream(clip("h264_hp41"))], "application/dicom+json").status_code == 200
    (found,) = web.dimse.client.find({"SOPInstanceUID": str(data.SOPInstanceUID), "NumberOfFrames": ""})[1]
    assert found["NumberOfFrames"] == "7"


@pytest.mark.parametrize(
    ("location", "kind", "content"),
    [("elsewhere", "video/mp4", None), ("video", "video/mpeg", None), ("video", "video/mp4", b"no video at all")],
    ids=["no such part", "another codec", "no video"],
)
def test_metadata_and_a_part_that_make_no_object_are_a_conflict(
    web: Web, clip: Callable[[str], bytes], location: str, kind: str, content: bytes | None
) -> None:
    data = metadata()
    parts = [as_part(data), stream(content or clip("h264_hp41"), kind, location)]
    answer = web.post(parts, "application/dicom+json")
    assert (answer.status_code, reasons(answer, "00081198")) == (409, [0xC000])
    assert answer.json()["00081198"]["Value"][0]["00081155"]["Value"] == [data.SOPInstanceUID]
    assert web.nothing_is_incoming()


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/json", b"{}", 415),
        ('multipart/related; type="application/dicom+xml"; boundary=b', b"--b\r\n\r\n--b--", 415),
        ("multipart/related; boundary=b", b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--", 415),
        ("multipart/related", b"", 400),
        ("nothing", b"", 400),
        ("multipart/related; boundary=b", b"--b--", 400),
        ("multipart/related; boundary=b", b"--b\r\n\r\nx", 400),
        ("multipart/related; boundary=b", b"--b\r\nContent-Type: application/dicom+json\r\n\r\n?\r\n--b--", 400),
        (
            "multipart/related; boundary=b",
            b'--b\r\nContent-Type: application/dicom+json\r\n\r\n{"00020010": {}}\r\n--b--',
            400,
        ),
    ],
)
def test_a_request_that_cannot_be_read_is_refused(web: Web, content_type: str, body: bytes, status: int) -> None:
    answer = web.http.post(f"{web.base}/studies", content=body, headers={"Content-Type": content_type})
    assert answer.status_code == status, answer.text
    assert web.nothing_is_incoming()


def test_a_client_that_goes_away_leaves_nothing(web: Web, make_object: MakeObject) -> None:
    made = make_object(bytes(4 << 20))

    def body() -> Iterator[bytes]:
        yield b"--b\r\nContent-Type: application/dicom\r\n\r\n"
        yield made[0].read_bytes()[: 2 << 20]
        raise ConnectionError("on purpose")

    with pytest.raises(ConnectionError):
        web.http.post(f"{web.base}/studies", content=body(), headers={"Content-Type": "multipart/related; boundary=b"})
    # The next request is served after the end of that one was seen, or before: in both cases in the end nothing stays.
    assert web.client.store(made[0], str(made[1].StudyInstanceUID)).status == 200
    assert eventually(web.nothing_is_incoming)


def eventually(holds: Callable[[], bool]) -> bool:
    limit = time.monotonic() + 5
    while not holds():
        if time.monotonic() > limit:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("mutant", ["flips-one-byte", "fails-store", "accepts-without-storing"])
def test_what_a_mutant_does_to_stored_objects_it_does_to_those_of_the_web_too(
    embedded: Embedded, make_object: MakeObject, mutant: str
) -> None:
    made = make_object()
    with embedded(mutant) as (target, caller), WebClient(target.web) as client:
        exchange = client.store(made[0], str(made[1].StudyInstanceUID))
        assert exchange.status == (409 if mutant == "fails-store" else 200)
        assert len(caller.find(made)) == (mutant == "flips-one-byte")
        if mutant == "flips-one-byte":
            (received,) = caller.get(made)[1]
            assert read_object(received).payload_sha256 != read_object(made[0]).payload_sha256
