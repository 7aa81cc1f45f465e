"""Up to which size does a video survive?"""

from collections.abc import Callable

from harness.core.families.paths import StreamSeen
from harness.core.families.size import CeilingSeen
from harness.core.observations import Fetched, Observation, StoreSeen
from harness.core.ports import Pacs, Video
from harness.core.results import Outcome
from harness.core.verdicts import judge_store
from harness.marks import Depth, Over, check


@check(
    "SIZ-LADDER",
    family="size",
    title="A video of this size is stored and comes back unchanged",
    expected="C-STORE succeeds and the payload returned is byte-identical",
    level="SHALL",
    section="PS3.4 B.2.3, B.4.1.3",
    verifies=("R-SIZ-KEPT",),
    over=Over.SIZE,
    depth=Depth.QUICK,
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
    level="SHALL",
    section="PS3.4 B.4.1.3; PS3.18 10.4",
    verifies=("R-SIZ-PATHS",),
    over=Over.SAMPLE_SIZE,
    variants=("C-GET", "C-MOVE", "WADO-RS", "bulk-data", "WADO-URI", "vendor-file", "vendor-frame"),
)
def test_size_survives_on_every_path(pacs: Pacs, video: Video, variant: str) -> Observation:
    """Products have one limit for each path, and most are not stated."""
    web = pacs.dicomweb
    paths: dict[str, Callable[[Video], Fetched | StreamSeen]] = {
        "C-GET": pacs.get,
        "C-MOVE": pacs.move,
        "WADO-RS": pacs.wado,
        "bulk-data": web.bulk,
        "WADO-URI": web.uri,
        "vendor-file": web.rest_file,
        "vendor-frame": web.rest_frames,
    }
    return pacs.size.measured(video, pacs.store(video), paths[variant](video))


@check(
    "SIZ-MD5",
    family="size",
    title="The MD5 that the product states of a video of this size is that of what it gives back",
    expected="the MD5 and size stated are those of the file returned, and its own verification agrees",
    level="SHOULD",
    section="RFC 1321",
    verifies=("R-RET-MD5",),
    over=Over.SAMPLE_SIZE,
)
def test_stated_md5_is_right_at_this_size(pacs: Pacs, video: Video) -> Observation:
    """Beyond 2 GiB a product is known that states the MD5 of nothing, and verifies it."""
    return pacs.dicomweb.md5(video)


@check(
    "SIZ-CEILING",
    family="size",
    title="The largest video that survives is known, and whose limit the next one met",
    expected="whatever is accepted comes back unchanged, and what is not is refused openly",
    level="SHALL",
    section="PS3.4 B.2.3, B.4.1.3",
    verifies=("R-SIZ-REFUSED",),
    over=Over.SAMPLE,
)
def test_ceiling_is_open(pacs: Pacs, video: Video) -> CeilingSeen:
    """Bisected where it was asked for: each size is stored, returned and compared."""
    return pacs.size.ceiling(video)
