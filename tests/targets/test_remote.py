"""A system of a site file: asked, never started or stopped; each way of not answering has its own words."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from pynetdicom import AE, evt

from harness.core.endpoint import Endpoint, EvidenceClass, Permission, Runtime, Service, Timeouts, WebEndpoint
from harness.errors import TargetUnhealthy, UnknownName, UsageError
from harness.targets.factory import chosen_targets, make_target
from harness.targets.remote import RemoteTarget
from harness.targets.site import Site
from harness.targets.target import Place

HASTY = Timeouts(connect=1.0, association=0.3, answer=0.3, stall=0.3)
VERIFICATION = "1.2.840.10008.1.1"

SITE = """
product = "Some PACS"
vendor = "Somebody"
[dicom]
host = "127.0.0.1"
port = {port}
aet = "{aet}"
calling_aet = "OURS"
[allowed]
services = ["echo", "store"]
"""


def remote(endpoint: Endpoint | None, permission: Permission | None = None, web: WebEndpoint | None = None):
    return RemoteTarget(
        Site(
            id="ward3",
            path=Path("ward3.toml"),
            product="Some PACS",
            vendor="Somebody",
            version="4.4",
            endpoint=endpoint,
            web=web,
            permission=permission or Permission(),
        )
    )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place("test", tmp_path, tmp_path)


@contextmanager
def listening() -> Iterator[int]:
    """A socket that takes connections; the system does so for it, and nobody ever answers."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


@contextmanager
def scp(*, aet: str = "ARCHIVE", handlers: list = []) -> Iterator[int]:  # noqa: B006 - never changed
    """A real SCP that knows one called AE title."""
    ae = AE(ae_title=aet)
    ae.require_called_aet = True
    ae.add_supported_context(VERIFICATION)
    server = ae.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()


def test_a_system_that_answers_is_named_as_told(embedded, place):
    with embedded() as (ours, caller):
        target = remote(caller.endpoint)
        assert target.start(place) == caller.endpoint
        identity = target.identity()
        target.stop()
        assert ours.state().alive, "a system that was there before must stay"
        assert target.state().alive
    assert (identity.product, identity.version) == ("Some PACS", "4.4")
    assert (identity.runtime, identity.evidence_class) == (Runtime.REMOTE, EvidenceClass.MEASURED)
    details = dict(identity.details)
    assert details["product and version"] == "as told by the site file ward3.toml"
    assert "PYNETDICOM" in details["implementation"]
    assert not target.state().alive


@pytest.fixture
def start(place) -> Callable[..., str]:
    """Start a target that must fail, and give its message."""

    def start(port: int, permission: Permission | None = None) -> str:
        endpoint = Endpoint("127.0.0.1", port, "WRONG", calling_aet="OURS", timeouts=HASTY)
        with pytest.raises(TargetUnhealthy) as caught:
            remote(endpoint, permission).start(place)
        text = str(caught.value)
        assert f"ward3 at WRONG@127.0.0.1:{port}, called as OURS: " in text
        assert "(ward3.toml)" in text
        return text

    return start


NO_ECHO = Permission(frozenset({Service.STORE}))


@pytest.mark.parametrize("permission", [Permission(), NO_ECHO])
def test_closed_port_says_so(start, permission):
    with listening() as port:
        pass
    text = start(port, permission)
    assert "Connection refused" in text
    assert "no firewall is between" in text


@pytest.mark.parametrize("permission", [Permission(), NO_ECHO])
def test_silent_host_says_so(start, permission):
    with listening() as port:
        text = start(port, permission)
    assert "timed out" in text
    assert "takes connections there and says nothing" in text


@pytest.mark.parametrize("permission", [Permission(), NO_ECHO])
def test_wrong_ae_title_says_so(start, permission):
    with scp() as port:
        text = start(port, permission)
    assert "Called AE title not recognised" in text
    assert "see that dicom.aet is the AE title of the PACS" in text


def test_echo_that_is_not_allowed_is_not_sent(place):
    seen: list[str] = []

    def on_echo(event: evt.Event) -> int:
        seen.append("C-ECHO")
        return 0x0000

    with scp(handlers=[(evt.EVT_C_ECHO, on_echo)]) as port:
        endpoint = Endpoint("127.0.0.1", port, "ARCHIVE", timeouts=HASTY)
        quiet = remote(endpoint, NO_ECHO)
        assert quiet.start(place) == endpoint
        assert quiet.state().alive
        assert seen == []
        remote(endpoint).start(place)
        assert seen == ["C-ECHO"]


def test_a_refused_verification_is_an_answer(place):
    """The system is there; that it refuses C-ECHO is for the check of C-ECHO to tell."""
    ae = AE(ae_title="ARCHIVE")
    ae.add_supported_context("1.2.840.10008.5.1.4.1.1.7")
    server = ae.start_server(("127.0.0.1", 0), block=False)
    try:
        endpoint = Endpoint("127.0.0.1", server.server_address[1], "ARCHIVE", timeouts=HASTY)
        assert remote(endpoint).start(place) == endpoint
    finally:
        server.shutdown()


def test_a_service_without_dimse_has_its_web_part_only(place):
    web = WebEndpoint("https://pacs.example/dicom-web")
    target = remote(None, web=web)
    assert target.start(place) is None
    assert target.web == web
    assert ("DICOMweb", web.base) in target.identity().details


def test_site_file_makes_a_target_named_after_it(tmp_path):
    path = tmp_path / "ward3.toml"
    path.write_text(SITE.format(port=104, aet="ARCHIVE"))
    chosen = chosen_targets(["ward3.toml", "embedded"], start=tmp_path)
    assert chosen == {"ward3": str(path), "embedded": "embedded"}
    target = make_target(chosen["ward3"])
    assert isinstance(target, RemoteTarget)
    assert target.id == "ward3"
    assert target.endpoint == replace(Endpoint("127.0.0.1", 104, "ARCHIVE"), calling_aet="OURS")
    assert target.permission == Permission(frozenset({Service.ECHO, Service.STORE}))


def test_sites_of_a_folder_go_by_name(tmp_path):
    path = tmp_path / "sites" / "ward3.toml"
    path.parent.mkdir()
    path.write_text(SITE.format(port=104, aet="ARCHIVE"))
    assert chosen_targets(["ward3"], start=tmp_path, site_folder=Path("sites")) == {"ward3": str(path)}
    with pytest.raises(UnknownName, match=r"unknown target 'ward4'; known: .*orthanc.*ward3"):
        chosen_targets(["ward4"], start=tmp_path, site_folder=Path("sites"))


def test_two_targets_of_one_name_are_refused(tmp_path):
    for name in ("ward3.toml", "other/ward3.toml", "orthanc.toml"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(SITE.format(port=104, aet="ARCHIVE"))
    with pytest.raises(UsageError, match="another target is called ward3"):
        chosen_targets(["ward3.toml", "other/ward3.toml"], start=tmp_path)
    with pytest.raises(UsageError, match="another target is called orthanc"):
        chosen_targets(["orthanc.toml"], start=tmp_path)


def test_template_as_a_target_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match=r"run 'pacs-harness targets new agfa-impax > my\.toml'"):
        chosen_targets(["agfa-impax"], start=tmp_path)
