"""``pacs-harness qualify``: whether the harness is installed as it should be, and does what it should, here."""

import os
import sys
from collections import Counter
from pathlib import Path

from tabulate import tabulate

from harness.core.conclusion import RunVerdict
from harness.core.qualification.installation import Installation
from harness.core.qualification.operation import Operation, Outcome, Row, plan_hash
from harness.errors import HarnessError
from harness.media.clips import ClipStore
from harness.plugin.bench import clip_cache
from harness.plugin.environment import now
from harness.plugin.qualification.identity import this_harness, this_host
from harness.plugin.qualification.installation import items
from harness.plugin.qualification.plan import QUICK, Unit, lacking, quick, whole_plan
from harness.plugin.qualification.recording import of_installation, of_operation
from harness.plugin.qualification.runner import run_units
from harness.plugin.qualification.shelf import shelf
from harness.report.manifest import file_sha256
from harness.report.qualification.page import write_pages
from harness.report.qualification.record import write
from harness.report.wording import printable

#: Exit code by verdict: that of a run with the same words.
CODES = {"PASS": RunVerdict.MET.value, "FAIL": RunVerdict.NOT_MET.value, "NOT SHOWN": RunVerdict.NOT_SHOWN.value}

#: Exit code after an interrupt from the keyboard, as of pytest.
INTERRUPTED = 2


def default_jobs() -> int:
    """Two processes for each processor: most of the time is spent waiting."""
    return 2 * (os.cpu_count() or 1)


def check_installation(into: Path | None) -> int:
    """Print every item with what it came to, and write the record.

    Raises:
        HarnessError: the record cannot be written.
    """
    identity, host, started = this_harness(), this_host(), now()
    record = of_installation(list(items(identity)), identity, host, started)
    rows = [(one.group, one.thing, one.outcome, one.expected, one.seen) for one in record.items]
    head = ("", "item", "", "expected", "seen")
    _say(tabulate(rows, head, tablefmt="simple", disable_numparse=True, maxcolwidths=[None, None, None, 30, 70]))
    counts = ", ".join(f"{number} {outcome}" for outcome, number in record.counts)
    _say(f"\nIQ {record.verdict}: {counts}")
    return _finish(record, into)


def check_operation(into: Path | None, jobs: int, *, only_quick: bool = False) -> int:
    """Put every challenge, telling how it goes, and write the record.

    Raises:
        HarnessError: the record cannot be written.
    """
    identity, host, started = this_harness(), this_host(), now()
    whole = whole_plan()
    plan = quick(whole) if only_quick else whole
    plan_sha256 = plan_hash(row for unit in whole for row in unit.rows)
    _make_clips()
    number = sum(len(unit.rows) for unit in plan)
    _say(f"{number} challenges in {len(plan)} units, {jobs} at a time; Ctrl-C ends it and leaves nothing behind")
    try:
        rows = run_units(plan, lacking(row for unit in plan for row in unit.rows), jobs=jobs, told=_told)
    except KeyboardInterrupt:
        _say("interrupted: nothing was recorded")
        return INTERRUPTED
    record = of_operation(rows, identity, host, started, plan_sha256=plan_sha256, partial=QUICK if only_quick else "")
    for counts in record.counts:
        _say(f"{counts.part:<20} {', '.join(f'{number} {outcome}' for outcome, number in counts.outcomes if number)}")
    for check, reason in record.not_challenged:
        _say(f"not challenged here: {check}: {reason}")
    _say(f"\nOQ {record.verdict}")
    _say("\n".join(f"  {printable(reason)}" for reason in record.reasons))
    return _finish(record, into)


def _finish(record: Installation | Operation, into: Path | None) -> int:
    folder = into or shelf() / record.id
    path = write(record, folder)
    write_pages(record, folder)
    _say(f"record {path}, SHA-256 {file_sha256(path)}")
    if into is not None:
        _say(f"runs look in {shelf()}; this record is elsewhere, so that they do not see it")
    return CODES[record.verdict]


def _make_clips() -> None:
    """Make what is missing before the clock of any challenge starts."""
    from harness.catalogue.read import load_formats, load_recipes

    _say("making the clips that are not there yet")
    made = ClipStore(clip_cache(), formats=load_formats().values()).prepare(load_recipes().values())
    for id, clip in made.items():
        if isinstance(clip, HarnessError):
            _say(f"{id}: {clip}")


def _told(done: int, total: int, unit: Unit, rows: tuple[Row, ...]) -> None:
    counts = Counter(one.outcome for one in rows)
    words = ", ".join(f"{number} {outcome}" for outcome, number in counts.items())
    _say(f"[{done}/{total}] {unit.name}: {words}")
    for one in rows:
        if one.outcome in (Outcome.FAIL, Outcome.ERROR):
            _say(f"    {one.planned.check} {one.planned.format} {one.planned.variant}: {one.seen}: {one.reason}")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
