"""A folder of several runs becomes one run folder: records joined, evidence copied, every report made anew."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.core.conclusion import run_verdict
from harness.core.joining import joined
from harness.core.results import Run
from harness.errors import RecordError, UsageError
from harness.report.manifest import file_sha256, manifest_problems
from harness.report.outputs import write_reports
from harness.report.record import RECORD, SBOM, RecordWriter, read_run
from harness.report.verification.junit import JUNIT

#: Where the records of the shards are kept, unchanged, each in a folder of its run id.
SHARDS = "shards"

#: The folder of evidence in that of a run.
EVIDENCE = "evidence"


def merge(folders: Sequence[Path], into: Path, *, run_id: str) -> Run:
    """Join the runs in ``folders`` into the new folder ``into``.

    Raises:
        RecordError: a run cannot be read, or its files are not as its manifest has them.
        UsageError: the runs do not go together; the message says why.
    """
    for folder in folders:
        if problems := manifest_problems(folder):
            raise RecordError(f"{folder}: {'; '.join(problems)}; join runs as they were left")
    runs = [read_run(folder) for folder in folders]
    hashes = {run.run_id: file_sha256(folder / RECORD) for run, folder in zip(runs, folders, strict=True)}
    try:
        run = joined(runs, run_id=run_id, hashes=hashes)
    except ValueError as error:
        raise UsageError(str(error)) from error
    try:
        for shard, folder in zip(runs, folders, strict=True):
            _copy(folder, into, shard)
    except OSError as error:
        raise RecordError(f"{into}: cannot be written: {error}; choose another folder") from error
    writer = RecordWriter(into, replace(run, finished=""))
    writer.finish(run_verdict(run).verdict.label, run.finished)
    write_reports(into)
    return read_run(into)


def _copy(folder: Path, into: Path, shard: Run) -> None:
    """Copy the evidence, which lies in a folder of each target, and keep what else the run left as it is."""
    if (folder / EVIDENCE).is_dir():
        shutil.copytree(folder / EVIDENCE, into / EVIDENCE, dirs_exist_ok=True)
    kept = into / SHARDS / shard.run_id
    kept.mkdir(parents=True)
    for name in (RECORD, JUNIT, SBOM):
        if (folder / name).is_file():
            shutil.copyfile(folder / name, kept / name)
