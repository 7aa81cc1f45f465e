"""The embedded PACS over TLS: it serves, and moves, only among those who trust each other."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.clients.dicomweb import WebClient
from harness.clients.dimse import DimseClient, RetryPolicy
from harness.core.endpoint import Tls
from harness.core.exchange import Ending
from harness.targets.embedded.authority import Authority
from harness.targets.embedded.target import EmbeddedTarget
from tests.targets.conftest import Caller, Embedded, MakeObject


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tls") / "folder")
    made.issue()
    return made


@pytest.fixture(scope="module")
def started(embedded: Embedded, authority: Authority) -> Iterator[tuple[EmbeddedTarget, Caller]]:
    with embedded(tls=authority.folder) as started:
        yield started


@pytest.fixture
def caller(started: tuple[EmbeddedTarget, Caller]) -> Caller:
    return started[1]


def test_what_was_stored_over_tls_comes_back_over_tls(caller: Caller, make_object: MakeObject) -> None:
    made = make_object(bytes(range(256)) * 8000)
    assert caller.endpoint.tls is not None
    assert caller.store(made).status == 0
    assert caller.find(made) != ()
    for exchange, files in (caller.get(made), caller.move(made)):
        assert (exchange.ending, exchange.status, len(files)) == (Ending.ANSWERED, 0, 1), exchange.detail
        assert files[0].read_bytes()[-1_000_000:] == made[0].read_bytes()[-1_000_000:]


def test_dicomweb_has_the_same_certificate_and_wants_one_too(
    started: tuple[EmbeddedTarget, Caller], make_object: MakeObject, tmp_path: Path
) -> None:
    made, web = make_object(), started[0].web
    uids = [str(made[1][name].value) for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")]
    with WebClient(web) as client:
        assert client.store(made[0], uids[0]).status == 200
        assert len(client.retrieve(*uids, tmp_path)[1]) == 1
    stranger = replace(web, tls=Tls(authorities=web.tls.authorities))
    with WebClient(stranger, retry=RetryPolicy(attempts=1)) as client:
        assert client.store(made[0], uids[0]).ending in (Ending.UNTRUSTED, Ending.LOST)


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        (lambda known, _: known.trust, "a certificate of ours"),
        (lambda _, other: other.issue(), "was issued by no authority that we trust"),
        (lambda known, other: replace(other.issue(), authorities=known.trust.authorities), "does not trust our certif"),
    ],
    ids=["no certificate", "other authority", "certificate of another authority"],
)
def test_who_is_not_trusted_is_not_served(
    caller: Caller, authority: Authority, tmp_path: Path, tls: Callable[[Authority, Authority], Tls], words: str
) -> None:
    endpoint = replace(caller.endpoint, tls=tls(authority, Authority(tmp_path / "other")))
    exchange = DimseClient(endpoint, retry=RetryPolicy(attempts=1)).echo()
    assert exchange.ending is Ending.UNTRUSTED
    assert words in exchange.detail


def test_who_speaks_no_tls_is_not_served(caller: Caller) -> None:
    exchange = DimseClient(replace(caller.endpoint, tls=None), retry=RetryPolicy(attempts=1)).echo()
    assert exchange.ending is Ending.LOST
    assert "it may want TLS here" in exchange.detail
