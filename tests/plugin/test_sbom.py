"""The bill of materials names what the harness is made of, with hashes, in the form of its schema."""

import hashlib
import json
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from harness.clients.browser import Chromium
from harness.errors import RecordError
from harness.plugin.closure import closure, named
from harness.plugin.sbom import reference, sbom, write_sbom

STARTED = "2026-11-22T10:00:00.000Z"


@pytest.fixture(scope="module")
def written() -> bytes:
    return sbom(run_id="run-1", started=STARTED)


def components(written: bytes) -> dict[str, Any]:
    return {one["name"]: one for one in json.loads(written)["components"]}


def test_it_is_what_its_schema_demands(written: bytes) -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(written.decode()) is None


def test_each_distribution_has_its_version_and_a_hash(written: bytes) -> None:
    found = components(written)
    assert found["pydicom"]["version"] == metadata.version("pydicom")
    (record,) = found["pydicom"]["components"]
    assert record["name"] == "RECORD"
    assert len(record["hashes"][0]["content"]) == 64


def test_the_native_libraries_of_the_video_library_are_hashed_one_by_one(written: bytes) -> None:
    files = {one["name"].partition("-")[0].partition(".")[0] for one in components(written)["av"]["components"]}
    assert {"libavcodec", "libx264", "libx265"} <= files


def test_each_library_in_any_wheel_has_the_hash_of_its_file(written: bytes) -> None:
    installed = Path(str(metadata.distribution("av").locate_file("")))
    checked = 0
    for owner in components(written).values():
        for one in owner.get("components", ()):
            path = installed / one["bom-ref"].partition("/")[2]
            if one["type"] == "file" and path.is_file():
                stated = one["hashes"][0]["content"]
                assert stated == hashlib.sha256(path.read_bytes()).hexdigest(), path
                checked += 1
    assert checked > 30


def test_only_a_file_has_a_hash(written: bytes) -> None:
    assert not [one["name"] for one in components(written).values() if "hashes" in one]


def test_what_depends_on_what_is_told(written: bytes) -> None:
    tree = {one["ref"]: one.get("dependsOn", []) for one in json.loads(written)["dependencies"]}
    assert any(name.startswith("pynetdicom@") for name in tree["pytest-pacs"])
    (network,) = [below for name, below in tree.items() if name.startswith("pynetdicom@")]
    assert any(name.startswith("pydicom@") for name in network)


def test_everything_is_reached_from_the_harness(written: bytes) -> None:
    tree = {one["ref"]: one.get("dependsOn", []) for one in json.loads(written)["dependencies"]}
    reached, waiting = set(), ["pytest-pacs"]
    while waiting:
        one = waiting.pop()
        if one not in reached:
            reached.add(one)
            waiting += tree[one]
    assert {one["bom-ref"] for one in json.loads(written)["components"]} <= reached


def test_what_an_extra_brings_is_optional_and_what_developers_need_is_left_out(written: bytes) -> None:
    found = components(written)
    assert found["av"]["scope"] == "required"
    assert found["weasyprint"]["scope"] == "optional"
    assert not {"mypy", "ruff", "pypdf"} & set(found)
    assert {one.name for one in closure()} == {"pytest-pacs", *found} - {"CPython"}


def test_a_licence_that_has_an_identifier_is_told_by_it(written: bytes) -> None:
    (licence,) = components(written)["pluggy"]["licenses"]
    assert licence["license"] == {"acknowledgement": "declared", "id": "MIT"}


def test_a_browser_is_named_where_one_plays(tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_bytes(b"program")
    browser = Chromium(str(program), "Chromium 156.0.1")
    found = components(sbom(run_id="run-1", started=STARTED, browser=browser))["Chromium"]
    assert found["version"] == "156.0.1"
    assert found["components"][0]["hashes"][0]["content"] == hashlib.sha256(b"program").hexdigest()


def test_the_same_run_has_the_same_bill_and_another_run_another_number(written: bytes) -> None:
    assert sbom(run_id="run-1", started=STARTED) == written
    other = json.loads(sbom(run_id="run-2", started=STARTED))
    assert other["serialNumber"] != json.loads(written)["serialNumber"]


def test_a_record_refers_to_the_file_by_its_hash(written: bytes, tmp_path: Path) -> None:
    path = write_sbom(tmp_path, written)
    told = reference(written)
    assert (told["file"], told["SHA-256"]) == (path.name, hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_place_that_cannot_be_written_is_told(written: bytes, tmp_path: Path) -> None:
    with pytest.raises(RecordError, match="cannot be written"):
        write_sbom(tmp_path / "nowhere", written)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("libx264-d6533a8d.so.165", ("libx264", "165")),
        ("libavcodec-5e6b81c2.so.62.28.102", ("libavcodec", "62.28.102")),
        ("libxcb-shm-0be6dfbf.so.0.0.0", ("libxcb-shm", "0.0.0")),
        ("libavcodec.62.28.102.dylib", ("libavcodec", "62.28.102")),
        ("libx265.216.dylib", ("libx265", "216")),
        ("avcodec-62-1a2b3c4d5e.dll", ("avcodec", "62")),
        ("strange", ("strange", "")),
    ],
)
def test_name_and_version_are_those_of_the_file_of_a_library(file: str, expected: tuple[str, str]) -> None:
    assert named(file) == expected
