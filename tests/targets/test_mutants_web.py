"""The mutants of DICOMweb and of storage commitment: what a client sees of each, in this process."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import httpx
import pytest
from pydicom import Dataset, dcmread
from pydicom.uid import VideoEndoscopicImageStorage, generate_uid

from harness.catalogue.read import load_recipes
from harness.media.encode import encode
from harness.media.part10 import read_object
from harness.targets.embedded.hooks import NO_SUCH_INSTANCE, WELL_BEHAVED, Commitment, Reference
from harness.targets.embedded.mutants import commitment, mutant, web
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.app import make_app
from harness.targets.embedded.web.body import Body
from harness.targets.embedded.web.multipart import multipart
from harness.targets.embedded.web.serving import WebServer
from tests.targets.conftest import MakeObject

STREAM = bytes(range(256)) * 40
H264 = "1.2.840.10008.1.2.4.102"
SINGLE = "application/dicom; transfer-syntax=*"
VIDEO = "video/mp4"


@dataclass
class Pacs:
    """A PACS in this process, with one stored video."""

    http: httpx.Client
    store: ObjectStore
    data: Dataset
    sent: bytes

    @property
    def place(self) -> str:
        study, series = self.data.StudyInstanceUID, self.data.SeriesInstanceUID
        return f"/dicom-web/studies/{study}/series/{series}/instances/{self.data.SOPInstanceUID}"

    def get(self, suffix: str = "", accept: str = SINGLE, **headers: str) -> httpx.Response:
        return self.http.get(self.place + suffix, headers={"Accept": accept} | headers)

    def uri(self, **more: str) -> httpx.Response:
        data = self.data
        query = {
            "studyUID": data.StudyInstanceUID,
            "seriesUID": data.SeriesInstanceUID,
            "objectUID": data.SOPInstanceUID,
        }
        return self.http.get("/wado", params={"requestType": "WADO"} | query | more)

    def stow(self, *parts: tuple[dict[str, str], bytes], kind: str = "application/dicom") -> httpx.Response:
        content_type, body = multipart([(header, Body((data,))) for header, data in parts], kind)
        return self.http.post(
            "/dicom-web/studies", content=b"".join(body.chunks()), headers={"Content-Type": content_type}
        )

    def kept(self) -> Path:
        latest = self.store.latest()
        assert latest is not None
        return latest.path


@pytest.fixture
def pacs_of(make_object: MakeObject, tmp_path: Path) -> Iterator[Callable[[str | None], Pacs]]:
    stack = ExitStack()

    def make(name: str | None) -> Pacs:
        path, data = make_object(STREAM)
        store = ObjectStore(tmp_path / (name or "none"))
        received = store.incoming / "object"
        received.write_bytes(path.read_bytes())
        store.add(received)
        hooks = mutant(name).hooks if name else WELL_BEHAVED
        server = WebServer(make_app(store, hooks))
        stack.callback(server.join, 5)
        stack.callback(server.stop)
        port = server.start(0)
        http = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30))
        return Pacs(http, store, data, path.read_bytes())

    with stack:
        yield make


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("clip") / "clip"
    encode(replace(load_recipes()["h264_hp41"], rows=240, columns=320, frames=26, sample_aspect=Fraction(1)), path)
    return path.read_bytes()


def stored_stream(pacs: Pacs, clip: bytes) -> Path:
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = VideoEndoscopicImageStorage, generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    told = data.to_json_dict() | {"7FE00010": {"vr": "OB", "BulkDataURI": "video"}}
    answer = pacs.stow(
        ({"Content-Type": "application/dicom+json"}, json.dumps([told]).encode()),
        ({"Content-Type": VIDEO, "Content-Location": "video"}, clip),
        kind="application/dicom+json",
    )
    assert answer.status_code == 200, answer.text
    return pacs.kept()


#: What holds of the well-behaved PACS and of no mutant of that name.
def _object_is_whole(pacs: Pacs, clip: bytes) -> bool:
    return pacs.get().content == pacs.sent


def _object_comes_without_syntax(pacs: Pacs, clip: bytes) -> bool:
    assert pacs.get().status_code == 200
    return pacs.get(accept="application/dicom").status_code == 200


def _object_is_the_instance_without_syntax(pacs: Pacs, clip: bytes) -> bool:
    assert pacs.get().content == pacs.sent
    return pacs.get(accept="application/dicom").content == pacs.sent


def _object_breaks_off(pacs: Pacs, clip: bytes) -> bool:
    try:
        return pacs.get().content == pacs.sent
    except httpx.RemoteProtocolError:
        return False


def _uri_is_whole(pacs: Pacs, clip: bytes) -> bool:
    assert pacs.get().content == pacs.sent
    return pacs.uri().content == pacs.sent


def _not_acceptable_is_406(pacs: Pacs, clip: bytes) -> bool:
    return pacs.get("/frames/1").status_code == pacs.get(accept="image/png").status_code == 406


def _other_syntax_is_406(pacs: Pacs, clip: bytes) -> bool:
    other = "application/dicom; transfer-syntax=1.2.840.10008.1.2.4.104"
    return pacs.get(accept=other).status_code == 406


def _bulk_is_the_stream(pacs: Pacs, clip: bytes) -> bool:
    return pacs.get("/bulkdata", VIDEO).content == STREAM


def _bulk_is_one_part(pacs: Pacs, clip: bytes) -> bool:
    return pacs.get("/bulkdata", "*/*").content.count(b"Content-Type:") == 1


def _bulk_is_video(pacs: Pacs, clip: bytes) -> bool:
    return pacs.get("/bulkdata", VIDEO).headers["Content-Type"].startswith(VIDEO)


def _rendered_is_the_stream(pacs: Pacs, clip: bytes) -> bool:
    answer = pacs.get("/rendered", "*/*")
    return (answer.content, answer.headers.get("Content-Type")) == (STREAM, VIDEO)


def _range_is_right(pacs: Pacs, clip: bytes) -> bool:
    answer = pacs.get("/rendered", VIDEO, Range="bytes=100-199")
    told = f"bytes 100-199/{len(STREAM)}"
    return (answer.status_code, answer.content, answer.headers["Content-Range"]) == (206, STREAM[100:200], told)


def _range_behind_is_416(pacs: Pacs, clip: bytes) -> bool:
    return pacs.get("/rendered", VIDEO, Range="bytes=999999-").status_code == 416


def _metadata_are_right(pacs: Pacs, clip: bytes) -> bool:
    (told,) = pacs.get("/metadata", "*/*").json()
    return "BulkDataURI" in told["7FE00010"] and told["00280008"]["Value"] == [50]


def _stored_object_is_whole(pacs: Pacs, clip: bytes) -> bool:
    assert pacs.stow(({"Content-Type": "application/dicom"}, pacs.sent)).status_code == 200
    return pacs.kept().read_bytes() == pacs.sent


def _stored_stream_is_whole(pacs: Pacs, clip: bytes) -> bool:
    path = stored_stream(pacs, clip)
    header = dcmread(path, stop_before_pixels=True)
    return (header.Rows, header.file_meta.TransferSyntaxUID) == (240, H264) and clip in path.read_bytes()


RULES = {
    "damages-on-wado": _object_is_whole,
    "wado-answers-nothing": _object_is_whole,
    "wado-breaks-off": _object_breaks_off,
    "wado-500-without-syntax": _object_comes_without_syntax,
    "wado-another-instance": _object_is_the_instance_without_syntax,
    "wado-converts-label": _object_is_whole,
    "wado-ignores-syntax": _other_syntax_is_406,
    "wado-relabels-as-asked": _other_syntax_is_406,
    "uri-damages": _uri_is_whole,
    "uri-answers-nothing": _uri_is_whole,
    "500-instead-of-406": _not_acceptable_is_406,
    "bulk-keeps-delimiters": _bulk_is_the_stream,
    "bulk-truncated": _bulk_is_the_stream,
    "bulk-splits-video": _bulk_is_one_part,
    "bulk-wrong-media-type": _bulk_is_video,
    "rendered-500": _rendered_is_the_stream,
    "rendered-empty": _rendered_is_the_stream,
    "rendered-mislabelled": _rendered_is_the_stream,
    "range-off-by-one": _range_is_right,
    "range-from-start": _range_is_right,
    "range-wrong-content-range": _range_is_right,
    "range-500": _range_behind_is_416,
    "metadata-inlines-video": _metadata_are_right,
    "metadata-wrong-frames": _metadata_are_right,
    "stow-loses-bytes": _stored_object_is_whole,
    "stow-bulk-reencodes": _stored_stream_is_whole,
    "stow-bulk-wrong-rows": _stored_stream_is_whole,
    "stow-bulk-wrong-syntax": _stored_stream_is_whole,
}


def test_every_web_mutant_has_a_rule() -> None:
    assert {known.name for known in web.MUTANTS} == RULES.keys()


@pytest.mark.parametrize(("name", "holds"), RULES.items(), ids=RULES)
def test_a_web_mutant_breaks_what_holds_of_the_well_behaved(
    pacs_of: Callable[[str | None], Pacs], clip: bytes, name: str, holds: Callable[[Pacs, bytes], bool]
) -> None:
    assert holds(pacs_of(None), clip)
    assert not holds(pacs_of(name), clip)


def test_the_relabelled_object_is_the_same_stream_under_another_label(
    pacs_of: Callable[[str | None], Pacs], tmp_path: Path
) -> None:
    pacs = pacs_of("wado-converts-label")
    received = tmp_path / "received"
    received.write_bytes(pacs.get().content)
    facts, sent = read_object(received), read_object(pacs.kept())
    assert facts.payload_sha256 == sent.payload_sha256
    assert (facts.transfer_syntax_uid, sent.transfer_syntax_uid) == ("1.2.840.10008.1.2.4.104", H264)


def test_a_delimited_body_holds_the_stream_and_its_items(pacs_of: Callable[[str | None], Pacs]) -> None:
    body = pacs_of("bulk-keeps-delimiters").get("/bulkdata", VIDEO).content
    assert body == bytes.fromhex("feff00e0 00000000 feff00e0 00280000") + STREAM + bytes.fromhex("feffdde0 00000000")


def test_commitment_mutants_say_too_much_too_little_and_nothing(tmp_path: Path) -> None:
    store, asked = ObjectStore(tmp_path / "store"), (Reference("1.2", "1.2.3"),)
    said = {known.name: known.hooks.commit(store, asked) for known in commitment.MUTANTS}
    assert said == {
        "commits-what-it-lacks": Commitment(asked, ()),
        "reports-commitment-of-nothing": Commitment((), ()),
        "reports-commitment-failed": Commitment((), ((asked[0], NO_SUCH_INSTANCE),)),
    }
