"""What a record says of other files is held against these files."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.report.manifest import write_manifest
from harness.report.merge import merge
from harness.report.record import RecordWriter
from harness.report.verification.verify import verify
from tests.core.run_values import run, seen


def differences(folder: Path) -> list[str]:
    return verify(folder, lambda inputs, dossier, run: dossier).differences


JUNIT = """<?xml version="1.0"?><testsuites><testsuite>
<testcase name="one"><properties><property name="cell" value="{cell}"/><property name="outcome" value="{outcome}"/>
<property name="reason" value="{reason}"/></properties>{element}</testcase>
<testcase name="something else"/>
</testsuite></testsuites>"""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({}, None),
        ({"outcome": "PASS", "element": ""}, "PASS, and FAIL in the record"),
        ({"element": ""}, "shown as passed, and FAIL in the record"),
        ({"element": "<skipped/>"}, "shown as skipped, and FAIL in the record"),
        ({"element": "<error/>"}, None),
        ({"reason": "fine"}, "the reason is 'fine'"),
        ({"cell": "orthanc--STO-OTHER"}, "nothing, and FAIL in the record"),
    ],
)
def test_test_cases_are_those_of_the_results(tmp_path: Path, change: dict[str, str], problem: str | None) -> None:
    found = run(seen("STO-ACK", "FAIL"))
    RecordWriter(tmp_path, found)
    case = {"cell": found.results[0].cell.id, "outcome": "FAIL", "reason": "why", "element": "<failure/>"} | change
    (tmp_path / "junit.xml").write_text(JUNIT.format_map(case))
    told = [one for one in differences(tmp_path) if one.startswith("junit.xml")]
    assert problem in told[0] if problem else told == []


def test_evidence_is_there_inside_and_as_it_was(recorded: Path) -> None:
    (recorded / "evidence/start.log").write_text("forged")
    write_manifest(recorded)
    told = differences(recorded)
    assert "evidence/start.log: not the file that the record names (evidence of orthanc)" in told
    assert any(one.startswith("evidence/never-written.bin: missing (evidence of orthanc--") for one in told)
    assert any(one.startswith("../outside.png: leads out of the folder, not opened") for one in told)


@pytest.fixture
def joined(tmp_path: Path) -> Path:
    """A run that two others were joined to."""
    for name, one in (
        ("one", run(seen("STO-ACK", "PASS"), run_id="one")),
        ("two", run(seen("STO-ACK", "PASS"), run_id="two", target="dcmtk")),
    ):
        RecordWriter(tmp_path / name, replace(one, finished="")).finish("MET", one.finished)
    merge([tmp_path / "one", tmp_path / "two"], tmp_path / "both", run_id="both")
    return tmp_path / "both"


def of_shards(folder: Path) -> list[str]:
    return [one for one in differences(folder) if "judged" not in one and "observation" not in one]


def test_a_joined_run_is_held_against_its_parts(joined: Path) -> None:
    assert of_shards(joined) == []
    record = joined / "shards/one/run.json"
    kept = record.read_bytes()
    record.write_bytes(kept.replace(b'"reason": "why"', b'"reason": "who"'))
    write_manifest(joined)
    assert of_shards(joined) == ["shards/one/run.json: not the record that was joined"]
    record.unlink()
    write_manifest(joined)
    assert of_shards(joined) == ["shards/one/run.json: missing"]
    record.write_bytes(kept)
    value = json.loads((joined / "run.json").read_text())
    value["results"][1]["reason"] = "other"
    (joined / "run.json").write_text(json.dumps(value))
    write_manifest(joined)
    assert of_shards(joined) == ["run.json: dcmtk--h264_hp41--STO-ACK: not as the joined run two has it"]


def test_test_cases_of_a_part_are_held_against_its_record(joined: Path) -> None:
    case = {"cell": "orthanc--h264_hp41--STO-ACK", "outcome": "FAIL", "reason": "why", "element": "<failure/>"}
    (joined / "shards/one/junit.xml").write_text(JUNIT.format_map(case))
    write_manifest(joined)
    assert of_shards(joined) == [f"shards/one/junit.xml: {case['cell']}: FAIL, and PASS in the record"]


def test_a_shard_leads_nowhere_else(joined: Path) -> None:
    value = json.loads((joined / "run.json").read_text())
    value["shards"][0]["run_id"] = "../../one"
    (joined / "run.json").write_text(json.dumps(value))
    write_manifest(joined)
    assert of_shards(joined)[0] == "shards/../../one/run.json: missing"


def test_a_killed_run_is_looked_at_as_far_as_it_went(tmp_path: Path) -> None:
    RecordWriter(tmp_path, run(seen("STO-ACK", "PASS")))
    shutil.rmtree(tmp_path / "evidence", ignore_errors=True)
    assert differences(tmp_path)[0].startswith("manifest.sha256: missing: a run that was killed has none")
