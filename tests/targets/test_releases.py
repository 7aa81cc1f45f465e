import shutil
from pathlib import Path

import pytest

from harness.catalogue.places import data_folder
from harness.core.endpoint import Runtime
from harness.errors import DataFileError, EngineUnavailable, TargetUnhealthy, UnknownName
from harness.targets.compose import ComposeTarget, image_hint, image_of
from harness.targets.definition import fill_templates, load_definition, read_definition
from harness.targets.native import NativeTarget
from harness.targets.readiness import version_in
from harness.targets.runtime import choose_runtime


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine without engine, whose only program is an Orthanc that says that it is 1.12.7."""
    program = tmp_path / "Orthanc"
    program.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Orthanc 1.12.7"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.delenv("PACS_ORTHANC_IMAGE", raising=False)
    return monkeypatch


def test_release_has_its_own_image_and_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PACS_ORTHANC_IMAGE", "mine:1")
    old, new = load_definition("orthanc@1.10.1"), load_definition("orthanc@1.12.7")
    assert (old.id, new.id) == ("orthanc@1.10.1", "orthanc@1.12.7")
    assert (image_of(old), image_of(new)) == ("pytest-pacs/orthanc:1.10.1", "pytest-pacs/orthanc:1.12.7")
    assert image_of(load_definition("orthanc")) == "mine:1"
    assert "leave out @1.10.1 and set PACS_ORTHANC_IMAGE" in image_hint(old)
    assert ComposeTarget(old).id == "orthanc@1.10.1"


def test_every_built_release_can_be_asked_for() -> None:
    for name in ("orthanc", "dcmtk"):
        build = load_definition(name).build
        assert build is not None
        for version, _ in build.suites:
            assert image_of(load_definition(f"{name}@{version}")) == f"{build.repository}:{version}"


@pytest.mark.parametrize("name", ["orthanc@9.9", "orthanc@"])
def test_unknown_release_is_refused_with_the_known(name: str) -> None:
    with pytest.raises(UnknownName, match=r"unknown release of orthanc '.*'; known: 1\.10\.1, 1\.12\.7, 1\.13\.0"):
        load_definition(name)


def test_our_own_pacs_has_no_releases() -> None:
    with pytest.raises(UnknownName, match="unknown target 'embedded@1'"):
        load_definition("embedded@1")


def test_other_version_than_asked_for_is_not_tested() -> None:
    target = ComposeTarget(load_definition("orthanc@1.12.7"))
    with pytest.raises(TargetUnhealthy, match=r"release 1\.12\.7 was asked for and version 1\.10\.1 runs"):
        target._identify("1.10.1", ())
    target._identify("1.12.7", ())
    assert target.identity().version == "1.12.7"


@pytest.mark.usefixtures("machine")
def test_installed_program_serves_its_own_release_only() -> None:
    for wanted in ("auto", "native"):
        assert choose_runtime(load_definition("orthanc@1.12.7"), wanted).runtime is Runtime.NATIVE
    with pytest.raises(EngineUnavailable, match=r"compose.*; install one of them$"):
        choose_runtime(load_definition("orthanc@1.10.1"))
    with pytest.raises(EngineUnavailable, match=r"Orthanc is version 1\.12\.7; install 1\.10\.1"):
        choose_runtime(load_definition("orthanc@1.10.1"), "native")
    assert NativeTarget(load_definition("orthanc@1.12.7"), reason="a test").id == "orthanc@1.12.7"


def test_variable_for_another_image_does_not_bind_a_release(machine: pytest.MonkeyPatch) -> None:
    machine.setenv("PACS_ORTHANC_IMAGE", "mine:1")
    assert choose_runtime(load_definition("orthanc@1.12.7")).runtime is Runtime.NATIVE


@pytest.mark.parametrize(
    ("output", "version"),
    [
        ("$dcmtk: dcmqrscp v3.6.7 2022-04-22 $", "3.6.7"),
        ("Orthanc 1.12.7\nCopyright (C) 2012-2016", "1.12.7"),
        ("mainline", None),
        ("", None),
    ],
)
def test_version_is_found_in_what_a_program_says(output: str, version: str | None) -> None:
    assert version_in(output) == version


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(data_folder("compose") / "dcmtk", tmp_path / "somepacs"))


VALUES = dict.fromkeys(("dicom_port", "storage", "receiver_aet", "receiver_host", "receiver_port"), "7")


def test_templates_are_filled(tmp_path: Path) -> None:
    fill_templates(load_definition("dcmtk"), tmp_path, VALUES)
    assert "receiver = (7, 7, 7)" in (tmp_path / "dcmqrscp.cfg").read_text()
    assert "{" not in "".join(file.read_text() for file in tmp_path.glob("*.cfg"))


def test_template_with_an_unknown_name_is_named(folder: Path, tmp_path: Path) -> None:
    file = folder / "dcmqrscp.cfg"
    file.write_text(file.read_text().replace("{storage}", "{store}"))
    with pytest.raises(DataFileError, match=r"dcmqrscp\.cfg: file: names 'store'; known: \{dicom_port\}, \{storage\}"):
        fill_templates(read_definition(folder), tmp_path, VALUES)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('"negotiation.cfg"]', '"absent.cfg"]', "templates: names 'absent.cfg'"),
        ("arguments = [", "words = [", "native.words: is not a known key"),
    ],
)
def test_broken_template_target_is_named_with_its_key(folder: Path, old: str, new: str, key: str) -> None:
    file = folder / "target.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new, 1))
    with pytest.raises(DataFileError) as caught:
        read_definition(folder)
    assert key in str(caught.value)


def test_without_http_a_version_command_is_needed(folder: Path) -> None:
    file = folder / "target.toml"
    text = file.read_text()
    file.write_text(text[: text.index("[build]")])
    with pytest.raises(DataFileError, match=r"http: is missing, and so is \[build\]"):
        read_definition(folder)
