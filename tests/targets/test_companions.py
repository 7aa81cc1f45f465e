"""A PACS of several containers that needs a setup, with a real engine: Orthanc stands for it."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.catalogue.places import data_folder
from harness.core.endpoint import TargetIdentity
from harness.errors import EngineUnavailable, ImageMissing, TargetUnhealthy
from harness.targets.compose import ComposeTarget, version_of_image
from harness.targets.definition import TargetDefinition, load_definition, read_definition
from harness.targets.engine import connect, has_image
from harness.targets.readiness import answers_echo
from harness.targets.runtime import choose_runtime
from harness.targets.setups import SETUPS
from harness.targets.steps import NotYet, Started, Steps
from harness.targets.target import Place

ORTHANC = load_definition("orthanc")
assert ORTHANC.build is not None
IMAGE = f"{ORTHANC.build.repository}:{ORTHANC.build.suites[0][0]}"

COMPANION = """
  helper:
    image: ${{PACS_HELPER_IMAGE}}
    entrypoint: {entrypoint}
    labels: *owner

networks:
"""

#: A companion that does nothing until it is told to end.
IDLE = '["sh", "-c", "trap exit TERM; sleep 600 & wait"]'


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch) -> str:
    """An image that is on this machine, for the PACS and its companion."""
    try:
        with connect() as client:
            here = has_image(client, IMAGE)
        missing = "" if here else f"image {IMAGE} is not here; run 'make images'"
    except EngineUnavailable as error:
        missing = str(error)
    if missing and os.environ.get("CI"):
        pytest.fail(f"{missing}, and CI must have it")
    if missing:
        pytest.skip(missing)
    monkeypatch.setenv("PACS_ORTHANC_IMAGE", IMAGE)
    monkeypatch.setenv("PACS_HELPER_IMAGE", IMAGE)
    return IMAGE


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(f"test-{tmp_path.name}-{os.getpid()}", tmp_path / "scratch", tmp_path / "evidence")
    place.scratch.mkdir()
    place.evidence.mkdir()
    return place


def definition(tmp_path: Path, entrypoint: str) -> TargetDefinition:
    """Orthanc with a companion and a setup."""
    folder = Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "pair"))
    compose, target = folder / "compose.yaml", folder / "target.toml"
    text = compose.read_text()
    assert "\nnetworks:\n" in text
    compose.write_text(text.replace("\nnetworks:\n", COMPANION.format(entrypoint=entrypoint)))
    target.write_text(
        target.read_text().replace('product = "Orthanc"', 'product = "Orthanc"\nsetup = "told"')
        + '\n[[container.companions]]\nservice = "helper"\nimage_variable = "PACS_HELPER_IMAGE"\nimage = "none:1"\n'
    )
    return read_definition(folder)


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Started]]:
    """A setup that waits for C-ECHO and keeps what it was told."""
    heard: list[Started] = []

    def set_up(started: Started) -> tuple[tuple[str, str], ...]:
        def echo() -> None:
            if not answers_echo(started.endpoint):
                raise NotYet("no C-ECHO answered")

        heard.append(started)
        Steps(started).take("C-ECHO answered", echo, seconds=60, advice="look at the log")
        return (("told", "all"),)

    monkeypatch.setitem(SETUPS, "told", set_up)
    return heard


def test_setup_hears_of_the_started_pacs_and_companions_are_identified(
    image: str, place: Place, tmp_path: Path, told: list[Started]
) -> None:
    target = ComposeTarget(definition(tmp_path, IDLE))
    try:
        endpoint = target.start(place)
        (started,) = told
        assert started.endpoint == endpoint
        assert started.http_url.startswith("http://127.0.0.1:")
        assert started.receiver_host == "host.docker.internal"
        identity: TargetIdentity = target.identity()
        details = dict(identity.details)
        assert identity.version == image.rpartition(":")[2]
        assert details["told"] == "all"
        assert details["helper: image"].startswith(f"{image}, id sha256:")
    finally:
        target.stop()


def test_companion_that_ends_ends_the_start_with_its_own_words(
    image: str, place: Place, tmp_path: Path, told: list[Started], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.targets.test_companions.answers_echo", lambda endpoint: False)
    target = ComposeTarget(definition(tmp_path, '["sh", "-c", "echo disk is full; sleep 2; exit 4"]'))
    with pytest.raises(TargetUnhealthy, match=r"its companion helper ended(.|\n)*disk is full"):
        target.start(place)
    assert not target.state().alive


def test_missing_image_of_a_companion_is_told_before_anything_starts(
    image: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PACS_HELPER_IMAGE", "localhost:1/none/such:1")
    with pytest.raises(ImageMissing, match=r"image 'localhost:1/none/such:1' is not here.*set PACS_HELPER_IMAGE to an"):
        choose_runtime(definition(tmp_path, IDLE), "container")


@pytest.mark.parametrize(
    ("environment", "reference", "version"),
    [
        (["A=1", "ARC_VERSION=5.35.0"], "mine/arc:latest", "5.35.0"),
        (["A=1"], "registry:5000/mine/arc:5.34.1", "5.34.1"),
        ([], "registry:5000/mine/arc", "unknown"),
        (None, "mine/arc@sha256:00ff", "unknown"),
        (None, "mine/arc:5.3@sha256:00ff", "5.3"),
    ],
)
def test_version_is_that_of_the_environment_else_of_the_tag(
    environment: list[str] | None, reference: str, version: str
) -> None:
    class Inspected:
        attrs = {"Config": {"Env": environment}}  # noqa: RUF012 - as the docker package has it

    assert version_of_image(Inspected(), "ARC_VERSION", reference) == version  # type: ignore[arg-type]
