"""Answers of any media type received into files, hashed on the way (PS3.18 8.6.1.2)."""

import hashlib
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.clients.dicomweb.ended import Ended
from harness.clients.dicomweb.multipart import MOST_FILES, Sink, parse_content_type, split_parts
from harness.core.exchange import Ending
from harness.core.webanswer import DESCRIBED_PARTS, Carried, Part


class Joined:
    """Hashes of everything that passes, part after part; holds no byte but the last one."""

    def __init__(self) -> None:
        self.length = 0
        self._plain = hashlib.sha256()
        self._padded = hashlib.sha256()
        #: The last byte where that is zero: what comes next decides whether it belongs to the unpadded bytes.
        self._held = b""

    def write(self, data: bytes) -> None:
        """Take bytes of the current part."""
        if not data:
            return
        self._plain.update(self._held)
        self._padded.update(data)
        self._held = data[-1:] if data[-1] == 0 else b""
        self._plain.update(data[: len(data) - len(self._held)])
        self.length += len(data)

    def end_part(self, length: int) -> None:
        """The current part had so many bytes."""
        if length % 2:
            self._padded.update(b"\0")

    @property
    def carried(self) -> Carried:
        """What passed so far."""
        whole = self._plain.copy()
        whole.update(self._held)
        return Carried(self.length, whole.hexdigest(), self._plain.hexdigest(), self._padded.hexdigest())


class Arrival:
    """One answer as it arrives: its parts and their files in ``into``, or hashes alone where that is None."""

    def __init__(self, into: Path | None) -> None:
        self._into = into
        self._joined = Joined()
        self._parts: list[Part] = []
        self.count = 0
        self.files: list[Path] = []

    @property
    def parts(self) -> tuple[Part, ...]:
        """The first parts."""
        return tuple(self._parts)

    @property
    def length(self) -> int:
        """Bytes in all parts."""
        return self._joined.length

    @property
    def carried(self) -> Carried | None:
        """What came in all parts; None where nothing did."""
        return self._joined.carried if self._joined.length else None

    def receive(self, blocks: Iterator[bytes], content_type: str) -> None:
        """Take the body of an answer; what ends early leaves no file behind.

        Raises:
            Ended: BAD_ANSWER where it breaks the multipart syntax.
        """
        kind, parameters = parse_content_type(content_type)
        try:
            if not kind.startswith("multipart/"):
                with self._part(content_type) as sink:
                    for block in blocks:
                        sink.write(block)
            elif boundary := parameters.get("boundary"):
                split_parts(blocks, boundary, lambda headers: self._part(headers.get("content-type", "")))
            else:
                raise Ended(Ending.BAD_ANSWER, f"the answer is {content_type!r:.80} without a boundary")
        except BaseException:
            self.forget()
            raise

    def forget(self) -> None:
        """Remove the files."""
        for path in self.files:
            path.unlink(missing_ok=True)
        self.files.clear()

    @contextmanager
    def _part(self, content_type: str) -> Iterator[Sink]:
        kind, parameters = parse_content_type(content_type)
        before = self._joined.length
        if self._into is None:
            yield self._joined
        else:
            if len(self.files) >= MOST_FILES:
                raise Ended(Ending.BAD_ANSWER, f"the answer has more than {MOST_FILES:,} parts")
            numbers = itertools.count(len(self.files) + 1)
            path = next(path for n in numbers if not (path := self._into / f"{n:04d}.part").exists())
            with path.open("xb") as file:
                self.files.append(path)
                yield _Both(file, self._joined)
        length = self._joined.length - before
        self._joined.end_part(length)
        self.count += 1
        if len(self._parts) < DESCRIBED_PARTS:
            self._parts.append(Part(kind, parameters.get("transfer-syntax", ""), length))


class _Both:
    def __init__(self, first: Sink, second: Sink) -> None:
        self._sinks = (first, second)

    def write(self, data: bytes, /) -> None:
        """Into both."""
        for sink in self._sinks:
            sink.write(data)
