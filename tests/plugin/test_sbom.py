"""The bill of materials names what the harness is made of, with hashes, in the form of its schema."""

import json
from importlib import metadata
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from harness.plugin.sbom import write_sbom

STARTED = "2026-11-22T10:00:00.000Z"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_sbom(tmp_path_factory.mktemp("sbom"), run_id="run-1", started=STARTED).read_bytes()


def test_it_is_what_its_schema_demands(written: bytes) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written.decode()) is None


def test_each_distribution_has_its_version_and_a_hash(written: bytes) -> None:
    found = {one["name"]: one for one in json.loads(written)["components"]}
    assert found["pydicom"]["version"] == metadata.version("pydicom")
    (record,) = found["pydicom"]["components"]
    assert record["name"] == "RECORD"
    assert len(record["hashes"][0]["content"]) == 64


def test_the_native_libraries_of_the_video_library_are_hashed_one_by_one(written: bytes) -> None:
    (video,) = [one for one in json.loads(written)["components"] if one["name"] == "av"]
    files = {one["name"].partition("-")[0].partition(".")[0] for one in video["components"]}
    assert {"libavcodec", "libx264", "libx265"} <= files


def test_what_depends_on_what_is_told(written: bytes) -> None:
    tree = {one["ref"]: one.get("dependsOn", []) for one in json.loads(written)["dependencies"]}
    assert any(name.startswith("pynetdicom@") for name in tree["pytest-pacs"])
    (network,) = [below for name, below in tree.items() if name.startswith("pynetdicom@")]
    assert any(name.startswith("pydicom@") for name in network)


def test_the_same_run_has_the_same_bill(written: bytes, tmp_path: Path) -> None:
    assert write_sbom(tmp_path, run_id="run-1", started=STARTED).read_bytes() == written
