"""What is read off a run is worked out once, and honestly."""

from dataclasses import replace

from harness.core.conclusion import settle
from harness.core.endpoint import EvidenceClass
from harness.core.results import Cell, Outcome, Result, Run
from harness.report.findings import Finding, findings
from harness.report.summary import counts, summarise

TARGETS = ("orthanc", "embedded")


def field(run: Run, format_id: str | None, target: str) -> str:
    place = [column.id for column in summarise(run).columns].index(target)
    (row,) = [row for row in summarise(run).rows if row.format == format_id]
    group = row.groups[place]
    return "no cell" if group is None else group.text


def test_matrix_shows_standing_and_k_of_n(run: Run) -> None:
    shown = {(row.format, target): field(run, row.format, target) for row in summarise(run).rows for target in TARGETS}
    assert shown == {
        (None, "orthanc"): "PASS 1/1",
        (None, "embedded"): "PASS 1/1",
        ("mpeg2_ml", "orthanc"): "PASS 3/3",
        ("mpeg2_ml", "embedded"): "PASS 1/1",
        ("h264_hp41", "orthanc"): "FAIL 1/3",
        ("h264_hp41", "embedded"): "INCONCLUSIVE 0/1",
        ("h264_hp41_frag", "orthanc"): "UNSUPPORTED",
        ("h264_hp41_frag", "embedded"): "UNSUPPORTED",
        ("hevc_main51", "orthanc"): "PARTIAL 1/2",
        ("hevc_main51", "embedded"): "ERROR 0/2",
        ("h264_stereo42", "orthanc"): "NOT RUN",
        ("h264_stereo42", "embedded"): "NOT RUN",
    }


def test_formats_stand_in_the_order_of_the_catalogue_after_the_target_itself(run: Run) -> None:
    assert [row.format for row in summarise(run).rows] == [None, *run.formats]


def test_syntaxes_are_named_by_the_end_of_their_uid(run: Run) -> None:
    assert [row.suffix for row in summarise(run).rows] == ["", ".100", ".102", ".102.1", ".107", ".106"]


def test_counts_add_up_to_what_was_planned(run: Run) -> None:
    found = counts(settle(run))
    assert sum(found.values()) == len(run.planned) == 20
    assert found[Outcome.NOT_RUN] == 5  # three with a reason, two that a kill prevented


def test_counts_of_evidence_classes_are_never_added_up(run: Run) -> None:
    found = summarise(run).counts_by_class()
    assert {name: found[name][Outcome.PASS] for name in found} == {"MEASURED": 6, "SELF_TEST": 2}


def test_a_target_known_from_cells_only_still_has_a_column(run: Run) -> None:
    lost = replace(run, targets=(), planned=(*run.planned, "never-started--echo"))
    assert [(column.id, column.class_label) for column in summarise(lost).columns] == [
        ("orthanc", "MEASURED"),
        ("embedded", "SELF_TEST"),
        ("never-started", "class not recorded"),
    ]


def test_a_field_without_cells_is_no_standing(run: Run) -> None:
    cut = replace(run, results=(), planned=("orthanc--mpeg2_ml--store",))
    assert field(cut, "mpeg2_ml", "embedded") == "no cell"


def test_only_cells_that_were_tried_again_are_flaky(run: Run) -> None:
    assert [one.cell.id for one in settle(run) if one.flaky] == ["orthanc--mpeg2_ml--get"]


def test_a_repeated_cell_is_flaky(run: Run) -> None:
    again = replace(run, results=(*run.results, run.results[0]))
    assert settle(again)[0].flaky


def test_findings_name_everything_that_is_not_pass_heaviest_first(run: Run) -> None:
    found = findings(summarise(run))
    assert [one.outcome for one in found] == sorted((one.outcome for one in found), key=list(Outcome).index)
    assert Outcome.PASS not in {one.outcome for one in found}
    assert Finding(Outcome.FAIL, "orthanc", ("h264_hp41",), ("playback",), "frame 12 lost") in found
    assert Finding(Outcome.ERROR, "embedded", ("hevc_main51",), ("store",), "disk full") in found


def test_a_refusal_with_its_consequences_is_one_finding_for_both_twins(run: Run) -> None:
    def refused(format_id: str, check: str, outcome: Outcome, reason: str) -> Result:
        return Result(Cell("orthanc", check, format_id), outcome, reason, {}, EvidenceClass.MEASURED, "", 0.0)

    results = [
        refused(name, check, outcome, reason)
        for name in ("h264_hp41", "h264_hp41_frag")
        for check, outcome, reason in (
            ("store", Outcome.UNSUPPORTED, "transfer syntaxes not supported"),
            ("get", Outcome.NOT_RUN, "nothing was stored"),
        )
    ]
    only = replace(run, results=tuple(results), planned=())
    reason = "transfer syntaxes not supported"
    assert findings(summarise(only)) == (
        Finding(Outcome.UNSUPPORTED, "orthanc", ("h264_hp41", "h264_hp41_frag"), (), reason),
    )


def test_formats_that_share_reason_and_checks_are_one_finding(run: Run) -> None:
    cut = replace(run, results=(), planned=("orthanc--mpeg2_ml--store", "orthanc--hevc_main51--store"))
    assert findings(summarise(cut)) == (
        Finding(Outcome.NOT_RUN, "orthanc", ("mpeg2_ml", "hevc_main51"), (), "the run ended before this cell"),
    )


def test_what_the_profile_leaves_out_stands_for_nothing_and_is_told(run: Run) -> None:
    left = [
        replace(one, observation={"kind": "LeftOut"}, reason="left out")
        if (one.cell.target, one.cell.format, one.outcome) == ("orthanc", "hevc_main51", Outcome.NOT_RUN)
        else one
        for one in run.results
    ]
    quick = replace(run, results=tuple(left))
    assert field(run, "hevc_main51", "orthanc") == "PARTIAL 1/2"
    assert field(quick, "hevc_main51", "orthanc") == "PASS 1/1"
    assert any(finding.reason == "left out" for finding in findings(summarise(quick)))
