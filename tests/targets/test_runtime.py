from pathlib import Path

import pytest

from harness.core.endpoint import Runtime
from harness.errors import EngineUnavailable, UnknownName
from harness.targets import runtime
from harness.targets.definition import load_definition
from harness.targets.runtime import choose_runtime, find_binary

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
    with pytest.raises(EngineUnavailable, match=r"no container: .*docker.*; no native program: install Orthanc"):
        choose_runtime(ORTHANC)


def test_without_container_the_program_is_used(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path)
    assert find_binary(ORTHANC) == tmp_path / "Orthanc"
    assert choose_runtime(ORTHANC) is Runtime.NATIVE


@pytest.mark.parametrize(("here", "pullable"), [(True, False), (False, True)])
def test_container_comes_first_where_it_can_work(
    machine: pytest.MonkeyPatch, tmp_path: Path, here: bool, pullable: bool
) -> None:
    install(tmp_path)
    with_engine(machine, here=here, pullable=pullable)
    assert choose_runtime(ORTHANC) is Runtime.CONTAINER


def test_engine_without_image_leaves_the_program(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with_engine(machine, here=False, pullable=False)
    with pytest.raises(EngineUnavailable, match=r"run 'make images' and set PACS_ORTHANC_IMAGE"):
        choose_runtime(ORTHANC)
    install(tmp_path)
    assert choose_runtime(ORTHANC) is Runtime.NATIVE


def test_wanted_runtime_is_not_replaced(machine: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert choose_runtime(ORTHANC, "container") is Runtime.CONTAINER
    with pytest.raises(EngineUnavailable, match="install Orthanc"):
        choose_runtime(ORTHANC, "native")
    install(tmp_path)
    with_engine(machine, here=True, pullable=True)
    assert choose_runtime(ORTHANC, "native") is Runtime.NATIVE


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
    machine.setattr(runtime, "has_image", lambda client, reference: here)
    machine.setattr(runtime, "can_pull", lambda reference: pullable)
