"""The interface of the embedded PACS besides the standard's, asked by the client that knows Orthanc's."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.clients.dimse import RetryPolicy
from harness.clients.orthanc import OrthancClient
from harness.core.endpoint import RestEndpoint
from harness.core.exchange import Ending
from harness.core.families.paths import EMPTY_MD5
from harness.targets.embedded.hooks import WELL_BEHAVED
from harness.targets.embedded.mutants import mutant, vendor
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.app import make_app
from harness.targets.embedded.web.serving import WebServer
from tests.targets.conftest import MakeObject

#: Odd, so that it is padded in the object.
STREAM = bytes(range(251)) * 41


class Product:
    """A store behind the interface, with one object in it."""

    def __init__(self, client: OrthancClient, uid: str, kept: bytes, folder: Path) -> None:
        self.client, self.uid, self.kept, self.folder = client, uid, kept, folder
        folder.mkdir()

    @property
    def id(self) -> str:
        return self.client.find(self.uid).text

    def file(self) -> bytes:
        answer, files = self.client.file(self.id, self.folder)
        assert (answer.exchange.status, answer.media_type, len(files)) == (200, "application/dicom", 1)
        return files[0].read_bytes()


@pytest.fixture
def product_of(make_object: MakeObject, tmp_path: Path) -> Iterator[Callable[[str | None], Product]]:
    stack = ExitStack()

    def make(name: str | None) -> Product:
        path, data = make_object(STREAM)
        kept = path.read_bytes()
        store = ObjectStore(tmp_path / (name or "none"))
        received = store.incoming / "object"
        received.write_bytes(kept)
        store.add(received)
        server = WebServer(make_app(store, mutant(name).hooks if name else WELL_BEHAVED))
        stack.callback(server.join, 5)
        stack.callback(server.stop)
        rest = RestEndpoint("orthanc", f"http://127.0.0.1:{server.start(0)}")
        client = stack.enter_context(OrthancClient(rest, environ={}, retry=RetryPolicy(attempts=1)))
        return Product(client, str(data.SOPInstanceUID), kept, tmp_path / f"{name}-files")

    with stack:
        yield make


def test_what_is_kept_is_found_and_given_back(product_of):
    product = product_of(None)
    assert product.file() == product.kept
    (answer,), carried = product.client.frames(product.id, 1, product.folder)
    assert answer.exchange.service == "vendor REST frame"
    assert carried.sha256 == hashlib.sha256(STREAM + b"\0").hexdigest()
    assert carried.unpadded_sha256 == hashlib.sha256(STREAM).hexdigest()
    assert product.client.md5(product.id).text == hashlib.md5(product.kept).hexdigest()
    assert product.client.size(product.id).text == str(len(product.kept))
    assert product.client.verify_md5(product.id).status == 200


def test_what_is_not_known_is_not_found(product_of):
    product = product_of(None)
    unknown = product.client.find("1.2.3")
    assert (unknown.exchange.status, unknown.text) == (200, "")
    answer, files = product.client.file("00", product.folder)
    assert (answer.exchange.status, files) == (404, ())


def test_frames_end_with_the_first_that_is_refused(product_of):
    product = product_of(None)
    answers, carried = product.client.frames(product.id, 3, product.folder)
    assert [one.exchange.status for one in answers] == [200, 400]
    assert carried is None
    assert list(product.folder.iterdir()) == []


def _finds(product: Product) -> bool:
    return product.id != ""


def _file_is_whole(product: Product) -> bool:
    return product.file() == product.kept


def _frame_is_whole(product: Product) -> bool:
    carried = product.client.frames(product.id, 1, product.folder)[1]
    return carried is not None and carried.length == len(STREAM) + 1


def _md5_is_right(product: Product) -> bool:
    return product.client.md5(product.id).text == hashlib.md5(product.kept).hexdigest()


def _size_is_right(product: Product) -> bool:
    return product.client.size(product.id).text == str(len(product.kept))


def _verifies(product: Product) -> bool:
    return product.client.verify_md5(product.id).status == 200


RULES = {
    "vendor-file-answers-nothing": _file_is_whole,
    "vendor-file-truncated": _file_is_whole,
    "vendor-frame-truncated": _frame_is_whole,
    "vendor-forgets": _finds,
    "vendor-md5-of-nothing": _md5_is_right,
    "vendor-wrong-md5": _md5_is_right,
    "vendor-wrong-size": _size_is_right,
    "vendor-denies-md5": _verifies,
}


def test_every_mutant_has_a_rule():
    assert {known.name for known in vendor.MUTANTS} == RULES.keys()


@pytest.mark.parametrize(("name", "holds"), RULES.items(), ids=RULES)
def test_a_mutant_breaks_what_holds_of_the_well_behaved(product_of, name, holds):
    assert holds(product_of(None))
    assert not holds(product_of(name))


def test_md5_of_nothing_is_that_of_nothing():
    assert hashlib.md5(b"").hexdigest() == EMPTY_MD5


def test_a_server_that_is_not_there_is_unreachable(product_of):
    with OrthancClient(RestEndpoint("orthanc", "http://127.0.0.1:1"), environ={}, retry=RetryPolicy(1)) as client:
        assert client.find("1.2.3").exchange.ending is Ending.UNREACHABLE
