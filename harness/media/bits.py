"""Reading single bits and finding units in coded video: what the H.264, HEVC and MPEG-2 parsers share."""

import re
from collections.abc import Iterator
from typing import Any

from harness.errors import MediaError

# A start code is 00 00 01, with any number of zeros before it (ISO/IEC 14496-10 Annex B, 13818-2 6.2.1).
_START_CODE = re.compile(rb"\x00\x00\x01")
# An Exp-Golomb code of a 32-bit value has at most this many leading zeros.
_MAX_ZEROS = 32


class Bits:
    """Bits of a byte string, most significant first; ``what`` names them in errors.

    Every method raises :class:`~harness.errors.MediaError` at the end of the data.
    """

    def __init__(self, data: bytes, what: str) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8
        self._what = what

    def take(self, count: int) -> int:
        """The next ``count`` bits as a number."""
        if count > self._left:
            raise MediaError(f"{self._what} ends too early; the stream is damaged")
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    def flag(self) -> bool:
        """The next bit."""
        return bool(self.take(1))

    def skip(self, count: int) -> None:
        """Pass over ``count`` bits."""
        self.take(count)

    def ue(self) -> int:
        """An unsigned Exp-Golomb code (ISO/IEC 14496-10 9.1)."""
        zeros = 0
        while not self.flag():
            zeros += 1
            if zeros > _MAX_ZEROS:
                raise MediaError(f"{self._what} holds no sensible number; the stream is damaged")
        return (1 << zeros) - 1 + self.take(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb code (ISO/IEC 14496-10 9.1.1)."""
        code = self.ue()
        return (code + 1) // 2 if code % 2 else -(code // 2)


def units(data: bytes) -> Iterator[bytes]:
    """What lies between start codes, without them; bytes before the first start code are left out.

    Zeros that belong to the next start code may be left at the end of a unit.
    """
    end = None
    for match in _START_CODE.finditer(data):
        if end is not None:
            yield data[end : match.start()]
        end = match.end()
    if end is not None:
        yield data[end:]


def unescaped(unit: bytes) -> bytes:
    """A NAL unit without its emulation prevention bytes (ISO/IEC 14496-10 7.4.1)."""
    return unit.replace(b"\0\0\x03", b"\0\0")


def plausible(value: Any, known: dict[Any, Any], what: str) -> Any:
    """Look a coded value up.

    Raises:
        MediaError: the value is reserved, so the stream is damaged or newer than this parser.
    """
    if value not in known:
        raise MediaError(f"{what} has the reserved value {value}; the stream is damaged")
    return known[value]
