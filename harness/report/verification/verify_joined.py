"""Whether a joined run is what the runs that were joined to it make."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.core.joining import joined
from harness.core.plain import plain
from harness.core.results import Run
from harness.errors import RecordError
from harness.report.manifest import file_sha256
from harness.report.merge import SHARDS
from harness.report.record import RECORD, read_run
from harness.report.verification.junit import JUNIT, junit_differences
from harness.report.verification.record import first_difference


def joined_differences(folder: Path, run: Run) -> Iterator[str]:
    """What differs between a joined run and its shards joined once more, and within the shards that it keeps."""
    parts = []
    for shard in run.shards:
        name = f"{SHARDS}/{shard.run_id}/{RECORD}"
        path = folder / name
        if not _is_inside(path, shard.run_id):
            yield f"{name}: missing"
        elif file_sha256(path) != shard.record_sha256:
            yield f"{name}: not the record that was joined"
        else:
            try:
                part = read_run(path)
            except RecordError as problem:
                yield str(problem).replace(f"{folder}/", "")
                continue
            parts.append(part)
            if (cases := path.with_name(JUNIT)).is_file():
                yield from (f"{SHARDS}/{shard.run_id}/{one}" for one in junit_differences(cases, part))
    if len(parts) == len(run.shards):
        yield from _whole_differences(run, parts)


def _is_inside(path: Path, run_id: str) -> bool:
    try:
        return "/" not in run_id and path.is_file()
    except OSError:  # such as a name that is too long for a file
        return False


def _whole_differences(run: Run, parts: list[Run]) -> Iterator[str]:
    hashes = {shard.run_id: shard.record_sha256 for shard in run.shards}
    try:
        again = joined(parts, run_id=run.run_id, hashes=hashes)
    except (ValueError, LookupError) as error:
        yield f"{RECORD}: its parts make no run: {error}"
        return
    # What it comes to is judged again with all the rest of a run.
    if found := first_difference(plain(run), plain(replace(again, conclusion=run.conclusion)), "run"):
        yield f"{RECORD}: {found.path} is {found.one}, and {found.other} in the runs that were joined"
