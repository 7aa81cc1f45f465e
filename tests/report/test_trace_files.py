"""The trace as CSV and ReqIF: both ways through, for tools that know nothing of this harness."""

import csv
import io
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import reqif as reader
from reqif.parser import ReqIFParser
from xmlschema import XMLSchema

from harness.core.conclusion import settle
from harness.core.endpoint import EvidenceClass
from harness.core.requirements import Kind, Level, Requirement
from harness.core.results import Run
from harness.core.verification.dossier import Dossier, RiskControl
from harness.core.verification.report import compile_report
from harness.report.verification import reqif, tracecsv
from harness.report.verification.rendering import Rendering
from tests.report.large import make_large

STORED = Requirement("R-STORED", "A video is stored.", Level.SHALL, "PS3.4 B.2.3", Kind.CONTENT)
SHOWN = Requirement("R-SHOWN", "A notice is shown.", Level.SHOULD, "-", Kind.DISCLOSURE, not_tested="people look")
OWN = Requirement("OWN-1", "It comes back.", Level.SHALL, "SRS 1", Kind.CONTENT, ("get",), origin="own.toml")
DOSSIER = Dossier(requirements=(OWN,), risks=(RiskControl("RC-1", "Loss is seen.", ("R-STORED", "get")),))


@pytest.fixture
def linked(run: Run) -> Run:
    """Of four checks one verifies a requirement of the catalogue, one that of a user, and two none."""
    checks = tuple(replace(one, verifies=("R-STORED",) if one.id == "store" else ()) for one in run.checks)
    return replace(run, checks=checks, requirements=(STORED, SHOWN))


@pytest.fixture
def rendering(linked: Run, tmp_path: Path) -> Rendering:
    return Rendering(compile_report(linked, DOSSIER), tmp_path)


def rows(rendering: Rendering) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(tracecsv.render(rendering).decode(), newline=""), strict=True))


def content(rendering: Rendering):
    return ReqIFParser.parse_from_string(reqif.render(rendering).decode()).core_content.req_if_content


def values(rendering: Rendering) -> dict[str, dict[str, str]]:
    """What each object of the exchange file says, by the name it is known by."""
    found = {}
    for one in content(rendering).spec_objects:
        said = {attribute.definition_ref: attribute.value for attribute in one.attributes}
        kind = one.spec_object_type.removeprefix("_type-")
        said = {name.removeprefix(f"_{kind}-"): value for name, value in said.items()}
        found[said["ReqIF.ForeignID"]] = said | {"kind of object": kind, "identifier": one.identifier}
    return found


def test_every_cell_of_a_requirement_has_a_row_for_each_file_of_evidence(rendering: Rendering) -> None:
    found = [one for one in rows(rendering) if one["id"] == "R-STORED"]
    wanted = [
        (one.cell.target, one.cell.format, attempt.outcome, evidence.path)
        for one in settle(rendering.report.run)
        if one.cell.check == "store"
        for attempt in one.attempts
        for evidence in attempt.evidence
    ]
    told = [(one["target"], one["format"], one["outcome"], one["evidence"]) for one in found if one["evidence"]]
    assert sorted(told) == sorted(wanted)
    assert {one["fingerprint"] for one in found} == {STORED.fingerprint}
    assert {(one["target"], one["evidence class"], one["verdict"]) for one in found} == {
        ("orthanc", "MEASURED", "MET"),
        ("embedded", "SELF_TEST", "NOT SHOWN"),
    }


def test_a_planned_cell_without_result_has_a_row(rendering: Rendering) -> None:
    (lost,) = [
        one
        for one in rows(rendering)
        if (one["id"], one["format"], one["target"]) == ("OWN-1", "hevc_main51", "embedded")
    ]
    assert (lost["check"], lost["outcome"], lost["reason"]) == ("get", "NOT_RUN", "the run ended before this cell")


def test_a_check_that_was_not_asked_has_a_row(linked: Run, tmp_path: Path) -> None:
    less = replace(linked, results=linked.results[:1], planned=linked.planned[:1])
    found = [one for one in rows(Rendering(compile_report(less, DOSSIER), tmp_path)) if one["id"] == "OWN-1"]
    assert {(one["target"], one["check"], one["outcome"], one["reason"]) for one in found} == {
        (target, "get", "", "not asked in this run") for target in ("orthanc", "embedded")
    }


def test_what_is_not_verified_and_what_verifies_nothing_have_rows(rendering: Rendering) -> None:
    (shown,) = [one for one in rows(rendering) if one["id"] == "R-SHOWN"]
    assert (shown["verdict"], shown["reason"]) == ("NOT SHOWN", "people look")
    orphans = {one["check"] for one in rows(rendering) if one["from"] == "check"}
    assert orphans == {"control", "playback"}


def test_risk_controls_lead_to_the_checks_of_requirements_that_they_name(rendering: Rendering) -> None:
    found = [one for one in rows(rendering) if one["from"] == "risk control"]
    assert {(one["id"], one["check"], one["source"]) for one in found} == {
        ("RC-1", "store", "shows implementation"),
        ("RC-1", "get", "shows implementation"),
    }


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "  @"])
def test_no_text_of_a_target_becomes_a_formula(linked: Run, tmp_path: Path, start: str) -> None:
    text = f'{start}HYPERLINK("http://x")'
    evidence = tuple(
        replace(one, path=f"{start}{one.path}") for result in linked.results for one in result.evidence[:1]
    )
    results = tuple(replace(one, reason=text, evidence=evidence[:1]) for one in linked.results)
    found = rows(Rendering(compile_report(replace(linked, results=results), DOSSIER), tmp_path))
    assert any("HYPERLINK" in one["reason"] for one in found)
    for one in found:
        assert not any(value.lstrip().startswith(("=", "+", "-", "@")) for value in one.values())


def test_rows_end_as_rfc_4180_says(rendering: Rendering) -> None:
    text = tracecsv.render(rendering).decode()
    assert text.startswith("from,id,text")
    assert text.endswith("\r\n")
    assert all(len(one) == len(tracecsv.COLUMNS) for one in csv.reader(io.StringIO(text, newline="")))


def test_the_exchange_file_is_valid_by_the_schema_of_reqif(rendering: Rendering, tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "trace.reqif"
    path.write_bytes(reqif.render(rendering))
    root = Path(reader.__path__[0]).parent
    # The schema names its parts relative to this place.
    monkeypatch.chdir(root)
    XMLSchema(str(root / "reqif" / "reqif_schema" / "reqif.xsd"), base_url=str(root)).validate(str(path))


def test_another_program_finds_every_step_from_requirement_to_evidence(rendering: Rendering) -> None:
    objects = values(rendering)
    names = {one["identifier"]: name for name, one in objects.items()}
    steps: dict[str, set[tuple[str, str]]] = {}
    for one in content(rendering).spec_relations:
        steps.setdefault(one.relation_type_ref, set()).add((names[one.source], names[one.target]))
    run = rendering.report.run
    assert steps["_type-is-verified-by"] == {
        ("R-STORED", "store"),
        ("OWN-1", "get"),
        ("RC-1", "store"),
        ("RC-1", "get"),
    }
    assert steps["_type-came-to"] == {(one.cell.check, one.cell.id) for one in settle(run)}
    assert steps["_type-rests-on"] == {
        (result.cell.id, evidence.path) for result in run.results for evidence in result.evidence
    }


def test_every_object_of_the_exchange_file_is_in_one_specification(rendering: Rendering) -> None:
    whole = content(rendering)
    placed = [place.spec_object for one in whole.specifications for place in one.children]
    assert sorted(placed) == sorted(one.identifier for one in whole.spec_objects)
    assert [one.long_name for one in whole.specifications] == list(reqif.TYPES)


def test_objects_say_what_the_report_says(rendering: Rendering) -> None:
    objects = values(rendering)
    assert objects["R-STORED"]["verdicts"] == "orthanc (MEASURED): MET\nembedded (SELF_TEST): NOT SHOWN"
    assert objects["R-STORED"]["fingerprint"] == STORED.fingerprint
    assert objects["R-SHOWN"]["not-tested"] == "people look"
    assert objects["RC-1"]["shows"] == "implementation"
    failed = objects["orthanc--h264_hp41--playback"]
    assert (failed["outcome"], failed["evidence-class"]) == ("FAIL", EvidenceClass.MEASURED)


def test_the_exchange_file_is_well_formed_whatever_a_target_said(rendering: Rendering) -> None:
    text = reqif.render(rendering)
    identifiers = [one.get("IDENTIFIER") for one in ElementTree.fromstring(text).iter() if one.get("IDENTIFIER")]
    assert len(identifiers) == len(set(identifiers))
    assert b"&lt;script&gt;alert('pacs')&lt;/script&gt; \\x1b[31m\\x07 &amp; very long" in text


def test_times_are_those_of_the_run_and_a_time_that_is_none_stays_a_time(linked: Run, tmp_path: Path) -> None:
    for finished, told in (
        ("2026-11-22T11:00:00+01:00", "2026-11-22T11:00:00.000+01:00"),
        ("2026-11-22T11:00:00", "2026-11-22T11:00:00.000+00:00"),
        ("<yesterday>", "1970-01-01T00:00:00.000+00:00"),
    ):
        report = compile_report(replace(linked, finished=finished), DOSSIER)
        tree = ElementTree.fromstring(reqif.render(Rendering(report, tmp_path)))
        assert {one.get("LAST-CHANGE") for one in tree.iter() if one.get("LAST-CHANGE")} == {told}


def test_the_same_report_gives_the_same_bytes_and_an_object_keeps_its_name(linked: Run, tmp_path: Path) -> None:
    one = Rendering(compile_report(linked, DOSSIER), tmp_path)
    for render in (tracecsv.render, reqif.render):
        assert render(one) == render(Rendering(compile_report(linked, DOSSIER), tmp_path / "elsewhere"))
    later = values(Rendering(compile_report(replace(linked, run_id="later"), DOSSIER), tmp_path))
    assert {name: one["identifier"] for name, one in later.items()} == {
        name: one["identifier"] for name, one in values(one).items()
    }


def test_a_large_run_is_traced_whole(tmp_path: Path) -> None:
    run = make_large(tmp_path, 1500)
    rendering = Rendering(compile_report(run, Dossier()), tmp_path)
    told = {(one["target"], one["check"], one["format"], one["variant"]) for one in rows(rendering) if one["outcome"]}
    assert len(told) == len(run.results)
    assert reqif.render(rendering).count(b"<SPEC-OBJECT IDENTIFIER") > len(run.results)
