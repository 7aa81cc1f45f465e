"""What the standard says of a video format, as values.

One :class:`Format` is one entry of the catalogue: a transfer syntax with the codec point, pictures, containers,
sound and pixel description that PS3.5 section 8.2 allows in it. Nothing here knows how a clip is made
(:mod:`harness.core.recipes`) or sent.
"""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction


class Codec(StrEnum):
    """How pictures are coded."""

    MPEG2 = "mpeg2"  #: ISO/IEC 13818-2
    H264 = "h264"  #: ISO/IEC 14496-10
    HEVC = "hevc"  #: ISO/IEC 23008-2
    MJPEG = "mjpeg"  #: ISO/IEC 10918-1, one independent picture per frame
    VP8 = "vp8"  #: RFC 6386; no DICOM video, made only to be mislabelled


class Container(StrEnum):
    """What wraps the coded pictures inside Pixel Data."""

    MPEG_TS = "mpeg-ts"
    MP4 = "mp4"
    MPEG_PS = "mpeg-ps"
    MPEG_PES = "mpeg-pes"  #: packets of one elementary stream, without packs
    M2TS = "m2ts"  #: transport packets with four bytes before each, which is no MPEG-TS
    ELEMENTARY = "elementary"  #: a bare video stream
    QUICKTIME = "quicktime"
    MATROSKA = "matroska"
    WEBM = "webm"
    AVI = "avi"
    JPEG_FRAMES = "jpeg-frames"  #: one JPEG picture per DICOM frame
    UNKNOWN = "unknown"


class Scan(StrEnum):
    """How a frame is scanned, by the coded flags."""

    PROGRESSIVE = "progressive"
    INTERLACED = "interlaced"


class SoundCodec(StrEnum):
    """Sound codings that the standard names for video (PS3.5 8.2.5, 8.2.12)."""

    MP3 = "mp3"
    MP2 = "mp2"
    AAC = "aac"
    AC3 = "ac3"
    LPCM = "lpcm"


@dataclass(frozen=True, slots=True)
class PixelDescription:
    """The Image Pixel attributes that a transfer syntax fixes (PS3.5 8.2.1, 8.2.5 to 8.2.11)."""

    samples_per_pixel: int
    photometric_interpretation: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    pixel_aspect_ratio_allowed: bool
    pixel_representation: int = 0
    planar_configuration: int = 0


@dataclass(frozen=True, slots=True)
class LegalPicture:
    """One row of a table of legal pictures (PS3.5 Tables 8-1 to 8-4).

    ``exact`` says whether rows and columns are the only legal values or the largest ones.
    """

    rows: int
    columns: int
    rates: tuple[Fraction, ...]
    scans: tuple[Scan, ...]
    exact: bool


@dataclass(frozen=True, slots=True)
class CodecPoint:
    """Profile and highest level in the codec's own numbers, with the ceilings of that level.

    Luma counts are samples, ``bit_rate`` is bit/s; ``level`` is level_idc, for HEVC 30 times the level number,
    for MPEG-2 the level code of profile_and_level_indication (8 Main, 4 High; a lower level has a greater code). For
    Motion JPEG ``profile`` is the second byte of the frame header marker (192: SOF0, Baseline). A ceiling of 0 means
    that the codec has none.
    """

    profile: int
    profile_name: str
    level: int
    level_name: str
    level_exact: bool
    max_luma: int
    max_luma_rate: int
    max_bit_rate: int
    bit_depth: int


@dataclass(frozen=True, slots=True)
class SopClass:
    """A storage SOP class that may carry video, with the Modality that it demands (PS3.4 B.5)."""

    id: str
    uid: str
    name: str
    modality: str


@dataclass(frozen=True, slots=True)
class Format:
    """One entry of the catalogue.

    ``pictures`` empty means any size and rate inside the level. ``recipe`` is the id of the clip recipe, or None
    with ``no_recipe_reason`` telling why no clip can be made; such a format can still be negotiated.
    ``sop_classes`` starts with the class that the transfer checks use.
    """

    id: str
    uid: str
    name: str
    section: str
    codec: Codec
    point: CodecPoint
    fragmentable: bool
    twin_of: str | None
    pictures: tuple[LegalPicture, ...]
    containers: tuple[Container, ...]
    sounds: tuple[SoundCodec, ...]
    frame_packed: bool
    pixels: PixelDescription
    lossy_method: str
    sop_classes: tuple[SopClass, ...]
    recipe: str | None
    no_recipe_reason: str = ""

    @property
    def is_video_stream(self) -> bool:
        """True where Pixel Data is one bit stream of all frames; False where each frame is its own picture."""
        return self.codec is not Codec.MJPEG
