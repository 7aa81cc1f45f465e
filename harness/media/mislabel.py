"""Objects that are wrong on purpose: how each kind of :mod:`harness.core.families.transfer_labels` is made.

Strategy: one row is one kind, and changes one thing of an object that would be right: the clip, the label over it, an
attribute, or the encapsulation. Clips come from the recipes of the formats, or of ``fixtures/wrong``; nothing is
damaged, so that all that a PACS returns can be compared with what was sent.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import av
from pydicom import Dataset

from harness.core.formats import Format, SopClass
from harness.errors import MediaError
from harness.media.description import describe
from harness.media.part10 import Piece, read_object, write_object
from harness.media.values import Clip, VideoObject


@dataclass(frozen=True, slots=True)
class Mislabel:
    """How one kind is made: the clip of ``recipe`` under the label of ``format``.

    ``change`` alters the header, ``fragments`` and ``offset_table`` the encapsulation, ``remake`` the file of the clip.
    """

    id: str
    format: str
    recipe: str
    change: Callable[[Dataset], None] | None = None
    fragments: int = 1
    offset_table: bytes = b""
    remake: Callable[[Clip, Path], Clip] | None = None


def index_last(clip: Clip, path: Path) -> Clip:
    """The same packets in an MP4 file that was written straight, so that its index (moov) comes last.

    Raises:
        MediaError: the clip cannot be read as MP4.
    """
    try:
        with (
            av.open(clip.path, format="mp4") as source,
            av.open(path, "w", format="mp4", options={"fflags": "+bitexact"}) as target,
        ):
            streams = {}
            for stream in (*source.streams.video, *source.streams.audio):
                streams[stream.index] = target.add_stream_from_template(stream, opaque=True)
                streams[stream.index].codec_context.codec_tag = stream.codec_context.codec_tag
            for packet in source.demux(*source.streams.video, *source.streams.audio):
                if packet.size:
                    packet.stream = streams[packet.stream_index]
                    target.mux(packet)
    except av.FFmpegError as error:
        raise MediaError(f"{clip.path}: cannot be written again as MP4: {error}; make the clip again") from error
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return replace(clip, path=path, size=path.stat().st_size, sha256=digest)


def _one_frame(header: Dataset) -> None:
    header.NumberOfFrames = 1


def _ntsc(header: Dataset) -> None:
    header.FrameTime = "33.37"
    header.CineRate = header.RecommendedDisplayFrameRate = 30


MISLABELS: dict[str, Mislabel] = {
    kind.id: kind
    for kind in (
        Mislabel("hd-in-main-level", "mpeg2_ml", "mpeg2_hl"),
        Mislabel("webm-in-h264", "h264_hp41", "webm_vp8"),
        Mislabel("baseline-in-high", "h264_hp41", "h264_baseline"),
        Mislabel("high422-in-high", "h264_hp41", "h264_high422"),
        Mislabel("number-of-frames", "h264_hp41", "h264_hp41", change=_one_frame),
        Mislabel("pal-as-ntsc", "mpeg2_ml", "mpeg2_ml", change=_ntsc),
        Mislabel("offset-table", "h264_hp41", "h264_hp41", offset_table=bytes(4)),
        Mislabel("two-fragments", "h264_hp41", "h264_hp41", fragments=2),
        Mislabel("index-at-end", "h264_hp41", "h264_hp41", remake=index_last),
    )
}


def mislabel(
    kind: Mislabel,
    clip: Clip,
    format: Format,
    sop_class: SopClass,
    path: Path,
    *,
    study_uid: str,
    series_uid: str,
    instance_uid: str,
) -> VideoObject:
    """Write the object of ``kind`` that carries ``clip``, the clip of its recipe; equal arguments give equal bytes.

    Raises:
        MediaError: the clip cannot be remade or written.
    """
    remade = path.with_name(f"{path.name}.remade")
    try:
        carried = kind.remake(clip, remade) if kind.remake is not None else clip
        header = describe(
            carried,
            format,
            sop_class,
            study_uid=study_uid,
            series_uid=series_uid,
            instance_uid=instance_uid,
            instance_number=1,
        )
        if kind.change is not None:
            kind.change(header)
        write_object(path, header, _pieces(carried, kind.fragments), offset_table=kind.offset_table)
    finally:
        remade.unlink(missing_ok=True)
    # A remade file is gone by now; its facts are those of the clip.
    return VideoObject(path, format, sop_class, clip, study_uid, series_uid, instance_uid, read_object(path))


def _pieces(clip: Clip, fragments: int) -> tuple[Piece, ...]:
    length = clip.size // fragments // 2 * 2
    last = length * (fragments - 1)
    parts = [Piece(clip.path, start, length) for start in range(0, last, length)]
    return (*parts, Piece(clip.path, last, clip.size - last))
