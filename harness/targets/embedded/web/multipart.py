"""multipart/related (RFC 2387, RFC 2046 5.1): parts out of a stream that comes in blocks, and parts into a body."""

import re
import uuid
from collections.abc import Callable, Iterable
from email.parser import HeaderParser
from typing import Protocol

from harness.targets.embedded.web.accept import MULTIPART
from harness.targets.embedded.web.body import Body, joined

#: A part header is a few lines.
_LARGEST_HEADER = 16 * 1024


class MalformedMultipart(Exception):
    """The bytes break the multipart syntax."""


class Sink(Protocol):
    """Where the octets of a part go."""

    def write(self, data: bytes, /) -> object:
        """Take the next octets."""
        ...

    def close(self) -> None:
        """The part is whole."""
        ...


class PartReader:
    """Cuts a stream into its parts. ``open_part`` gets the header of each, names in small letters, and says where it
    goes; no more than a block and a delimiter's length is held.
    """

    def __init__(self, boundary: str, open_part: Callable[[dict[str, str]], Sink]) -> None:
        self._delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
        self._open_part = open_part
        # The first delimiter may be the first thing; every other one stands behind a line end.
        self._held = bytearray(b"\r\n")
        self._sink: Sink | None = None
        self._step = self._read_body

    def feed(self, block: bytes) -> None:
        """Take the next bytes of the stream.

        Raises:
            MalformedMultipart: they are not what a stream of parts has there.
        """
        self._held += block
        while self._step():
            pass

    def finish(self) -> None:
        """The stream has ended.

        Raises:
            MalformedMultipart: the closing delimiter did not come.
        """
        if self._step != self._read_epilogue:
            raise MalformedMultipart("the body ends without its closing delimiter (RFC 2046 5.1.1)")

    def _read_body(self) -> bool:
        """The octets of a part, or the preamble, which goes nowhere."""
        place = self._held.find(self._delimiter)
        safe = place if place >= 0 else max(len(self._held) - len(self._delimiter) + 1, 0)
        if self._sink is not None and safe:
            self._sink.write(bytes(self._held[:safe]))
        if place < 0:
            del self._held[:safe]
            return False
        del self._held[: place + len(self._delimiter)]
        if self._sink is not None:
            sink, self._sink = self._sink, None
            sink.close()
        self._step = self._read_delimiter
        return True

    def _read_delimiter(self) -> bool:
        """What follows a delimiter: two hyphens at the end of all parts, else the end of its line."""
        if len(self._held) < 2:
            return False
        if self._held.startswith(b"--"):
            self._step = self._read_epilogue
            return True
        place = self._held.find(b"\r\n")
        if place < 0 and len(self._held) < _LARGEST_HEADER:
            return False
        if place < 0 or self._held[:place].strip(b" \t"):
            raise MalformedMultipart("a boundary is followed by text")
        # The line end stays: a part without any header begins with the empty line.
        del self._held[:place]
        self._step = self._read_header
        return True

    def _read_header(self) -> bool:
        place = self._held.find(b"\r\n\r\n")
        if place < 0:
            if len(self._held) > _LARGEST_HEADER:
                raise MalformedMultipart(f"a part has a header of over {_LARGEST_HEADER} bytes")
            return False
        text = bytes(self._held[2 : max(place, 2)]).decode("latin-1")
        del self._held[: place + 4]
        header = HeaderParser().parsestr(text)
        self._sink = self._open_part({name.lower(): re.sub(r"\s+", " ", value) for name, value in header.items()})
        self._step = self._read_body
        return True

    def _read_epilogue(self) -> bool:
        self._held.clear()
        return False


def multipart(parts: Iterable[tuple[dict[str, str], Body]], kind: str) -> tuple[str, Body]:
    """Content type and body of parts with their headers; ``kind`` is the media type of the parts."""
    boundary = uuid.uuid4().hex

    def wrapped(header: dict[str, str], body: Body) -> Body:
        lines = "".join(f"{name}: {value}\r\n" for name, value in header.items())
        return Body((f"\r\n--{boundary}\r\n{lines}\r\n".encode(),)) + body

    body = joined(tuple(wrapped(header, body) for header, body in parts)) + Body((f"\r\n--{boundary}--\r\n".encode(),))
    return f'{MULTIPART}; type="{kind}"; boundary={boundary}', body
