"""Frame numbers in Pixel Data that a PACS decoded on its own account (PS3.5 8.1, A.1, A.2)."""

from pathlib import Path

import numpy as np

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.families.transfer_openly import Native, expected_native_length
from harness.media import stamp
from harness.media.part10 import layout

_GREEN = 1


def native_pictures(path: Path, facts: ObjectFacts, sent: StreamFacts) -> Native:
    """What is known of the pictures of an object whose Pixel Data is native, beside the video that was sent.

    Raises:
        ObjectUnreadable: the file has no Pixel Data that can be found.
    """
    last = sent.frames - 1
    places = (0, last // 2, last)
    return Native(
        facts.payload_length,
        expected_native_length(facts),
        native_stamps(path, facts, places),
        tuple(sent.stamps[place] for place in places),
    )


def native_stamps(path: Path, facts: ObjectFacts, frames: tuple[int, ...]) -> tuple[int | None, ...]:
    """The numbers in some pictures of an object whose Pixel Data is native; None where none can be read.

    ``frames`` are places from 0 on. Pictures of 8 bits are read, of one sample or three, in either planar
    configuration; of three the second is read where they are red, green and blue, else the first.

    Raises:
        ObjectUnreadable: the file has no Pixel Data that can be found.
    """
    has = facts.by_path
    texts = [has.get(keyword, "") for keyword in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated")]
    if not all(text.isdecimal() and 0 < int(text) < 2**16 for text in texts):
        return (None,) * len(frames)
    rows, columns, samples, bits = map(int, texts)
    if bits != 8 or samples not in (1, 3):
        return (None,) * len(frames)
    place, length = layout(path).fragments[0]
    planar = has.get("PlanarConfiguration") == "1"
    shape = (samples, rows, columns) if planar else (rows, columns, samples)
    sample = _GREEN if samples == 3 and has.get("PhotometricInterpretation") == "RGB" else 0
    size = rows * columns * samples
    found: list[int | None] = []
    with path.open("rb") as file:
        for number in frames:
            start = number * size
            if start + size > length:
                found.append(None)
                continue
            file.seek(place + start)
            picture = np.frombuffer(file.read(size), np.uint8).reshape(shape)
            found.append(stamp.read(np.ascontiguousarray(picture[sample] if planar else picture[..., sample])))
    return tuple(found)
