"""Tests with a real engine; they run where it and the images of ``make images`` are, and must run in CI."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest
from pydicom import Dataset, dcmread

from harness.catalogue.places import data_folder
from harness.clients.dimse import DimseClient, Receiver
from harness.core.endpoint import Endpoint, Runtime
from harness.errors import DataFileError, EngineUnavailable, ImageMissing, PortTaken, TargetUnhealthy
from harness.targets.compose import ComposeTarget, image_of
from harness.targets.definition import TargetDefinition, load_definition, read_definition
from harness.targets.engine import connect, has_image
from harness.targets.leftovers import sweep_leftovers
from harness.targets.owner import OWNER_LABEL, RUN_LABEL, Owner
from harness.targets.runtime import choose_runtime
from harness.targets.target import Place

ORTHANC = load_definition("orthanc")
assert ORTHANC.build is not None
IMAGES = [f"{ORTHANC.build.repository}:{version}" for version, _ in ORTHANC.build.suites]


def absent(what: str) -> NoReturn:
    """On a desk a test may be skipped for want of a tool, in CI never."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and CI must have it")
    pytest.skip(what)


@pytest.fixture
def image(request: pytest.FixtureRequest) -> str:
    """An image that is on this machine."""
    reference: str = getattr(request, "param", IMAGES[0])
    try:
        with connect() as client:
            here = has_image(client, reference)
    except EngineUnavailable as error:
        absent(str(error))
    if not here:
        absent(f"image {reference} is not here; run 'make images'")
    return reference


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(f"test-{tmp_path.name}-{os.getpid()}", tmp_path / "scratch", tmp_path / "evidence")
    place.scratch.mkdir()
    place.evidence.mkdir()
    return place


@pytest.fixture
def broken(tmp_path: Path) -> TargetDefinition:
    """Orthanc with a configuration that it refuses."""
    folder = Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "broken"))
    (folder / "orthanc.json").write_text('{"DicomPort": "none"}')
    return read_definition(folder)


def left_of(run_id: str) -> list[str]:
    """Names of containers and networks of a run."""
    label = f"{RUN_LABEL}={run_id}"
    with connect() as client:
        containers = client.containers.list(all=True, filters={"label": label}, ignore_removed=True)
        networks = client.networks.list(filters={"label": label})
        return [str(container.name) for container in containers] + [str(network.name) for network in networks]


def move_to_us(endpoint: Endpoint, made: tuple[Path, Dataset], into: Path) -> list[Path]:
    """Store an object, have it moved to our receiver, and return what arrived."""
    path, data = made
    syntax = str(data.file_meta.TransferSyntaxUID)
    client = DimseClient(endpoint)
    stored = client.store(
        path,
        sop_class_uid=data.SOPClassUID,
        sop_instance_uid=data.SOPInstanceUID,
        transfer_syntax_uid=syntax,
        size=path.stat().st_size,
    )
    assert stored.status == 0x0000, stored.summary
    assert endpoint.receiver_port is not None
    assert endpoint.receiver_aet is not None
    address = (endpoint.receiver_host, endpoint.receiver_port, endpoint.receiver_aet)
    with Receiver(*address, into=into, contexts=[(data.SOPClassUID, syntax)]) as receiver:
        moved, received = client.move(
            study_uid=data.StudyInstanceUID,
            series_uid=data.SeriesInstanceUID,
            instance_uid=data.SOPInstanceUID,
            sop_class_uid=data.SOPClassUID,
            transfer_syntax_uid=syntax,
            receiver=receiver,
        )
    assert moved.status == 0x0000, moved.summary
    return list(received)


@pytest.mark.parametrize("image", IMAGES, indirect=True)
def test_container_moves_to_our_receiver_and_leaves_nothing(
    image: str, place: Place, make_object: Callable[[], tuple[Path, Dataset]]
) -> None:
    made = make_object()
    target = ComposeTarget(ORTHANC, name="orthanc-a", image=image)
    try:
        received = move_to_us(target.start(place), made, place.scratch)
        assert [dcmread(path).SOPInstanceUID for path in received] == [made[1].SOPInstanceUID]

        identity = target.identity()
        assert (identity.id, identity.product) == ("orthanc-a", "Orthanc")
        assert identity.version == image.rpartition(":")[2]
        assert identity.runtime is Runtime.CONTAINER
        details = dict(identity.details)
        assert details["image"] == image
        assert details["image id"].startswith("sha256:")
        state = target.state()
        assert (state.alive, state.out_of_memory, state.restarts) == (True, False, 0)
        assert state.memory_peak is not None
        assert state.memory_peak > 10_000_000
        assert len(left_of(place.run_id)) == 2
    finally:
        target.stop()
    target.stop()
    assert left_of(place.run_id) == []
    assert not target.state().alive
    log = (place.evidence / "orthanc-a.log").read_text()
    assert "Orthanc has started" in log
    assert "Orthanc has stopped" in log
    assert (place.evidence / "orthanc-a-orthanc.json").read_bytes() == ORTHANC.configuration.read_bytes()


def test_ended_container_shows_in_state(image: str, place: Place) -> None:
    target = ComposeTarget(ORTHANC, image=image)
    try:
        target.start(place)
        with connect() as client:
            client.containers.list(filters={"label": f"{RUN_LABEL}={place.run_id}"})[0].kill()
        limit = time.monotonic() + 10
        while target.state().alive:
            assert time.monotonic() < limit
            time.sleep(0.05)
        assert target.state().exit_code == 137
    finally:
        target.stop()


def test_container_that_ends_at_once_is_told_at_once(image: str, broken: TargetDefinition, place: Place) -> None:
    began = time.monotonic()
    target = ComposeTarget(broken, image=image)
    with pytest.raises(TargetUnhealthy, match=r"ended while starting: exit code") as caught:
        target.start(place)
    assert "DicomPort" in str(caught.value)
    assert time.monotonic() - began < broken.ready_seconds / 2
    assert left_of(place.run_id) == []
    assert "DicomPort" in (place.evidence / "broken.log").read_text()


def test_container_without_owner_label_is_refused(image: str, tmp_path: Path, place: Place) -> None:
    folder = Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "unowned"))
    compose = folder / "compose.yaml"
    compose.write_text(compose.read_text().replace("pytest-pacs.run", "somebody.run"))
    with pytest.raises(DataFileError, match=r"labels: must set pytest-pacs\.run"):
        ComposeTarget(read_definition(folder), image=image).start(place)
    with connect() as client:
        assert not client.containers.list(all=True, filters={"label": f"somebody.run={place.run_id}"})


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("services:", "services: [", "pars|did not find"), ("image:", "imago:", "imago")],
    ids=["no YAML", "unknown key"],
)
def test_broken_compose_file_is_named(image: str, tmp_path: Path, place: Place, old: str, new: str, said: str) -> None:
    folder = Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "typo"))
    compose = folder / "compose.yaml"
    compose.write_text(compose.read_text().replace(old, new, 1))
    with pytest.raises(DataFileError, match=said) as caught:
        ComposeTarget(read_definition(folder), image=image).start(place)
    assert str(caught.value).startswith(f"{compose}: file: ")
    assert "\n" not in str(caught.value)
    assert left_of(place.run_id) == []


def test_failed_start_begins_with_what_the_engine_says(image: str, tmp_path: Path, place: Place) -> None:
    folder = Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "commandless"))
    compose = folder / "compose.yaml"
    compose.write_text(compose.read_text().replace("    ports:", '    entrypoint: ["no-such-program"]\n    ports:', 1))
    with pytest.raises(TargetUnhealthy, match=r"(?i)^error.*no-such-program.* \('compose up --detach'\)") as caught:
        ComposeTarget(read_definition(folder), image=image).start(place)
    assert "\n" not in str(caught.value)
    assert left_of(place.run_id) == []


def test_taken_port_is_told_as_such(image: str, tmp_path: Path, place: Place) -> None:
    folder = Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "fixed-port"))
    compose = folder / "compose.yaml"
    with socket.create_server(("127.0.0.1", 0)) as owner:
        port = owner.getsockname()[1]
        compose.write_text(compose.read_text().replace("127.0.0.1::4242", f"127.0.0.1:{port}:4242"))
        with pytest.raises(PortTaken, match=rf"(?i)^error.*{port}.*; start the run again"):
            ComposeTarget(read_definition(folder), image=image).start(place)
    assert left_of(place.run_id) == []


def test_malformed_image_name_names_the_variable(image: str, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACS_ORTHANC_IMAGE", "Not An Image")
    with pytest.raises(ImageMissing, match=r"'Not An Image'.*invalid reference format.*set PACS_ORTHANC_IMAGE"):
        choose_runtime(ORTHANC)
    with pytest.raises(ImageMissing, match=r"'Not An Image'.*invalid reference format.*set PACS_ORTHANC_IMAGE"):
        ComposeTarget(ORTHANC).start(place)


def test_absent_image_names_the_way_out(image: str, place: Place) -> None:
    target = ComposeTarget(ORTHANC, image="localhost:1/absent/orthanc:0")
    with pytest.raises(ImageMissing, match=r"make images.* PACS_ORTHANC_IMAGE"):
        target.start(place)
    assert left_of(place.run_id) == []


def test_absent_engine_names_the_way_out(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    with pytest.raises(EngineUnavailable, match=r"/nowhere/docker\.sock.*; install and start Docker Engine$"):
        ComposeTarget(ORTHANC).start(place)


def test_environment_chooses_the_image(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PACS_ORTHANC_IMAGE", raising=False)
    assert image_of(ORTHANC) == ORTHANC.container.image
    monkeypatch.setenv("PACS_ORTHANC_IMAGE", "mine:1")
    assert image_of(ORTHANC) == "mine:1"


HARNESS = """
import sys, time
from pathlib import Path
from harness.targets.compose import ComposeTarget
from harness.targets.definition import load_definition
from harness.targets.scratch import RunScratch

image, run_id, folder = sys.argv[1:]
with RunScratch(run_id, parent=Path(folder)) as scratch:
    target = ComposeTarget(load_definition("orthanc"), image=image)
    target.start(scratch.place("orthanc", Path(folder) / "evidence"))
    print("ready", flush=True)
    time.sleep(60)
"""


def test_killed_harness_leaves_no_container(image: str, tmp_path: Path) -> None:
    run_id = f"killed-{os.getpid()}"
    command = [sys.executable, "-c", HARNESS, image, run_id, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        assert len(left_of(run_id)) == 2
        process.kill()
    limit = time.monotonic() + 20
    while left := left_of(run_id) + list(tmp_path.glob("pytest-pacs-*")):
        assert time.monotonic() < limit, left
        time.sleep(0.1)


@pytest.mark.usefixtures("image")
def test_sweep_removes_networks_of_the_dead_only(place: Place, tmp_path: Path) -> None:
    alive = Owner.current()
    with connect() as client:
        for name, owner in (("alive", alive), ("dead", replace(alive, created=0.0))):
            labels = {RUN_LABEL: place.run_id, OWNER_LABEL: str(owner)}
            client.networks.create(f"{place.run_id}-{name}", labels=labels)
        try:
            assert f"network {place.run_id}-dead" in sweep_leftovers(parent=tmp_path)
            assert left_of(place.run_id) == [f"{place.run_id}-alive"]
        finally:
            for network in client.networks.list(filters={"label": f"{RUN_LABEL}={place.run_id}"}):
                network.remove()
