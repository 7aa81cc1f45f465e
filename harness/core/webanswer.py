"""One answer of a service over HTTP, as values: what it says that it brings, and what it brought."""

from dataclasses import dataclass

from harness.core.exchange import Exchange

#: So many parts of an answer are described one by one; the rest is counted.
DESCRIBED_PARTS = 16


@dataclass(frozen=True, slots=True)
class Carried:
    """Bytes that came, over all parts joined. ``length`` in bytes.

    A video of odd length is padded in an object, and need not be outside of one (PS3.5 8.2), so that two more hashes
    are known: ``unpadded_sha256`` is without the last byte where that is zero, else equal to ``sha256``;
    ``padded_sha256`` is with a zero byte behind each part of odd length.
    """

    length: int
    sha256: str
    unpadded_sha256: str
    padded_sha256: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of an answer, or the answer itself where that has no parts. ``length`` in bytes.

    ``media_type`` is in small letters; both texts are empty where they were not told.
    """

    media_type: str
    transfer_syntax: str
    length: int


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What was asked by GET, and what came.

    ``accept`` is the header as sent, None where none was; ``byte_range`` the header Range likewise. ``media_type`` and
    ``transfer_syntax`` are those of the answer as a whole, in which ``media_type`` is in small letters. ``announced``
    is the Content-Length, ``came`` the bytes of the body. ``parts`` describes the first :data:`DESCRIBED_PARTS` of
    ``part_count`` parts. ``carried`` is None where there is no success, and where nothing came at all.
    """

    exchange: Exchange
    resource: str
    accept: str | None
    byte_range: str | None = None
    media_type: str = ""
    transfer_syntax: str = ""
    content_range: str | None = None
    announced: int | None = None
    came: int = 0
    parts: tuple[Part, ...] = ()
    part_count: int = 0
    carried: Carried | None = None

    @property
    def multipart(self) -> bool:
        """Whether the answer came as parts."""
        return self.media_type.startswith("multipart/")

    @property
    def content_type(self) -> str:
        """The media type of what was brought: that of the first part with bytes in it, or of the answer."""
        if not self.multipart:
            return self.media_type
        return next((part.media_type for part in self.parts if part.length), "")

    @property
    def content_syntax(self) -> str:
        """The transfer syntax that the first part with bytes, or the answer, says of itself; empty where none."""
        if not self.multipart:
            return self.transfer_syntax
        return next((part.transfer_syntax for part in self.parts if part.length), "")
