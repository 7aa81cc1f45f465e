"""The shape of a rule of the standard, and of what one finds."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.formats import Codec, Format
from harness.core.validation.texts import printable


class Severity(StrEnum):
    """How much a finding weighs."""

    ERROR = "ERROR"  #: breaks a "shall" of the standard
    WARNING = "WARNING"  #: breaks a "should", or stops some players
    INFORMATION = "INFORMATION"  #: legal, and worth knowing
    CONFLICT = "CONFLICT"  #: two paragraphs of the standard demand different things


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule saw, in words; ``severity`` and ``section`` are those of the rule where they are not told."""

    text: str
    severity: Severity | None = None
    section: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which an object or stream is not as the standard wants it."""

    rule: str
    severity: Severity
    section: str
    title: str
    seen: str

    @property
    def words(self) -> str:
        """What was seen, and the paragraph that it is held against."""
        return f"{self.seen} ({self.section})"


@dataclass(frozen=True, slots=True)
class Scope:
    """The formats that a rule is about, and how to say that in a few words."""

    words: str
    covers: Callable[[Format], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table.

    A rule looks at the stream, at the object, or at both, by whichever functions it has; each is pure and yields what
    it saw. ``section`` is the paragraph, empty where it is that of the format. ``any_codec`` tells that the rule means
    something in a stream whose codec is not that of the format; the others would only repeat that it is not.
    """

    id: str
    severity: Severity
    title: str
    scope: Scope
    section: str = ""
    of_stream: Callable[[Format, StreamFacts], Iterator[Seen]] | None = None
    of_object: Callable[[Format, ObjectFacts], Iterator[Seen]] | None = None
    of_both: Callable[[Format, ObjectFacts, StreamFacts], Iterator[Seen]] | None = None
    any_codec: bool = False

    def finding(self, format: Format | None, seen: Seen) -> Finding:
        """What this rule saw, with its own weight and paragraph where nothing else was told.

        ``format`` may be None where the rule has a paragraph of its own.
        """
        return Finding(
            rule=self.id,
            severity=seen.severity or self.severity,
            section=seen.section or self.section or (format.section if format else ""),
            title=self.title,
            # Values of an object are in it.
            seen=printable(seen.text),
        )


#: profile_idc of Stereo High, and level_idc of the syntaxes that tell 2D from 3D (PS3.5 8.2.8, 8.2.9).
STEREO_HIGH, LEVEL_42 = 128, 42


def is_stereo(format: Format) -> bool:
    """Whether a second view is coded in a subset of its own (PS3.5 8.2.9)."""
    return format.codec is Codec.H264 and format.point.profile == STEREO_HIGH


def is_for_bluray(format: Format) -> bool:
    """Whether the format is the restricted High Profile (PS3.5 Table 8-4), the only table of pictures for H.264."""
    return format.codec is Codec.H264 and bool(format.pictures)


EVERY = Scope("all", lambda format: True)
STREAMS = Scope("all video streams", lambda format: format.is_video_stream)
WHOLE = Scope("one-fragment syntaxes", lambda format: format.is_video_stream and not format.fragmentable)
FRAGMENTABLE = Scope("fragmentable syntaxes", lambda format: format.is_video_stream and format.fragmentable)
JPEG = Scope("Motion JPEG", lambda format: format.codec is Codec.MJPEG)
MPEG2 = Scope("MPEG-2", lambda format: format.codec is Codec.MPEG2)
MAIN_LEVEL = Scope(".100", lambda format: format.codec is Codec.MPEG2 and not format.point.level_exact)
HIGH_LEVEL = Scope(".101", lambda format: format.codec is Codec.MPEG2 and format.point.level_exact)
H264 = Scope("H.264", lambda format: format.codec is Codec.H264)
BLURAY = Scope(".103", is_for_bluray)
HEVC = Scope("HEVC", lambda format: format.codec is Codec.HEVC)
LEVELLED = Scope("MPEG-2 and HEVC", lambda format: format.codec in (Codec.MPEG2, Codec.HEVC))
MAIN_10 = Scope(".108", lambda format: format.codec is Codec.HEVC and format.pixels.bits_stored > 8)
H264_HEVC = Scope("H.264 and HEVC", lambda format: format.codec in (Codec.H264, Codec.HEVC))
TABLED = Scope("MPEG-2 and .103", lambda format: bool(format.pictures))
