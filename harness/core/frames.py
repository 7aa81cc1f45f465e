"""Which fragments make which frame, where each frame is a picture of its own (PS3.5 A.4, A.4.1).

Strategy: a correct Basic Offset Table tells. Without one, as many fragments as frames are one each; where there are
more, a frame begins with the fragment that begins with the JPEG marker SOI.
"""

from itertools import accumulate, pairwise

from harness.core.facts import ObjectFacts

#: Bytes of the tag and length before the value of an item (PS3.5 7.5.2).
_ITEM_HEAD = 8


def number_of_frames(facts: ObjectFacts) -> int:
    """What Number of Frames says; 0 where it is missing or no integer, since a real one is greater."""
    try:
        return int(facts.by_path.get("NumberOfFrames", ""))
    except ValueError:
        return 0


def frame_lengths(facts: ObjectFacts) -> tuple[int, ...]:
    """Bytes of each frame in the joined fragments, padding included; native Pixel Data is one length."""
    if not facts.encapsulated:
        return (facts.payload_length,)
    frames, lengths = number_of_frames(facts), facts.fragment_lengths
    if facts.offset_table and offset_table_fault(facts, frames) is None:
        firsts = set(facts.offset_table)
        begins = tuple(start in firsts for start in _item_starts(lengths))
    elif len(lengths) > frames:
        begins = facts.jpeg_starts
    else:
        return lengths
    grouped: list[int] = []
    for length, first in zip(lengths, begins, strict=True):
        if first or not grouped:
            grouped.append(length)
        else:
            grouped[-1] += length
    return tuple(grouped)


def offset_table_fault(facts: ObjectFacts, frames: int) -> str | None:
    """Why the Basic Offset Table is neither empty nor the place of the first item of each of ``frames`` frames.

    Offsets count from the tag of the first fragment's item (PS3.5 A.4).
    """
    length = facts.offset_table_length or 0
    if length == 0:
        return None
    if length != 4 * frames:
        return f"the Basic Offset Table has {length} bytes, and {frames} frames need {4 * frames} or none (PS3.5 A.4)"
    starts = set(_item_starts(facts.fragment_lengths))
    stray = next((offset for offset in facts.offset_table if offset not in starts), None)
    if stray is not None:
        return f"the Basic Offset Table points to byte {stray}, where no item begins (PS3.5 A.4)"
    if facts.offset_table[0] != 0:
        return f"the Basic Offset Table begins with {facts.offset_table[0]} and not 0 (PS3.5 A.4)"
    for before, after in pairwise(facts.offset_table):
        if after <= before:
            return f"the Basic Offset Table goes from byte {before} back to {after} (PS3.5 A.4)"
    return None


def _item_starts(lengths: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(accumulate((length + _ITEM_HEAD for length in lengths), initial=0))[:-1]
