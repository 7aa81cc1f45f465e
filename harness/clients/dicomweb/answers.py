"""What a DICOMweb service says in its answers: DICOM JSON (PS3.18 Annex F), and text for people."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from pydicom.datadict import keyword_for_tag

from harness.clients.dicomweb.ended import Ended
from harness.core.exchange import Ending

#: An answer about one object or study is a few kilobytes.
LARGEST_ANSWER: Final = 8 * 2**20
#: What is shown of a text that a service sent.
_EXCERPT = 300

_FAILED_SOP = "00081198"
_REFERENCED_SOP = "00081199"
_OTHER_FAILURES = "0008119A"
_FAILURE_REASON = "00081197"
_WARNING_REASON = "00081196"


def read_limited(blocks: Iterator[bytes]) -> bytes:
    """A small answer as a whole.

    Raises:
        Ended: BAD_ANSWER where it is not small.
    """
    read = bytearray()
    for block in blocks:
        read += block
        if len(read) > LARGEST_ANSWER:
            raise Ended(Ending.BAD_ANSWER, f"the answer is longer than {LARGEST_ANSWER} bytes")
    return bytes(read)


def excerpt(body: bytes) -> str:
    """The beginning of a text from outside, on one line and without markup."""
    text = re.sub(r"<[^>]*>", " ", body[: 16 * _EXCERPT].decode("utf-8", "replace"))
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "…"


def store_answer(body: bytes) -> tuple[int | None, str]:
    """Failure or warning reason of the object that was sent, and in words what was said (PS3.18 10.5.3.2, I.2).

    The reason is None where the object was stored without remark, or where the answer cannot be read as DICOM JSON;
    then its text is what was said.
    """
    try:
        data = json.loads(body) if body.strip() else {}
    except ValueError:
        return None, excerpt(body)
    data = data[0] if isinstance(data, list) and data else data
    if not isinstance(data, dict):
        return None, excerpt(body)
    for sequence, tag, word in (
        (_FAILED_SOP, _FAILURE_REASON, "failure"),
        (_OTHER_FAILURES, _FAILURE_REASON, "failure"),
        (_REFERENCED_SOP, _WARNING_REASON, "warning"),
    ):
        for item in _values(data, sequence):
            reason = next(iter(_values(item, tag)), None) if isinstance(item, dict) else None
            if isinstance(reason, int) or (isinstance(reason, str) and reason.isdigit()):
                return int(reason), f"{word} reason 0x{int(reason):04X}"
        if word == "failure" and _values(data, sequence):
            return None, "the object is in the list of failures, without a reason"
    return None, "" if _REFERENCED_SOP in data or not data else excerpt(body)


def store_failed(body: bytes) -> bool:
    """Whether the answer lists the one object that was sent as failed, whatever its status."""
    try:
        data = json.loads(body)
    except ValueError:
        return False
    data = data[0] if isinstance(data, list) and data else data
    return isinstance(data, dict) and bool(_values(data, _FAILED_SOP) or _values(data, _OTHER_FAILURES))


def matches(body: bytes) -> tuple[dict[str, str], ...]:
    """The matches of a query as keyword (or tag) and text; several values joined by a backslash, sequences left out.

    Raises:
        Ended: BAD_ANSWER where the answer is no list of DICOM JSON objects (PS3.18 F.2).
    """
    try:
        data = json.loads(body) if body.strip() else []
        return tuple(
            {
                keyword_for_tag(int(tag, 16)) or tag: "\\".join(map(_text, element.get("Value", [])))
                for tag, element in match.items()
                if element.get("vr") != "SQ"
            }
            for match in data
        )
    except (ValueError, AttributeError, TypeError) as problem:
        raise Ended(
            Ending.BAD_ANSWER, f"the answer is no list of DICOM JSON objects ({type(problem).__name__})"
        ) from None


def _values(data: dict[str, Any], tag: str) -> list[Any]:
    element = data.get(tag)
    values = element.get("Value", []) if isinstance(element, dict) else []
    return values if isinstance(values, list) else []


def _text(value: object) -> str:
    if isinstance(value, dict):  # a person name, by its groups (PS3.18 F.2.2)
        return "=".join(str(value.get(group, "")) for group in ("Alphabetic", "Ideographic", "Phonetic")).rstrip("=")
    return "" if value is None else str(value)
