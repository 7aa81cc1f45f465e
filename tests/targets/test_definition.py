import shutil
from pathlib import Path

import pytest

from harness.catalogue.places import data_folder
from harness.errors import DataFileError, UnknownName
from harness.targets.definition import known_targets, load_definition, read_definition


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of a good target folder, to be broken."""
    return Path(shutil.copytree(data_folder("compose") / "orthanc", tmp_path / "somepacs"))


def test_every_target_folder_reads() -> None:
    for name in known_targets()[1:]:
        assert load_definition(name).id == name


def test_our_own_pacs_comes_first() -> None:
    assert known_targets()[0] == "embedded"
    assert "orthanc" in known_targets()


def test_the_folder_names_the_target(folder: Path) -> None:
    definition = read_definition(folder)
    assert definition.id == "somepacs"
    assert definition.configuration == folder / "orthanc.json"
    assert definition.compose_file == folder / "compose.yaml"
    assert (definition.aet, definition.dicom_port) == ("ORTHANC", 4242)


@pytest.mark.parametrize("name", ["orthank", "embedded", "../orthanc", ""])
def test_unknown_target_is_refused_with_the_known(name: str) -> None:
    with pytest.raises(UnknownName, match=r"unknown target .*known: .*embedded, .*orthanc"):
        load_definition(name)


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('product = "Orthanc"', "", "product: is missing"),
        ('product = "Orthanc"', 'product = "Orthanc"\nprodukt = "x"', "produkt: is not a known key"),
        ('product = "Orthanc"', "product = ", "file: is not TOML"),
        ("port = 4242", "port = 70000", "dicom.port: is 70000"),
        ("port = 8042", 'port = "8042"', "http.port: is '8042'"),
        ('aet = "ORTHANC"', 'aet = "SEVENTEEN_LETTERS"', "dicom.aet: is 'SEVENTEEN"),
        ('"orthanc.json"', '"absent.json"', "configuration: names 'absent.json'"),
        ('["Orthanc"]', "[]", "native.binaries: is empty"),
        ('folder = "image"', 'folder = "picture"', "build.folder: names 'picture'"),
        ('"bookworm"', "12", "build.suites.1.10.1: is 12"),
        ("[container]", "[container]\nport = 1", "container.port: is not a known key"),
    ],
)
def test_broken_file_is_named_with_its_key(folder: Path, old: str, new: str, key: str) -> None:
    path = folder / "target.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DataFileError) as caught:
        read_definition(folder)
    assert str(caught.value).startswith(f"{path}: {key}")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "is not JSON"),
        ('{"Name": "x", // PACS\n}', "no comments"),
        ("[]", "is no JSON object"),
        ("\xff", "is not JSON"),
    ],
)
def test_configuration_must_be_a_json_object(folder: Path, text: str, problem: str) -> None:
    path = folder / "orthanc.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(DataFileError, match=problem) as caught:
        read_definition(folder)
    assert str(caught.value).startswith(f"{path}: file: ")


def test_configuration_in_another_language_is_left_to_the_pacs(folder: Path) -> None:
    file = folder / "target.toml"
    text = file.read_text().replace("orthanc.json", "pacs.conf")
    (folder / "pacs.conf").write_text("[server]")
    file.write_text(text)
    with pytest.raises(DataFileError, match=r"pacs\.conf: file: is not JSON"):
        read_definition(folder)
    file.write_text(text[: text.index("[native]")] + text[text.index("[build]") :])
    assert read_definition(folder).configuration == folder / "pacs.conf"


def test_compose_file_is_required(folder: Path) -> None:
    (folder / "compose.yaml").unlink()
    with pytest.raises(DataFileError, match=r"compose\.yaml: does not exist"):
        read_definition(folder)
