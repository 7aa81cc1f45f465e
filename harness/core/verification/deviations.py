"""Deviations from the protocol: those that the record shows, and those that people state (IEC 82304-1 6.3).

Each is said once for all cells that share it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

from harness.core.choices import WRITTEN, Choices, choices_of
from harness.core.conclusion import SettledCell, settle
from harness.core.plain import Misfit
from harness.core.results import Outcome, Run
from harness.core.sizes import show_size
from harness.core.verification.anomalies import not_seen
from harness.core.verification.approval import approval_problems
from harness.core.verification.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation; ``person`` is empty where the harness saw it itself. ``cells`` are ids, empty where it is of
    none."""

    what: str
    reason: str
    person: str = ""
    cells: tuple[str, ...] = ()


def deviations(run: Run, dossier: Dossier) -> tuple[Deviation, ...]:
    """Every deviation, those that the record shows first."""
    try:
        choices, unreadable = choices_of(run), ""
    except Misfit as problem:
        choices, unreadable = (), str(problem)
    seen = _Seen(run, dossier, settle(run), choices, unreadable)
    stated = [Deviation(one.what, one.reason, one.person) for one in dossier.info.deviations]
    return (*(one for rule in RULES for one in rule(seen)), *stated)


@dataclass(frozen=True, slots=True)
class _Seen:
    """What every rule looks at, worked out once."""

    run: Run
    dossier: Dossier
    cells: tuple[SettledCell, ...]
    choices: tuple[tuple[str, Choices], ...]
    unreadable: str


def _interrupted(seen: _Seen) -> Iterator[Deviation]:
    if not seen.run.finished:
        yield Deviation("the run was interrupted and never closed", "not known to the record")


def _without_result(seen: _Seen) -> Iterator[Deviation]:
    lost = [one for one in seen.cells if not one.attempts]
    if lost:
        yield _of("planned and without a result", lost, "the run ended before them")


def _unplanned(seen: _Seen) -> Iterator[Deviation]:
    planned = set(seen.run.planned)
    extra = [one for one in seen.cells if one.cell.id not in planned]
    if extra:
        yield _of("executed without being planned", extra, "not known to the record")


def _unselected(seen: _Seen) -> Iterator[Deviation]:
    if seen.run.protocol is None:
        return
    asked = {one.cell.check for one in seen.cells}
    left = [check.id for check in seen.run.protocol.checks if check.id not in asked]
    if left:
        what = f"{len(left)} of {len(seen.run.protocol.checks)} checks of the protocol were not selected"
        yield Deviation(f"{what}: {', '.join(left)}", _selection(seen))


#: pytest's own ways to choose; what they took out is said by number.
_SELECTING = ("arguments", "keyword", "marks", "deselect")


def _selection(seen: _Seen) -> str:
    """Which of them were used."""
    ways = [
        f"{WRITTEN[name]} {_shown(getattr(choices, name))}"
        for _, choices in seen.choices
        for name in _SELECTING
        if getattr(choices, name)
    ]
    return f"selected by {', '.join(dict.fromkeys(ways))}" if ways else "not known to the record"


def _deselected(seen: _Seen) -> Iterator[Deviation]:
    for run_id, choices in seen.choices:
        if choices.deselected:
            count = f"{choices.deselected} cells were deselected before run {run_id} started"
            yield Deviation(count, _selection(seen))


def _formats_left_out(seen: _Seen) -> Iterator[Deviation]:
    for run_id, choices in seen.choices:
        left = [id for id in choices.catalogue if choices.formats and id not in choices.formats]
        if left:
            what = f"{len(left)} of {len(choices.catalogue)} formats were left out of run {run_id}: {', '.join(left)}"
            yield Deviation(what, f"{WRITTEN['formats']} {_shown(choices.formats)}")


def _left_out(seen: _Seen) -> Iterator[Deviation]:
    by_profile: dict[str, list[SettledCell]] = {}
    for one in seen.cells:
        if one.left_out and one.deciding is not None:
            by_profile.setdefault(str(one.deciding.observation.get("profile")), []).append(one)
    for profile, cells in by_profile.items():
        yield _of("left out", cells, f"the profile {profile} does not ask them")


def _not_executed(seen: _Seen) -> Iterator[Deviation]:
    """Planned, with a result that says why it was not executed: said once for each reason."""
    alike: dict[str, list[SettledCell]] = {}
    for one in seen.cells:
        if one.attempts and one.outcome is Outcome.NOT_RUN and not one.left_out:
            alike.setdefault(one.reason, []).append(one)
    for reason, cells in alike.items():
        yield _of("planned and not executed", cells, reason)


def _options(seen: _Seen) -> Iterator[Deviation]:
    usual = Choices()
    for run_id, choices in seen.choices:
        for field in fields(Choices):
            chosen, default = getattr(choices, field.name), getattr(usual, field.name)
            told_elsewhere = field.name not in WRITTEN or field.name in ("formats", *_SELECTING)
            if chosen != default and not told_elsewhere:
                what = f"{WRITTEN[field.name]} was {_shown(chosen)} in run {run_id}"
                yield Deviation(what, f"chosen by who started the run; the default is {_shown(default)}")


def _options_unknown(seen: _Seen) -> Iterator[Deviation]:
    if not seen.choices:
        yield Deviation("which options were chosen is not known", seen.unreadable or "the record has none")


def _repeated(seen: _Seen) -> Iterator[Deviation]:
    several = [one for one in seen.cells if len(one.attempts) > 1]
    if several:
        tries = sum(len(one.attempts) for one in several)
        yield _of(f"executed more than once, {tries} times together", several, "the heaviest outcome counts")
    retried = [one for one in seen.cells if one.flaky and len(one.attempts) == 1]
    if retried:
        reason = "it had ended in a way that may pass by itself, and the retry policy allows another attempt"
        yield _of("with an exchange that was tried again", retried, reason)


def _never_started(seen: _Seen) -> Iterator[Deviation]:
    recorded = {target.id for target in seen.run.targets}
    by_target: dict[str, list[SettledCell]] = {}
    for one in seen.cells:
        if one.cell.target not in recorded:
            by_target.setdefault(one.cell.target, []).append(one)
    for target, cells in by_target.items():
        # The first cell tells it in full, those after it only count.
        reason = next((one.reason for one in cells if one.outcome is Outcome.ERROR), "not known to the record")
        yield Deviation(f"the target {target} never came up", reason, cells=tuple(one.cell.id for one in cells))


def _changed_harness(seen: _Seen) -> Iterator[Deviation]:
    harness = seen.run.tools.get("harness")
    if isinstance(harness, Mapping) and harness.get("modified"):
        yield Deviation(
            f"the harness differed from its commit {harness.get('commit', '')}", "files of the checkout were changed"
        )


def _settings(seen: _Seen) -> Iterator[Deviation]:
    """A target of ours that was told to behave otherwise than as itself."""
    for target in seen.run.targets:
        told = [f"{name} {target.details[name]}" for name in ("mutant", "variations") if target.details.get(name)]
        if told:
            yield Deviation(f"the target {target.id} was set to {', '.join(told)}", "chosen by who started the run")


def _known_not_seen(seen: _Seen) -> Iterator[Deviation]:
    for one in not_seen(seen.run, seen.dossier):
        what = f"the known anomaly {one.entry.id} ({one.entry.title}) did not appear on {one.target}"
        reason = f"{len(one.cells)} cells of {one.check} were executed and did not show it"
        yield Deviation(what, reason, cells=one.cells)


def _approval(seen: _Seen) -> Iterator[Deviation]:
    for problem in approval_problems(seen.run, seen.dossier):
        yield Deviation(f"the approval of the protocol does not fit this run: {problem}", "not known to the record")


#: Every rule, in the order in which a report shows what they find.
RULES: tuple[Callable[[_Seen], Iterator[Deviation]], ...] = (
    _interrupted,
    _never_started,
    _without_result,
    _unplanned,
    _unselected,
    _deselected,
    _formats_left_out,
    _left_out,
    _not_executed,
    _options,
    _options_unknown,
    _settings,
    _changed_harness,
    _repeated,
    _known_not_seen,
    _approval,
)


def _of(what: str, cells: Sequence[SettledCell], reason: str) -> Deviation:
    """What is so of several cells: how many, and of which targets, checks and formats."""
    count = "1 cell" if len(cells) == 1 else f"{len(cells)} cells"
    names = [
        f"{kind} {', '.join(found)}"
        for kind, found in (
            ("targets", _distinct(one.cell.target for one in cells)),
            ("checks", _distinct(one.cell.check for one in cells)),
            ("formats", _distinct(one.cell.format for one in cells)),
        )
        if found
    ]
    return Deviation(f"{count} {what}: {'; '.join(names)}", reason, cells=tuple(one.cell.id for one in cells))


def _distinct(names: Iterable[str | None]) -> list[str]:
    return list(dict.fromkeys(name for name in names if name))


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(show_size(one) if isinstance(one, int) else str(one) for one in value) or "nothing"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return show_size(value)
    return str(value) if value not in (None, "") else "nothing"
