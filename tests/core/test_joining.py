"""Shards of one protocol become one run, and nothing else does."""

from dataclasses import replace

import pytest

from harness.core.conclusion import run_verdict, settle
from harness.core.endpoint import EvidenceClass
from harness.core.joining import joined
from harness.core.plain import from_plain, plain
from harness.core.results import Cell, CheckInfo, Outcome, Result, Run, TargetRecord
from tests.core.run_values import protocol

CHECKS = (CheckInfo("STO-ACK", "store", "stored", "status 0", "SHALL", "PS3.4 B.2.3", ()),)


def shard(target: str, outcome: Outcome = Outcome.PASS, **changes) -> Run:
    cells = [Cell(target, "STO-ACK", "h264_hp41"), Cell(target, "RET-GET", "h264_hp41")]
    results = tuple(
        Result(cell, outcome, "why", {}, EvidenceClass.MEASURED, "2026-11-22T10:00:00Z", 1.0) for cell in cells
    )
    run = Run(
        run_id=f"run-{target}",
        started="2026-11-22T10:00:00Z",
        command=(f"pytest --pacs={target}",),
        planned=tuple(cell.id for cell in cells),
        environment={"system": target},
        tools={"harness": {"version": "0.1.0", "commit": "abc"}},
        formats={"h264_hp41": {"uid": "1.2"}},
        checks=CHECKS,
        protocol=protocol(("STO-ACK",)),
        results=results,
        targets=(TargetRecord(target, "P", "1", "container", EvidenceClass.MEASURED, "here"),),
        clips={"h264_hp41": {"sha256": "aa"}},
        finished="2026-11-22T10:05:00Z",
    )
    return replace(run, **changes)


def join(*runs: Run) -> Run:
    return joined(runs, run_id="all", hashes={run.run_id: "00" for run in runs})


def test_every_cell_keeps_its_verdict():
    one, other = shard("orthanc"), shard("dcmtk", Outcome.FAIL)
    whole = join(one, other)
    assert [(cell.cell.id, cell.outcome) for cell in settle(whole)] == [
        (cell.cell.id, cell.outcome) for run in (one, other) for cell in settle(run)
    ]
    assert run_verdict(whole).verdict is run_verdict(other).verdict


def test_a_joined_run_is_not_joined_again():
    whole = join(shard("orthanc"), shard("dcmtk"))
    with pytest.raises(ValueError, match="all was joined from run-orthanc, run-dcmtk; give these instead"):
        join(whole, shard("embedded"))


def test_each_shard_keeps_its_identity():
    whole = join(shard("orthanc"), shard("dcmtk"))
    assert [(one.run_id, one.targets) for one in whole.shards] == [
        ("run-orthanc", ("orthanc",)),
        ("run-dcmtk", ("dcmtk",)),
    ]
    assert whole.environment == {"run-orthanc": {"system": "orthanc"}, "run-dcmtk": {"system": "dcmtk"}}
    assert from_plain(Run, plain(whole)) == whole


def test_unfinished_shard_leaves_the_whole_unfinished():
    assert join(shard("orthanc", finished=""), shard("dcmtk")).finished == ""


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"tools": {"harness": {"version": "0.2.0"}}}, "the harness is version 0.1.0 commit abc and version 0.2.0"),
        ({"protocol": protocol(("STO-ACK",), "cd" * 32)}, "the protocol is PVT 1 with SHA-256 abab.* and PVT 1 with"),
        ({"protocol": None}, "the protocol is PVT 1 with SHA-256 abab.* and not recorded"),
        ({"checks": (replace(CHECKS[0], expected="another"),)}, "check STO-ACK is not the same"),
        ({"formats": {"h264_hp41": {"uid": "1.3"}}}, "format h264_hp41 is not the same"),
        ({"clips": {"h264_hp41": {"sha256": "bb"}}}, "clip h264_hp41 is not the same"),
        ({"required": ("h264_hp41",)}, "required formats are none and h264_hp41"),
        ({"planned": ("orthanc--h264_hp41--STO-ACK",)}, "share the cells orthanc--h264_hp41--STO-ACK"),
        ({"run_id": "run-orthanc"}, "run-orthanc is given twice"),
    ],
)
def test_runs_that_do_not_go_together_are_refused_and_told_why(change, problem):
    with pytest.raises(ValueError, match=problem):
        join(shard("orthanc"), shard("dcmtk", **change))


def test_one_target_in_two_shards_is_refused():
    with pytest.raises(ValueError, match="share the targets orthanc"):
        join(shard("orthanc"), replace(shard("orthanc"), run_id="second"))


def test_one_run_is_no_join():
    with pytest.raises(ValueError, match="at least two"):
        join(shard("orthanc"))
