"""Up to which size does a video survive?"""

from harness.core.families.size import CeilingSeen
from harness.core.observations import Fetched, Observation, StoreSeen
from harness.core.ports import Pacs, Video
from harness.core.results import Outcome
from harness.core.verdicts import judge_store
from harness.marks import Over, check


@check(
    "SIZ-LADDER",
    family="size",
    title="A video of this size is stored and comes back unchanged",
    expected="C-STORE succeeds and the payload returned is byte-identical",
    requirement="SHALL",
    section="PS3.4 B.2.3, B.4.1.3",
    over=Over.SIZE,
)
def test_size_survives(pacs: Pacs, video: Video) -> Observation:
    """The long clip is a playable video of that size; content decides, never length or status."""
    stored = pacs.store(video)
    if judge_store(stored).outcome is not Outcome.PASS:
        return StoreSeen(stored)
    return pacs.size.measured(video, stored, pacs.fetch(video))


@check(
    "SIZ-PATH",
    family="size",
    title="A video of this size comes back unchanged by this path",
    expected="one object, or its payload, byte-identical by hash; never judged by length or status alone",
    requirement="SHALL",
    section="PS3.4 B.4.1.3; PS3.18 10.4",
    over=Over.SAMPLE_SIZE,
    variants=("C-GET", "C-MOVE", "WADO-RS"),
)
def test_size_survives_on_every_path(pacs: Pacs, video: Video, variant: str) -> Observation:
    """Products have one limit for each path, and most are not stated."""
    paths = {"C-GET": pacs.get, "C-MOVE": pacs.move, "WADO-RS": pacs.wado}
    fetched: Fetched = paths[variant](video)
    return pacs.size.measured(video, pacs.store(video), fetched)


@check(
    "SIZ-CEILING",
    family="size",
    title="The largest video that survives is known, and whose limit the next one met",
    expected="whatever is accepted comes back unchanged, and what is not is refused openly",
    requirement="SHALL",
    section="PS3.4 B.2.3, B.4.1.3",
    over=Over.SAMPLE,
)
def test_ceiling_is_open(pacs: Pacs, video: Video) -> CeilingSeen:
    """Bisected where it was asked for: each size is stored, returned and compared."""
    return pacs.size.ceiling(video)
