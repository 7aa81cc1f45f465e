"""Making an image for real, of a program that only states its version."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.catalogue.places import data_folder
from harness.errors import EngineUnavailable, ImageMissing, UsageError
from harness.targets import images
from harness.targets.definition import TargetDefinition, read_definition
from harness.targets.engine import connect, has_image

REPOSITORY = "pytest-pacs/test-of-images"
DOCKERFILE = """\
ARG BASE
FROM ${BASE}
RUN printf '#!/bin/sh\\necho Some PACS 1.2.3\\n' > /usr/local/bin/somepacs && chmod +x /usr/local/bin/somepacs
"""


@pytest.fixture
def definition(tmp_path: Path) -> TargetDefinition:
    folder = Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "somepacs"))
    (folder / "image" / "Dockerfile").write_text(DOCKERFILE)
    file = folder / "target.toml"
    head = file.read_text().partition("[build]")[0]
    build = f'[build]\nfolder = "image"\nrepository = "{REPOSITORY}"\nversion_command = ["somepacs", "--version"]\n'
    file.write_text(f'{head}{build}[build.suites]\n"1.2.4" = "trixie"\n')
    return read_definition(folder)


@pytest.fixture
def engine() -> Iterator[None]:
    """An engine; absent it may be on a desk, never in CI. Images of the test are removed afterwards."""
    try:
        with connect():
            pass
    except EngineUnavailable as error:
        missing = pytest.fail if os.environ.get("CI") else pytest.skip
        missing(str(error))
    yield
    with connect() as client:
        for image in client.images.list(REPOSITORY):
            client.images.remove(str(image.id), force=True)


@pytest.mark.usefixtures("engine")
def test_tag_is_the_version_that_the_program_states(
    definition: TargetDefinition, capsys: pytest.CaptureFixture[str]
) -> None:
    assert images.build_images(definition) == (f"{REPOSITORY}:1.2.3",)
    assert "trixie now gives version 1.2.3, not 1.2.4: correct [build.suites]" in capsys.readouterr().out
    with connect() as client:
        assert has_image(client, f"{REPOSITORY}:1.2.3")
        assert not has_image(client, f"{REPOSITORY}:1.2.4")
        assert not has_image(client, f"{REPOSITORY}:draft-trixie")
        client.images.get(f"{REPOSITORY}:1.2.3").tag(REPOSITORY, "1.2.4")
    assert images.build_images(definition) == (f"{REPOSITORY}:1.2.4",)
    assert "is there already" in capsys.readouterr().out
    assert images.build_images(definition, force=True) == (f"{REPOSITORY}:1.2.3",)


@pytest.mark.usefixtures("engine")
def test_failed_build_shows_its_last_lines(definition: TargetDefinition) -> None:
    assert definition.build is not None
    (definition.build.folder / "Dockerfile").write_text("ARG BASE\nFROM ${BASE}\nRUN echo no luck && false\n")
    with pytest.raises(ImageMissing, match=r"failed with exit code \d+(.|\n)*no luck"):
        images.build_images(definition)


@pytest.mark.usefixtures("engine")
def test_missing_tool_is_named(definition: TargetDefinition, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(EngineUnavailable, match=r"needs (docker|mmdebstrap), which is not on the PATH; install"):
        images.build_images(definition)


def test_target_without_build_is_refused(definition: TargetDefinition) -> None:
    file = definition.folder / "target.toml"
    file.write_text(file.read_text().partition("[build]")[0])
    with pytest.raises(UsageError, match=r"has no \[build\]"):
        images.build_images(read_definition(definition.folder))


def test_command_line_says_what_is_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    assert images.main(["orthank"]) == 1
    assert "unknown target 'orthank'" in capsys.readouterr().err
