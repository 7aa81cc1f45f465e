"""No check is trusted until a misbehaving PACS made it fail: the table of checks and the mutants that they catch."""

import importlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.catalogue.read import load_formats, load_recipes
from harness.clients.browser import Chromium
from harness.core.endpoint import Endpoint, Timeouts
from harness.core.observations import Undecided
from harness.core.results import Outcome
from harness.core.sizes import MIB
from harness.core.verdicts import Verdict, judge
from harness.plugin.bench import Bench, clip_cache
from harness.plugin.cells import MARKER, Axes, Sample, Subject, VideoKey, subjects
from harness.plugin.live import LivePacs
from harness.targets.embedded.mutants import MUTANTS
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.target import Place
from tests.checks.kill_matrix import KILLED, SPARED
from tests.checks.kills import KILLS, NEIGHBOURS, SILENT
from tests.checks.kills.association import TLS_KILLS
from tests.checks.kills.playback import NEEDS_BROWSER

FORMATS = load_formats()

#: Checks that need a DICOMweb service, and how that misbehaves (tests/checks/test_kills_web.py).
WEB_KILLS = [
    ("RET-WADO", {"damage": True}),
    ("RET-WADO", {"cut": True}),
    ("RET-WADO", {"forgets": True}),
    ("STO-ACK", {"answer": (500, "text/plain", "")}),
    ("QRY-STUDY", {"forgets": True}),
    ("QRY-IMAGE", {"forgets": True}),
    ("SIZ-LADDER", {"damage": True}),
]

#: The size of the ladder used here: above the threshold from which the mutant damages.
SIZE = 8 * MIB

#: On a busy machine an answer may take long; what comes late after an answer, within a process, does not.
PATIENCE = Timeouts(late=0.2)
IMPATIENCE = Timeouts(connect=5.0, association=5.0, answer=3.0, stall=3.0, late=0.2)


class TimedTarget(EmbeddedTarget):
    """The embedded PACS, met with short time limits where its mutant says nothing for ever."""

    def __init__(self, mutant: str | None = None, tls: Path | None = None, variations: tuple[str, ...] = ()) -> None:
        super().__init__(mutant=mutant, tls=tls, variations=variations)
        self._timeouts = IMPATIENCE if mutant in SILENT else PATIENCE

    def start(self, place: Place) -> Endpoint:
        return replace(super().start(place), timeouts=self._timeouts)


def all_checks():
    """Check id to function and axis, from every module of checks."""
    folder = Path(importlib.import_module("harness.checks").__file__).parent
    modules = [importlib.import_module(f"harness.checks.{path.stem}") for path in sorted(folder.glob("test_*.py"))]
    return {
        mark.kwargs["info"].id: (function, mark.kwargs["over"])
        for module in modules
        for function in vars(module).values()
        for mark in getattr(function, "pytestmark", ())
        if mark.name == MARKER
    }


CHECKS = all_checks()


def verdict_of(bench: Bench, check_id: str, format_id: str | None, variant: str | None = None) -> Verdict:
    function, over = CHECKS[check_id]
    pacs = bench.pacs("embedded")
    if neighbour := NEIGHBOURS.get(dict(bench.pool.get("embedded").target.identity().details).get("mutant")):
        pacs.store(bench.videos.video(VideoKey(neighbour, FORMATS[neighbour].sop_classes[0].id)))
    formats = (FORMATS[format_id],) if format_id else ()
    arguments = arguments_of(pacs, bench, subjects(over, Axes(("embedded",), formats, (SIZE,)))[0], variant)
    try:
        return judge(function(**arguments))
    except Undecided as undecided:
        return judge(undecided.observation)


def arguments_of(pacs: LivePacs, bench: Bench, subject: Subject, variant: str | None) -> dict[str, Any]:
    """What the plugin would call a check with."""
    arguments: dict[str, Any] = {"pacs": pacs}
    if isinstance(subject.video, Sample):
        arguments["video"] = pacs.sample(subject.video.size)
    elif subject.video is not None:
        arguments["video"] = bench.videos.video(subject.video)
    return arguments | ({} if variant is None else {"variant": variant})


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The embedded PACS as the mutant named by the parameter, or well-behaved."""
    mutant = request.param
    folder = tmp_path_factory.mktemp("run")
    with Bench(
        {"embedded": TimedTarget(mutant)},
        run_id=f"kills-{os.getpid()}-{mutant or 'none'}",
        run_folder=folder,
        formats=FORMATS,
        recipes=load_recipes(),
        cache=clip_cache(),
        index_lag=(0.05,),
        ceiling=SIZE,
    ) as bench:
        yield bench
        if "embedded" in bench.started:
            bench.stop("embedded")


@pytest.fixture
def browser_if_needed(check_id: str) -> None:
    if check_id in NEEDS_BROWSER and Chromium.find() is None:
        pytest.skip("no Chromium is installed")


def row_of(check_id: str, mutant: str, format_id: str | None, variant: str | None = None) -> tuple[str | None, ...]:
    return (mutant, check_id, format_id, variant)


@pytest.mark.parametrize(
    ("bench", "check_id", "format_id", "variant"),
    sorted((row_of(*row) for row in KILLS), key=lambda row: str(row[0])),
    indirect=["bench"],
)
@pytest.mark.usefixtures("browser_if_needed")
def test_check_fails_on_its_mutant(request, record_property, bench, check_id, format_id, variant):
    verdict = verdict_of(bench, check_id, format_id, variant)
    assert verdict.outcome is Outcome.FAIL, verdict
    record_property(KILLED, f"{check_id} {request.node.callspec.params['bench']}")


@pytest.mark.parametrize(
    ("bench", "check_id", "format_id", "variant"),
    [(None, *row) for row in sorted({row_of(*row)[1:] for row in KILLS}, key=str)],
    indirect=["bench"],
)
@pytest.mark.usefixtures("browser_if_needed")
def test_well_behaved_pacs_passes(record_property, bench, check_id, format_id, variant):
    verdict = verdict_of(bench, check_id, format_id, variant)
    assert verdict.outcome is Outcome.PASS, verdict
    assert not any("flaky" in note for note in verdict.notes)
    record_property(SPARED, check_id)


@pytest.mark.parametrize("bench", ["fails-queries"], indirect=True)
def test_query_that_fails_is_no_proof_that_nothing_was_left(bench):
    for asked in (("INT-CUT", None, "middle"), ("INT-STALL", None), ("ASC-ABORT", None)):
        verdict = verdict_of(bench, *asked)
        assert verdict.outcome is Outcome.INCONCLUSIVE, verdict
        assert "0xC000" in verdict.reason


@pytest.mark.parametrize("bench", ["fails-store"], indirect=True)
def test_refusal_of_a_wrong_object_says_nothing_where_a_right_one_is_refused_too(bench):
    verdict = verdict_of(bench, "STO-LABEL", None, "number-of-frames")
    assert verdict.outcome is Outcome.INCONCLUSIVE, verdict
    assert "the right object was refused too" in verdict.reason


def test_every_check_is_in_the_table():
    assert {row[0] for row in (*KILLS, *WEB_KILLS, *TLS_KILLS)} == set(CHECKS)


def test_every_mutant_is_in_the_table():
    assert {row[1] for row in (*KILLS, *TLS_KILLS)} == {mutant.name for mutant in MUTANTS}
