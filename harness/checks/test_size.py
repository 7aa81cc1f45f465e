"""Up to which size does a video survive?"""

from harness.core.observations import Observation, PayloadSeen, StoreSeen
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
    return PayloadSeen.of(video.facts, stored, pacs.fetch(video), size=video.size)
