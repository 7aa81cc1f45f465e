"""What a requirement comes to follows the rule of the whole run, and no evidence but MEASURED meets it."""

from dataclasses import replace
from itertools import product

import pytest

from harness.core.conclusion import RunVerdict, run_verdict
from harness.core.coverage import linked
from harness.core.endpoint import EvidenceClass
from harness.core.requirements import Kind, Level, Requirement
from harness.core.results import Cell, Outcome, TargetRecord
from harness.core.verification.dossier import Dossier, RiskControl
from harness.core.verification.trace import Shown, trace
from tests.core.run_values import check, protocol, result, run, seen

CHECKS = (
    check("STO-ACK", "store", verifies=["R-STO-ACCEPT"]),
    check("RET-GET", "retrieve", verifies=["R-RET-GET", "R-RET-PATHS"]),
    check("RET-MOVE", "retrieve", verifies=["R-RET-PATHS"]),
    check("PLY-BROWSER", "playback", "MAY", verifies=["R-PLY-BROWSER"]),
)


def requirement(id, **about):
    return Requirement(id, f"{id} holds.", Level.SHALL, "PS3.4", Kind.CONTENT, **about)


REQUIREMENTS = linked(
    (
        requirement("R-STO-ACCEPT"),
        requirement("R-RET-GET"),
        requirement("R-RET-PATHS"),
        requirement("R-PLY-BROWSER"),
        requirement("R-SEE-NOTICE", not_tested="a person must look"),
    ),
    CHECKS,
)
NAMES = {"F": "FAIL", "E": "ERROR", "I": "INCONCLUSIVE", "P": "PASS", "U": "UNSUPPORTED"}
NAMES |= {"N": "NOT_RUN", "A": "NOT_APPLICABLE"}


def required(*cells, checks=CHECKS, **about):
    """A run with a catalogue; cells are written as ``RET-GET P`` or ``RET-GET P mpeg2_ml``."""
    found = []
    for cell in cells:
        name, letter, *format = cell.split()
        found.append(seen(name, NAMES[letter], **({"format": format[0]} if format else {})))
    formats = {"h264_hp41": {}, "mpeg2_ml": {}}
    required = about.pop("needs", ())
    made = run(*found, formats=formats, **about)
    return replace(made, checks=checks, requirements=REQUIREMENTS, required=required)


def traced(of, id, dossier=None):
    (found,) = [one for one in trace(of, dossier or Dossier()).requirements if one.requirement.id == id]
    return found


def on(of, id, dossier=None):
    (found,) = traced(of, id, dossier).on
    return found


@pytest.mark.parametrize(
    ("cells", "verdict", "reasons"),
    [
        (["STO-ACK P"], "MET", ("PASS: STO-ACK of h264_hp41",)),
        (
            ["STO-ACK P", "STO-ACK U mpeg2_ml"],
            "MET",
            ("PASS: STO-ACK of h264_hp41", "refused openly: STO-ACK of mpeg2_ml"),
        ),
        (
            ["STO-ACK P", "STO-ACK F mpeg2_ml"],
            "NOT MET",
            ("FAIL: STO-ACK of mpeg2_ml", "PASS: STO-ACK of h264_hp41"),
        ),
        (
            ["STO-ACK P", "STO-ACK I mpeg2_ml"],
            "NOT SHOWN",
            ("INCONCLUSIVE: STO-ACK of mpeg2_ml", "PASS: STO-ACK of h264_hp41"),
        ),
        (["STO-ACK E", "STO-ACK F mpeg2_ml"], "NOT MET", ("FAIL: STO-ACK of mpeg2_ml", "ERROR: STO-ACK of h264_hp41")),
        (
            ["STO-ACK U"],
            "NOT SHOWN",
            ("no cell of a format is PASS on orthanc", "refused openly: STO-ACK of h264_hp41"),
        ),
        (
            ["STO-ACK N"],
            "NOT SHOWN",
            (
                "no cell of a format is PASS on orthanc",
                "not executed: STO-ACK of h264_hp41",
            ),
        ),
        (
            ["STO-ACK A", "STO-ACK A mpeg2_ml"],
            "NOT APPLICABLE",
            ("not applicable: STO-ACK of h264_hp41, mpeg2_ml",),
        ),
        (["RET-GET P"], "NOT SHOWN", ("not asked in this run: STO-ACK",)),
    ],
)
def test_verdict_and_reasons_follow_the_cells(cells, verdict, reasons):
    found = on(required(*cells), "R-STO-ACCEPT")
    assert (found.verdict.value, found.reasons) == (verdict, reasons)


@pytest.mark.parametrize(
    ("cells", "verdict"),
    [
        (["RET-GET P", "RET-MOVE U"], "NOT SHOWN"),
        (["RET-GET P", "RET-MOVE N"], "NOT SHOWN"),
        (["RET-GET P", "RET-MOVE A"], "MET"),
        (["RET-GET P", "RET-MOVE P", "RET-MOVE U mpeg2_ml"], "MET"),
    ],
)
def test_each_check_that_applies_must_have_seen_something_hold(cells, verdict):
    assert on(required(*cells), "R-RET-PATHS").verdict.value == verdict


def test_the_check_that_showed_nothing_is_told_first():
    found = on(required("RET-GET P", "RET-MOVE U"), "R-RET-PATHS")
    assert found.reasons == ("refused openly: RET-MOVE of h264_hp41", "PASS: RET-GET of h264_hp41")


@pytest.mark.parametrize("kind", [EvidenceClass.EMULATED, EvidenceClass.SELF_TEST])
@pytest.mark.parametrize(
    ("cells", "verdict", "reason"),
    [
        (["STO-ACK P"], "NOT SHOWN", "all PASS, but {} evidence shows no requirement to be MET"),
        (["STO-ACK P", "STO-ACK U mpeg2_ml"], "NOT SHOWN", "comes to MET, but {} evidence shows no"),
        (["STO-ACK A"], "NOT SHOWN", "comes to NOT APPLICABLE, but {} evidence shows no requirement to be MET"),
        (["STO-ACK F"], "NOT MET", "FAIL: STO-ACK"),
    ],
)
def test_no_evidence_but_measured_meets_a_requirement(kind, cells, verdict, reason):
    found = on(required(*cells, kind=kind), "R-STO-ACCEPT")
    assert (found.verdict.value, found.evidence_class) == (verdict, kind)
    assert found.reasons[0].startswith(reason.format(kind))


def test_one_result_of_another_class_is_enough_to_show_nothing():
    made = required("STO-ACK P")
    mixed = replace(made.results[0], evidence_class=EvidenceClass.EMULATED)
    assert on(replace(made, results=(mixed,)), "R-STO-ACCEPT").verdict is Shown.NOT_SHOWN


def test_a_requirement_is_met_only_where_every_check_of_it_was_executed():
    assert on(required("RET-GET P", "RET-MOVE P"), "R-RET-PATHS").verdict is Shown.MET
    assert on(required("RET-GET P", "RET-MOVE A"), "R-RET-PATHS").verdict is Shown.MET
    for cells, reason in (
        (["RET-GET P"], "not asked in this run: RET-MOVE"),
        (["RET-GET A"], "not asked in this run: RET-MOVE"),
        (["RET-GET P", "RET-MOVE N"], "not executed: RET-MOVE of h264_hp41"),
        (["RET-GET A", "RET-MOVE N"], "no cell of a format is PASS on orthanc"),
    ):
        found = on(required(*cells), "R-RET-PATHS")
        assert (found.verdict, found.reasons[0]) == (Shown.NOT_SHOWN, reason)


def test_what_a_run_never_finished_is_not_shown():
    made = required("STO-ACK P")
    cut = replace(made, planned=(*made.planned, "orthanc--mpeg2_ml--STO-ACK"))
    found = on(cut, "R-STO-ACCEPT")
    assert (found.verdict, found.reasons[0]) == (Shown.NOT_SHOWN, "1 of 2 planned cells have no result")


def test_a_required_format_that_is_refused_is_not_met():
    found = on(required("STO-ACK P", "STO-ACK U mpeg2_ml", needs=("mpeg2_ml",)), "R-STO-ACCEPT")
    assert found.verdict is Shown.NOT_MET
    assert found.reasons[0] == "refused openly although required: STO-ACK of mpeg2_ml"


def test_a_required_format_is_asked_of_cells_that_are_about_formats_and_apply():
    about_none = replace(result("orthanc", "STO-ACK", "PASS"), cell=Cell("orthanc", "STO-ACK"))
    made = required("RET-GET P", "RET-MOVE A", "RET-MOVE P mpeg2_ml", needs=("h264_hp41",))
    made = replace(made, results=(*made.results, about_none), planned=(*made.planned, about_none.cell.id))
    assert on(made, "R-STO-ACCEPT").verdict is Shown.MET
    assert on(made, "R-RET-PATHS").verdict is Shown.MET
    missing = on(replace(made, required=("h264_hp41", "mpeg2_ml")), "R-RET-GET")
    assert (missing.verdict, missing.reasons[0]) == (
        Shown.NOT_SHOWN,
        "mpeg2_ml is required and has no cell on orthanc",
    )


def test_what_the_standard_does_not_demand_is_not_asked_of_a_required_format():
    made = required("PLY-BROWSER U", "PLY-BROWSER P mpeg2_ml", needs=("h264_hp41",))
    assert on(made, "R-PLY-BROWSER").verdict is Shown.MET


@pytest.mark.parametrize("needs", [(), ("h264_hp41",)])
def test_requirements_never_contradict_the_run(needs):
    for letters in product("FEIPUNA", repeat=3):
        cells = [f"{check} {letter}" for check, letter in zip(("STO-ACK", "RET-GET", "RET-MOVE"), letters, strict=True)]
        made = required(*cells, needs=needs)
        verdict = run_verdict(made).verdict
        found = {on(made, id).verdict for id in ("R-STO-ACCEPT", "R-RET-GET", "R-RET-PATHS")}
        assert (Shown.NOT_MET in found) == (verdict is RunVerdict.NOT_MET), cells
        if found == {Shown.MET}:
            assert verdict is RunVerdict.MET, cells


def test_targets_are_kept_apart():
    made = required("STO-ACK P")
    other = TargetRecord("played", "P", "1", "embedded", EvidenceClass.EMULATED, "here")
    failed = result("lost", "STO-ACK", "ERROR", kind=EvidenceClass.MEASURED)
    made = replace(made, targets=(*made.targets, other), results=(*made.results, failed))
    found = traced(made, "R-STO-ACCEPT").on
    assert [(one.target, one.verdict.value) for one in found] == [
        ("orthanc", "MET"),
        ("played", "NOT SHOWN"),
        ("lost", "NOT SHOWN"),
    ]
    assert found[2].evidence_class is EvidenceClass.MEASURED


def test_a_target_leads_to_its_cells_and_counts():
    found = on(required("RET-GET P", "RET-GET U mpeg2_ml", "RET-MOVE P", "STO-ACK P"), "R-RET-PATHS")
    assert found.cells == (
        "orthanc--h264_hp41--RET-GET",
        "orthanc--mpeg2_ml--RET-GET",
        "orthanc--h264_hp41--RET-MOVE",
    )
    assert found.counts == ((Outcome.PASS, 2), (Outcome.UNSUPPORTED, 1))


def test_requirements_of_users_name_checks_or_requirements_of_the_catalogue():
    dossier = Dossier(requirements=(requirement("SRS-1", checks=("R-RET-PATHS", "STO-ACK")), requirement("SRS-2")))
    made = required("RET-GET P", "RET-MOVE P", "STO-ACK F")
    assert traced(made, "SRS-1", dossier).checks == ("RET-GET", "RET-MOVE", "STO-ACK")
    assert on(made, "SRS-1", dossier).verdict is Shown.NOT_MET
    assert traced(made, "SRS-2", dossier).on == ()


def test_risk_controls_follow_the_same_rule():
    dossier = Dossier(
        requirements=(requirement("SRS-1", checks=("STO-ACK",)),),
        risks=(RiskControl("RC-1", "kept", ("SRS-1", "RET-GET")), RiskControl("RC-2", "kept", ("R-RET-PATHS",))),
    )
    one, other = trace(required("RET-GET P", "STO-ACK F"), dossier).risks
    assert (one.on[0].verdict, one.on[0].cells) == (
        Shown.NOT_MET,
        ("orthanc--h264_hp41--STO-ACK", "orthanc--h264_hp41--RET-GET"),
    )
    assert other.on[0].verdict is Shown.NOT_SHOWN


def test_uncovered_requirements_and_orphan_checks_are_listed():
    made = required("STO-ACK P", checks=(*CHECKS, check("OWN-1"), check("OWN-2", verifies=["R-GONE"])))
    found = trace(replace(made, protocol=protocol(["OLD-1"])), Dossier(requirements=(requirement("SRS-1"),)))
    assert found.uncovered == (("R-SEE-NOTICE", "a person must look"), ("SRS-1", ""))
    assert found.orphans == ("OLD-1", "OWN-1", "OWN-2")


def test_a_check_of_users_may_verify_their_requirement():
    made = required("OWN-1 P", checks=(*CHECKS, check("OWN-1", verifies=["SRS-1"])))
    found = on(made, "SRS-1", Dossier(requirements=(requirement("SRS-1"),)))
    assert (found.verdict, found.reasons) == (Shown.MET, ("PASS: OWN-1 of h264_hp41",))


def test_cells_about_no_format_are_counted():
    sizes = [Cell("orthanc", "STO-ACK", None, size) for size in ("16K", "64K")]
    made = required("RET-GET P")
    results = tuple(replace(result("orthanc", "STO-ACK", "PASS"), cell=cell) for cell in sizes)
    found = on(replace(made, results=results, planned=tuple(one.id for one in sizes)), "R-STO-ACCEPT")
    assert found.reasons == ("PASS: STO-ACK in 2 cells",)
