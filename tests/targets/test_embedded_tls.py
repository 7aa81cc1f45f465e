"""The embedded PACS over TLS: it serves, and moves, only among those who trust each other."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.clients.dimse import DimseClient, RetryPolicy
from harness.core.endpoint import Tls
from harness.core.exchange import Ending
from tests.clients.authorities import Authority
from tests.targets.conftest import Caller, Embedded, MakeObject


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("tls") / "folder")
    made.issue()
    return made


@pytest.fixture(scope="module")
def caller(embedded: Embedded, authority: Authority) -> Iterator[Caller]:
    with embedded(tls=authority.folder) as (_, caller):
        yield caller


def test_what_was_stored_over_tls_comes_back_over_tls(caller: Caller, make_object: MakeObject) -> None:
    made = make_object(bytes(range(256)) * 8000)
    assert caller.endpoint.tls is not None
    assert caller.store(made).status == 0
    assert caller.find(made) != ()
    for exchange, files in (caller.get(made), caller.move(made)):
        assert (exchange.ending, exchange.status, len(files)) == (Ending.ANSWERED, 0, 1), exchange.detail
        assert files[0].read_bytes()[-1_000_000:] == made[0].read_bytes()[-1_000_000:]


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
