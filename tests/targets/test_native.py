import json
import os
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import psutil
import pytest

from harness.catalogue.places import data_folder
from harness.core.endpoint import EvidenceClass, Runtime
from harness.errors import DataFileError, EngineUnavailable, TargetUnhealthy
from harness.targets.definition import TargetDefinition, load_definition, read_definition
from harness.targets.native import NativeTarget, configured
from harness.targets.runtime import find_binary
from harness.targets.target import Place

ORTHANC = load_definition("orthanc")
VALUES = {"dicom_port": "104", "http_port": "80", "storage": "/where ever"}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place("test", tmp_path / "scratch", tmp_path / "evidence")
    place.scratch.mkdir()
    place.evidence.mkdir()
    return place


@pytest.fixture
def orthanc_here() -> None:
    """On a desk a test may be skipped for want of a tool, in CI never."""
    if find_binary(ORTHANC) is None:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing("Orthanc is not installed, and CI must have it")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "somepacs"))


def definition_running(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> TargetDefinition:
    """A PACS whose program is a shell script of ours."""
    program = folder / "bin" / "somepacs"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    file = folder / "target.toml"
    text = file.read_text().replace('["Orthanc"]', '["absent", "somepacs"]')
    file.write_text(text.replace("ready_seconds = 60", "ready_seconds = 1"))
    return read_definition(folder)


def test_settings_lie_over_the_configuration() -> None:
    configuration = configured(ORTHANC, VALUES)
    assert (configuration["DicomPort"], configuration["HttpPort"]) == (104, 80)
    assert configuration["StorageDirectory"] == "/where ever"
    assert configuration["RemoteAccessAllowed"] is False
    assert configuration["DicomAet"] == "ORTHANC"


def test_unknown_value_in_settings_is_named(folder: Path) -> None:
    file = folder / "target.toml"
    file.write_text(file.read_text().replace('"{http_port}"', '"{web_port}"'))
    with pytest.raises(DataFileError, match=r"native\.settings\.HttpPort: is '\{web_port\}'; known: \{dicom_port\}"):
        configured(read_definition(folder), VALUES)


@pytest.mark.usefixtures("orthanc_here")
def test_installed_orthanc_runs_and_ends(place: Place) -> None:
    target = NativeTarget(ORTHANC, reason="a test asks for it")
    try:
        endpoint = target.start(place)
        assert (endpoint.host, endpoint.receiver_host) == ("127.0.0.1", "127.0.0.1")
        identity = target.identity()
        assert (identity.id, identity.runtime) == ("orthanc", Runtime.NATIVE)
        assert identity.evidence_class is EvidenceClass.MEASURED
        assert dict(identity.details)["runs natively because"] == "a test asks for it"
        stated = subprocess.run(["Orthanc", "--version"], capture_output=True, text=True, check=True).stdout
        assert f"Orthanc {identity.version}\n" in stated
        state = target.state()
        assert state.alive
        assert state.memory_peak is not None
        assert state.memory_peak > 10_000_000
        http_port = json.loads((place.evidence / "orthanc-orthanc.json").read_text())["HttpPort"]
        with urllib.request.urlopen(f"http://127.0.0.1:{http_port}/modalities/receiver/configuration") as answer:
            told = answer.read().decode()
        assert f'"{endpoint.receiver_aet}"' in told
        assert str(endpoint.receiver_port) in told
    finally:
        target.stop()
    target.stop()
    assert not target.state().alive
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((endpoint.host, endpoint.port), timeout=5)
    assert "Orthanc has stopped" in (place.evidence / "orthanc.log").read_text()
    assert (place.evidence / "orthanc-orthanc.json").is_file()


def test_program_that_ends_at_once_is_told_with_its_log(
    folder: Path, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = NativeTarget(definition_running("echo no licence; exit 3", folder, monkeypatch), reason="a test")
    with pytest.raises(TargetUnhealthy, match=r"ended while starting: exit code 3(.|\n)*no licence"):
        target.start(place)
    assert not target.state().alive


def test_program_that_never_answers_is_ended(folder: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = set(psutil.Process().children(recursive=True))
    target = NativeTarget(definition_running("echo thinking; exec sleep 60", folder, monkeypatch), reason="a test")
    with pytest.raises(TargetUnhealthy, match=r"not ready after 1 s \(no C-ECHO answered\)(.|\n)*thinking"):
        target.start(place)
    assert set(psutil.Process().children(recursive=True)) == before


def test_absent_program_names_the_next_step(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineUnavailable, match="install Orthanc"):
        NativeTarget(ORTHANC, reason="a test").start(place)


def test_identity_needs_a_start() -> None:
    with pytest.raises(TargetUnhealthy, match="start it first"):
        NativeTarget(ORTHANC, reason="a test").identity()


HARNESS = """
import sys, time
from pathlib import Path
from harness.targets.definition import load_definition
from harness.targets.native import NativeTarget
from harness.targets.scratch import RunScratch

with RunScratch("killed", parent=Path(sys.argv[1])) as scratch:
    target = NativeTarget(load_definition("orthanc"), reason="a test")
    target.start(scratch.place("orthanc", Path(sys.argv[1]) / "evidence"))
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.mark.usefixtures("orthanc_here")
def test_killed_harness_leaves_no_program(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HARNESS, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        programs = psutil.Process(process.pid).children(recursive=True)
        assert "Orthanc" in [program.name() for program in programs]
        process.kill()
    assert psutil.wait_procs(programs, timeout=20)[1] == []
    assert not (tmp_path / "pytest-pacs-killed").exists()
