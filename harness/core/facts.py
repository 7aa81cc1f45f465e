"""What can be known of a clip or a video object, as values: read once, compared by :mod:`harness.core.compare`."""

from dataclasses import dataclass, field
from fractions import Fraction

from harness.core.formats import Codec, Container, Scan, SoundCodec


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """The sound track as found. ``sample_rate`` in Hz."""

    codec: SoundCodec | str
    sample_rate: int
    channels: int


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """The sound as data. ``seconds`` from the first packet to the end of the last; ``offset`` is how many seconds the
    first packet starts after the first picture. ``sha256`` is over the coded sound of all packets joined,
    ``samples_sha256`` over what it decodes to: a change of container may change the one and leave the other.
    """

    packets: int
    seconds: Fraction
    offset: Fraction
    sha256: str
    samples_sha256: str


@dataclass(frozen=True, slots=True)
class PictureDistance:
    """How far decoded pictures are from the uncompressed ones that were drawn, over ``frames`` pictures.

    Peak signal-to-noise ratio in dB over all planes, weighted by their samples, and structural similarity, each as
    mean and worst picture. The mean ratio is that of the mean squared error. A ratio is None where there is no error.
    """

    frames: int
    psnr: float | None
    psnr_worst: float | None
    ssim: float
    ssim_worst: float


@dataclass(frozen=True, slots=True)
class Seek:
    """A jump to one frame. ``frame`` counts from 0 in order of presentation; ``seconds`` is the time asked for, from
    the first frame on. ``found`` is the number inside the picture that was shown there, None where none was;
    ``problem`` then says why.
    """

    frame: int
    seconds: Fraction
    found: int | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SoundDetail:
    """How the sound track is coded. ``bit_rate`` in bit/s over the whole track, 0 where it was not measured.

    ``constant`` is False where the frames of MPEG audio say several bit rates.
    """

    bit_rate: int = 0
    constant: bool = True


@dataclass(frozen=True, slots=True)
class Packaging:
    """How the container is built; the defaults are those of a container that tells nothing of it.

    ``brand`` is the major brand of MP4. ``index_first`` is False where MP4 has its index (``moov``) behind the
    pictures, ``fragmented`` where it has movie fragments. ``sample_entry`` is the four letters that name the coding of
    the video track. ``edits`` counts the entries of that track's edit list.
    """

    video_tracks: int = 1
    sound_tracks: int = 0
    brand: str = ""
    index_first: bool | None = None
    fragmented: bool = False
    sample_entry: str = ""
    edits: int = 0


@dataclass(frozen=True, slots=True)
class Coding:
    """What the headers of a stream say besides profile, level and picture.

    ``aspect_code`` is ``aspect_ratio_idc`` in H.264 and ``aspect_ratio_information`` in MPEG-2, None where it is
    absent. ``constraint_flags`` is the byte behind ``profile_idc`` in H.264. ``compatible_profiles`` are those whose
    flag HEVC sets, ``subset_profiles`` those of the subset parameter sets of H.264, which code a second view.
    ``colour`` holds the codes of primaries, transfer and matrix. ``chroma_depth`` is 0 where it is that of luma.
    """

    aspect_code: int | None = None
    constraint_flags: int = 0
    compatible_profiles: tuple[int, ...] = ()
    subset_profiles: tuple[int, ...] = ()
    colour: tuple[int, int, int] | None = None
    chroma_depth: int = 0


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What the bit stream says of itself, and what decoding it showed.

    ``rows`` and ``columns`` are the cropped picture. ``frames`` counts decoded frames. ``stamps`` holds, per decoded
    frame in order of presentation, the number found inside the picture, or None where none could be read.
    ``level`` and ``profile`` as in :class:`~harness.core.formats.CodecPoint`. ``problems`` lists decode errors in
    words; empty means that every packet decoded. ``rate`` is 0 where nothing in the stream tells it. ``bit_rate`` is
    the greater of what the stream declares and the mean that was measured, in bit/s; 0 where it was not measured;
    ``measured_bit_rate`` is that mean alone. ``changes`` lists what does not stay the same within the stream,
    ``timing_faults`` what is wrong with the times of its frames. ``pictures`` holds, per decoded frame as ``stamps``
    does, a hash of its samples, and ``times`` when it is shown, in units of ``time_base`` seconds; ``times`` is empty
    where the stream holds no times, as Motion JPEG.
    """

    container: Container
    codec: Codec | str
    profile: int
    level: int
    bit_depth: int
    chroma: str
    rows: int
    columns: int
    rate: Fraction
    scan: Scan
    sample_aspect: Fraction
    full_range: bool
    frame_packed: bool
    high_tier: bool
    frames: int
    regular_timing: bool
    sound: SoundFacts | None
    stamps: tuple[int | None, ...]
    problems: tuple[str, ...]
    bit_rate: int = 0
    pictures: tuple[str, ...] = ()
    times: tuple[int | None, ...] = ()
    time_base: Fraction = Fraction(0)
    track: SoundTrack | None = None
    measured_bit_rate: int = 0
    changes: tuple[str, ...] = ()
    timing_faults: tuple[str, ...] = ()
    coding: Coding = Coding()
    packaging: Packaging = Packaging()
    sound_detail: SoundDetail = SoundDetail()

    def seconds_at(self, index: int) -> Fraction | None:
        """When the frame at ``index`` is shown, in seconds after the first one; None where that is not told."""
        if index >= len(self.times):
            return None
        first, time = self.times[0], self.times[index]
        return None if first is None or time is None else (time - first) * self.time_base


@dataclass(frozen=True, slots=True)
class Undecodable:
    """Bytes that are no video stream at all, with the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class ObjectFacts:
    """What a stored or returned DICOM object holds, Pixel Data read as a stream.

    ``payload_sha256`` and ``payload_length`` are over all fragments joined. ``unpadded_sha256`` is the hash without
    the last byte where that byte is zero, else equal to ``payload_sha256``. ``attributes`` maps the path of an element
    (keyword or ``(gggg,eeee)``, items as ``Keyword[0].Keyword``) to its value as text; Pixel Data and group 0002 are
    left out. ``explicit_vr`` tells that the bytes, whatever the transfer syntax says, are Explicit VR Little Endian.
    ``pixel_vr`` is the VR that Pixel Data was written with; empty where it was written without. ``offset_table_length``
    is in bytes; None where Pixel Data is not encapsulated. ``offset_table`` holds the offsets of the Basic Offset
    Table, never more than one beyond the number of fragments. ``jpeg_starts`` tells, per fragment, whether it begins
    with the JPEG marker SOI. ``meta`` maps the keywords of group 0002 to their values; empty where it was not
    read, and never compared, because whoever writes a file writes it anew.
    """

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    attributes: tuple[tuple[str, str], ...]
    explicit_vr: bool
    pixel_vr: str
    encapsulated: bool
    fragment_lengths: tuple[int, ...]
    jpeg_starts: tuple[bool, ...]
    offset_table_length: int | None
    offset_table: tuple[int, ...]
    delimited: bool
    payload_length: int
    payload_sha256: str
    unpadded_sha256: str
    meta: tuple[tuple[str, str], ...] = field(default=(), compare=False)

    @property
    def by_path(self) -> dict[str, str]:
        """The attributes as a mapping."""
        return dict(self.attributes)
