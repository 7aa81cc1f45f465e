"""Motion JPEG in, facts out: every picture has headers of its own and must decode by itself."""

from fractions import Fraction
from itertools import count
from pathlib import Path

from harness.core.facts import StreamFacts
from harness.core.formats import Codec, Container, Scan
from harness.errors import MediaError
from harness.media import jpeg
from harness.media.coded import CodedVideo
from harness.media.decode import OnFrame, Problems, decode_picture, picture_hash, read_stamp


def examine_pictures(
    path: Path, sizes: tuple[int, ...], rate: Fraction, on_frame: OnFrame | None = None
) -> StreamFacts:
    """The facts of a file of JPEG pictures; arguments and errors as in :func:`harness.media.examine.examine`."""
    problems = Problems()
    first: CodedVideo | None = None
    stamps: list[int | None] = []
    hashes: list[str] = []
    coded_bytes = 0
    pictures = jpeg.pictures(path, sizes)
    for number in count(1):
        try:
            picture = next(pictures, None)
        except MediaError as error:
            problems.add(str(error))
            break
        if picture is None:
            break
        coded_bytes += len(picture)
        try:
            headers = jpeg.parse(picture)
            frame = decode_picture(picture)
        except MediaError as error:
            problems.add(f"frame {number}: {error}")
            continue
        first = first or headers
        if headers != first:
            problems.add(f"frame {number} is coded differently from the first")
        stamps.append(read_stamp(frame))
        hashes.append(picture_hash(frame))
        if on_frame is not None:
            on_frame(frame, stamps[-1])
    if first is None:
        raise MediaError(f"{path}: holds no JPEG picture that decodes: {'; '.join(problems.texts())}")
    return StreamFacts(
        container=Container.JPEG_FRAMES,
        codec=Codec.MJPEG,
        profile=first.profile,
        level=0,
        bit_depth=first.bit_depth,
        chroma=first.chroma,
        rows=first.rows,
        columns=first.columns,
        rate=rate,
        scan=Scan.PROGRESSIVE,
        sample_aspect=Fraction(1),
        full_range=True,
        frame_packed=False,
        high_tier=False,
        frames=len(stamps),
        regular_timing=True,
        sound=None,
        stamps=tuple(stamps),
        problems=problems.texts(),
        bit_rate=int(coded_bytes * 8 * rate / len(stamps)) if stamps else 0,
        pictures=tuple(hashes),
    )
