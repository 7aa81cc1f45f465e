"""The record of a run, ``run.json``: written as the run goes, read back by everything else.

The file is complete JSON after every call. It has a head that never changes, then ``results``, then a short
tail (targets, clips, end). Adding a result overwrites the tail by the result and the tail again, in one
write, so that the cost does not grow with the run.

A kill can still cut one such write in two, since the kernel copies page by page. Therefore each write is
first put down whole in ``run.json.next``, with its offset, and :func:`read_run` repeats it where the record
is broken. Killed while writing the note, the record is untouched; killed while writing the record, the note
is whole.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from harness.core.plain import Misfit, from_plain, plain
from harness.core.results import SCHEMA, Plain, Result, Run, TargetRecord
from harness.errors import OtherVersion, RecordError
from harness.report.manifest import write_manifest

RECORD = "run.json"
#: What the harness was made of, beside the record.
SBOM = "sbom.cdx.json"
_NOTE = "run.json.next"


class RecordWriter:
    """Writes the record of one run into ``folder``, which is made where it does not exist.

    ``run`` gives the head, and what is known already of the rest. Not for use by several threads at once.

    Raises:
        RecordError: the folder already holds a record, or cannot be written.
    """

    def __init__(self, folder: Path, run: Run) -> None:
        self._folder = folder
        self._run = replace(run, results=())
        self._has_results = False
        path = folder / RECORD
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._record = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            self._note = os.open(folder / _NOTE, os.O_WRONLY | os.O_CREAT, 0o644)
        except FileExistsError:
            raise RecordError(f"{path}: already holds a run; choose another folder for this one") from None
        except OSError as error:
            problem = f"{path}: cannot be written: {error.strerror}; choose another folder"
            raise RecordError(problem) from error
        self._end_of_results = 0
        self._put(self._head())
        for result in run.results:
            self.add_result(result)

    def add_result(self, result: Result) -> None:
        """Record a finished cell; once this returns, a kill does not lose it."""
        self._put((",\n" if self._has_results else "\n") + _json(result))
        self._has_results = True

    def set_target(self, record: TargetRecord) -> None:
        """Record a target, replacing what was recorded under its id before."""
        targets = {target.id: target for target in self._run.targets} | {record.id: record}
        self._run = replace(self._run, targets=tuple(targets.values()))
        self._put("")

    def set_clips(self, clips: Plain) -> None:
        """Record the descriptions of all clips by id, replacing the earlier ones."""
        self._run = replace(self._run, clips=clips)
        self._put("")

    def finish(self, conclusion: str, finished: str) -> None:
        """Close the record and write the manifest of the run folder; ``finished`` is ISO 8601 in UTC."""
        self._run = replace(self._run, conclusion=conclusion, finished=finished)
        self._put("")
        os.fsync(self._record)
        os.close(self._record)
        os.close(self._note)
        (self._folder / _NOTE).unlink()
        write_manifest(self._folder)

    def _head(self) -> str:
        changing = ("results", *self._tail())
        head = {name: value for name, value in plain(self._run).items() if name not in changing}
        return "{" + _members(head) + ',\n"results": ['

    def _tail(self) -> dict[str, object]:
        run = self._run
        return {
            "targets": run.targets,
            "clips": run.clips,
            "finished": run.finished,
            "conclusion": run.conclusion,
        }

    def _put(self, addition: str) -> None:
        """Append to the results, and write the tail behind them."""
        kept = addition.encode()
        whole = kept + f"\n],\n{_members(self._tail())}}}\n".encode()
        _write_all(self._note, b"%d\n" % self._end_of_results + whole, 0)
        _write_all(self._record, whole, self._end_of_results)
        self._end_of_results += len(kept)


def read_run(path: Path) -> Run:
    """Read a record from its file or its run folder.

    Raises: RecordError: the file is missing or broken, of another schema, or a field does not fit;
    names the place.
    """
    path = path / RECORD if path.is_dir() else path
    value = _load(path)
    schema = value.get("schema") if isinstance(value, dict) else None
    if isinstance(value, dict) and schema != SCHEMA:
        raise OtherVersion(f"{path}: schema is {schema!r}, expected {SCHEMA!r}; read it with its own version")
    try:
        return from_plain(Run, value)
    except Misfit as problem:
        message = f"{path}: {problem}; the file was changed or is no record, restore it from a copy"
        raise RecordError(message) from problem


def _load(path: Path) -> object:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: {error.strerror}; give a run folder or its {RECORD}") from error
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        mended = _mended(path, content)
        if mended is None:
            problem = f"{path}: not whole JSON ({error}); the file was cut or changed, restore it from a copy"
            raise RecordError(problem) from error
        return mended


def _mended(path: Path, content: bytes) -> object:
    """The record with the last noted write repeated; None where that does not make it whole."""
    try:
        offset, _, whole = path.with_name(_NOTE).read_bytes().partition(b"\n")
        return json.loads(content[: int(offset)] + whole)
    except (OSError, ValueError):
        return None


def _write_all(descriptor: int, data: bytes, offset: int) -> None:
    """Write at an offset and end the file there; a single write unless the disk takes less."""
    written = 0
    while written < len(data):
        written += os.pwrite(descriptor, data[written:], offset + written)
    os.ftruncate(descriptor, offset + len(data))


def _members(values: Mapping[str, object]) -> str:
    return ",\n".join(f"{_json(name)}: {_json(value)}" for name, value in values.items())


def _json(value: object) -> str:
    return json.dumps(plain(value), allow_nan=False)
