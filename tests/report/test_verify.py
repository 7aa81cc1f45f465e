"""What a record says of other files is held against these files."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.results import Evidence
from harness.report.manifest import file_sha256, write_manifest
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
    assert of_shards(joined) == ['run.json: run.results[1].reason is "other", and "why" in the runs that were joined']


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("results", lambda results: [*results, {**results[0], "started": "2026-11-22T11:00:00Z"}]),
        ("planned", lambda planned: planned[:1]),
        ("options", lambda options: {"one": {"profile": "quick"}}),
        ("targets", lambda targets: targets[:1]),
        ("tools", lambda tools: {**tools, "python": "4"}),
        ("finished", lambda finished: "2026-11-22T12:00:00Z"),
        ("shards", lambda shards: [{**shards[0], "started": "2026-11-22T09:00:00Z"}, shards[1]]),
    ],
)
def test_nothing_of_a_joined_run_is_other_than_its_parts_make_it(joined: Path, field: str, change) -> None:
    value = json.loads((joined / "run.json").read_text())
    (joined / "run.json").write_text(json.dumps({**value, field: change(value[field])}))
    write_manifest(joined)
    assert any(one.startswith(f"run.json: run.{field}") for one in of_shards(joined)), of_shards(joined)


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


ABOUT = {"target": "orthanc", "evidence_class": "MEASURED", "cell": "orthanc--h264_hp41--STO-ACK"}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (ABOUT, None),
        (
            ABOUT | {"target": "dcmtk"},
            "says that it is of dcmtk (MEASURED), and is cited by results of orthanc (MEASURED)",
        ),
        (ABOUT | {"evidence_class": "SELF_TEST"}, "says that it is of orthanc (SELF_TEST), and is cited by results of"),
        (ABOUT | {"cell": "orthanc--h264_hp41--RET-GET"}, "RET-GET was the first to ask, which does not cite it"),
        (ABOUT | {"cell": ["x"]}, "says that ['x'] was the first to ask, which does not cite it"),
        ([ABOUT], "is no transcript"),
    ],
)
def test_a_transcript_is_of_the_results_that_cite_it(tmp_path: Path, content: object, problem: str | None) -> None:
    path = tmp_path / "evidence/answer.json"
    path.parent.mkdir()
    path.write_text(json.dumps(content))
    one = Evidence("evidence/answer.json", file_sha256(path), "transcript", "what was said")
    made = run(seen("STO-ACK", "PASS"))
    RecordWriter(tmp_path, replace(made, results=(replace(made.results[0], evidence=(one,)),)))
    told = [told for told in differences(tmp_path) if told.startswith("evidence/answer.json")]
    assert problem in told[0] if problem else told == []


@pytest.mark.parametrize("outcome", ["ERROR", None])
def test_a_cell_that_broke_was_the_first_to_ask_and_cites_nothing(tmp_path: Path, outcome: str | None) -> None:
    path = tmp_path / "evidence/answer.json"
    path.parent.mkdir()
    path.write_text(json.dumps(ABOUT | {"cell": "orthanc--h264_hp41--RET-GET"}))
    one = Evidence("evidence/answer.json", file_sha256(path), "transcript", "what was said")
    made = run(seen("STO-ACK", "PASS"), seen("RET-GET", outcome or "ERROR"))
    results = (replace(made.results[0], evidence=(one,)), *(made.results[1:] if outcome else ()))
    RecordWriter(tmp_path, replace(made, results=results))
    assert [told for told in differences(tmp_path) if told.startswith("evidence/answer.json")] == []


@pytest.mark.parametrize("run_id", ["x" * 300, "a\0b", "..", "."])
def test_a_strange_name_of_a_shard_is_told(joined: Path, run_id: str) -> None:
    value = json.loads((joined / "run.json").read_text())
    value["shards"][0]["run_id"] = run_id
    (joined / "run.json").write_text(json.dumps(value))
    write_manifest(joined)
    assert any("missing" in one or "not the record that was joined" in one for one in of_shards(joined))


def test_a_record_that_is_nested_without_end_is_told(joined: Path) -> None:
    value = json.loads((joined / "run.json").read_text())
    deep: object = 1
    for _ in range(900):
        deep = {"a": deep}
    for path in (joined / "run.json", *joined.glob("shards/*/run.json")):
        path.write_text(json.dumps({**json.loads(path.read_text()), "environment": deep}))
    value = json.loads((joined / "run.json").read_text())
    for shard in value["shards"]:
        shard["record_sha256"] = file_sha256(joined / f"shards/{shard['run_id']}/run.json")
    (joined / "run.json").write_text(json.dumps(value))
    write_manifest(joined)
    assert any("deeper than any run" in one or "parts make no run" in one for one in differences(joined))


def test_the_bill_of_materials_is_the_one_that_the_record_names(tmp_path: Path) -> None:
    (tmp_path / "sbom.cdx.json").write_text("{}")
    named = {"file": "sbom.cdx.json", "SHA-256": file_sha256(tmp_path / "sbom.cdx.json")}
    RecordWriter(tmp_path, replace(run(seen("STO-ACK", "PASS")), tools={"sbom": named}))

    def told() -> list[str]:
        return [one for one in differences(tmp_path) if one.startswith("sbom")]

    assert told() == []
    (tmp_path / "sbom.cdx.json").write_text("{ }")
    assert told() == ["sbom.cdx.json: not the file that the record names"]
