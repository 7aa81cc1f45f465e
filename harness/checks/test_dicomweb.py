"""Does the DICOMweb service store, name, cut and refuse video as the standard has it?"""

from harness.core.observations import Observation
from harness.core.ports import Pacs, Video
from harness.marks import Over, check


@check(
    "STO-STOW",
    family="dicomweb",
    title="A whole object stored by STOW-RS comes back unchanged",
    expected="stored with 200 or 202; by WADO-RS the same payload, transfer syntax and attributes",
    level="SHALL",
    section="PS3.18 10.5, Table 10.5.2-1",
    verifies=("R-STO-STOW",),
    objects=1,
)
def test_stow_keeps_the_object(pacs: Pacs, video: Video) -> Observation:
    """Grave where it fails: recorders that speak DICOMweb lose their video."""
    return pacs.dicomweb.stow(video)


@check(
    "STO-STOW-BULK",
    family="dicomweb",
    title="Metadata and a video sent beside them by STOW-RS become an object of the same video",
    expected="the stream byte by byte, in a transfer syntax that it keeps the rules of, described as it is; or an open "
    "refusal",
    level="MAY",
    section="PS3.18 10.5.2.2, Table 10.5.2-1",
    verifies=("R-STO-STOW-BULK", "R-STO-STOW-DERIVED"),
    over=Over.SAMPLE,
    variants=("described", "derived"),
    objects=1,
)
def test_stow_of_metadata_and_video_keeps_the_stream(pacs: Pacs, video: Video, variant: str) -> Observation:
    """Grave where it fails: a camera's file was taken and is not what was recorded. A refusal is no fault."""
    return pacs.dicomweb.stow_described(video, derived=variant == "derived")


@check(
    "WEB-DEFAULT",
    family="dicomweb",
    title="A video asked for without a transfer syntax comes as it is stored, or is refused openly",
    expected="the stored syntax and bytes, all pixels uncompressed, or 406; never 500, never a wrong label",
    level="SHALL",
    section="PS3.18 8.7.3.4, 8.7.5",
    verifies=("R-WEB-DEFAULT",),
    over=Over.SAMPLE,
    variants=("plain", "anything", "nothing"),
)
def test_default_representation_is_honest(pacs: Pacs, video: Video, variant: str) -> Observation:
    """Serious where it fails: most clients ask so, and get nothing to play."""
    return pacs.dicomweb.representation(video, variant)


@check(
    "WEB-ACCEPT",
    family="dicomweb",
    title="A video asked for in a transfer syntax that cannot be given is refused openly",
    expected="406, or 400 or 415; never 500, never another syntax as success, never the stored stream relabelled",
    level="SHALL",
    section="PS3.18 8.7.5, 8.5",
    verifies=("R-WEB-ACCEPT",),
    over=Over.SAMPLE,
    variants=("another", "invented"),
)
def test_what_cannot_be_given_is_refused(pacs: Pacs, video: Video, variant: str) -> Observation:
    """Serious where it fails: a client cannot tell a wish that cannot be met from a broken server."""
    return pacs.dicomweb.representation(video, variant)


@check(
    "WEB-TYPE",
    family="dicomweb",
    title="Bulk data of a video have the media type of its codec, and are one part",
    expected="video/mpeg, video/mp4, video/H265 or image/jpeg as the transfer syntax demands; a stream as one part",
    level="SHALL",
    section="PS3.18 Table 8.7.3-5, 8.7.3.3.2",
    verifies=("R-WEB-TYPE", "R-WEB-PART"),
)
def test_bulk_data_are_called_what_they_are(pacs: Pacs, video: Video) -> Observation:
    """Slight where it fails: players that look into the bytes cope, browsers do not."""
    return pacs.dicomweb.bulk_type(video)


@check(
    "WEB-RANGE",
    family="dicomweb",
    title="A range of bytes is what was asked for, or the wish is ignored openly",
    expected="206 with those bytes and a right Content-Range, or 200 with all; 416 beyond the end",
    level="MAY",
    section="PS3.18 8.4, RFC 9110 14",
    verifies=("R-WEB-RANGE",),
    over=Over.SAMPLE,
)
def test_ranges_are_right(pacs: Pacs, video: Video) -> Observation:
    """Grave where it fails: a player that seeks decodes other bytes than it asked for."""
    return pacs.dicomweb.ranges(video)


@check(
    "WEB-RENDERED",
    family="dicomweb",
    title="Rendered video plays, with the right media type, or is refused openly",
    expected="one of video/mp4, video/mpeg and video/H265 as asked, holding that codec, every frame once and in order; "
    "or 406, 400, 415",
    level="MAY",
    section="PS3.18 Table 8.7.4-1, 8.7.5",
    verifies=("R-WEB-RENDERED",),
)
def test_rendered_video_plays(pacs: Pacs, video: Video) -> Observation:
    """Serious where it fails: what a browser shows is not the video. A refusal is no fault."""
    return pacs.dicomweb.rendered(video)


@check(
    "WEB-METADATA",
    family="dicomweb",
    title="The metadata hold the attributes of the object, and not the video",
    expected="application/dicom+json with every attribute as sent, Pixel Data by BulkDataURI or left out",
    level="SHALL",
    section="PS3.18 10.4.1.1.2, F.2",
    verifies=("R-WEB-METADATA", "R-WEB-NO-PIXELS"),
)
def test_metadata_are_those_of_the_object(pacs: Pacs, video: Video) -> Observation:
    """Serious where it fails: web viewers set up the player by these alone."""
    return pacs.dicomweb.metadata(video)
