"""What people add to a run, read from the files that they name.

Everything is read and checked at once, so that a wrong file costs no run.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.catalogue.dossier import dossier_files, load_dossier
from harness.core.results import Run
from harness.core.verification.dossier import Dossier, Source
from harness.core.verification.retest import previous_run
from harness.errors import RecordError, UsageError
from harness.plugin.dossier_options import OPTIONS, RETEST
from harness.report.manifest import file_sha256, manifest_problems
from harness.report.record import RECORD, read_run
from harness.report.verification.bundle import TEMPLATE


@dataclass(frozen=True, slots=True)
class Given:
    """What people gave, read: ``files`` are those it came from, ``before`` the run that is repeated."""

    dossier: Dossier
    files: tuple[Path, ...]
    before: Run | None = None

    def of(self, run: Run) -> Dossier:
        """The dossier of a run, with what changed in it since the one that it repeats."""
        if self.before is None:
            return self.dossier
        (record,) = (one.sha256 for one in self.dossier.sources if one.role == RETEST.role)
        return replace(self.dossier, previous=previous_run(self.before, record, run))


def read_given(values: Mapping[str, Any], start: Path) -> Given:
    """Read what ``values`` name by the names of the options; files are looked for from the folder ``start``.

    Raises:
        HarnessError: a file cannot be read, or breaks its rules; names it.
    """
    chosen: dict[str, Any] = {option.dest: values.get(option.dest) for option in OPTIONS}
    files: dict[str, Any] = {
        name: start / chosen[name] if chosen[name] else None
        for name in ("run_info", "requirements", "risk_map", "approval")
    }
    files["known"] = [start / one for one in chosen["known"] or ()]
    files["policies"] = [str(start / one) if one.endswith(".toml") else one for one in chosen["policy"] or ()]
    given = Given(load_dossier(**files), tuple(path for _, path in dossier_files(**files)))
    return _repeating(given, start / chosen[RETEST.dest]) if chosen[RETEST.dest] else given


def _repeating(given: Given, folder: Path) -> Given:
    if problems := manifest_problems(folder):
        raise RecordError(f"{folder}: {problems[0]}; name the earlier run as it was left")
    record = folder / RECORD
    source = Source(RETEST.role, RECORD, file_sha256(record))
    dossier = replace(given.dossier, sources=(*given.dossier.sources, source))
    return Given(dossier, (*given.files, record), read_run(folder))


def read_again(folder: Path, dossier: Dossier, run: Run) -> Dossier:
    """The dossier that the files of a bundle make, which keeps them in ``folder`` by role and name.

    Raises:
        HarnessError: a file cannot be read, or breaks its rules.
    """
    values: dict[str, Any] = {}
    for source in dossier.sources:
        path = f"{source.role}/{source.name}"
        option = next((one for one in OPTIONS if one.role == source.role), None)
        if option is None and source.role != TEMPLATE:
            raise UsageError(f"{path}: nobody can give {source.role!r}")
        if option is not None:
            name = option.dest
            values[name] = [*values.get(name, ()), path] if option.several else path
    earlier = values.pop(RETEST.dest, None)
    again = replace(read_given(values, folder).dossier, sources=dossier.sources)
    return Given(again, (), read_run(folder / earlier) if earlier else None).of(run)
