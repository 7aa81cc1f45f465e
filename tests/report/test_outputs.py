"""Every output is made from the record, and only from it."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.results import Run
from harness.errors import RecordError
from harness.report.manifest import manifest_problems
from harness.report.outputs import write_reports
from harness.report.record import RecordWriter


def test_all_outputs_are_written_and_listed(recorded: Path) -> None:
    assert [path.name for path in write_reports(recorded)] == ["matrix.txt", "report.html"]
    assert manifest_problems(recorded) == ()


def test_outputs_made_again_are_the_same(recorded: Path) -> None:
    first = [path.read_bytes() for path in write_reports(recorded)]
    assert [path.read_bytes() for path in write_reports(recorded)] == first
    assert manifest_problems(recorded) == ()


def test_outputs_made_again_do_not_hide_changed_evidence(recorded: Path) -> None:
    write_reports(recorded)
    (recorded / "evidence/orthanc.log").write_text("forged")
    write_reports(recorded)
    assert manifest_problems(recorded) == ("evidence/orthanc.log: changed",)


def test_a_killed_run_has_outputs_too(folder: Path, run: Run) -> None:
    RecordWriter(folder, run)
    write_reports(folder)
    assert "interrupted" in (folder / "report.html").read_text()
    assert manifest_problems(folder) == ()


def test_text_that_is_no_unicode_does_not_cost_the_report(folder: Path, run: Run) -> None:
    odd = replace(run.results[0], reason="half \udc80", observation={"\udc80": "\udc80"})
    RecordWriter(folder, replace(run, results=(odd,)))
    write_reports(folder)
    assert "half \\udc80" in (folder / "report.html").read_text(encoding="utf-8")


def test_without_a_record_there_is_no_report(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"run\.json"):
        write_reports(tmp_path)
