"""Shards of a run become one: cells and targets side by side, each shard's identity kept, nothing judged anew.

Shards must have followed one protocol: the same harness, the same questions, the same formats and the same clips. A
cell or a target that two shards have is refused, because one of the two would have to be forgotten.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from harness.core.results import CheckInfo, Plain, Run, Shard


def protocol_differences(one: Run, other: Run) -> tuple[str, ...]:
    """Why two runs cannot be compared cell by cell: each text names what differs. Empty where they can."""
    found = []
    if one.tools.get("harness") != other.tools.get("harness"):
        found.append(f"the harness is {_told(one.tools.get('harness'))} and {_told(other.tools.get('harness'))}")
    if _protocol(one) != _protocol(other):
        found.append(f"the protocol is {_protocol(one)} and {_protocol(other)}")
    found += _differing("check", _by_id(one.checks), _by_id(other.checks))
    found += _differing("format", one.formats, other.formats)
    found += _differing("clip", _hashes(one), _hashes(other))
    if one.required != other.required:
        found.append(f"required formats are {_names(one.required)} and {_names(other.required)}")
    return tuple(found)


def joined(runs: Sequence[Run], *, run_id: str, hashes: Mapping[str, str]) -> Run:
    """One run of all shards, in the order given; ``hashes`` are those of the records, by run id.

    Raises:
        ValueError: fewer than two shards, one that was joined itself, different protocols, or a cell or target in two
            of them; names which.
    """
    if len(runs) < 2:
        raise ValueError("give at least two runs; one is whole already")
    for run in runs:
        if run.shards:
            of = _names(shard.run_id for shard in run.shards)
            raise ValueError(f"run {run.run_id} was joined from {of}; give these instead")
    for one, other in combinations(runs, 2):
        if one.run_id == other.run_id:
            raise ValueError(f"run {one.run_id} is given twice")
        pair = f"{one.run_id} and {other.run_id}"
        if differences := protocol_differences(one, other):
            raise ValueError(f"{pair} followed different protocols: {'; '.join(differences)}")
        for what, shared in (
            ("targets", {target.id for target in one.targets} & {target.id for target in other.targets}),
            ("cells", set(one.planned) & set(other.planned)),
        ):
            if shared:
                raise ValueError(f"{pair} share the {what} {_names(sorted(shared))}; join runs of different targets")
    first = runs[0]
    return replace(
        first,
        run_id=run_id,
        started=min(run.started for run in runs),
        finished="" if any(not run.finished for run in runs) else max(run.finished for run in runs),
        command=tuple(dict.fromkeys(command for run in runs for command in run.command)),
        planned=tuple(cell for run in runs for cell in run.planned),
        environment={run.run_id: run.environment for run in runs},
        # What was shown of the harness holds for the host of each run alone, and so does what is installed there.
        tools={
            **first.tools,
            **{name: {run.run_id: run.tools.get(name) for run in runs} for name in ("qualification", "sbom")},
        },
        options={run.run_id: run.options for run in runs},
        formats={id: value for run in runs for id, value in run.formats.items()},
        checks=tuple({check.id: check for run in runs for check in run.checks}.values()),
        results=tuple(result for run in runs for result in run.results),
        targets=tuple(target for run in runs for target in run.targets),
        clips={id: value for run in runs for id, value in run.clips.items()},
        conclusion="",
        shards=tuple(
            Shard(
                run.run_id,
                run.started,
                run.finished,
                run.command,
                tuple(target.id for target in run.targets),
                hashes[run.run_id],
            )
            for run in runs
        ),
    )


def _by_id(checks: Iterable[CheckInfo]) -> dict[str, object]:
    return {check.id: check for check in checks}


def _protocol(run: Run) -> str:
    protocol = run.protocol
    return "not recorded" if protocol is None else f"{protocol.id} {protocol.version} with SHA-256 {protocol.sha256}"


def _hashes(run: Run) -> dict[str, object]:
    return {id: clip.get("sha256") for id, clip in run.clips.items() if isinstance(clip, Mapping)}


def _differing(what: str, one: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    differing = sorted(id for id in one.keys() & other.keys() if one[id] != other[id])
    return [f"{what} {_names(differing)} is not the same"] if differing else []


def _names(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"


def _told(harness: Plain | object) -> str:
    if not isinstance(harness, Mapping):
        return "not told"
    return " ".join(f"{name} {value}" for name, value in harness.items())
