"""Is a video taken, and found again by its attributes?"""

from harness.core.observations import Observation, StoreSeen
from harness.core.ports import Pacs, Video
from harness.marks import Depth, Over, check


@check(
    "STO-ACK",
    family="store",
    title="The video is stored",
    expected="C-STORE is answered with success or a warning of PS3.4 Table B.2-1",
    level="SHALL",
    section="PS3.4 B.2.3",
    verifies=("R-STO-ACCEPT",),
    over=Over.OBJECT,
    depth=Depth.QUICK,
)
def test_store_is_acknowledged(pacs: Pacs, video: Video) -> Observation:
    """Success alone proves nothing of the content: the retrieve checks look at that."""
    return StoreSeen(pacs.store(video))


@check(
    "QRY-IMAGE",
    family="query",
    title="The stored video is found, with its own attributes",
    expected="one answer at IMAGE level, whose attributes are those of the object where it tells them",
    level="SHALL",
    section="PS3.4 C.4.1",
    verifies=("R-QRY-IMAGE", "R-QRY-VALUES"),
    depth=Depth.QUICK,
)
def test_query_finds_the_video(pacs: Pacs, video: Video) -> Observation:
    """An index may lag, so the query is repeated for some seconds before nothing counts as lost."""
    return pacs.find(video, "IMAGE")


@check(
    "QRY-STUDY",
    family="query",
    title="The study of the video is found, with patient and study attributes",
    expected="one answer at STUDY level, whose attributes are those of the object where it tells them",
    level="SHALL",
    section="PS3.4 C.4.1",
    verifies=("R-QRY-STUDY", "R-QRY-VALUES"),
    depth=Depth.QUICK,
)
def test_query_finds_the_study(pacs: Pacs, video: Video) -> Observation:
    """What a person sees in a work list."""
    return pacs.find(video, "STUDY")
