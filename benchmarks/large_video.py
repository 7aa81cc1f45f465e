"""Store and fetch one large video on the embedded PACS; print time, rate and peak memory of both sides.

    python benchmarks/large_video.py [SIZE [FORMAT]]

A small video goes first in the same run, so that the figures can be read as ratios. Memory is the peak of the resident
set since the start of the process, for the harness itself without its children, and for the PACS as it says.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from tabulate import tabulate

from harness.catalogue.read import load_formats, load_recipes
from harness.core.observations import PayloadSeen
from harness.core.results import Outcome
from harness.core.sizes import MIB, parse_size, show_size
from harness.core.verdicts import judge
from harness.plugin.bench import Bench, clip_cache
from harness.plugin.cells import VideoKey
from harness.plugin.recorder import new_run_id
from harness.targets.embedded.target import EmbeddedTarget

SMALL = 16 * MIB
LIMIT = 200 * MIB


def peak() -> int:
    """Peak resident set of this process in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def main(size: str = "1GiB", format_id: str = "h264_hp41") -> int:
    """Run the benchmark; 1 where the video does not survive or the harness needs more than LIMIT."""
    formats = load_formats()
    rows = []
    passed = True
    with (
        tempfile.TemporaryDirectory() as folder,
        Bench(
            {"embedded": EmbeddedTarget()},
            run_id=new_run_id(),
            run_folder=Path(folder),
            formats=formats,
            recipes=load_recipes(),
            cache=clip_cache(),
        ) as bench,
    ):
        pacs = bench.pacs("embedded")
        for wanted in (SMALL, parse_size(size)):
            video = bench.videos.video(VideoKey(format_id, formats[format_id].sop_classes[0].id, wanted))
            started = time.monotonic()
            length = video.facts.payload_length
            rows.append(_row("make", length, time.monotonic() - started))
            rows.append(_row("C-STORE", length, pacs.store(video).seconds))
            for service, fetch in (("C-GET", pacs.get), ("C-MOVE", pacs.move)):
                fetched = fetch(video)
                passed &= judge(PayloadSeen.of(video.facts, fetched)).outcome is Outcome.PASS
                rows.append(_row(service, length, fetched.exchange.seconds))
                pacs.discard(video)
            video.discard()
        state, _ = bench.stop("embedded")
    print(tabulate(rows, headers=("step", "video", "seconds", "MiB/s", "harness peak"), floatfmt=".1f"))
    server = "unknown" if state.memory_peak is None else show_size(state.memory_peak)
    content = "equal" if passed else "DIFFERENT"
    print(f"\nharness peak {show_size(peak())}, embedded PACS peak {server}, content {content}")
    return 0 if passed and peak() < LIMIT else 1


def _row(step: str, length: int, seconds: float) -> tuple[str, str, float, float, str]:
    return step, show_size(length), seconds, length / MIB / seconds, show_size(peak())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
