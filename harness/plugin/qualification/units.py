"""Runs one unit of an operational check: starts its PACS, puts every challenge, and tells what was seen."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from harness.catalogue.read import load_formats
from harness.core.conclusion import run_verdict
from harness.core.qualification.operation import BROKE, Part, Planned, Row, answered, not_put
from harness.core.verdicts import Verdict
from harness.errors import HarnessError
from harness.plugin.bench import Bench
from harness.plugin.everycheck import Checks
from harness.plugin.qualification.asking import TARGET, ask, bench_for, questions_for, verdict_of
from harness.plugin.qualification.plan import Unit
from harness.qualification import integrity, truth
from harness.targets.embedded.authority import Authority

#: Longest reason that is kept, in characters.
_LONGEST = 400


def run_unit(unit: Unit, lacking: Mapping[str, str], checks: Checks | None = None) -> tuple[Row, ...]:
    """Every row of the unit; what breaks is a row too.

    ``lacking`` are checks that this machine cannot ask, each with what it lacks. ``checks`` are those that are put, by
    id; all of the harness unless told.
    """
    rows = [not_put(row, lacking[row.check]) for row in unit.rows if row.check in lacking]
    asked = [row for row in unit.rows if row.check not in lacking]
    done: list[Row] = []
    try:
        for row in _RUNNERS[unit.part](unit, asked, checks) if asked else ():
            done.append(row)
    except Exception as error:  # noqa: BLE001 - a defect of the harness is what is looked for here
        rows += [_broken(planned, error) for planned in asked[len(done) :]]
    return (*done, *rows)


def _broken(planned: Planned, error: Exception) -> Row:
    words = str(error) if isinstance(error, HarnessError) else f"{type(error).__name__}: {error}"
    return answered(planned, BROKE, words[:_LONGEST])


def _told(planned: Planned, verdict: Verdict) -> Row:
    return answered(planned, verdict.outcome.value, verdict.reason[:_LONGEST])


def _controls(unit: Unit, asked: list[Planned], checks: Checks | None) -> Iterator[Row]:
    """Checks on the well-behaved PACS, or on the one with a fault."""
    with _bench(unit) as bench:
        for planned in asked:
            format_id, variant = planned.format or None, planned.variant or None
            yield _one(planned, partial(verdict_of, bench, planned.check, format_id, variant, checks))


def _one(planned: Planned, look: Callable[[], Verdict]) -> Row:
    """One row, whatever breaks in it: the rows after it can still be put."""
    try:
        return _told(planned, look())
    except Exception as error:  # noqa: BLE001 - as above
        return _broken(planned, error)


def _variations(unit: Unit, asked: list[Planned], checks: Checks | None) -> Iterator[Row]:
    """Every check on a PACS with the variations of one group."""
    wanted = set(asked)
    with _bench(unit) as bench:
        pacs = bench.pacs(TARGET)
        questions = questions_for(unit.variations, load_formats(), checks)
        for planned, question in zip(unit.rows, questions, strict=True):
            if planned in wanted:
                yield _one(planned, partial(ask, bench, pacs, question.check, question.subject, question.variant))


def _logic(unit: Unit, asked: list[Planned], checks: Checks | None) -> Iterator[Row]:
    runs = truth.challenges()
    for planned in asked:
        conclusion = run_verdict(runs[planned])
        yield answered(planned, conclusion.verdict.label, conclusion.reasons[0][:_LONGEST])


def _integrity(unit: Unit, asked: list[Planned], checks: Checks | None) -> Iterator[Row]:
    looks = integrity.challenges()
    for planned in asked:
        with tempfile.TemporaryDirectory(prefix="pytest-pacs-oq-") as folder:
            seen, reason = looks[planned](Path(folder))
        yield answered(planned, seen, reason[:_LONGEST])


_RUNNERS: dict[Part, Callable[[Unit, list[Planned], Checks | None], Iterator[Row]]] = {
    Part.POSITIVE: _controls,
    Part.NEGATIVE: _controls,
    Part.BENIGN: _variations,
    Part.LOGIC: _logic,
    Part.INTEGRITY: _integrity,
}


@contextmanager
def _bench(unit: Unit) -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="pytest-pacs-oq-") as name:
        folder = Path(name)
        tls = None
        if unit.tls:
            authority = Authority(folder / "tls")
            authority.issue()
            tls = authority.folder
        run = folder / "run"
        run.mkdir()
        run_id = f"oq-{os.getpid()}-{unit.name}"
        with bench_for(run_id, run, mutant=unit.mutant, variations=unit.variations, tls=tls) as bench:
            yield bench
