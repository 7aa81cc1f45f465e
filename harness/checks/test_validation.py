"""Is what comes back still what the standard demands?"""

from harness.core.families.validation import ObjectJudged, PathFindings, PathOpinion, SecondOpinion
from harness.core.observations import Observation
from harness.core.ports import Pacs, Video
from harness.marks import Depth, check


@check(
    "VAL-OBJECT",
    family="validation",
    title="The returned object breaks no rule of the standard that the sent one keeps",
    expected="no rule of the table with severity ERROR is broken in the returned object and its stream",
    level="SHALL",
    section="PS3.5 8.2, A.4; PS3.3 A.32.5 to A.32.7, A.8.5, A.7, C.7.6",
    verifies=("R-RET-RULES",),
    depth=Depth.QUICK,
)
def test_object_keeps_the_rules(pacs: Pacs, video: Video) -> Observation:
    """Every sent object passes the same rules first, so that a finding is the work of the target."""
    sent = (video.facts, video.stream)
    return ObjectJudged(
        tuple(
            PathFindings.of(fetched.service, video.format, sent, (fetched.facts, pacs.decode(video, fetched)))
            for fetched in pacs.returned(video)
            if fetched.facts is not None
        )
    )


@check(
    "VAL-DCIODVFY",
    family="validation",
    title="dciodvfy finds no error in the returned object that it did not find in the sent one",
    expected="no new error of dciodvfy, besides those that it is known to be wrong about",
    level="SHALL",
    section="PS3.3 A.32.5 to A.32.7, A.8.5, A.7",
    verifies=("R-RET-OPINION",),
)
def test_another_validator_agrees(pacs: Pacs, video: Video) -> Observation:
    """An independent look at the attributes, by the program that others judge objects with."""
    sent = pacs.validation.opinion_of_sent(video)
    return SecondOpinion(
        "dciodvfy",
        tuple(
            PathOpinion.of(fetched.service, video.format, sent, pacs.validation.opinion_of_returned(video, fetched))
            for fetched in pacs.returned(video)
        ),
    )
