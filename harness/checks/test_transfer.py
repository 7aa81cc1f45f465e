"""What happens to objects on their way in and out, beyond the plain store and retrieve?"""

from harness.core.families.transfer_kept import lossy_differences
from harness.core.observations import Observation, PathDifferences, ReturnedSeen
from harness.core.ports import Pacs, Video
from harness.marks import Over, check


@check(
    "STO-TWICE",
    family="transfer",
    title="A SOP Instance UID that is stored twice names one whole object",
    expected="after the same object again, and after another one under its UID, every path brings one of the two, "
    "unchanged, and a query finds one; which one, and with which status, is told",
    level="SHALL",
    section="PS3.5 9.1, PS3.4 B.4.1.3",
    verifies=("R-STO-UNIQUE",),
    over=Over.SAMPLE,
)
def test_one_uid_stored_twice_names_one_whole_object(pacs: Pacs, video: Video) -> Observation:
    """The standard leaves open which is kept; it does not leave open that one UID is one object."""
    return pacs.transfer.twice(video)


@check(
    "RET-OPENLY",
    family="transfer",
    title="A retrieve that cannot bring the video fails openly",
    expected="asked for in Implicit and Explicit VR Little Endian only, C-GET and C-MOVE tell failed sub-operations "
    "or a failure, or bring a whole decoded object; never half of one, and never the stream under another label",
    level="SHALL",
    section="PS3.4 C.4.2.2, C.4.3.2, PS3.5 10.1",
    verifies=("R-RET-OPENLY",),
    over=Over.SAMPLE,
)
def test_a_retrieve_without_the_syntax_fails_openly(pacs: Pacs, video: Video) -> Observation:
    """A viewer that knows no video asks like this."""
    return pacs.transfer.openly(video)


@check(
    "STO-COMMIT",
    family="transfer",
    title="Storage commitment tells the truth",
    expected="the stored instance is reported committed, and an invented one failed, over our association or a new one "
    "to our receiver; nothing sets a limit, so that no report within 30 s decides nothing",
    level="SHALL",
    section="PS3.4 J.3.2, J.3.3",
    verifies=("R-STO-COMMITTED", "R-STO-UNCOMMITTED"),
    over=Over.SAMPLE,
)
def test_commitment_tells_the_truth(pacs: Pacs, video: Video) -> Observation:
    """A modality deletes its copy after this."""
    return pacs.transfer.committed(video)


@check(
    "RET-METADATA",
    family="transfer",
    title="Metadata that is hard to keep comes back whole",
    expected="names in several scripts, values at the limits of their VR, private blocks, nested sequences and empty "
    "Type 2 attributes come back; only the identifiers of PS3.4 B.4.1.3 may be coerced, as announced",
    level="SHALL",
    section="PS3.4 B.4.1.3, PS3.5 6.1, 6.2, 7.5, 7.8",
    verifies=("R-RET-ATTRIBUTES", "R-RET-VALUES", "R-RET-STRUCTURE"),
    over=Over.SAMPLE,
)
def test_rich_metadata_comes_back_whole(pacs: Pacs, video: Video) -> Observation:
    """Most databases have columns shorter than a DICOM value may be."""
    return pacs.transfer.metadata(video)


@check(
    "RET-LOSSY",
    family="transfer",
    title="An object keeps saying that its pictures were compressed with loss",
    expected="Lossy Image Compression stays 01, with the same ratio and method",
    level="SHALL",
    section="PS3.3 C.7.6.1.1.5",
    verifies=("R-LSY-FLAG", "R-LSY-METHOD"),
)
def test_lossy_compression_is_never_forgotten(pacs: Pacs, video: Video) -> Observation:
    """Who reads the pictures must know what was done to them."""
    return ReturnedSeen(
        "lossy compression told",
        tuple(
            PathDifferences(
                fetched.service,
                fetched.facts.by_path.get("LossyImageCompressionMethod", ""),
                lossy_differences(video.facts, fetched.facts),
            )
            for fetched in pacs.returned(video)
            if fetched.facts is not None
        ),
    )


@check(
    "STO-FALLBACK",
    family="transfer",
    title="A sender that offers H.264 and MPEG-2 can store one of them",
    expected="both are offered in one association; the first that is accepted is stored and comes back unchanged",
    level="MAY",
    section="PS3.8 9.3.3.2, PS3.4 B.2.3",
    verifies=("R-STO-FALLBACK",),
    over=Over.TARGET,
)
def test_a_sender_can_fall_back_to_mpeg2(pacs: Pacs) -> Observation:
    """What a sender does whose PACS is older than its camera."""
    return pacs.transfer.fallback()
