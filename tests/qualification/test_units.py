"""An operational check finds a check that sees nothing, one that raises false alarms, and one that broke."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from harness.core.exchange import Ending, Exchange
from harness.core.observations import EchoSeen
from harness.core.qualification.operation import Outcome, Part, conclude
from harness.errors import EnvironmentProblem
from harness.plugin.everycheck import every_check
from harness.plugin.qualification import plan
from harness.plugin.qualification.plan import Unit, negative, positive, quick, whole_plan
from harness.plugin.qualification.runner import run_units
from harness.plugin.qualification.units import run_unit
from harness.qualification import integrity, truth
from harness.qualification.kills import KILLS
from harness.qualification.kills.association import TLS_KILLS
from harness.report.verification.findings import Findings
from harness.targets.embedded.mutants import MUTANTS
from harness.targets.embedded.variations import VARIATIONS
from tests.forked import forking

ROOT = Path(__file__).resolve().parents[2]

KILL = ("RET-GET", "damages-on-get", "h264_hp41")


@pytest.fixture(autouse=True)
def forked():
    with forking():
        yield


def seen_by(answer):
    """All checks, with RET-GET replaced by one that returns this."""
    checks = dict(every_check())
    return checks | {"RET-GET": replace(checks["RET-GET"], function=answer)}


def nothing_seen(pacs, video):
    return EchoSeen(Exchange("C-ECHO", Ending.ANSWERED, status=0))


def alarm(pacs, video):
    return EchoSeen(Exchange("C-ECHO", Ending.ANSWERED, status=0xC000))


def broken(pacs, video):
    raise ZeroDivisionError("a defect of the harness")


def rows_of(*units, checks=None):
    return tuple(row for unit in units for row in run_unit(unit, {}, checks))


def test_a_fault_that_is_found_and_a_good_pacs_that_passes_are_as_expected():
    rows = rows_of(*negative([KILL]), *positive([KILL]))
    assert [(row.seen, row.outcome) for row in rows] == [("FAIL", Outcome.PASS), ("PASS", Outcome.PASS)]
    assert "SHA-256" in rows[0].reason


def test_a_check_that_asserts_nothing_fails_the_whole():
    rows = rows_of(*negative([KILL]), *positive([KILL]), checks=seen_by(nothing_seen))
    verdict, reasons = conclude(rows, "")
    assert verdict == "FAIL"
    assert reasons[0].startswith("negative control: RET-GET h264_hp41 on damages-on-get: PASS, expected FAIL")


def test_a_fault_that_the_check_does_not_see_fails_the_whole():
    """The fault damages C-MOVE only."""
    verdict, reasons = conclude(rows_of(*negative([("RET-GET", "damages-on-move", "h264_hp41")])), "")
    assert verdict == "FAIL"
    assert "RET-GET h264_hp41 on damages-on-move: PASS, expected FAIL" in reasons[0]


def test_a_check_that_fails_on_the_good_pacs_fails_the_whole():
    verdict, reasons = conclude(rows_of(*positive([KILL]), checks=seen_by(alarm)), "")
    assert verdict == "FAIL"
    assert "positive control: RET-GET h264_hp41: FAIL, expected PASS" in reasons[0]


def test_a_check_that_fails_on_a_legal_variation_fails_the_whole():
    (unit,) = [one for one in plan.benign() if one.rows[0].subject == "helps"]
    (row,) = [one for one in unit.rows if one.check == "RET-GET"]
    lacking = dict.fromkeys({one.check for one in unit.rows} - {"RET-GET"}, "time")
    rows = run_unit(unit, lacking, seen_by(alarm))
    assert [one.planned for one in rows if one.outcome is Outcome.FAIL] == [row]


def test_what_breaks_is_an_error_and_the_next_row_is_put_all_the_same():
    units = positive([KILL, ("RET-MOVE", "damages-on-move", "h264_hp41")])
    rows = rows_of(*units, checks=seen_by(broken))
    assert [(row.planned.check, row.outcome) for row in rows] == [
        ("RET-GET", Outcome.ERROR),
        ("RET-MOVE", Outcome.PASS),
    ]
    assert rows[0].reason == "ZeroDivisionError: a defect of the harness"


def test_a_pacs_that_does_not_start_makes_errors_of_all_its_rows():
    units = negative([("RET-GET", "no-such-fault", "h264_hp41")])
    (row,) = rows_of(*units)
    assert row.outcome is Outcome.ERROR
    assert "no-such-fault" in row.reason


def test_what_this_machine_lacks_is_not_put_and_named():
    (row,) = run_unit(*negative([KILL]), {"RET-GET": "a thing"})
    assert (row.outcome, row.lacks, row.seen) == (Outcome.NOT_RUN, "a thing", "NOT_RUN")


def test_everything_is_planned():
    rows = [row for unit in whole_plan() for row in unit.rows]
    assert len(set(rows)) == len(rows)
    assert {row.subject for row in rows if row.part is Part.NEGATIVE} == {one.name for one in MUTANTS}
    assert {name for unit in plan.benign() for name in unit.variations} == {one.name for one in VARIATIONS}
    for part in (Part.POSITIVE, Part.NEGATIVE, Part.BENIGN):
        assert {row.check for row in rows if row.part is part} == set(every_check())
    assert sum(row.part is Part.NEGATIVE for row in rows) == len({*KILLS, *TLS_KILLS})
    assert sum(row.part is Part.LOGIC for row in rows) == len(truth.challenges())
    assert sum(row.part is Part.INTEGRITY for row in rows) == len(integrity.challenges())


def test_a_quick_check_has_one_check_of_each_family_and_its_fault():
    chosen = quick(whole_plan())
    families = {id: check.info.family for id, check in every_check().items()}
    for part in (Part.POSITIVE, Part.NEGATIVE):
        checks = [row.check for unit in chosen for row in unit.rows if unit.part is part]
        assert sorted(families[check] for check in checks) == sorted(set(families.values()))
    assert not any(unit.part is Part.BENIGN for unit in chosen)


def test_the_decision_rule_gives_what_the_truth_table_says():
    (row,) = {row.outcome for row in rows_of(Unit(Part.LOGIC, tuple(truth.challenges())))}
    assert row is Outcome.PASS


def test_a_decision_rule_that_is_wrong_is_found(monkeypatch):
    from harness.core.conclusion import Conclusion, RunVerdict
    from harness.plugin.qualification import units

    monkeypatch.setattr(units, "run_verdict", lambda run: Conclusion(RunVerdict.MET, ("always",)))
    rows = rows_of(Unit(Part.LOGIC, tuple(truth.challenges())))
    assert {row.seen for row in rows} == {"MET"}
    assert conclude(rows, "")[0] == "FAIL"


def no_pdf():
    raise EnvironmentProblem("not here")


def test_what_a_run_leaves_is_as_it_must_be(monkeypatch):
    monkeypatch.setattr(integrity, "require", no_pdf)
    rows = rows_of(Unit(Part.INTEGRITY, tuple(integrity.challenges())))
    assert all(row.outcome is Outcome.PASS for row in rows), rows


def test_tampering_that_nobody_sees_and_text_that_gets_out_are_found(monkeypatch):
    monkeypatch.setattr(integrity, "verify", lambda folder, read_inputs: Findings())
    monkeypatch.setattr(integrity, "require", no_pdf)
    monkeypatch.setattr(integrity, "HOSTILE", (("a word", "Interoperability"),))
    rows = rows_of(Unit(Part.INTEGRITY, tuple(integrity.challenges())))
    assert {row.seen for row in rows if row.outcome is Outcome.FAIL} == {"missed", "got out"}


def test_units_in_other_processes_keep_their_order():
    told: list[int] = []
    units = [Unit(Part.LOGIC, (row,)) for row in list(truth.challenges())[:6]]
    rows = run_units(units, {}, jobs=2, told=lambda done, total, unit, rows: told.append(done))
    assert [row.planned for row in rows] == [row for unit in units for row in unit.rows]
    assert told == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_check_leaves_nothing_behind(tmp_path, number):
    script = "from harness.plugin.command import main; import sys; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", script, "qualify", "--oq", "--quick", "--jobs", "2", "--into", str(tmp_path)]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, env=environment, text=True) as process:
        for line in process.stdout:
            if line.startswith("["):
                break
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        code = process.wait(30)
    assert code == (2 if number is signal.SIGINT else -signal.SIGKILL)
    _, alive = psutil.wait_procs(children, timeout=40)
    assert not alive, alive
    deadline = time.monotonic() + 10
    while (left := list(tmp_path.glob("pytest-pacs-*"))) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert not left
    assert not list(tmp_path.glob("oq.*"))
