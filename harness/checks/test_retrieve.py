"""Does the same video come back?"""

from harness.core.compare import (
    attribute_differences,
    encapsulation_differences,
    encapsulation_seen,
)
from harness.core.observations import Observation, PathDifferences, PayloadSeen, ReturnedSeen
from harness.core.ports import Pacs, Video
from harness.core.verdicts import is_coercion
from harness.marks import Depth, check


@check(
    "RET-GET",
    family="retrieve",
    title="C-GET returns the same coded video",
    expected="one object with the same SOP Instance UID and byte-identical payload (fragments joined, pad trimmed)",
    level="SHALL",
    section="PS3.4 C.4.3, B.4.1.3",
    verifies=("R-RET-GET",),
    depth=Depth.QUICK,
)
def test_get_returns_the_same_payload(pacs: Pacs, video: Video) -> Observation:
    """Hashes of the joined fragments are compared, never Part 10 files."""
    return PayloadSeen.of(video.facts, pacs.store(video), pacs.get(video))


@check(
    "RET-MOVE",
    family="retrieve",
    title="C-MOVE returns the same coded video",
    expected="one object with the same SOP Instance UID and byte-identical payload (fragments joined, pad trimmed)",
    level="SHALL",
    section="PS3.4 C.4.2, B.4.1.3",
    verifies=("R-RET-MOVE",),
    depth=Depth.QUICK,
)
def test_move_returns_the_same_payload(pacs: Pacs, video: Video) -> Observation:
    """The target opens an association to our own receiver, which prefers this syntax."""
    return PayloadSeen.of(video.facts, pacs.store(video), pacs.move(video))


@check(
    "RET-WADO",
    family="retrieve",
    title="WADO-RS returns the same coded video",
    expected="one object with the same SOP Instance UID and byte-identical payload (fragments joined, pad trimmed)",
    level="SHALL",
    section="PS3.18 10.4, 8.7.3.5.2",
    verifies=("R-RET-WADO",),
    depth=Depth.QUICK,
)
def test_wado_returns_the_same_payload(pacs: Pacs, video: Video) -> Observation:
    """Asked for in any transfer syntax, so that the stored stream may come as it is."""
    return PayloadSeen.of(video.facts, pacs.store(video), pacs.wado(video))


@check(
    "RET-SYNTAX",
    family="retrieve",
    title="The video comes back in its own transfer syntax, encapsulated as that demands",
    expected="the same Transfer Syntax UID; fragments, offset table and delimiter as the syntax demands",
    level="SHALL",
    section="PS3.5 8.2, A.4",
    verifies=("R-RET-SYNTAX", "R-RET-ENCAPSULATION"),
    depth=Depth.QUICK,
)
def test_syntax_is_kept(pacs: Pacs, video: Video) -> Observation:
    """A changed label, a filled offset table or split fragments stop players although the bytes are there."""
    return ReturnedSeen(
        "syntax and encapsulation kept",
        tuple(
            PathDifferences(
                fetched.service,
                encapsulation_seen(fetched.facts),
                encapsulation_differences(video.format, video.facts, fetched.facts),
            )
            for fetched in pacs.returned(video)
            if fetched.facts is not None
        ),
    )


@check(
    "RET-ATTRIBUTES",
    family="retrieve",
    title="The attributes come back as they were sent",
    expected="no attribute lost or changed, besides the identifiers that PS3.4 B.4.1.3 lets an archive coerce",
    level="SHALL",
    section="PS3.4 B.4.1.3",
    verifies=("R-RET-ATTRIBUTES",),
    depth=Depth.QUICK,
)
def test_attributes_are_kept(pacs: Pacs, video: Video) -> Observation:
    """Added attributes are noted and allowed, and so are identifiers that the store said it coerces."""
    announced = is_coercion(pacs.store(video))
    return ReturnedSeen(
        "attributes kept",
        tuple(
            PathDifferences(
                fetched.service,
                f"{len(fetched.facts.attributes)} attributes",
                *attribute_differences(video.facts, fetched.facts, announced=announced),
            )
            for fetched in pacs.returned(video)
            if fetched.facts is not None
        ),
    )
