"""No check is trusted until a misbehaving PACS made it fail: the table of checks and the mutants that they catch."""

import importlib
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from harness.catalogue.read import load_formats, load_recipes
from harness.core.endpoint import Endpoint, Timeouts
from harness.core.observations import Undecided
from harness.core.results import Outcome
from harness.core.sizes import MIB
from harness.core.verdicts import Verdict, judge
from harness.marks import Over
from harness.plugin.bench import Bench, clip_cache
from harness.plugin.cells import MARKER, Axes, VideoKey, subjects
from harness.targets.embedded.mutants import MUTANTS
from harness.targets.embedded.target import EmbeddedTarget
from harness.targets.target import Place

FORMATS = load_formats()

#: Each row: check, mutant that it must fail on, format of the cell. The well-behaved PACS must pass every one.
KILLS = [
    ("ASC-CONTROL", "accepts-everything", None),
    ("ASC-ECHO", "fails-echo", None),
    ("ASC-SYNTAX", "accepts-another-syntax", "h264_hp41"),
    ("STO-ACK", "fails-store", "h264_hp41"),
    ("STO-ACK", "aborts-in-mid-transfer", "h264_hp41"),
    ("STO-ACK", "closes-in-mid-transfer", "h264_hp41"),
    ("STO-ACK", "hangs", "h264_hp41"),
    ("QRY-IMAGE", "answers-with-another-instance", "h264_hp41"),
    ("QRY-IMAGE", "query-finds-nothing", "h264_hp41"),
    ("QRY-IMAGE", "query-wrong-attributes", "h264_hp41"),
    ("QRY-STUDY", "rewrites-patient", "h264_hp41"),
    ("RET-GET", "flips-one-byte", "h264_hp41"),
    ("RET-GET", "drops-last-fragment", "h264_hp41_frag"),
    ("RET-GET", "truncates-payload", "h264_hp41"),
    ("RET-GET", "reencodes-silently", "h264_hp41"),
    ("RET-GET", "accepts-without-storing", "h264_hp41"),
    ("RET-GET", "retrieves-nothing-on-get", "h264_hp41"),
    ("RET-GET", "fails-get", "h264_hp41"),
    ("RET-GET", "damages-on-get", "h264_hp41"),
    ("RET-GET", "swaps-payloads", "mpeg2_ml"),
    ("RET-MOVE", "damages-on-move", "h264_hp41"),
    ("RET-MOVE", "retrieves-nothing-on-move", "h264_hp41"),
    ("RET-MOVE", "fails-move", "h264_hp41"),
    ("RET-SYNTAX", "changes-syntax-label", "h264_hp41"),
    ("RET-SYNTAX", "adds-offset-table", "h264_hp41"),
    ("RET-SYNTAX", "adds-offset-table", "mjpeg"),
    ("RET-SYNTAX", "splits-fragments", "h264_hp41"),
    ("RET-ATTRIBUTES", "rewrites-patient", "h264_hp41"),
    ("RET-ATTRIBUTES", "transcodes-metadata", "h264_hp41"),
    ("PLY-FRAMES", "reorders-frames", "h264_hp41"),
    ("PLY-FRAMES", "drops-frames", "h264_hp41"),
    ("PLY-FRAMES", "drops-frames", "mjpeg"),
    ("PLY-FRAMES", "truncates-payload", "mpeg2_ml"),
    ("PLY-DESCRIPTION", "rewrites-number-of-frames", "h264_hp41"),
    ("PLY-DESCRIPTION", "rewrites-frame-time", "hevc_main51"),
    ("PLY-DESCRIPTION", "rewrites-rows", "mpeg2_ml"),
    ("SIZ-LADDER", "truncates-over-size", "h264_hp41"),
    ("SIZ-LADDER", "loses-tail-after-size", "mpeg2_ml"),
]

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

#: Mutants that need another object on the PACS, with its format.
NEIGHBOURS = {"swaps-payloads": "mpeg2_hl"}

#: The size of the ladder used here: above the threshold from which the mutant damages.
SIZE = 8 * MIB

PATIENCE = Timeouts(connect=5.0, association=5.0, answer=3.0, stall=3.0)


class Impatient(EmbeddedTarget):
    """The embedded PACS, met with short time limits."""

    def start(self, place: Place) -> Endpoint:
        return replace(super().start(place), timeouts=PATIENCE)


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


def verdict_of(bench: Bench, check_id: str, format_id: str | None) -> Verdict:
    function, over = CHECKS[check_id]
    pacs = bench.pacs("embedded")
    if neighbour := NEIGHBOURS.get(dict(bench.pool.get("embedded").target.identity().details).get("mutant")):
        pacs.store(bench.videos.video(VideoKey(neighbour, FORMATS[neighbour].sop_classes[0].id)))
    if over is Over.TARGET:
        return judge(function(pacs))
    key = subjects(over, Axes(("embedded",), (FORMATS[format_id],), (SIZE,)))[0].video
    try:
        return judge(function(pacs, bench.videos.video(key)))
    except Undecided as undecided:
        return judge(undecided.observation)


@pytest.fixture(scope="module")
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """The embedded PACS as the mutant named by the parameter, or well-behaved."""
    mutant = request.param
    folder = tmp_path_factory.mktemp("run")
    with Bench(
        {"embedded": Impatient(mutant=mutant)},
        run_id=f"kills-{os.getpid()}-{mutant or 'none'}",
        run_folder=folder,
        formats=FORMATS,
        recipes=load_recipes(),
        cache=clip_cache(),
        index_lag=(0.05,),
    ) as bench:
        yield bench
        if "embedded" in bench.started:
            bench.stop("embedded")


@pytest.mark.parametrize(
    ("bench", "check_id", "format_id"),
    [(m, c, f) for c, m, f in sorted(KILLS, key=lambda row: row[1])],
    indirect=["bench"],
)
def test_check_fails_on_its_mutant(bench, check_id, format_id):
    verdict = verdict_of(bench, check_id, format_id)
    assert verdict.outcome is Outcome.FAIL, verdict


@pytest.mark.parametrize(
    ("bench", "check_id", "format_id"),
    [(None, *row) for row in sorted({(c, f or "") for c, _, f in KILLS})],
    indirect=["bench"],
)
def test_well_behaved_pacs_passes(bench, check_id, format_id):
    verdict = verdict_of(bench, check_id, format_id or None)
    assert verdict.outcome is Outcome.PASS, verdict
    assert not any("flaky" in note for note in verdict.notes)


def test_every_check_is_in_the_table():
    assert {row[0] for row in (*KILLS, *WEB_KILLS)} == set(CHECKS)


def test_every_mutant_is_in_the_table():
    assert {mutant for _, mutant, _ in KILLS} == {mutant.name for mutant in MUTANTS}
