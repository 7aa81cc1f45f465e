"""``pacs-harness qualify`` tells, records, and answers by its exit code; runs say what it showed."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.core.qualification.installation import Installation, Item, Outcome
from harness.core.qualification.operation import Operation, answered
from harness.media.tools import tool_versions
from harness.plugin import environment
from harness.plugin.command import main
from harness.plugin.commands import qualify
from harness.plugin.qualification import shelf
from harness.plugin.qualification.identity import this_harness, this_host
from harness.plugin.qualification.plan import QUICK, whole_plan
from harness.plugin.qualification.recording import of_operation
from harness.report.qualification.record import read, write

GOOD = Item("platform", "Python", Outcome.PASS, ">=3.11", "3.11")
BAD = Item("video", "video encoder libx265", Outcome.FAIL, "there", "makes hevc_main51")


@pytest.fixture
def data(tmp_path, monkeypatch) -> Path:
    """The folder of records of a user who has none."""
    monkeypatch.setattr(shelf.platformdirs, "user_data_path", lambda name: tmp_path / name)
    return tmp_path / "pytest-pacs" / "qualification"


@pytest.mark.parametrize("words", [["qualify"], ["qualify", "--oq", "--jobs", "0"]])
def test_a_request_that_says_nothing_is_refused(words, capsys):
    assert main(words) == 4
    assert "qualify: " in capsys.readouterr().err


@pytest.mark.parametrize(("items", "code"), [([GOOD], 0), ([GOOD, BAD], 1)])
def test_an_installation_is_told_and_recorded(data, monkeypatch, capsys, items, code):
    monkeypatch.setattr(qualify, "items", lambda identity: iter(items))
    assert main(["qualify", "--iq"]) == code
    (path,) = data.glob("iq-*/iq.json")
    record = read(Installation, path.read_bytes(), "iq.json")
    assert record.items == tuple(items)
    text = capsys.readouterr().out
    assert f"IQ {record.verdict}: 1 PASS, {len(items) - 1} FAIL, 0 INFO" in text
    assert hashlib.sha256(path.read_bytes()).hexdigest() in text
    assert path.with_name("iq.html").is_file()


def rows(**wrong):
    """Every challenge of this version, answered as expected but where told."""
    planned = [row for unit in whole_plan() for row in unit.rows]
    return [answered(row, wrong.get(row.subject, row.expected[0]), "why") for row in planned]


def test_an_operation_is_told_and_recorded_and_a_missed_fault_is_named(data, monkeypatch, capsys):
    monkeypatch.setattr(qualify, "_make_clips", lambda: None)
    monkeypatch.setattr(qualify, "run_units", lambda units, lacking, **_: rows(hangs="PASS"))
    assert main(["qualify", "--oq"]) == 1
    (path,) = data.glob("oq-*/oq.json")
    assert read(Operation, path.read_bytes(), "oq.json").verdict == "FAIL"
    text = capsys.readouterr().out
    assert "OQ FAIL" in text
    assert "STO-ACK h264_hp41 on hangs: PASS, expected FAIL" in text


def test_a_quick_check_says_that_it_does_not_count(data, monkeypatch, capsys):
    monkeypatch.setattr(qualify, "_make_clips", lambda: None)
    monkeypatch.setattr(
        qualify,
        "run_units",
        lambda units, lacking, **_: [answered(row, row.expected[0], "") for unit in units for row in unit.rows],
    )
    assert main(["qualify", "--oq", "--quick"]) == 10
    assert QUICK in capsys.readouterr().out


def test_an_interrupted_check_records_nothing(data, monkeypatch, capsys):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(qualify, "_make_clips", lambda: None)
    monkeypatch.setattr(qualify, "run_units", interrupted)
    assert main(["qualify", "--oq"]) == 2
    assert not data.exists()


def test_what_is_written_elsewhere_is_said_not_to_be_seen(data, monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(qualify, "items", lambda identity: iter([GOOD]))
    assert main(["qualify", "--iq", "--into", str(tmp_path / "here")]) == 0
    assert (tmp_path / "here" / "iq.json").is_file()
    assert "they do not see it" in capsys.readouterr().out
    assert not data.exists()


@pytest.fixture
def tools():
    made = environment.tools(tool_versions())
    return {**made, "harness": {"version": "0.1.0", "commit": "abc", "modified": False}}


def whole(tools, **changes):
    plan_sha256 = shelf.planned_hash()
    identity = replace(this_harness(tools), **changes)
    return of_operation(rows(), identity, this_host(), environment.now(), plan_sha256=plan_sha256, partial="")


def test_a_run_finds_the_record_of_this_harness_here(tools, tmp_path):
    record = whole(tools)
    path = write(record, tmp_path / record.id)
    found = shelf.looked_up(tools, tmp_path)
    assert found["operation"]["verdict"] == "PASS"
    assert found["operation"]["id"] == record.id
    assert found["installation"]["reason"] == "not run by this user on this host"
    path.write_bytes(path.read_bytes().replace(b'"PASS"', b'"FAIL"', 1))
    assert "changed after it was written" in shelf.looked_up(tools, tmp_path)["operation"]["reason"]


def test_a_run_of_a_modified_checkout_shows_nothing(tools, tmp_path):
    record = whole(tools)
    write(record, tmp_path / record.id)
    dirty = {**tools, "harness": {**tools["harness"], "modified": True}}
    found = shelf.looked_up(dirty, tmp_path)
    assert found["operation"]["reason"] == "modified checkout: files differ from the commit"


def test_a_record_of_other_libraries_does_not_count(tools, tmp_path):
    record = whole(tools, libraries={})
    write(record, tmp_path / record.id)
    assert shelf.looked_up(tools, tmp_path)["operation"]["reason"].startswith("changed libraries: ")


def test_every_run_records_what_was_shown(pytester):
    result = pytester.runpytest_subprocess("--pacs=embedded", "--pyargs", "harness.checks", "-k", "echo_is_answered")
    assert result.ret in (0, 10)
    (path,) = pytester.path.glob("reports/*/run.json")
    found = json.loads(path.read_text())["tools"]["qualification"]
    assert set(found) == {"installation", "operation"}
    assert found["operation"]["verdict"] in ("PASS", "FAIL", "NOT SHOWN")
