"""A requirement without a check, a check without a requirement, and whatever changed since a review are found."""

from dataclasses import replace

import pytest

from harness.core.coverage import Finding, coverage, linked, reviewed_now, suspect
from harness.core.protocol import make_protocol
from harness.core.requirements import Kind, Level, Requirement
from tests.core.run_values import check


def requirement(id, level="SHALL", **about):
    return Requirement(id, about.pop("text", f"{id} holds."), Level(level), "PS3.4 B.2.3", Kind.CONTENT, **about)


CHECKS = (
    check("STO-ACK", verifies=["R-STO-ACCEPT"]),
    check("RET-GET", verifies=["R-RET-GET", "R-RET-KEPT"]),
    check("RET-MOVE", verifies=["R-RET-KEPT"], level="SHOULD"),
)
WRITTEN = (
    requirement("R-STO-ACCEPT"),
    requirement("R-RET-GET"),
    requirement("R-RET-KEPT"),
    requirement("R-SEE-NOTICE", "SHOULD", not_tested="a person must look"),
)
REQUIREMENTS = linked(WRITTEN, CHECKS)


def found(requirements=WRITTEN, checks=CHECKS, own=()):
    whole = linked(requirements, checks)
    return {one.subject: one.problem for one in coverage(whole, checks, linked(own, checks, whole))}


def protocol_of(requirements=REQUIREMENTS, checks=CHECKS, version="1"):
    return make_protocol("PVT", version, checks, requirements)


def test_links_are_in_the_order_of_the_checks():
    assert [one.checks for one in REQUIREMENTS] == [("STO-ACK",), ("RET-GET",), ("RET-GET", "RET-MOVE"), ()]


def test_what_is_covered_has_no_finding():
    assert found() == {}
    assert suspect(REQUIREMENTS, protocol_of(), reviewed_now(REQUIREMENTS, protocol_of())) == ()


@pytest.mark.parametrize(
    ("requirements", "checks", "subject", "problem"),
    [
        ((*WRITTEN, requirement("R-NEW")), CHECKS, "R-NEW", "no check verifies it, and not_tested does not say why"),
        (
            (replace(WRITTEN[0], not_tested="too hard"), *WRITTEN[1:]),
            CHECKS,
            "R-STO-ACCEPT",
            "not_tested says why no check verifies it, and STO-ACK does",
        ),
        (WRITTEN, (*CHECKS, check("NEW-1")), "NEW-1", "the check verifies no requirement"),
        (
            WRITTEN,
            (*CHECKS, check("NEW-1", verifies=["R-RET-GET", "R-GONE"])),
            "NEW-1",
            "the check names R-GONE, which is no requirement",
        ),
        (WRITTEN, (*CHECKS, check("NEW-1", verifies=["R-GONE"])), "NEW-1", "R-GONE"),
        (
            (replace(WRITTEN[0], level=Level.SHOULD), *WRITTEN[1:]),
            CHECKS,
            "STO-ACK",
            "its level is SHALL, and what it verifies is SHOULD at most",
        ),
        (WRITTEN, (replace(CHECKS[0], level="MUST"), *CHECKS[1:]), "STO-ACK", "its level is 'MUST', and none of SHALL"),
    ],
)
def test_each_fault_of_coverage_is_found(requirements, checks, subject, problem):
    findings = found(requirements, checks)
    assert list(findings) == [subject]
    assert problem in findings[subject]


def test_a_check_may_be_weaker_than_what_it_verifies_and_as_strong_as_the_strongest():
    weak, strong = requirement("R-WEAK", "MAY"), requirement("R-STRONG")
    assert found((weak, strong), (check("ONE", verifies=["R-WEAK", "R-STRONG"]),)) == {}
    assert found((weak, strong), (check("ONE", verifies=["R-WEAK", "R-STRONG"], level="MAY"),)) == {}


def test_requirements_of_users_name_checks_or_requirements_for_them():
    own = (
        requirement("SRS-1", checks=("R-RET-KEPT", "STO-ACK", "RET-GET")),
        requirement("SRS-2", checks=("R-GONE",)),
        requirement("SRS-3"),
        requirement("R-RET-GET", checks=("STO-ACK",), origin="own.toml"),
    )
    assert linked(own, CHECKS, REQUIREMENTS)[0].checks == ("RET-GET", "RET-MOVE", "STO-ACK")
    assert found(own=own) == {
        "SRS-2": "no check or requirement is called R-GONE",
        "SRS-3": "no check verifies it, and not_tested does not say why",
        "R-RET-GET": "own.toml uses an id of the catalogue; give it another",
    }


@pytest.mark.parametrize("change", [{"text": "another."}, {"level": Level.SHOULD}, {"source": "PS3.5 8.2"}])
def test_a_requirement_that_changed_since_it_was_reviewed_is_suspect(change):
    reviewed = reviewed_now(REQUIREMENTS, protocol_of())
    changed = (replace(REQUIREMENTS[0], **change), *REQUIREMENTS[1:])
    assert suspect(changed, protocol_of(changed), reviewed) == (
        Finding("R-STO-ACCEPT", "its text, level or source changed; review STO-ACK"),
        Finding("PVT", "it is not what version 1 was; raise the version"),
    )
    accepted = reviewed_now(changed, protocol_of(changed, version="2"))
    assert suspect(changed, protocol_of(changed, version="2"), accepted) == ()


def test_a_link_that_changed_since_it_was_reviewed_is_suspect():
    reviewed = reviewed_now(REQUIREMENTS, protocol_of())
    checks = (*CHECKS[:2], check("RET-MOVE", verifies=["R-SEE-NOTICE"]))
    requirements = linked(WRITTEN, checks)
    assert [one.problem for one in suspect(requirements, protocol_of(requirements, checks, "2"), reviewed)] == [
        "its checks were RET-GET, RET-MOVE when it was reviewed, and are RET-GET",
        "its checks were none when it was reviewed, and are RET-MOVE",
        "version 2 was not reviewed",
    ]


def test_requirements_that_came_and_went_are_suspect():
    reviewed = reviewed_now(REQUIREMENTS, protocol_of())
    requirements = (*REQUIREMENTS[:-1], requirement("R-NEW", checks=("STO-ACK",)))
    assert [(one.subject, one.problem) for one in suspect(requirements, protocol_of(), reviewed)] == [
        ("R-NEW", "it was not reviewed"),
        ("R-SEE-NOTICE", "it was reviewed, and is no requirement any more"),
    ]
