"""HTTP ranges of octets (RFC 9110 14), as PS3.18 8.4.1.1.1 lets a client ask for a part of one representation. Pure."""

import re
from dataclasses import dataclass

_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Span:
    """Octets ``start`` up to but without ``end``."""

    start: int
    end: int

    def content_range(self, length: int) -> str:
        """The ``Content-Range`` of this part of ``length`` octets; its last number is of the last octet."""
        return f"bytes {self.start}-{self.end - 1}/{length}"


class Unsatisfiable(Exception):
    """No octet of the representation lies in the range: 416."""


def wanted_span(header: str | None, length: int) -> Span | None:
    """The one range that is asked for; None where the whole is sent.

    A range in another unit, of broken syntax, or one of several may be ignored (RFC 9110 14.2).

    Raises:
        Unsatisfiable: the range begins behind the end, or asks for the last none.
    """
    found = _ONE_RANGE.fullmatch(header or "")
    if found is None or found[1] == found[2] == "":
        return None
    if found[1] == "":
        span = Span(max(length - int(found[2]), 0), length)
    else:
        last = int(found[2]) if found[2] else length - 1
        if last < int(found[1]):
            # Broken syntax, unless the end is what the length made it.
            if found[2]:
                return None
            raise Unsatisfiable
        span = Span(int(found[1]), min(last + 1, length))
    if span.start >= span.end:
        raise Unsatisfiable
    return span
