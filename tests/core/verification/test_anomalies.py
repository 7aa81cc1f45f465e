"""One anomaly is a check of a product that came to the same outcome; its id lasts, and the ledger judges nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

import harness.checks
from harness.core.endpoint import EvidenceClass
from harness.core.results import CheckInfo, Outcome
from harness.core.verification.anomalies import (
    BY_FAMILY,
    OF_CONTENT,
    Known,
    anomalies,
    anomaly_id,
    not_seen,
    possible_ids,
)
from harness.core.verification.dossier import Classification, Dossier, KnownAnomaly
from harness.plugin.cells import FAMILIES
from tests.core.run_values import result, run, seen

CHECKS = (
    CheckInfo("STO-ACK", "store", "stored", "status 0", "SHALL", "PS3.4 B.2.3", ()),
    CheckInfo("RET-GET", "retrieve", "C-GET returns it", "the same bytes", "SHALL", "PS3.4 C.4.3", ()),
    CheckInfo("RET-URI", "dicomweb", "WADO-URI returns it", "the same bytes", "SHALL", "PS3.18 9.4", ()),
    CheckInfo("WEB-TYPE", "dicomweb", "the media type", "video/mp4", "SHALL", "PS3.18 8.7", ()),
)
FAILED = anomaly_id("Orthanc", EvidenceClass.MEASURED, "RET-GET", Outcome.FAIL)


def with_checks(*found, **about):
    return replace(run(*found, **about), checks=CHECKS)


def entry(id=FAILED, **about):
    usual = {
        "title": "bytes change",
        "classification": Classification.ENVIRONMENT,
        "criticality": "low",
        "disposition": "accepted",
        "rationale": "told to the vendor",
        "residual": True,
        "expires": "2026-12-31",
    }
    return KnownAnomaly(id=id, **usual | about)


def ledger(*entries):
    return Dossier(known=entries)


def test_a_run_without_failure_has_no_anomaly():
    assert anomalies(with_checks(seen("STO-ACK", "PASS"), seen("RET-GET", "UNSUPPORTED")), Dossier()) == ()


def test_one_check_with_one_outcome_is_one_anomaly_over_all_its_formats():
    found = anomalies(
        with_checks(
            seen("RET-GET", "FAIL", format="a", reason="cut"),
            seen("RET-GET", "FAIL", format="b", reason="cut"),
            seen("RET-GET", "FAIL", format="c", reason="longer"),
            seen("RET-GET", "PASS", format="d"),
        ),
        Dossier(),
    )
    assert [(one.formats, one.reasons, len(one.cells)) for one in found] == [(("a", "b", "c"), ("cut", "longer"), 3)]


def test_another_outcome_is_another_anomaly_and_the_heaviest_comes_first():
    found = anomalies(
        with_checks(
            seen("RET-GET", "INCONCLUSIVE", format="a"),
            seen("RET-GET", "ERROR", format="b"),
            seen("RET-GET", "FAIL", format="c"),
        ),
        Dossier(),
    )
    assert [one.outcome for one in found] == [Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE]
    assert len({one.id for one in found}) == 3


def test_the_id_is_the_same_in_another_run_of_another_release():
    one, other = (
        anomalies(with_checks(seen("RET-GET", "FAIL"), version=version, run_id=version), Dossier())[0].id
        for version in ("1.10.1", "1.12.7")
    )
    assert one == other == FAILED


def test_the_id_does_not_change_from_one_release_of_the_harness_to_the_next():
    assert FAILED == "A-b6c15cb2"


def test_two_releases_of_a_product_in_one_run_share_one_anomaly():
    made = with_checks(seen("RET-GET", "FAIL"))
    other = replace(made.targets[0], id="orthanc@1.10.1", version="1.10.1")
    both = replace(
        made, targets=(*made.targets, other), results=(*made.results, result("orthanc@1.10.1", "RET-GET", "FAIL"))
    )
    found = anomalies(both, ledger(entry(versions=("1.12.7",))))
    assert [(one.targets, one.versions, len(one.cells), one.standing) for one in found] == [
        (("orthanc", "orthanc@1.10.1"), ("1.12.7", "1.10.1"), 2, Known.WIDER)
    ]


def test_an_emulation_never_has_the_id_of_the_product():
    emulated = with_checks(seen("RET-GET", "FAIL"), kind=EvidenceClass.EMULATED)
    assert anomalies(emulated, Dossier())[0].id != FAILED


@pytest.mark.parametrize(
    ("check", "outcome", "classification"),
    [
        ("STO-ACK", "FAIL", Classification.INTERFACE),
        ("WEB-TYPE", "FAIL", Classification.INTERFACE),
        ("RET-GET", "FAIL", Classification.PRODUCT),
        ("RET-URI", "FAIL", Classification.PRODUCT),
        ("RET-GET", "ERROR", Classification.UNDETERMINED),
        ("RET-GET", "INCONCLUSIVE", Classification.UNDETERMINED),
    ],
)
def test_what_a_check_is_about_classifies_its_failure(check, outcome, classification):
    found = anomalies(with_checks(seen(check, outcome)), Dossier())[0]
    assert (found.classification, found.basis.startswith("by default")) == (classification, True)


def test_the_ledger_classifies_otherwise():
    found = anomalies(with_checks(seen("RET-GET", "FAIL")), ledger(entry()))[0]
    assert (found.classification, found.basis) == (Classification.ENVIRONMENT, "by the ledger of known anomalies")


def test_every_family_of_the_checks_is_classified():
    assert set(BY_FAMILY) == set(FAMILIES)
    text = "".join(path.read_text() for path in Path(harness.checks.__path__[0]).glob("*.py"))
    assert [one for one in sorted(OF_CONTENT) if f'"{one}"' not in text] == []


@pytest.mark.parametrize(
    ("about", "standing"),
    [
        ({}, Known.KNOWN),
        ({"formats": ("h264_hp41",), "versions": ("1.12.7",)}, Known.KNOWN),
        ({"formats": ("mpeg2_ml",)}, Known.WIDER),
        ({"versions": ("1.10.1",)}, Known.WIDER),
        ({"expires": "2026-11-21"}, Known.EXPIRED),
        ({"expires": "2026-11-22"}, Known.KNOWN),
        ({"id": "A-00000000"}, Known.NEW),
    ],
)
def test_an_anomaly_is_held_against_its_entry_on_the_day_of_the_run(about, standing):
    assert anomalies(with_checks(seen("RET-GET", "FAIL")), ledger(entry(**about)))[0].standing is standing


def test_a_known_failure_stays_a_failure():
    assert anomalies(with_checks(seen("RET-GET", "FAIL")), ledger(entry()))[0].outcome is Outcome.FAIL


def test_repeatability_counts_the_attempts():
    once = with_checks(seen("RET-GET", "FAIL"))
    failed, passed = (result("orthanc", "RET-GET", outcome) for outcome in ("FAIL", "PASS"))
    texts = [
        anomalies(replace(once, results=results), Dossier())[0].repeatability
        for results in ((failed,), (failed, failed, failed), (failed, passed))
    ]
    assert texts == [
        "once in 1 cell; not repeated in this run",
        "always: 3 of 3 attempts in 1 cell",
        "intermittent: 1 of 2 attempts in 1 cell",
    ]


def test_a_target_that_never_came_up_has_an_anomaly_of_its_own_name():
    found = anomalies(replace(with_checks(seen("RET-GET", "ERROR")), targets=()), Dossier())
    assert [(one.product, one.versions) for one in found] == [("orthanc", ("",))]


def test_a_known_anomaly_that_did_not_appear_is_told_where_it_could_have():
    passed = with_checks(seen("RET-GET", "PASS"))
    assert [one.entry.id for one in not_seen(passed, ledger(entry()))] == [FAILED]
    for about in ({"versions": ("1.10.1",)}, {"formats": ("mpeg2_ml",)}):
        assert not_seen(passed, ledger(entry(**about))) == ()
    for outcome in ("FAIL", "NOT_RUN"):
        assert not_seen(with_checks(seen("RET-GET", outcome)), ledger(entry())) == ()


def test_the_ids_that_a_run_could_show_are_those_of_its_checks():
    ids = possible_ids(with_checks(seen("STO-ACK", "PASS")))
    assert FAILED in ids
    assert anomaly_id("Orthanc", EvidenceClass.MEASURED, "RET-MOVE", Outcome.FAIL) not in ids
