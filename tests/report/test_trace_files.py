"""The trace as CSV and ReqIF: both ways through, for tools that know nothing of this harness."""

import csv
import io
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from reqif.parser import ReqIFParser

from harness.core.requirements import Kind, Level, Requirement
from harness.core.results import Run
from harness.core.verification.dossier import Dossier
from harness.core.verification.report import compile_report
from harness.report.verification import reqif, tracecsv
from harness.report.verification.rendering import Rendering

NAMESPACE = "{http://www.omg.org/spec/ReqIF/20110401/reqif.xsd}"
STORED = Requirement("R-STORED", "A video is stored.", Level.SHALL, "PS3.4 B.2.3", Kind.CONTENT)
SHOWN = Requirement("R-SHOWN", "A notice is shown.", Level.SHOULD, "-", Kind.DISCLOSURE, not_tested="people look")


@pytest.fixture
def rendering(run: Run, tmp_path) -> Rendering:
    checks = tuple(replace(one, verifies=("R-STORED",) if one.id == "store" else ()) for one in run.checks)
    return Rendering(compile_report(replace(run, checks=checks, requirements=(STORED, SHOWN)), Dossier()), tmp_path)


def rows(rendering: Rendering) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(tracecsv.render(rendering).decode(), newline="")))


def test_each_way_from_requirement_to_evidence_is_a_row(rendering: Rendering) -> None:
    found = [one for one in rows(rendering) if one["requirement"] == "R-STORED"]
    cells = {one.cell.id for one in rendering.report.run.results if one.cell.check == "store"}
    assert len({(one["target"], one["format"]) for one in found if one["check"] == "store"}) >= len(cells)
    logged = next(one for one in found if one["evidence"] == "evidence/orthanc.log")
    assert len(logged["sha256"]) == 64
    assert {one["fingerprint"] for one in found} == {STORED.fingerprint}


def test_what_is_not_verified_and_what_verifies_nothing_have_rows(rendering: Rendering) -> None:
    (shown,) = [one for one in rows(rendering) if one["requirement"] == "R-SHOWN"]
    assert (shown["verdict"], shown["reason"]) == ("NOT SHOWN", "people look")
    orphans = {one["check"] for one in rows(rendering) if not one["requirement"]}
    assert orphans == {"control", "get", "playback"}


def test_no_text_becomes_a_formula(rendering: Rendering) -> None:
    run = rendering.report.run
    results = tuple(replace(one, reason='=HYPERLINK("http://x")') for one in run.results)
    changed = replace(rendering, report=compile_report(replace(run, results=results), Dossier()))
    assert all(not one["reason"].startswith("=") for one in rows(changed))
    assert any(one["reason"].startswith("'=HYPERLINK") for one in rows(changed))


def test_another_program_reads_the_exchange_file(rendering: Rendering) -> None:
    content = ReqIFParser.parse_from_string(reqif.render(rendering).decode()).core_content.req_if_content
    relations = [(one.source, one.target) for one in content.spec_relations if one.relation_type_ref == "_relation-0"]
    assert len(content.spec_objects) > len(rendering.report.run.checks)
    assert len(relations) == 1
    known = {one.identifier for one in content.spec_objects}
    assert all({one.source, one.target} <= known for one in content.spec_relations)
    assert len(content.specifications[0].children) == 2


def test_the_exchange_file_is_well_formed_whatever_a_target_said(rendering: Rendering) -> None:
    tree = ElementTree.fromstring(reqif.render(rendering))
    identifiers = [one.get("IDENTIFIER") for one in tree.iter() if one.get("IDENTIFIER")]
    assert len(identifiers) == len(set(identifiers))
    values = [one.get("THE-VALUE", "") for one in tree.iter(f"{NAMESPACE}ATTRIBUTE-VALUE-STRING")]
    assert any("<script>alert('pacs')</script> \\x1b[31m\\x07" in one for one in values)
