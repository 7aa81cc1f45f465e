"""The matrix as text: complete, within its width, and safe for a terminal."""

import re
from dataclasses import replace

import pytest

from harness.core.results import Outcome, Run
from harness.report.terminal import matrix

COLOUR = re.compile(r"\x1b\[\d+m")


def test_matrix_names_targets_with_class_and_formats_with_syntax(run: Run) -> None:
    lines = matrix(run, 100).splitlines()
    assert lines[0].split() == ["syntax", "orthanc", "embedded"]
    assert lines[1].split() == ["MEASURED", "SELF_TEST"]
    (row,) = [line for line in lines if line.startswith("H.264 HP@4.1 ")]
    assert re.split(r"\s{2,}", row.strip()) == ["H.264 HP@4.1", ".102", "FAIL 1/3", "INCONCLUSIVE 0/1"]


def test_a_pass_after_a_retry_is_marked(run: Run) -> None:
    assert "PASS 3/3 flaky" in matrix(run, 100)


def test_verdict_reasons_counts_and_place_of_the_report_are_told(run: Run) -> None:
    text = matrix(run, 120, report="reports/x/report.html")
    assert "\n20 cells, 20 planned.\n" in text
    assert "\nMEASURED: 2 FAIL, 6 PASS, 1 UNSUPPORTED, 3 NOT RUN. A real product" in text
    assert "\nSELF_TEST: 1 ERROR, 1 INCONCLUSIVE, 2 PASS, 1 UNSUPPORTED, 2 NOT RUN, 1 NOT APPLICABLE. A" in text
    assert "\nVerdict: NOT MET\n" in text
    assert "orthanc--h264_hp41--playback is FAIL: frame 12 lost" in text
    assert text.endswith("Report: reports/x/report.html\n")


def test_a_clean_run_lists_no_findings(run: Run) -> None:
    passed = tuple(one for one in run.results if one.outcome is Outcome.PASS)
    text = matrix(replace(run, results=passed, planned=(), required=(), finished=run.started), 100)
    assert "Not PASS" not in text
    assert "\nVerdict: MET\n" in text


@pytest.mark.parametrize("width", [60, 80, 120])
def test_nothing_is_wider_than_asked(run: Run, width: int) -> None:
    wide = replace(run, targets=tuple(replace(run.targets[0], id=f"target-{number}") for number in range(9)))
    assert max(map(len, matrix(wide, width).splitlines())) <= max(width, 60)


def test_every_target_is_shown_however_narrow(run: Run) -> None:
    many = replace(run, targets=tuple(replace(run.targets[0], id=f"target-{number}") for number in range(9)))
    assert all(f"target-{number}" in matrix(many, 60) for number in range(9))


def test_text_from_a_pacs_cannot_steer_the_terminal(run: Run) -> None:
    text = matrix(run, 100)
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\\x1b[31m" in text


def test_colour_only_when_asked_and_beside_the_same_words(run: Run) -> None:
    coloured = matrix(run, 100, colour=True)
    assert COLOUR.search(coloured)
    assert COLOUR.sub("", coloured) == matrix(run, 100)


def test_an_empty_run_is_told_as_such(run: Run) -> None:
    text = matrix(replace(run, results=(), planned=(), targets=()), 80)
    assert "0 cells, 0 planned." in text
    assert "\nVerdict: NOT SHOWN\n" in text
