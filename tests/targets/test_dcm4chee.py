"""The setup of dcm4chee-arc-light against a stand-in for its REST services, and its files."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.catalogue.places import data_folder
from harness.core.endpoint import Endpoint
from harness.errors import DataFileError, TargetUnhealthy, UnknownName
from harness.targets import dcm4chee, steps
from harness.targets.compose import ComposeTarget, companion_images
from harness.targets.dcm4chee import DEVICE, set_up, without_secrets
from harness.targets.definition import load_definition, read_definition
from harness.targets.engine import check_compose_file, compose_command
from harness.targets.setups import SETUPS
from harness.targets.steps import NotYet, Started, Steps
from tests.targets.conftest import Embedded
from tests.targets.dcm4chee_standin import Archive, serving

DCM4CHEE = load_definition("dcm4chee")
FOLDER = data_folder("compose") / "dcm4chee"

Start = Callable[..., Started]


@pytest.fixture(scope="module")
def answering(embedded: Embedded) -> Iterator[Endpoint]:
    """Something that answers C-ECHO."""
    with embedded() as (_, caller):
        yield caller.endpoint


@pytest.fixture
def archive(monkeypatch: pytest.MonkeyPatch) -> Iterator[Archive]:
    monkeypatch.setattr(steps, "PAUSE", 0.01)
    with serving(Archive()) as archive:
        yield archive


@pytest.fixture
def start(archive: Archive, answering: Endpoint, tmp_path: Path) -> Start:
    """The stand-in as a started PACS; ``seconds`` limits its start."""
    endpoint = replace(answering, receiver_aet="PACS_RECEIVER", receiver_port=11199)

    def started(*, seconds: float = 20, **changes: object) -> Started:
        plain = Started(
            definition=replace(DCM4CHEE, ready_seconds=seconds),
            id="dcm4chee",
            endpoint=endpoint,
            http_url=archive.url,
            receiver_host="host.docker.internal",
            evidence=tmp_path,
            gone=lambda: None,
            log_tail=lambda: "last line",
            say=lambda line: None,
        )
        return replace(plain, **changes)  # type: ignore[arg-type]

    return started


def test_setup_waits_for_the_archive_and_tells_it_where_we_are(archive: Archive, start: Start) -> None:
    archive.polls = 3
    started = start()
    details = dict(set_up(started))
    assert archive.requests[:4] == ["GET /ctrl/status"] * 4
    assert archive.reloads == 1
    assert details["AE titles made known"] == "PACS_RECEIVER, PYTEST_PACS"


@pytest.mark.parametrize("registers", [True, False], ids=["device registers its titles", "titles registered apart"])
def test_move_destination_and_commitment_peer_lead_to_our_receiver(
    archive: Archive, start: Start, registers: bool
) -> None:
    archive.registers = registers
    started = start()
    assert archive.peer("PACS_RECEIVER") is None
    set_up(started)
    ours = ("host.docker.internal", 11199)
    assert archive.peer("PACS_RECEIVER") == ours
    assert archive.peer(started.endpoint.calling_aet) == ours
    assert {"PACS_RECEIVER", started.endpoint.calling_aet} <= archive.unique


def test_registering_again_brings_the_device_up_to_date(archive: Archive, start: Start) -> None:
    started = start()
    set_up(started)
    set_up(replace(started, endpoint=replace(started.endpoint, receiver_port=11200)))
    assert archive.requests.count(f"POST /devices/{DEVICE}") == 1
    assert archive.requests.count(f"PUT /devices/{DEVICE}") == 1
    assert archive.peer("PACS_RECEIVER") == ("host.docker.internal", 11200)
    assert archive.reloads == 2


def test_our_device_lists_no_transfer_capabilities(archive: Archive, start: Start) -> None:
    set_up(start())
    assert "dicomTransferCapability" not in json.dumps(archive.devices[DEVICE])


def test_configuration_of_the_archive_is_kept_without_secrets(archive: Archive, start: Start, tmp_path: Path) -> None:
    details = dict(set_up(start()))
    text = (tmp_path / details["configuration"]).read_text()
    assert "hidden-pin" not in text
    kept = json.loads(text)
    assert kept["dcmDevice"]["dcmArchiveDevice"] == {"dcmOverwritePolicy": "SAME_SOURCE"}
    assert kept["dicomNetworkAE"][0]["dicomTransferCapability"] == ["MPEG2"]


def test_secrets_in_properties_are_removed_too() -> None:
    kept = without_secrets({"dcmProperty": ["credential=abc", "identity=x", "containerPattern=a=b"]})
    assert kept == {"dcmProperty": ["credential=(removed)", "identity=(removed)", "containerPattern=a=b"]}


@pytest.mark.parametrize(
    ("method", "path", "code", "step"),
    [
        ("GET", "/ctrl/status", 503, "archive started"),
        ("GET", f"/devices/{DEVICE}", 401, "our device registered"),
        ("POST", f"/devices/{DEVICE}", 500, "our device registered"),
        ("POST", "/unique/aets/PACS_RECEIVER", 403, "AE title PACS_RECEIVER registered"),
        ("POST", "/unique/aets/PYTEST_PACS", 403, "AE title PYTEST_PACS registered"),
        ("POST", "/ctrl/reload", 500, "configuration reloaded"),
        ("GET", "/aes", 500, "AE title PACS_RECEIVER is ours"),
        ("GET", "/devices/dcm4chee-arc", 404, "configuration kept"),
    ],
)
def test_failed_step_names_itself_the_request_and_the_answer(
    archive: Archive, start: Start, method: str, path: str, code: int, step: str
) -> None:
    archive.failures[method, path] = (code, "x" * 1000 + " the reason")
    with pytest.raises(TargetUnhealthy) as caught:
        set_up(start(seconds=0))
    first, *tail = str(caught.value).split("; its last log lines:\n")
    assert f"dcm4chee-arc-light: step '{step}' failed" in first
    assert f"{method} {archive.url}/dcm4chee-arc{path}" in first
    assert f" answered {code} x" in first
    assert "the reason; " in first
    assert "x" * 400 not in first
    assert tail == ["last line"]


def test_update_that_fails_names_itself(archive: Archive, start: Start) -> None:
    set_up(start())
    archive.failures["PUT", f"/devices/{DEVICE}"] = (500, "read-only")
    with pytest.raises(TargetUnhealthy, match=r"'our device registered' failed: PUT .* answered 500 read-only; "):
        set_up(start())


def test_title_of_another_device_is_not_taken_for_ours(archive: Archive, start: Start) -> None:
    archive.devices["other"] = {"dicomDeviceName": "other", "dicomNetworkAE": [{"dicomAETitle": "PACS_RECEIVER"}]}
    archive.unique.add("PACS_RECEIVER")
    with pytest.raises(
        TargetUnhealthy, match=r"'our device registered' failed: POST .* answered 409 AE Title PACS_REC"
    ):
        set_up(start())
    archive.registers = False
    with pytest.raises(TargetUnhealthy, match=r"'AE title PACS_RECEIVER is ours' failed: GET .*\"other\""):
        set_up(start())


def test_archive_that_never_starts_is_given_up_in_time(archive: Archive, start: Start) -> None:
    archive.polls = 10**6
    with pytest.raises(
        TargetUnhealthy, match=r"'archive started' failed after 0.2 s: GET .* 200 .*STARTING.*ready_sec"
    ):
        set_up(start(seconds=0.2))


def test_closed_http_port_is_named(archive: Archive, start: Start) -> None:
    with pytest.raises(TargetUnhealthy, match=r"'archive started' failed.*http://127.0.0.1:1/dcm4chee-arc/ctrl/status"):
        set_up(start(seconds=0, http_url="http://127.0.0.1:1"))


def test_archive_without_dicom_is_told_from_one_that_did_not_start(
    archive: Archive, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dcm4chee, "_ECHO_SECONDS", 0.0)
    started = start()
    with pytest.raises(TargetUnhealthy, match=r"'C-ECHO answered' failed: C-ECHO to .*:1 was not answered"):
        set_up(replace(started, endpoint=replace(started.endpoint, port=1)))


def test_ended_container_ends_the_waiting(archive: Archive, start: Start) -> None:
    archive.polls = 10**6
    with pytest.raises(
        TargetUnhealthy, match=r"ended in the step 'archive started': exit code 3.*\nlast line"
    ) as caught:
        set_up(start(seconds=3600, gone=lambda: "exit code 3"))
    assert "failed" not in str(caught.value)
    assert len(archive.requests) == 1


def test_slow_step_says_so_now_and_then(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "PAUSE", 0)
    said: list[str] = []
    times = iter(range(0, 100, 2))
    attempts = iter(range(12))

    def attempt() -> str:
        if next(attempts) < 11:
            raise NotYet("GET x answered 404")
        return "done"

    taken = Steps(start(say=said.append), clock=lambda: float(next(times)))
    assert taken.take("archive started", attempt, seconds=60, advice="wait") == "done"
    assert said == [
        "dcm4chee-arc-light: archive started: 6 s of at most 60 s (GET x answered 404)",
        "dcm4chee-arc-light: archive started: 22 s of at most 60 s (GET x answered 404)",
    ]


def test_files_of_the_target_agree() -> None:
    text = (FOLDER / "compose.yaml").read_text()
    parts = (DCM4CHEE.container, *DCM4CHEE.container.companions)
    assert [part.service for part in parts] == ["arc", "ldap", "db"]
    for part in parts:
        assert f"${{{part.image_variable}:-{part.image}}}" in text
    assert DCM4CHEE.setup in SETUPS
    ComposeTarget(DCM4CHEE)


def test_images_of_the_environment_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for companion in DCM4CHEE.container.companions:
        monkeypatch.delenv(companion.image_variable, raising=False)
    monkeypatch.setenv("PACS_DCM4CHEE_DB_IMAGE", "mine:1")
    assert companion_images(DCM4CHEE) == {
        "PACS_DCM4CHEE_LDAP_IMAGE": "dcm4che/slapd-dcm4chee:2.6.13-35.0",
        "PACS_DCM4CHEE_DB_IMAGE": "mine:1",
    }


def test_unknown_setup_is_refused_with_the_known() -> None:
    with pytest.raises(UnknownName, match="unknown setup 'dcm5chee'; known: dcm4chee"):
        ComposeTarget(replace(DCM4CHEE, setup="dcm5chee"))


HTTP = """[http]
port = 8080
dicomweb = "/dcm4chee-arc/aets/DCM4CHEE/rs"
wado_uri = "/dcm4chee-arc/aets/DCM4CHEE/wado"
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (HTTP, "", "http: is missing; a setup needs its port"),
        ('setup = "dcm4chee"', "", "http.version_path: is missing"),
        ("port = 8080", 'port = 8080\nversion_key = "v"', "http.version_path: is missing; give a text"),
        ('service = "ldap"', "", r"container.companions\[0\].service: is missing"),
        ('service = "db"', 'service = "db"\nport = 1', r"container.companions\[1\].port: is not a known key"),
    ],
)
def test_broken_target_file_is_named_with_its_key(tmp_path: Path, old: str, new: str, problem: str) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "dcm4chee"))
    path = folder / "target.toml"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    with pytest.raises(DataFileError, match=problem):
        read_definition(folder)


def composed(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    """What the compose command makes of the file with only these variables of ours."""
    for name in ("ARC_IMAGE", "LDAP_IMAGE", "DB_IMAGE", "HEAP", "MAX_POST", "MEMORY"):
        monkeypatch.delenv(f"PACS_DCM4CHEE_{name}", raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    file = FOLDER / "compose.yaml"
    command = (*compose_command(), "-f", str(file))
    check_compose_file(command, file, environment={})
    return subprocess.run([*command, "config"], capture_output=True, text=True, check=True).stdout


def test_compose_file_is_valid_without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    text = composed(monkeypatch)
    for image in (DCM4CHEE.container.image, *(one.image for one in DCM4CHEE.container.companions)):
        assert f"image: {image}" in text
    assert "-Xmx2g" in text
    assert "/etc/localtime" not in text
    assert text.count("pytest-pacs.run: by-hand") == 4
    assert text.count("pytest-pacs.owner:") == 4


def test_compose_file_is_valid_with_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    text = composed(
        monkeypatch,
        PACS_DCM4CHEE_ARC_IMAGE="mine/arc:1",
        PACS_DCM4CHEE_LDAP_IMAGE="mine/ldap:2",
        PACS_DCM4CHEE_DB_IMAGE="mine/db:3",
        PACS_DCM4CHEE_HEAP="6g",
        PACS_DCM4CHEE_MAX_POST="123456",
        PACS_DCM4CHEE_MEMORY="8g",
        PACS_RUN_ID="run-1",
    )
    for value in ("mine/arc:1", "mine/ldap:2", "mine/db:3", "-Xmx6g", "123456", "run-1"):
        assert value in text
    assert "dcm4che/" not in text
