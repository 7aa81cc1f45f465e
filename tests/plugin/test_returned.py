"""What came back is decoded once for equal bytes, and not again where it is what was sent."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from harness.catalogue.read import load_formats, load_recipes
from harness.checks import test_playback as checks
from harness.core.results import Outcome
from harness.core.verdicts import judge
from harness.plugin import returned
from harness.plugin.bench import Bench, clip_cache
from harness.plugin.cells import VideoKey
from harness.targets.embedded.target import EmbeddedTarget

FORMATS = load_formats()


@pytest.fixture
def decodings(monkeypatch):
    """Paths that were decoded."""
    seen = []
    examine = returned.examine

    def counting(path, **how):
        seen.append(path)
        return examine(path, **how)

    monkeypatch.setattr(returned, "examine", counting)
    return seen


@pytest.fixture
def bench(tmp_path):
    @contextmanager
    def open_bench(mutant=None) -> Iterator[Bench]:
        with Bench(
            {"embedded": EmbeddedTarget(mutant=mutant)},
            run_id=f"returned-{os.getpid()}-{tmp_path.name}",
            run_folder=tmp_path,
            formats=FORMATS,
            recipes=load_recipes(),
            cache=clip_cache(),
        ) as bench:
            yield bench
            bench.stop("embedded")

    return open_bench


@pytest.mark.parametrize("format_id", ["mpeg2_ml", "mjpeg"])
def test_what_was_sent_is_not_decoded_again(bench, decodings, format_id):
    with bench() as opened:
        pacs = opened.pacs("embedded")
        video = opened.videos.video(VideoKey(format_id, FORMATS[format_id].sop_classes[0].id))
        pacs.answers.begin_cell()
        assert judge(checks.test_every_frame_is_there_once_and_in_order(pacs, video)).outcome is Outcome.PASS
        roles = {one.role for one in pacs.answers.touched}
        assert judge(checks.test_pictures_are_kept(pacs, video)).outcome is Outcome.PASS
        assert judge(checks.test_jumps_reach_their_frames(pacs, video)).outcome is Outcome.PASS
    assert decodings == []
    assert {
        f"picture:{side}:{place}" for side in ("sent", "returned") for place in ("first", "middle", "last")
    } <= roles


def test_equal_bytes_are_decoded_once_whatever_is_asked(bench, decodings):
    with bench("drops-frames") as opened:
        pacs = opened.pacs("embedded")
        video = opened.videos.video(VideoKey("mjpeg", FORMATS["mjpeg"].sop_classes[0].id))
        assert len(pacs.returned(video)) > 1
        for check in (
            checks.test_every_frame_is_there_once_and_in_order,
            checks.test_pictures_are_kept,
            checks.test_times_are_kept,
            checks.test_jumps_reach_their_frames,
        ):
            assert judge(check(pacs, video)).outcome is Outcome.FAIL
    assert len(decodings) == 1
    assert not decodings[0].exists()
