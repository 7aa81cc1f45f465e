"""A clip becomes a video object (PS3.5 8.2, A.4).

Strategy: describe, cut into pieces, write as a stream, read back; the facts of an object are always those of
its bytes on disk.
"""

from collections.abc import Callable, Iterator
from itertools import accumulate
from pathlib import Path

from pydicom import Dataset

from harness.core.formats import Format, SopClass
from harness.errors import MediaError
from harness.media.description import describe
from harness.media.part10 import Piece, read_object, write_object
from harness.media.values import Clip, VideoObject


def wrap(
    clip: Clip,
    format: Format,
    sop_class: SopClass,
    path: Path,
    *,
    study_uid: str,
    series_uid: str,
    instance_uid: str,
    instance_number: int = 1,
    fragments: int = 1,
    change: Callable[[Dataset], None] | None = None,
) -> VideoObject:
    """Write the video object that carries ``clip``; equal arguments give equal bytes.

    ``change`` may add to the header, or alter it, before it is written.

    A bit stream goes into as many ``fragments`` as asked for, cut into equal even lengths wherever that
    falls, since the standard wants no alignment; Motion JPEG gets one fragment per frame (PS3.5 A.4.1). The
    offset table is empty.

    Raises:
        MediaError: more than one fragment asked for where the format does not allow it, or more than the clip
            has pairs of bytes; a fragment beyond the longest item; the clip's file is shorter than the clip
            says.
    """
    pieces = tuple(_pieces(clip, format, fragments))
    header = describe(
        clip,
        format,
        sop_class,
        study_uid=study_uid,
        series_uid=series_uid,
        instance_uid=instance_uid,
        instance_number=instance_number,
    )
    if change is not None:
        change(header)
    write_object(path, header, pieces)
    return VideoObject(path, format, sop_class, clip, study_uid, series_uid, instance_uid, read_object(path))


def _pieces(clip: Clip, format: Format, fragments: int) -> Iterator[Piece]:
    if fragments != 1 and not format.fragmentable:
        raise MediaError(f"{format.id}: {fragments} fragments asked for, {format.section} allows one; take its twin")
    if not format.is_video_stream:
        for end, size in zip(accumulate(clip.frame_sizes), clip.frame_sizes, strict=True):
            yield Piece(clip.path, end - size, size)
        return
    length = clip.size // fragments // 2 * 2 if fragments > 0 else 0
    if length == 0:
        raise MediaError(f"{clip.path}: {clip.size} bytes do not make {fragments} fragments; ask for another number")
    for index in range(fragments - 1):
        yield Piece(clip.path, index * length, length)
    last = (fragments - 1) * length
    yield Piece(clip.path, last, clip.size - last)
