"""What is left when a transfer does not end as it began?"""

from harness.core.observations import Observation
from harness.core.ports import Pacs, Video
from harness.marks import Over, check


@check(
    "INT-CUT",
    family="interruption",
    title="A store that is cut leaves no part of the object, and can be repeated",
    expected="the object is not found by its UIDs; a new association is served; what was stored before is there; sent "
    "again, the object comes back whole",
    level="SHALL",
    section="PS3.4 B.2.3, PS3.8 9.2.3",
    verifies=("R-INT-NO-PART", "R-INT-AGAIN", "R-INT-OTHERS", "R-INT-SERVED"),
    over=Over.SAMPLE,
    variants=("first", "middle", "last"),
)
def test_cut_store_leaves_nothing_and_can_be_repeated(pacs: Pacs, video: Video, variant: str) -> Observation:
    """The connection closes half-way through the first fragment, the data set or the last fragment."""
    return pacs.interruption.cut(video, variant)


@check(
    "INT-STALL",
    family="interruption",
    title="A store that stalls leaves no part of the object, and can be repeated",
    expected="as for a cut, after 3 s without a byte and without a word on either side",
    level="SHALL",
    section="PS3.4 B.2.3, PS3.8 9.2.3",
    verifies=("R-INT-NO-PART", "R-INT-AGAIN", "R-INT-OTHERS", "R-INT-SERVED"),
    over=Over.SAMPLE,
)
def test_stalled_store_leaves_nothing_and_can_be_repeated(pacs: Pacs, video: Video) -> Observation:
    """The PACS still waits on the dead connection while others ask for it."""
    return pacs.interruption.stall(video)


@check(
    "INT-THROTTLE",
    family="interruption",
    title="A slow but steady sender is served to the end",
    expected="C-STORE of the sample in about 2.5 s succeeds and the payload returned is byte-identical",
    level="SHALL",
    section="PS3.4 B.2.3, B.4.1.3",
    verifies=("R-INT-SLOW",),
    over=Over.SAMPLE,
)
def test_slow_sender_is_served_to_the_end(pacs: Pacs, video: Video) -> Observation:
    """Bytes never stop, so no limit on silence has run out."""
    return pacs.interruption.throttle(video)


@check(
    "INT-CORRUPT",
    family="interruption",
    title="A byte that is changed on the way is seen in what comes back, and the object can be sent again",
    expected="stored or refused; the comparison of what comes back shows the change; sent again whole, the object is "
    "kept or refused, and one of the two is given back",
    level="MAY",
    section="PS3.4 B.2.3, PS3.7 C.5",
    verifies=("R-INT-CHANGED",),
    over=Over.SAMPLE,
)
def test_changed_byte_is_seen_and_the_object_can_be_sent_again(pacs: Pacs, video: Video) -> Observation:
    """DIMSE has no checksum: whether the old or the new object stays is told and not judged."""
    return pacs.interruption.corrupt(video)


@check(
    "INT-GET",
    family="interruption",
    title="A retrieve that is cut can be repeated",
    expected="a new association is served and C-GET brings the whole object; of the cut one nothing is left with us",
    level="SHALL",
    section="PS3.4 C.4.3, PS3.8 9.2.3",
    verifies=("R-INT-RETRIEVE", "R-INT-SERVED"),
    over=Over.SAMPLE,
)
def test_cut_retrieve_can_be_repeated(pacs: Pacs, video: Video) -> Observation:
    """The connection closes half-way through the object on its way to us."""
    return pacs.interruption.cut_return(video)
