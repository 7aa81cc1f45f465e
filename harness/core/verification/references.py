"""What people wrote about something that the run does not have: nothing they give is silently ignored."""

from collections.abc import Iterator

from harness.core.results import Run
from harness.core.verification.anomalies import possible_ids
from harness.core.verification.dossier import Dossier


def unmatched(dossier: Dossier, run: Run) -> tuple[str, ...]:
    """Every reference of the dossier that leads nowhere in the run, in words with what is known."""
    return (
        *_targets(dossier, run),
        *_checks(dossier, run),
        *_requirements(dossier, run),
        *_anomalies(dossier, run),
        *_retest(dossier),
    )


def _targets(dossier: Dossier, run: Run) -> Iterator[str]:
    known = dict.fromkeys([one.id for one in run.targets] + [one.cell.target for one in run.results])
    for one in dossier.info.systems:
        if one.target not in known:
            yield f"systems: no target {one.target!r} in this run; it has {', '.join(known) or 'none'}"


def _checks(dossier: Dossier, run: Run) -> Iterator[str]:
    # A requirement stands for its checks.
    known = {*run.known_checks, *(one.id for one in run.requirements)}
    own = {one.id for one in dossier.requirements}
    # Without a protocol only what was asked is known, and the rest may well exist.
    limit = "" if run.protocol else "; the run records no protocol, so only the checks that it asked are known"
    named = [(f"requirement {one.id}", one.checks, known) for one in dossier.requirements]
    named += [(f"risk control {one.id}", one.checks, known | own) for one in dossier.risks]
    for what, names, of in named:
        if wrong := [name for name in names if name not in of]:
            yield f"{what}: no check or requirement {', '.join(wrong)} in this run{limit}"


def _requirements(dossier: Dossier, run: Run) -> Iterator[str]:
    own = {one.id for one in run.requirements}
    for one in dossier.requirements:
        if one.id in own:
            yield f"requirement {one.id}: the catalogue of the harness has a requirement of this id too"


def _anomalies(dossier: Dossier, run: Run) -> Iterator[str]:
    if not dossier.known:
        return
    possible = possible_ids(run)
    for one in dossier.known:
        if one.id not in possible:
            yield f"known anomaly {one.id} ({one.title}): of no product and check of this run"
        elif wrong := [id for id in one.formats if id not in run.formats]:
            yield f"known anomaly {one.id} ({one.title}): this run has no format {', '.join(wrong)}"


def _retest(dossier: Dossier) -> Iterator[str]:
    retest, previous = dossier.info.retest, dossier.previous
    if retest is not None and previous is not None and retest.of != previous.run_id:
        yield f"retest: of names run {retest.of!r}, and the record of the earlier run is that of {previous.run_id!r}"
