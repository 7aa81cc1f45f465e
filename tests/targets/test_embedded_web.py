"""DICOMweb of the embedded PACS: what was stored comes back in every legal way, and the rest is refused."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

import httpx
import pytest
from pydicom import Dataset
from pydicom.uid import generate_uid

from harness.clients.dicomweb import WebClient
from harness.media.part10 import read_object
from tests.targets.conftest import Caller, Embedded, Made, MakeObject

H264, MPEG2, HEVC, MJPEG = (f"1.2.840.10008.1.2.4.{last}" for last in ("102", "100", "107", "50"))
EXPLICIT = "1.2.840.10008.1.2.1"
SEVERAL = 'multipart/related; type="application/dicom"; transfer-syntax=*'
STREAM = bytes(range(256)) * 40 + b"end"
MEDIA = [(H264, "video/mp4"), (MPEG2, "video/mpeg"), (HEVC, "video/H265")]


@dataclass
class Web:
    """The service as a plain HTTP client sees it."""

    base: str
    http: httpx.Client
    dimse: Caller
    client: WebClient

    def get(self, path: str, accept: str | None = "*/*", **headers: str) -> httpx.Response:
        request = self.http.build_request("GET", self.base + path, headers=headers)
        del request.headers["Accept"]
        if accept is not None:
            request.headers["Accept"] = accept
        return self.http.send(request)


@pytest.fixture(scope="module")
def web(embedded: Embedded) -> Iterator[Web]:
    with embedded() as (target, caller):
        assert target.web is not None
        with httpx.Client() as http, WebClient(target.web) as client:
            yield Web(target.web.base, http, caller, client)


@pytest.fixture(scope="module")
def video(web: Web, make_object: MakeObject) -> Made:
    """A stored H.264 object of odd length, whose length is told."""
    made = make_object(
        STREAM,
        EncapsulatedPixelDataValueTotalLength=len(STREAM),
        PatientName="Käthe",
        SpecificCharacterSet="ISO_IR 100",
    )
    assert web.dimse.store(made).status == 0
    return made


def place(data: Dataset) -> str:
    return f"/studies/{data.StudyInstanceUID}/series/{data.SeriesInstanceUID}/instances/{data.SOPInstanceUID}"


def parts(answer: httpx.Response) -> list[tuple[str, bytes]]:
    """Content type and octets of each part, cut by the library of the language."""
    whole = message_from_bytes(
        b"Content-Type: " + answer.headers["Content-Type"].encode() + b"\r\n\r\n" + answer.content
    )
    assert whole.get_content_type() == "multipart/related"
    return [(part["Content-Type"], part.get_payload(decode=True)) for part in whole.get_payload()]


def test_an_object_comes_back_by_the_client_of_the_harness(web: Web, video: Made, tmp_path: Path) -> None:
    data = video[1]
    uids = [str(data[name].value) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    exchange, received = web.client.retrieve(*uids, tmp_path)
    assert (exchange.status, exchange.detail) == (200, "")
    assert [read_object(path) for path in received] == [read_object(video[0])]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (SEVERAL, 200),
        ('multipart/related; type="application/dicom"', 200),
        (f'multipart/related; type="application/dicom"; transfer-syntax={H264}', 200),
        ("*/*", 200),
        (f'multipart/related; type="application/dicom"; transfer-syntax={EXPLICIT}', 406),
        (f'multipart/related; type="application/dicom"; transfer-syntax={H264}.1', 406),
        ("image/png", 406),
        ('multipart/related; type="application/octet-stream"', 406),
        (None, 406),
        ("application/dicom, image/png", 400),
        ("no media type", 400),
    ],
)
def test_an_object_comes_as_the_request_accepts_it(web: Web, video: Made, accept: str | None, status: int) -> None:
    answer = web.get(place(video[1]), accept)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert parts(answer) == [(f"application/dicom; transfer-syntax={H264}", web_copy(web, video))]


def web_copy(web: Web, made: Made) -> bytes:
    """The object as one part."""
    answer = web.get(place(made[1]), "application/dicom; transfer-syntax=*")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, f"application/dicom; transfer-syntax={H264}")
    return answer.content


def test_the_accept_query_parameter_goes_before_the_header_and_does_not_replace_it(web: Web, video: Made) -> None:
    path = f"{place(video[1])}?accept=application/dicom"
    assert web.get(path, SEVERAL).headers["Content-Type"].startswith("application/dicom;")
    assert web.get(path, None).status_code == 406


def test_a_study_comes_as_one_part_for_each_object_and_never_as_a_single_part(
    web: Web, make_object: MakeObject
) -> None:
    study = generate_uid()
    made = [make_object(syntax=syntax, StudyInstanceUID=study) for syntax in (H264, HEVC)]
    for one in made:
        assert web.dimse.store(one).status == 0
    kinds = [kind for kind, _ in parts(web.get(f"/studies/{study}", SEVERAL))]
    assert kinds == [f"application/dicom; transfer-syntax={syntax}" for syntax in (H264, HEVC)]
    assert web.get(f"/studies/{study}", "application/dicom").status_code == 406
    series = f"/studies/{study}/series/{made[0][1].SeriesInstanceUID}"
    assert len(parts(web.get(series, SEVERAL))) == 1


@pytest.mark.parametrize("suffix", ["", "/metadata", "/bulkdata", "/rendered", "/frames/1"])
def test_what_is_not_there_is_not_found(web: Web, suffix: str) -> None:
    assert web.get(f"/studies/1.2/series/1.3/instances/1.4{suffix}").status_code == 404


def test_metadata_are_unicode_and_refer_to_the_video(web: Web, video: Made) -> None:
    answer = web.get(f"{place(video[1])}/metadata", "application/dicom+json")
    (told,) = json.loads(answer.text)
    assert answer.headers["Content-Type"] == "application/dicom+json"
    assert told["00280008"] == {"vr": "IS", "Value": [50]}
    assert told["00100010"]["Value"] == [{"Alphabetic": "Käthe"}]
    assert told["00080005"]["Value"] == ["ISO_IR 192"]
    assert told["7FE00010"] == {"vr": "OB", "BulkDataURI": f"{web.base}{place(video[1])}/bulkdata/7FE00010"}
    assert not any(tag.startswith("0002") for tag in told)
    whole = web.http.get(told["7FE00010"]["BulkDataURI"], headers={"Accept": "video/mp4"})
    assert whole.content == STREAM


@pytest.mark.parametrize(("syntax", "kind"), MEDIA)
def test_bulk_data_of_a_video_are_one_part_without_delimiters(
    web: Web, make_object: MakeObject, syntax: str, kind: str
) -> None:
    made = make_object(STREAM + b"!", syntax=syntax, lengths=(4096, 6148) if syntax == HEVC else ())
    assert web.dimse.store(made).status == 0
    for accept in ("*/*", f'multipart/related; type="{kind}"', 'multipart/related; type="video/*"; transfer-syntax=*'):
        assert parts(web.get(f"{place(made[1])}/bulkdata", accept)) == [
            (f"{kind}; transfer-syntax={syntax}", STREAM + b"!")
        ]
    single = web.get(f"{place(made[1])}/bulkdata/7FE00010", f"{kind.lower()}; transfer-syntax={syntax}")
    assert (single.content, single.headers["Content-Type"]) == (STREAM + b"!", f"{kind}; transfer-syntax={syntax}")
    for accept in ("application/octet-stream", 'multipart/related; type="image/jpeg"'):
        assert web.get(f"{place(made[1])}/bulkdata", accept).status_code == 406


def test_bulk_data_of_pictures_are_one_part_each_and_each_is_a_frame(web: Web, make_object: MakeObject) -> None:
    made = make_object(b"\xff\xd8aabb\xff\xd8cc", syntax=MJPEG, lengths=(6, 4))
    assert web.dimse.store(made).status == 0
    kind = f"image/jpeg; transfer-syntax={MJPEG}"
    assert parts(web.get(f"{place(made[1])}/bulkdata")) == [(kind, b"\xff\xd8aabb"), (kind, b"\xff\xd8cc")]
    assert parts(web.get(f"{place(made[1])}/frames/2,1")) == [(kind, b"\xff\xd8cc"), (kind, b"\xff\xd8aabb")]
    assert web.get(f"{place(made[1])}/frames/2", "image/jpeg").content == b"\xff\xd8cc"
    assert web.get(f"{place(made[1])}/bulkdata", "image/jpeg").status_code == 406
    assert web.get(f"{place(made[1])}/rendered").status_code == 406
    assert web.get(f"{place(made[1])}/frames/3").status_code == 404
    assert web.get(f"{place(made[1])}/frames/x").status_code == 400


def test_no_frame_is_taken_out_of_a_video(web: Web, video: Made) -> None:
    assert web.get(f"{place(video[1])}/frames/1").status_code == 406


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("video/mp4", 200),
        ("video/*", 200),
        ("*/*", 200),
        ("video/mpeg, video/H265", 406),
        ("image/gif", 406),
        ("application/dicom, video/mp4", 400),
        ("video/mp4; transfer-syntax=*", 400),
        (None, 406),
    ],
)
def test_a_rendered_video_is_its_stream(web: Web, video: Made, accept: str | None, status: int) -> None:
    answer = web.get(f"{place(video[1])}/rendered", accept)
    assert answer.status_code == status, answer.text
    if status == 200:
        assert (answer.content, answer.headers["Content-Type"]) == (STREAM, "video/mp4")


@pytest.mark.parametrize(("path", "accept"), [("/rendered", "video/mp4"), ("/bulkdata/7FE00010", "video/mp4")])
def test_ranges_give_their_octets(web: Web, video: Made, path: str, accept: str) -> None:
    place_ = place(video[1]) + path
    whole = web.get(place_, accept)
    assert (whole.headers["Accept-Ranges"], whole.headers["Content-Length"]) == ("bytes", str(len(STREAM)))
    for asked, start, end in (("100-199", 100, 200), ("-3", len(STREAM) - 3, len(STREAM)), ("0-", 0, len(STREAM))):
        part = web.get(place_, accept, Range=f"bytes={asked}")
        assert (part.status_code, part.content) == (206, STREAM[start:end])
        assert part.headers["Content-Range"] == f"bytes {start}-{end - 1}/{len(STREAM)}"
    behind = web.get(place_, accept, Range=f"bytes={len(STREAM)}-")
    assert (behind.status_code, behind.headers["Content-Range"]) == (416, f"bytes */{len(STREAM)}")
    assert web.get(place_, accept, Range="bytes=0-1,3-4").status_code == 200
    assert web.get(place_, accept, Range="bytes=0-1", **{"If-Range": '"another"'}).status_code == 200


def test_a_range_of_several_parts_is_not_taken(web: Web, video: Made) -> None:
    assert web.get(f"{place(video[1])}/bulkdata", "*/*", Range="bytes=0-1").status_code == 200


def uri(web: Web, data: Dataset, **more: str) -> httpx.Response:
    query = {
        "requestType": "WADO",
        "studyUID": data.StudyInstanceUID,
        "seriesUID": data.SeriesInstanceUID,
        "objectUID": data.SOPInstanceUID,
    }
    return web.http.get(web.base.removesuffix("/dicom-web") + "/wado", params=query | more)


def test_wado_uri_gives_the_object_or_its_stream(web: Web, video: Made) -> None:
    whole = web_copy(web, video)
    for more in ({}, {"contentType": "application/dicom"}, {"transferSyntax": "*"}, {"transferSyntax": H264}):
        answer = uri(web, video[1], **more)
        assert (answer.status_code, answer.content == whole) == (200, True)
    answer = uri(web, video[1], contentType="video/mp4")
    assert (answer.content, answer.headers["Content-Type"]) == (STREAM, "video/mp4")


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"requestType": "OTHER"}, 400),
        ({"seriesUID": ""}, 400),
        ({"objectUID": "1.2.3"}, 404),
        ({"contentType": "video/mpeg"}, 406),
        ({"contentType": "image/jpeg"}, 406),
        ({"transferSyntax": EXPLICIT}, 406),
    ],
)
def test_wado_uri_refuses_what_it_cannot_give(web: Web, video: Made, more: dict[str, str], status: int) -> None:
    assert uri(web, video[1], **more).status_code == status


def test_searches_find_what_was_stored(web: Web, video: Made) -> None:
    data = video[1]
    uids = {"StudyInstanceUID": str(data.StudyInstanceUID), "SeriesInstanceUID": str(data.SeriesInstanceUID)}
    exchange, (found,) = web.client.find(uids | {"SOPInstanceUID": str(data.SOPInstanceUID), "NumberOfFrames": ""})
    assert (exchange.status, found["NumberOfFrames"], found["PatientName"]) == (200, "50", "Käthe")
    assert found["RetrieveURL"] == web.base + place(data)
    assert found["AvailableTransferSyntaxUID"] == H264
    _, (study,) = web.client.find({"StudyInstanceUID": uids["StudyInstanceUID"], "StudyDate": ""}, level="STUDY")
    assert (study["StudyDate"], study["NumberOfStudyRelatedInstances"]) == ("20260102", "1")
    assert "QueryRetrieveLevel" not in study


def test_searches_are_limited_and_match_by_tag(web: Web, video: Made) -> None:
    uid = video[1].SOPInstanceUID
    assert len(web.get(f"/instances?00080018={uid}").json()) == 1
    assert web.get(f"/instances?SOPInstanceUID={uid}&offset=1").status_code == 204
    assert web.get("/series?SeriesInstanceUID=1.2.3").status_code == 204
    assert len(web.get("/instances?limit=1").json()) == 1
    assert web.get("/instances?limit=x").status_code == 400
    assert len(web.get(f"/instances?SOPInstanceUID={uid}&NoSuchThing=x").json()) == 1
    assert web.get("/studies", "text/html").status_code == 406
