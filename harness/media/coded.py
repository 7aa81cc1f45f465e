"""What a coded video says of itself before any of it is decoded."""

from dataclasses import dataclass, field
from fractions import Fraction

from harness.core.facts import Coding
from harness.core.formats import Scan

#: Names of chroma_format_idc, the same in H.264, HEVC and (without 0) MPEG-2.
CHROMA = {0: "4:0:0", 1: "4:2:0", 2: "4:2:2", 3: "4:4:4"}

#: Samples per chroma sample, (rows, columns), which is also the unit of cropping.
CHROMA_STEP = {0: (1, 1), 1: (2, 2), 2: (1, 2), 3: (1, 1)}


@dataclass(frozen=True, slots=True)
class CodedVideo:
    """Facts from the headers of a bit stream.

    ``profile`` and ``level`` as in :class:`~harness.core.formats.CodecPoint`. ``sample_aspect``, ``full_range`` and
    ``rate`` are None where the headers leave them open; ``bit_rate`` in bit/s, 0 where they do.
    """

    profile: int
    level: int
    bit_depth: int
    chroma: str
    rows: int
    columns: int
    scan: Scan
    high_tier: bool = False
    sample_aspect: Fraction | None = None
    full_range: bool | None = None
    rate: Fraction | None = None
    bit_rate: int = 0
    frame_packed: bool = False
    coding: Coding = field(default_factory=Coding)
