"""Run folders are joined as they were left, and compared."""

import json
from dataclasses import replace

import pytest

from harness.core.conclusion import settle
from harness.errors import RecordError, UsageError
from harness.plugin.command import main
from harness.report.manifest import manifest_problems
from harness.report.merge import merge
from harness.report.outputs import write_reports
from harness.report.record import RecordWriter, read_run
from tests.report.conftest import make_run


@pytest.fixture
def shards(tmp_path):
    """The run of two targets, split into one run each."""
    folders = []
    for target in ("orthanc", "embedded"):
        folder = tmp_path / target
        folder.mkdir()
        whole = make_run(folder)
        run = replace(
            whole,
            run_id=f"run-{target}",
            planned=tuple(cell for cell in whole.planned if cell.startswith(target)),
            results=tuple(one for one in whole.results if one.cell.target == target),
            targets=tuple(one for one in whole.targets if one.id == target),
        )
        RecordWriter(folder, run).finish("NOT MET", "2026-11-22T10:05:00+00:00")
        write_reports(folder)
        folders.append(folder)
    return folders


def test_the_shards_of_a_split_run_give_the_verdicts_of_the_whole(shards, tmp_path, run):
    joined = merge(shards, tmp_path / "all", run_id="all")
    assert {(one.cell.id, one.outcome) for one in settle(joined)} == {(one.cell.id, one.outcome) for one in settle(run)}
    assert read_run(tmp_path / "all") == joined


def test_evidence_and_records_of_the_shards_come_along_and_are_listed(shards, tmp_path):
    joined = merge(shards, tmp_path / "all", run_id="all")
    assert manifest_problems(tmp_path / "all") == ()
    for shard, folder in zip(joined.shards, shards, strict=True):
        assert (tmp_path / "all/shards" / shard.run_id / "run.json").read_bytes() == (folder / "run.json").read_bytes()
    kept = {one.path for result in joined.results for one in result.evidence if (shards[0] / one.path).is_file()}
    assert kept
    assert all((tmp_path / "all" / path).is_file() for path in kept)
    assert "run-orthanc" in (tmp_path / "all/report.html").read_text()


def test_a_shard_that_was_changed_is_refused(shards, tmp_path):
    (shards[0] / "evidence/orthanc.log").write_text("tampered")
    with pytest.raises(RecordError, match=r"evidence/orthanc.log: changed; join runs as they were left"):
        merge(shards, tmp_path / "all", run_id="all")


def test_runs_that_do_not_go_together_leave_nothing(shards, tmp_path):
    with pytest.raises(UsageError, match="is given twice"):
        merge([shards[0], shards[0]], tmp_path / "all", run_id="all")
    assert not (tmp_path / "all").exists()


def test_the_commands_join_and_compare(shards, tmp_path, capsys):
    assert main(["merge", *map(str, shards), "--into", str(tmp_path / "all")]) == 1
    assert "NOT MET" in capsys.readouterr().out
    assert main(["diff", str(shards[0]), str(shards[0])]) == 0
    assert "every verdict is the same" in capsys.readouterr().out
    assert main(["diff", str(shards[0]), str(tmp_path / "all"), "--json"]) == 1
    changes = json.loads(capsys.readouterr().out)["cells"]
    assert {one["change"] for one in changes} == {"appeared"}
    assert all(one["cell"].startswith("embedded--") for one in changes)


def test_a_target_that_is_in_neither_run_is_named(shards, capsys):
    assert main(["diff", str(shards[0]), str(shards[1]), "--as", "orthanc=absent"]) == 4
    assert "unknown target of run-embedded 'absent'; known: embedded" in capsys.readouterr().err
