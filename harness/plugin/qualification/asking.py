"""Every check, put to the embedded PACS as itself, with one fault, or in another legal way, outside of any test run."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.catalogue.read import load_formats, load_recipes
from harness.core.endpoint import Endpoint, Timeouts
from harness.core.formats import Format
from harness.core.observations import Undecided
from harness.core.recorded import as_recorded
from harness.core.verdicts import Verdict, judge
from harness.plugin.bench import Bench, clip_cache
from harness.plugin.cells import Axes, Sample, Subject, VideoKey, subjects
from harness.plugin.everycheck import Check, Checks, every_check
from harness.plugin.live import LivePacs
from harness.qualification.kills import NEIGHBOURS, SILENT, SIZE
from harness.qualification.variations import FIXED, FRAGMENTABLE, formats_for
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.target import Place

#: The only target.
TARGET = "embedded"

#: On a busy machine an answer may take long; what comes late after an answer, within a process, does not.
PATIENCE = Timeouts(late=0.2)
IMPATIENCE = Timeouts(connect=5.0, association=5.0, answer=3.0, stall=3.0, late=0.2)

#: Pauses in seconds while an index may lag: what a fault hides stays hidden, and a slow index is asked often.
LAG, VARIED_LAG = (0.05,), (0.25,) * 12


class TimedTarget(EmbeddedTarget):
    """The embedded PACS, met with short time limits where its mutant says nothing for ever."""

    def __init__(self, mutant: str | None = None, tls: Path | None = None, variations: tuple[str, ...] = ()) -> None:
        super().__init__(mutant=mutant, tls=tls, variations=variations)
        self._timeouts = IMPATIENCE if mutant in SILENT else PATIENCE

    def start(self, place: Place) -> Endpoint:
        """Start, and set the limits."""
        return replace(super().start(place), timeouts=self._timeouts)


@contextmanager
def bench_for(
    run_id: str, folder: Path, *, mutant: str | None = None, variations: tuple[str, ...] = (), tls: Path | None = None
) -> Iterator[Bench]:
    """The embedded PACS with everything that a check needs; started when first asked, and stopped at the end."""
    formats = load_formats()
    with Bench(
        {TARGET: TimedTarget(mutant, tls, variations)},
        run_id=run_id,
        run_folder=folder,
        formats=formats,
        recipes=load_recipes(),
        cache=clip_cache(),
        sampled=[formats[id] for id in (FIXED, FRAGMENTABLE)] if variations else (),
        index_lag=VARIED_LAG if variations else LAG,
        ceiling=SIZE,
    ) as bench:
        yield bench
        if TARGET in bench.started:
            bench.stop(TARGET)


def verdict_of(
    bench: Bench, check_id: str, format_id: str | None, variant: str | None = None, checks: Checks | None = None
) -> Verdict:
    """What one check comes to, in its first subject of this format.

    Raises:
        HarnessError: the PACS does not start, or the harness broke in another way.
    """
    check = (checks or every_check())[check_id]
    formats = bench.videos.formats
    pacs = bench.pacs(TARGET)
    details = dict(bench.pool.get(TARGET).target.identity().details)
    if neighbour := NEIGHBOURS.get(details.get("mutant", "")):
        pacs.store(bench.videos.video(bench.videos.key_of(formats[neighbour])))
    axes = Axes((TARGET,), (formats[format_id],) if format_id else (), (SIZE,))
    return ask(bench, pacs, check, subjects(check.over, axes)[0], variant)


def ask(bench: Bench, pacs: LivePacs, check: Check, subject: Subject, variant: str | None) -> Verdict:
    """Put one check as a run does, and judge what is recorded of it."""
    try:
        seen = check.function(**arguments_of(pacs, bench, subject, variant))
    except Undecided as undecided:
        seen = undecided.observation
    return judge(as_recorded(seen))


def arguments_of(pacs: LivePacs, bench: Bench, subject: Subject, variant: str | None) -> dict[str, Any]:
    """What the plugin would call a check with."""
    arguments: dict[str, Any] = {"pacs": pacs}
    if isinstance(subject.video, Sample):
        arguments["video"] = pacs.sample(subject.video.size)
    elif isinstance(subject.video, VideoKey):
        arguments["video"] = bench.videos.video(subject.video)
    return arguments | ({} if variant is None else {"variant": variant})


@dataclass(frozen=True, slots=True)
class Question:
    """One check with its subject and variant, as a run would put it."""

    check: Check
    subject: Subject
    variant: str | None

    @property
    def variant_words(self) -> str:
        """What tells it apart from other questions of its check and format; may be empty."""
        return " ".join(filter(None, (self.subject.variant, self.variant)))

    @property
    def name(self) -> str:
        """Check, format and variant in one line."""
        return " ".join(filter(None, (self.check.info.id, self.subject.format_id, self.variant_words)))


def questions_for(
    variations: tuple[str, ...], formats: Mapping[str, Format], checks: Checks | None = None
) -> Iterator[Question]:
    """Every check with every subject and variant, in the order in which a run asks."""
    axes = Axes((TARGET,), tuple(formats[id] for id in formats_for(variations)), (SIZE,))
    for check in (checks or every_check()).values():
        for subject in subjects(check.over, axes):
            for variant in check.variants or (None,):
                yield Question(check, subject, variant)
