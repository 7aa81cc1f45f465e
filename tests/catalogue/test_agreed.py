"""Requirements, risk controls and approvals of users are read strictly."""

import pytest

from harness.catalogue.agreed import load_approval, load_risk_map, load_user_requirements
from harness.catalogue.dossier import load_dossier
from harness.core.requirements import Kind, Level, Requirement
from harness.core.verification.dossier import Approval, Person, RiskControl, Shows
from harness.errors import DataFileError

REQUIREMENTS = """\
[[requirements]]
id = "SRS-1"
text = "The archive keeps the video."
level = "SHALL"
source = "SRS 4.2"
kind = "content"
checks = ["STO-ACK", "RET-GET"]
"""
RISKS = """\
[[controls]]
id = "RC-1"
text = "Loss is seen."
checks = ["RET-GET"]
"""
APPROVAL = f"""\
protocol = "PVT"
version = "1.0"
sha256 = "{"Ab" * 32}"
approved = "2026-11-01T10:00:00+01:00"

[approved_by]
name = "B. Person"
role = "quality"
"""


def write(folder, text):
    path = folder / "file.toml"
    path.write_text(text)
    return path


def changed(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def test_requirements_are_read_with_the_file_they_come_from(tmp_path):
    assert load_user_requirements(write(tmp_path, REQUIREMENTS)) == (
        Requirement(
            "SRS-1",
            "The archive keeps the video.",
            Level.SHALL,
            "SRS 4.2",
            Kind.CONTENT,
            ("STO-ACK", "RET-GET"),
            origin="file.toml",
        ),
    )


def test_a_requirement_that_nothing_tests_may_say_why(tmp_path):
    text = changed(REQUIREMENTS, 'checks = ["STO-ACK", "RET-GET"]', 'not_tested = "needs a person"')
    assert load_user_requirements(write(tmp_path, text))[0].not_tested == "needs a person"


def test_a_risk_control_shows_implementation_until_the_file_says_more(tmp_path):
    plain = RiskControl("RC-1", "Loss is seen.", ("RET-GET",), Shows.IMPLEMENTATION)
    assert load_risk_map(write(tmp_path, RISKS)) == (plain,)
    effective = write(tmp_path, RISKS + 'shows = "effectiveness"\n')
    assert load_risk_map(effective)[0].shows is Shows.EFFECTIVENESS


def test_an_approval_is_read(tmp_path):
    assert load_approval(write(tmp_path, APPROVAL)) == Approval(
        "PVT", "1.0", "ab" * 32, Person("B. Person", "quality"), "2026-11-01T10:00:00+01:00"
    )


@pytest.mark.parametrize(
    ("load", "text", "old", "new", "problem"),
    [
        (load_user_requirements, REQUIREMENTS, '"SHALL"', '"MUST"', "requirements[0].level: is 'MUST'"),
        (load_user_requirements, REQUIREMENTS, '"content"', '"picture"', "requirements[0].kind: is 'picture'"),
        (load_user_requirements, REQUIREMENTS, "source", "sauce", "requirements[0].source: is missing"),
        (load_user_requirements, REQUIREMENTS, '"STO-ACK"', '"RET-GET"', "requirements[0].checks: is empty or names"),
        (load_user_requirements, REQUIREMENTS, "kind", 'not_tested = "x"\nkind', "requirements[0].not_tested: gives"),
        (load_user_requirements, REQUIREMENTS, "kind", 'severity = "x"\nkind', "requirements[0].severity: is not a"),
        (load_user_requirements, REQUIREMENTS, REQUIREMENTS, REQUIREMENTS * 2, "requirements[1].id: SRS-1 occurs"),
        (load_user_requirements, REQUIREMENTS, REQUIREMENTS, "", "requirements: is empty"),
        (load_risk_map, RISKS, '["RET-GET"]', "[]", "controls[0].checks: is empty"),
        (load_risk_map, RISKS, "checks", 'shows = "safety"\nchecks', "controls[0].shows: is 'safety'"),
        (load_risk_map, RISKS, RISKS, RISKS * 2, "controls[1].id: RC-1 occurs twice"),
        (load_risk_map, RISKS, RISKS, "", "controls: is empty"),
        (load_approval, APPROVAL, "Ab", "xy", "sha256: is"),
        (load_approval, APPROVAL, "+01:00", "", "approved: is '2026-11-01T10:00:00'; give a time with its offset"),
        (load_approval, APPROVAL, "2026-11-01T", "November ", "approved: is 'November 10:00:00+01:00'"),
        (load_approval, APPROVAL, 'name = "B. Person"', "", "approved_by.name: is missing"),
        (load_approval, APPROVAL, "version", "edition", "version: is missing"),
    ],
)
def test_broken_files_are_refused_with_file_and_key(tmp_path, load, text, old, new, problem):
    path = write(tmp_path, changed(text, old, new))
    with pytest.raises(DataFileError) as caught:
        load(path)
    assert f"{path}: {problem}" in str(caught.value)


def test_a_dossier_joins_them(tmp_path):
    paths = {}
    for name, text in (("requirements", REQUIREMENTS), ("risk_map", RISKS), ("approval", APPROVAL)):
        paths[name] = tmp_path / f"{name}.toml"
        paths[name].write_text(text)
    found = load_dossier(**paths)
    assert (found.requirements[0].id, found.risks[0].id) == ("SRS-1", "RC-1")
    assert found.approval is not None
    assert [one.role for one in found.sources] == ["requirements", "risk-map", "approval"]
