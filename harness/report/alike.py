"""Sentences that differ only in their numbers, said once.

A reason of a cell often tells a size or a time. Over many cells that is the same sentence again and again; on paper it
stands once, with the smallest and the largest of each number. The record has every sentence as it was.
"""

import re
from collections.abc import Sequence

#: A word with a digit in it, such as ``1,001,484``, ``(19.2``, ``0x0000`` or ``1.2.840.10008.1.2``.
_COUNTING = re.compile(r"(\S*\d\S*)")
_NUMBER = re.compile(r"(\D*)([\d,]*\d(?:\.\d+)?)(\D*)")

#: What may be the status of an answer: between two of them lies none that was seen.
_CODE = re.compile(r"[1-5]\d\d")

#: Words that are no numbers are listed, so many of them.
_LISTED = 2


def pattern(sentence: str) -> str:
    """The same for all sentences that differ only in words with digits."""
    return _COUNTING.sub("0", sentence)


def said_once(sentences: Sequence[str]) -> str:
    """One sentence for several of the same pattern."""
    words = zip(*(_COUNTING.split(one) for one in dict.fromkeys(sentences)), strict=True)
    return "".join(_joined(tuple(dict.fromkeys(found))) for found in words)


def _joined(found: Sequence[str]) -> str:
    """What stands in one place: ``585,244 to 1,525,808``, or the words themselves where they are no numbers."""
    if len(found) == 1:
        return found[0]
    numbers = [_NUMBER.fullmatch(one) for one in found]
    around = {(one[1], one[3]) if one else None for one in numbers}
    if len(around) == 1 and None not in around and not all(_CODE.fullmatch(one) for one in found):
        by_value = sorted((one for one in numbers if one), key=lambda one: float(one[2].replace(",", "")))
        first, last = by_value[0], by_value[-1]
        return f"{first[1]}{first[2]} to {last[2]}{first[3]}"
    rest = f" or {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    return " or ".join(found[:_LISTED]) + rest
