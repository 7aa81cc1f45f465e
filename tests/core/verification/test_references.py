"""Whatever people write about something that the run does not have is told."""

from dataclasses import replace

from harness.core.endpoint import EvidenceClass
from harness.core.requirements import Kind, Level, Requirement
from harness.core.results import Outcome
from harness.core.verification.anomalies import anomaly_id
from harness.core.verification.dossier import (
    Classification,
    Dossier,
    KnownAnomaly,
    Previous,
    Retest,
    RiskControl,
    RunInfo,
    SystemFacts,
)
from harness.core.verification.references import unmatched
from tests.core.run_values import protocol, run, seen

RUN = replace(run(seen("STO-ACK", "PASS")), protocol=protocol(("STO-ACK", "RET-GET")))
ID = anomaly_id("Orthanc", EvidenceClass.MEASURED, "RET-GET", Outcome.FAIL)


def requirement(*checks, id="SRS-1"):
    return Requirement(id, "kept", Level.SHALL, "SRS", Kind.CONTENT, checks)


def known(id=ID, **about):
    return KnownAnomaly(id, "t", Classification.PRODUCT, "low", "accepted", "why", True, "2027-01-01", **about)


def test_references_that_lead_somewhere_are_not_told():
    dossier = Dossier(
        info=RunInfo(systems=(SystemFacts("orthanc"),), retest=Retest("old", "x", "y")),
        requirements=(requirement("STO-ACK", "RET-GET"),),
        risks=(RiskControl("RC-1", "kept", ("RET-GET",)),),
        known=(known(formats=("h264_hp41",)),),
        previous=Previous("old", "00", ()),
    )
    assert unmatched(dossier, RUN) == ()


def test_a_target_that_is_not_there_is_told_with_those_that_are():
    found = unmatched(Dossier(info=RunInfo(systems=(SystemFacts("orthank"),))), RUN)
    assert found == ("systems: no target 'orthank' in this run; it has orthanc",)


def test_checks_that_are_not_there_are_told_of_requirements_and_risk_controls():
    dossier = Dossier(requirements=(requirement("NO-1", "STO-ACK"),), risks=(RiskControl("RC-1", "kept", ("NO-2",)),))
    assert unmatched(dossier, RUN) == (
        "requirement SRS-1: no check or requirement NO-1 in this run",
        "risk control RC-1: no check or requirement NO-2 in this run",
    )


def test_without_a_protocol_it_is_said_that_the_check_may_exist():
    found = unmatched(Dossier(requirements=(requirement("RET-GET"),)), replace(RUN, protocol=None))
    assert "records no protocol" in found[0]


def test_a_requirement_of_the_same_id_as_one_of_the_harness_is_told():
    run_ = replace(RUN, requirements=(requirement("STO-ACK"),))
    assert "SRS-1" in unmatched(Dossier(requirements=(requirement("STO-ACK"),)), run_)[0]


def test_known_anomalies_of_nothing_in_the_run_are_told():
    assert "of no product and check" in unmatched(Dossier(known=(known("A-00000000"),)), RUN)[0]
    assert "no format mpeg2" in unmatched(Dossier(known=(known(formats=("mpeg2",)),)), RUN)[0]


def test_a_retest_of_another_run_than_the_one_given_is_told():
    dossier = Dossier(info=RunInfo(retest=Retest("run-0", "x", "y")), previous=Previous("run-9", "00", ()))
    assert "'run-0'" in unmatched(dossier, RUN)[0]
