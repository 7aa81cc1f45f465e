"""A run against a system with TLS: stored, got and moved over it, our receiver included."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.core.endpoint import Endpoint
from harness.targets.embedded.authority import Authority
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.target import Place

SITE = """
product = "Some PACS"
vendor = "Somebody"
[dicom]
host = "127.0.0.1"
port = {port}
aet = "{aet}"
calling_aet = "OURS"
[dicom.tls]
authorities = "{folder}/authority.pem"
certificate = "{certificate}/certificate.pem"
key = "{certificate}/key.pem"
[dicom.receiver]
aet = "{receiver_aet}"
host = "127.0.0.1"
port = {receiver_port}
[allowed]
services = ["echo", "store", "get", "move"]
largest = "1MiB"
"""

Secured = tuple[Endpoint, Authority]


@pytest.fixture
def secured(tmp_path: Path) -> Iterator[Secured]:
    authority = Authority(tmp_path / "tls")
    authority.issue()
    target = EmbeddedTarget(tls=authority.folder)
    yield target.start(Place("test", tmp_path / "scratch", tmp_path / "evidence")), authority
    target.stop()


def site(pytester: pytest.Pytester, secured: Secured, *, certificate: Authority) -> str:
    endpoint, authority = secured
    text = SITE.format(
        port=endpoint.port,
        aet=endpoint.aet,
        folder=authority.folder,
        certificate=certificate.folder,
        receiver_aet=endpoint.receiver_aet,
        receiver_port=endpoint.receiver_port,
    )
    (pytester.path / "ward3.toml").write_text(text)
    return "--pacs=ward3.toml"


def test_every_path_of_a_run_goes_over_tls(pytester: pytest.Pytester, secured: Secured) -> None:
    option = site(pytester, secured, certificate=secured[1])
    pytester.runpytest_subprocess(option, "--pacs-format=mpeg2_ml", "--pyargs", "harness.checks")
    record = json.loads(next(pytester.path.glob("reports/*/run.json")).read_text())
    outcomes = {one["cell"]["check"]: (one["outcome"], one["reason"]) for one in record["results"]}
    assert [outcomes[check][0] for check in ("STO-ACK", "RET-GET", "RET-MOVE")] == ["PASS"] * 3, outcomes


def test_a_certificate_that_the_system_does_not_trust_stops_at_the_start(
    pytester: pytest.Pytester, secured: Secured, tmp_path: Path
) -> None:
    other = Authority(tmp_path / "other")
    other.issue()
    option = site(pytester, secured, certificate=other)
    result = pytester.runpytest_subprocess(option, "--pacs-format=mpeg2_ml", "--pyargs", "harness.checks")
    text = result.stdout.str() + result.stderr.str()
    assert "the peer does not trust our certificate: have its authority imported there" in text
