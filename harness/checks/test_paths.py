"""Does the same video come back on every path, also on those besides DIMSE and WADO-RS?"""

from harness.core.observations import Observation, PayloadSeen
from harness.core.ports import Pacs, Video
from harness.marks import Over, check


@check(
    "RET-BULK",
    family="dicomweb",
    title="Bulk data of Pixel Data are the same coded video",
    expected="what the BulkDataURI of the metadata gives is the payload byte by byte, all parts joined",
    level="SHALL",
    section="PS3.18 10.4.1.1.5, 8.7.3.3.2",
    verifies=("R-RET-BULK",),
)
def test_bulk_data_are_the_same_payload(pacs: Pacs, video: Video) -> Observation:
    """Grave where it fails: web viewers play these bytes."""
    return pacs.dicomweb.bulk(video)


@check(
    "RET-URI",
    family="dicomweb",
    title="WADO-URI returns the same coded video",
    expected="one object with the same SOP Instance UID and byte-identical payload (fragments joined, pad trimmed)",
    level="SHALL",
    section="PS3.18 9.4, 8.7.3.5.2",
    verifies=("R-RET-URI",),
)
def test_wado_uri_returns_the_same_payload(pacs: Pacs, video: Video) -> Observation:
    """Grave where it fails: older viewers and links in reports use it."""
    return PayloadSeen.of(video.facts, pacs.store(video), pacs.dicomweb.uri(video), size=video.size)


@check(
    "RET-FILE",
    family="dicomweb",
    title="The product's own interface returns the same coded video as a file",
    expected="one object with the same SOP Instance UID and byte-identical payload (fragments joined, pad trimmed)",
    level="SHALL",
    section="PS3.4 B.4.1.3",
    verifies=("R-RET-OWN",),
)
def test_vendor_file_is_the_same_payload(pacs: Pacs, video: Video) -> Observation:
    """Grave where it fails: exports, backups and plugins of the product read objects this way."""
    return PayloadSeen.of(video.facts, pacs.store(video), pacs.dicomweb.rest_file(video), size=video.size)


@check(
    "RET-RAW",
    family="dicomweb",
    title="The product's own interface returns the same coded bytes of the frames",
    expected="the payload byte by byte; for pictures of their own, all frames joined",
    level="SHALL",
    section="PS3.4 B.4.1.3",
    verifies=("R-RET-OWN",),
)
def test_vendor_frames_are_the_same_payload(pacs: Pacs, video: Video) -> Observation:
    """Grave where it fails: the product's own viewers play these bytes."""
    return pacs.dicomweb.rest_frames(video)


@check(
    "RET-PATHS",
    family="dicomweb",
    title="Every path gives back the same bytes",
    expected="C-GET, C-MOVE, WADO-RS, bulk data, WADO-URI and the product's own interface agree with what was sent; "
    "paths that are not offered are named",
    level="SHALL",
    section="PS3.4 B.4.1.3, PS3.18 10.4",
    verifies=("R-RET-PATHS",),
)
def test_all_paths_agree(pacs: Pacs, video: Video) -> Observation:
    """Grave where it fails: what a user sees would depend on the workstation."""
    return pacs.dicomweb.paths(video)


@check(
    "RET-MD5",
    family="dicomweb",
    title="The MD5 that the product states is that of what it gives back",
    expected="the MD5 and size stated are those of the file returned, and its own verification agrees",
    level="SHOULD",
    section="RFC 1321",
    verifies=("R-RET-MD5",),
    over=Over.SAMPLE,
)
def test_stated_md5_is_right(pacs: Pacs, video: Video) -> Observation:
    """Grave where it fails: whoever trusts that sum takes a damaged archive for a whole one."""
    return pacs.dicomweb.md5(video)
