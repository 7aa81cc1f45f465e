"""The record survives kills, tears and misuse; what was written is what is read."""

import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.core.results import Cell, Outcome, Result, Run, TargetRecord
from harness.errors import RecordError
from harness.report import record
from harness.report.record import RecordWriter, read_run

WRITER_UNTIL_KILLED = """
import itertools, sys
from pathlib import Path
from harness.core.endpoint import EvidenceClass
from harness.core.results import Cell, Outcome, Result, Run
from harness.report.record import RecordWriter
run = Run("r", "2026-01-01T00:00:00Z", (), (), {}, {}, {}, ())
writer = RecordWriter(Path(sys.argv[1]), run)
for number in itertools.count():
    cell = Cell("a", "store", "f", str(number))
    seen = {"text": "x" * (number % 7) * 5000}
    writer.add_result(Result(cell, Outcome.PASS, "ok", seen, EvidenceClass.SELF_TEST, "", 0.0))
    print(number, flush=True)
"""


def test_what_was_written_is_read(folder: Path, run: Run) -> None:
    RecordWriter(folder, run).finish("NOT MET", "2026-11-22T10:05:00+00:00")
    expected = replace(run, conclusion="NOT MET", finished="2026-11-22T10:05:00+00:00")
    assert read_run(folder) == expected == read_run(folder / "run.json")


def test_the_file_is_whole_json_after_every_call(folder: Path, run: Run) -> None:
    writer = RecordWriter(folder, replace(run, results=(), targets=(), clips={}))

    def on_disk() -> dict[str, list[Any]]:
        value: dict[str, list[Any]] = json.loads((folder / "run.json").read_text())
        return value

    assert on_disk()["results"] == []
    for number, result in enumerate(run.results, start=1):
        writer.add_result(result)
        assert len(on_disk()["results"]) == number
    for target in run.targets:
        writer.set_target(target)
        assert on_disk()["targets"][-1]["id"] == target.id
    writer.set_clips(run.clips)
    assert read_run(folder) == run


def test_a_target_recorded_again_replaces_itself_and_may_shrink(folder: Path, run: Run) -> None:
    writer = RecordWriter(folder, run)
    first = run.targets[0]
    shorter = TargetRecord(first.id, "x", "1", "native", first.evidence_class, "h")
    writer.set_target(shorter)
    assert read_run(folder).targets == (shorter, run.targets[1])
    assert read_run(folder).results == run.results


def test_cost_of_a_result_does_not_grow_with_the_run(folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = RecordWriter(folder, run)
    sizes: list[int] = []
    real = os.pwrite

    def counted(descriptor: int, data: bytes, offset: int) -> int:
        sizes.append(len(data))
        return real(descriptor, data, offset)

    monkeypatch.setattr(os, "pwrite", counted)
    for _ in range(50):
        writer.add_result(run.results[0])
    assert max(sizes) < 1.1 * sizes[0]


def test_a_writer_killed_in_mid_run_loses_nothing_finished(tmp_path: Path) -> None:
    for attempt in range(3):
        folder = tmp_path / str(attempt)
        command = [sys.executable, "-c", WRITER_UNTIL_KILLED, str(folder)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            told = [child.stdout.readline() for _ in range(20 + 7 * attempt)]
            child.send_signal(signal.SIGKILL)
            told += child.stdout.readlines()
        last = int(told[-1])
        found = read_run(folder)
        assert len(found.results) >= last + 1
        assert [one.cell.variant for one in found.results] == [str(n) for n in range(len(found.results))]
        assert found.finished == ""


@pytest.mark.parametrize("kept", [0, 1, 100, 4096, -2])
def test_a_write_cut_by_a_kill_is_repeated_from_its_note(
    folder: Path, run: Run, monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    writer = RecordWriter(folder, run)
    long = Result(Cell("a", "z"), Outcome.PASS, "r" * 9000, {}, run.results[0].evidence_class, "", 0.0)
    real = os.pwrite

    def cut(descriptor: int, data: bytes, offset: int) -> int:
        if descriptor == writer._note:
            return real(descriptor, data, offset)
        real(descriptor, data[:kept], offset)
        raise KeyboardInterrupt  # the kill: nothing after this instruction happens

    monkeypatch.setattr(os, "pwrite", cut)
    with pytest.raises(KeyboardInterrupt):
        writer.add_result(long)
    if kept:
        with pytest.raises(json.JSONDecodeError):
            json.loads((folder / "run.json").read_bytes())
        assert read_run(folder).results == (*run.results, long)
    else:
        assert read_run(folder) == run


def test_a_kill_while_the_note_is_written_leaves_the_record(folder: Path, run: Run) -> None:
    RecordWriter(folder, run)
    (folder / "run.json.next").write_bytes(b'12\n{"torn')
    assert read_run(folder) == run


@pytest.mark.parametrize("share", [0.0, 0.3, 0.99])
def test_a_record_cut_short_says_so(recorded: Path, share: float) -> None:
    path = recorded / "run.json"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(RecordError, match=r"run\.json: not whole JSON .*restore it from a copy"):
        read_run(recorded)


def changed(value: dict[str, object], place: list[str | int], new: object) -> dict[str, object]:
    inner: object = value
    for step in place[:-1]:
        inner = inner[step]  # type: ignore[index]
    if new is None:
        del inner[place[-1]]  # type: ignore[attr-defined]
    else:
        inner[place[-1]] = new  # type: ignore[index]
    return value


@pytest.mark.parametrize(
    ("place", "new", "message"),
    [
        (["schema"], "pytest-pacs/run/99", "schema is 'pytest-pacs/run/99', expected 'pytest-pacs/run/2'"),
        (["schema"], None, "schema is None"),
        (["started"], None, "started: missing"),
        (["colour"], "red", "colour: unknown field"),
        (["results"], 5, "results: expected a list, found 5"),
        (["results", 3, "outcome"], "GREAT", r"results\[3\]\.outcome: 'GREAT' is none of FAIL"),
        (["results", 3, "cell", "target"], 7, r"results\[3\]\.cell\.target: expected text, found 7"),
        (["results", 3, "seconds"], "soon", r"results\[3\]\.seconds: expected a number, found 'soon'"),
        (["results", 3, "observation"], [], r"results\[3\]\.observation: expected an object"),
        (["results", 3, "cell", "format"], 1, r"results\[3\]\.cell\.format: expected text"),
        (["targets", 0], "x", r"targets\[0\]: expected an object, found 'x'"),
        (["targets", 0, "evidence_class"], [], r"targets\[0\]\.evidence_class: \[\] is none of MEASURED"),
    ],
)
def test_a_wrong_field_is_named(recorded: Path, place: list[str | int], new: object, message: str) -> None:
    path = recorded / "run.json"
    path.write_text(json.dumps(changed(json.loads(path.read_text()), place, new)))
    with pytest.raises(RecordError, match=message):
        read_run(recorded)


def test_a_record_that_is_no_object_says_so(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text("[]")
    with pytest.raises(RecordError, match="the file: expected an object, found"):
        read_run(tmp_path)


def test_a_missing_record_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"No such file or directory; give a run folder or its run\.json"):
        read_run(tmp_path)


def test_a_folder_with_a_run_is_not_overwritten(recorded: Path, run: Run) -> None:
    before = (recorded / "run.json").read_bytes()
    with pytest.raises(RecordError, match="already holds a run"):
        RecordWriter(recorded, run)
    assert (recorded / "run.json").read_bytes() == before


def test_values_that_json_does_not_know_are_kept_as_text(folder: Path, run: Run) -> None:
    writer = RecordWriter(folder, replace(run, results=()))
    seen = {"ratio": float("inf"), "list": [float("nan")], "path": Path("a/b"), "lone": "\\udc80"}
    writer.add_result(replace(run.results[0], observation=seen))

    def refuse(text: str) -> object:
        raise AssertionError(text)

    json.loads((folder / "run.json").read_text(), parse_constant=refuse)
    observation = read_run(folder).results[0].observation
    assert observation == {"ratio": "inf", "list": ["nan"], "path": "a/b", "lone": "\\udc80"}


def test_a_finished_run_leaves_no_note(recorded: Path) -> None:
    assert not (recorded / record._NOTE).exists()
