"""No check may fail on a PACS that is merely unusual: every check on every legal variation of the embedded one.

Variations that do not hide each other are had at once, since each PACS here is asked everything. With the environment
variable ``PACS_VARIATIONS=each`` they are had one by one.
"""

import importlib
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import harness.checks
from harness.catalogue.read import load_recipes
from harness.core.observations import Undecided
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, judge
from harness.plugin.bench import Bench, clip_cache
from harness.plugin.cells import FAMILIES, LAST, MARKER, Axes, subjects
from harness.targets.embedded.variations import VARIATIONS
from tests.checks.kill_matrix import BENIGN
from tests.checks.test_kills import FORMATS, SIZE, TimedTarget, arguments_of

#: What is had at once, by what it has in common.
GROUPS = {
    "writes": (
        *("refragments", "another-meta-group", "adds-attributes", "undefined-lengths", "pads-text", "private-as-un"),
        *("another-implementation", "small-pdu", "other-letters", "relative-bulk-uri", "bulk-keeps-padding"),
    ),
    "refuses": (
        *("refuses-fragmentable", "without-get", "without-commitment", "serves-two-associations", "without-rendered"),
        *("without-bulk-types", "without-uri", "takes-objects-only", "ignores-ranges", "refuses-offset-tables"),
    ),
    "identifies": ("coerces-identifiers", "refuses-with-code-3", "without-move", "unlimited-pdu", "sends-chunks"),
    "waits": ("slow", "indexes-later", "many-pendings"),
    "warns": ("warns-of-class", "refuses-with-code-1", "refuses-duplicates", "wordy-multipart"),
    "chooses": (
        "discards-private",
        "keeps-the-first",
        "prefers-last-syntax",
        "prefers-single-part",
        "accepts-unknown-class",
    ),
    "helps": ("corrects-labels", "decodes-for-others"),
}
#: What only a check can see of a variation: which one, and words of its reason.
TOLD = {
    "corrects-labels": ("STO-LABEL two-fragments", "C-GET corrected: fragments 2 is now 1"),
    "refuses-offset-tables": ("STO-LABEL offset-table", "a right object like it is taken"),
    "decodes-for-others": ("RET-OPENLY", "transcoded to 1.2.840.10008.1.2.1: whole, and its frames are those"),
}
NAMES = [known.name for known in VARIATIONS]
HAD = {name: (name,) for name in NAMES} if os.environ.get("PACS_VARIATIONS") == "each" else GROUPS

#: One format whose fragments are fixed, and one whose are not.
AXES = Axes(("embedded",), (FORMATS["h264_hp41"], FORMATS["h264_hp41_frag"]), (SIZE,))
#: Time is the same for every format.
ONE_FORMAT = {"waits"}

#: What a variation that refuses may come to; never in a place where nothing was refused.
ALLOWED = {Outcome.PASS, Outcome.UNSUPPORTED, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE, Outcome.NOT_RUN}


@pytest.fixture(scope="module", params=HAD)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("run")
    with Bench(
        {"embedded": TimedTarget(variations=HAD[request.param])},
        run_id=f"varied-{os.getpid()}-{request.param}",
        run_folder=folder,
        formats=FORMATS,
        recipes=load_recipes(),
        cache=clip_cache(),
        sampled=AXES.formats,
        # Asked often, so that what comes late is not waited for longer than it takes.
        index_lag=(0.25,) * 12,
        ceiling=SIZE,
    ) as bench:
        yield bench
        if "embedded" in bench.started:
            bench.stop("embedded")


def every_check() -> Iterator[tuple[Any, pytest.Mark]]:
    """The functions of all modules of checks, and what marks them."""
    folder = Path(harness.checks.__path__[0])
    for module in (importlib.import_module(f"harness.checks.{path.stem}") for path in sorted(folder.glob("test_*.py"))):
        for function in vars(module).values():
            yield from ((function, mark) for mark in getattr(function, "pytestmark", ()) if mark.name == MARKER)


def place(family: str) -> tuple[bool, int]:
    """In the order of a run."""
    return family in LAST, FAMILIES.index(family) if family in FAMILIES else len(FAMILIES)


def verdicts(bench: Bench, axes: Axes) -> Iterator[tuple[str, Verdict]]:
    """Every check with every subject and variant, in the order in which a run asks."""
    pacs = bench.pacs("embedded")
    for function, mark in sorted(every_check(), key=lambda one: place(one[1].kwargs["info"].family)):
        for subject in subjects(mark.kwargs["over"], axes):
            for variant in mark.kwargs["variants"] or (None,):
                name = " ".join(filter(None, (mark.kwargs["info"].id, subject.format_id, subject.variant, variant)))
                try:
                    yield name, judge(function(**arguments_of(pacs, bench, subject, variant)))
                except Undecided as undecided:
                    yield name, judge(undecided.observation)


def test_no_check_fails_on_a_legal_variation(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None], bench: Bench
) -> None:
    group = request.node.callspec.params["bench"]
    axes = replace(AXES, formats=AXES.formats[:1]) if group in ONE_FORMAT else AXES
    found = dict(verdicts(bench, axes))
    wrong = {name: verdict for name, verdict in found.items() if verdict.outcome not in ALLOWED}
    assert not wrong, wrong
    assert Counter(verdict.outcome for verdict in found.values())[Outcome.PASS] > len(found) // 3
    for name in HAD[group]:
        check, words = TOLD.get(name, ("STO-ACK h264_hp41 video_endoscopic", ""))
        assert words in found[check].reason
        record_property(BENIGN, name)


def test_every_variation_is_had_once() -> None:
    assert sorted(NAMES) == sorted(name for group in GROUPS.values() for name in group)
    assert len(NAMES) >= 25


def test_variations_say_what_they_do_and_why_it_is_legal() -> None:
    for known in VARIATIONS:
        assert any(source in known.legal for source in ("PS3.", "RFC "))
        assert known.does
