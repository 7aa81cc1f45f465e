"""The elements of a data set as comparable text, read from the bytes as they were written.

Strategy: walk what pydicom parsed but did not convert. Converting would validate, warn and normalise, and
what a PACS changed could vanish in it. Text is decoded, padding dropped (PS3.5 6.2), numbers are printed,
long bytes are hashed. A known element that a peer wrote as UN is read with the VR of the dictionary, as PS3.5
6.2.2 intends.
"""

import hashlib
import struct
from collections.abc import Iterator, Mapping
from io import BytesIO

from pydicom import Dataset
from pydicom.charset import decode_bytes
from pydicom.datadict import dictionary_VR, keyword_for_tag, tag_for_keyword
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.filereader import read_sequence
from pydicom.tag import BaseTag
from pydicom.valuerep import CUSTOMIZABLE_CHARSET_VR, PN_DELIMS, STR_VR, TEXT_VR_DELIMS

#: Bytes up to this length are printed in hex, longer ones as their SHA-256.
SHORT = 32

#: How one number is packed; US stands for the ambiguous "US or SS" too, which needs no more to be compared.
_NUMBERS = {
    **{"US": "H", "SS": "h", "US or SS": "H"},
    **{"UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"},
}
#: One value each, in which leading spaces and backslashes are text (PS3.5 Table 6.2-1).
_ONE_TEXT = {"LT", "ST", "UT", "UR"}


def is_explicit_little_endian(dataset: Dataset) -> bool:
    """Whether each element of a data set that was read came with its VR and in little endian (PS3.5 7.1, A.4).

    Items of sequences are not looked into: one that was written as UN is in implicit VR by right (PS3.5 6.2.2).
    """
    # What pydicom has converted, a sequence or the character set, no longer tells.
    return all(
        element.VR is not None and element.is_little_endian
        for element in dataset.values()
        if isinstance(element, RawDataElement)
    )


def flatten(dataset: Dataset, private: Mapping[str, str] | None = None) -> tuple[tuple[str, str], ...]:
    """Path and text of every element of a data set that was read, in tag order, sequences unfolded.

    A path is the keyword or ``(gggg,eeee)``; items are counted from 0: ``Keyword[0].Keyword``. A sequence, or
    an item, without content is listed with empty text. Several values are joined by a backslash. ``private`` tells
    the VRs of private elements, as :func:`private_vrs` gives them, for those that were written as UN.

    Raises:
        ValueError: an element is shorter than its length says. For broken bytes pydicom raises many more
        kinds.
    """
    return tuple(_walk(dataset, "", private or {}))


def private_vrs(dataset: Dataset, prefix: str = "") -> dict[str, str]:
    """The VR that each private element of a data set was written with, by its path; UN where none was written."""
    found: dict[str, str] = {}
    for tag in sorted(dataset.keys()):
        path = prefix + _name(tag)
        vr = dataset.get_item(tag).VR or "UN"
        if tag.is_private and not tag.is_private_creator:
            found[path] = vr
        if vr == "SQ":
            for index, item in enumerate(dataset[tag].value):
                found |= private_vrs(item, f"{path}[{index}].")
    return found


def _walk(dataset: Dataset, prefix: str, private: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    charset = dataset.original_character_set
    encodings = [charset] if isinstance(charset, str) else list(charset)
    for tag in sorted(dataset.keys()):
        path = prefix + _name(tag)
        element = dataset.get_item(tag)
        vr = element.VR if element.VR not in (None, "UN") else _dictionary_vr(tag, private.get(path, "UN"))
        if vr == "SQ":
            yield from _walk_items(_items(dataset, element, encodings), path, private)
        elif isinstance(element, RawDataElement):
            value = element.value or b""
            if element.length not in (len(value), 0xFFFFFFFF):
                raise ValueError(f"{path} announces {element.length} bytes and has {len(value)}")
            yield path, _text(vr, value, "<" if element.is_little_endian else ">", encodings)
        else:
            # pydicom converts a few on its way, such as the character set, the transfer syntax and empty numbers.
            value = element.value if element.VM < 2 else "\\".join(map(str, element.value))
            yield path, "" if value is None else str(value)


def _items(dataset: Dataset, element: DataElement | RawDataElement, encodings: list[str]) -> list[Dataset]:
    """The items of a sequence; one of defined length that was written as UN is in implicit VR (PS3.5 6.2.2)."""
    unknown = element.VR in (None, "UN") and element.tag.is_private
    if unknown and isinstance(element, RawDataElement) and element.value:
        return list(read_sequence(BytesIO(element.value), True, True, len(element.value), encodings))
    items: list[Dataset] = list(dataset[element.tag].value or ())
    return items


def _walk_items(items: list[Dataset], path: str, private: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not items:
        yield path, ""
    for index, item in enumerate(items):
        if not item:
            yield f"{path}[{index}]", ""
        yield from _walk(item, f"{path}[{index}].", private)


def _name(tag: BaseTag) -> str:
    keyword = keyword_for_tag(tag)
    # The keyword of a repeating group stands for many elements, and would collide.
    unique = keyword and tag_for_keyword(keyword) == tag
    return keyword if unique else f"({tag.group:04X},{tag.elem:04X})"


def _dictionary_vr(tag: BaseTag, private: str) -> str:
    if tag.is_private:
        return "LO" if tag.is_private_creator else private
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


def _text(vr: str, value: bytes, endian: str, encodings: list[str]) -> str:
    if vr in STR_VR:
        text = (
            decode_bytes(value, encodings, TEXT_VR_DELIMS | PN_DELIMS)
            if vr in CUSTOMIZABLE_CHARSET_VR
            else value.decode("latin-1")
        )
        if vr in _ONE_TEXT:
            return text.rstrip(" \0")
        return "\\".join(part.strip(" \0") for part in text.split("\\"))
    if vr == "AT" and len(value) % 4 == 0:
        pairs = struct.iter_unpack(f"{endian}HH", value)
        return "\\".join(f"({group:04X},{element:04X})" for group, element in pairs)
    number = _NUMBERS.get(vr)
    if number and len(value) <= SHORT * 2 and len(value) % struct.calcsize(f"{endian}{number}") == 0:
        return "\\".join(str(one) for (one,) in struct.iter_unpack(f"{endian}{number}", value))
    return value.hex() if len(value) <= SHORT else f"sha256:{hashlib.sha256(value).hexdigest()}"
