from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.endpoint import Runtime
from harness.errors import EngineUnavailable, ImageMissing, UnknownName
from harness.targets import engine, runtime
from harness.targets.compose import ComposeTarget
from harness.targets.definition import load_definition
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.factory import make_target
from harness.targets.native import NativeTarget
from harness.targets.runtime import Choice, choose_runtime, find_binary

ORTHANC = load_definition("orthanc")


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine with nothing installed."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.delenv("PACS_ORTHANC_IMAGE", raising=False)
    return monkeypatch


def install(tmp_path: Path) -> None:
    program = tmp_path / "Orthanc"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)


def test_bare_machine_is_told_both_ways(machine: pytest.MonkeyPatch) -> None:
    with pytest.raises(EngineUnavailable, match=r"compose.*; install one of them, or install Orthanc") as caught:
        choose_runtime(ORTHANC)
    assert "--pacs-runtime=native" not in str(caught.value)


def test_what_runs_in_a_container_only_is_not_to_be_installed(machine: pytest.MonkeyPatch) -> None:
    definition = replace(ORTHANC, native=None)
    with pytest.raises(EngineUnavailable, match=r"install one of them$"):
        choose_runtime(definition)
    with pytest.raises(EngineUnavailable, match="leave out --pacs-runtime=native"):
        choose_runtime(definition, "native")


def test_without_container_the_program_is_used_and_says_why(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path)
    assert find_binary(ORTHANC) == tmp_path / "Orthanc"
    choice = choose_runtime(ORTHANC)
    assert choice.runtime is Runtime.NATIVE
    assert "neither 'docker compose' nor 'docker-compose' works" in choice.reason


@pytest.mark.parametrize(("here", "pullable"), [(True, False), (False, True)])
@pytest.mark.parametrize("wanted", ["auto", "container"])
def test_container_comes_first_where_it_can_work(
    machine: pytest.MonkeyPatch, tmp_path: Path, wanted: str, here: bool, pullable: bool
) -> None:
    install(tmp_path)
    with_engine(machine, here=here, pullable=pullable)
    assert choose_runtime(ORTHANC, wanted) == Choice(Runtime.CONTAINER)


def test_engine_without_image_leaves_the_program(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_engine(machine, here=False, pullable=False)
    ways = r"'make images' or 'python -m harness\.targets\.images', and set PACS_ORTHANC_IMAGE .*, or install Orthanc"
    with pytest.raises(ImageMissing, match=ways):
        choose_runtime(ORTHANC)
    install(tmp_path)
    choice = choose_runtime(ORTHANC)
    assert choice.runtime is Runtime.NATIVE
    assert f"image '{ORTHANC.container.image}' is not here and cannot be pulled (no route)" in choice.reason


def test_image_of_the_user_is_not_replaced_by_the_program(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path)
    machine.setenv("PACS_ORTHANC_IMAGE", "mine:1")
    with pytest.raises(EngineUnavailable, match=r"or test the installed .*Orthanc by --pacs-runtime=native"):
        choose_runtime(ORTHANC)
    with_engine(machine, here=False, pullable=False)
    with pytest.raises(ImageMissing, match=r"image 'mine:1' is not here.* --pacs-runtime=native"):
        choose_runtime(ORTHANC)
    assert choose_runtime(ORTHANC, "native").runtime is Runtime.NATIVE


def test_wanted_container_is_looked_for_before_anything_starts(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match=r"install one of them$"):
        choose_runtime(ORTHANC, "container")
    install(tmp_path)
    with_engine(machine, here=False, pullable=False)
    with pytest.raises(ImageMissing, match=r"or test the installed .*Orthanc by --pacs-runtime=native"):
        choose_runtime(ORTHANC, "container")


def test_wanted_program_is_used_where_a_container_could_be(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(EngineUnavailable, match="install Orthanc"):
        choose_runtime(ORTHANC, "native")
    install(tmp_path)
    with_engine(machine, here=True, pullable=True)
    assert choose_runtime(ORTHANC, "native") == Choice(Runtime.NATIVE, "--pacs-runtime=native asks for it")


def test_made_target_knows_why_it_runs_natively(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path)
    target = make_target("orthanc")
    assert isinstance(target, NativeTarget)
    assert "docker-compose" in target._reason
    with_engine(machine, here=True, pullable=False)
    assert isinstance(make_target("orthanc"), ComposeTarget)
    assert isinstance(make_target("embedded"), EmbeddedTarget)


def test_unknown_runtime_is_refused() -> None:
    with pytest.raises(UnknownName, match="unknown runtime 'podman'; known: auto, container, native"):
        choose_runtime(ORTHANC, "podman")


def with_engine(machine: pytest.MonkeyPatch, *, here: bool, pullable: bool) -> None:
    """An engine that answers, and has or can fetch the image, or not."""

    class Client:
        def __enter__(self) -> "Client":
            return self

        def __exit__(self, *error: object) -> None:
            pass

    machine.setattr(runtime, "compose_command", lambda: ("docker", "compose"))
    machine.setattr(runtime, "connect", Client)
    machine.setattr(engine, "has_image", lambda client, reference: here)
    machine.setattr(engine, "_pull_obstacle", lambda reference: None if pullable else OSError("no route"))
