"""Evidence files as a report shows them: linked, and pictures embedded once however often they are shown.

A record is not trusted with the disk: a path that leads out of the run folder is never opened. What is
missing is shown as missing.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from harness.core.results import Evidence

_PNG = b"\x89PNG\r\n\x1a\n"
_LARGEST_PICTURE = 2**20
_MOMENTS = ("first", "middle", "last")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One evidence file. ``href`` is empty and ``problem`` says why where it cannot be shown."""

    evidence: Evidence
    href: str
    problem: str


@dataclass(frozen=True, slots=True)
class Picture:
    """An embedded picture; ``id`` is its name inside the page, ``source`` a data URI, sizes are in pixels."""

    id: str
    source: Markup
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Shown:
    """One place for a picture: ``picture`` is None and ``problem`` says why where there is none."""

    picture: Picture | None
    href: str
    problem: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A frame as it was sent beside the same frame as it was returned."""

    moment: str
    sent: Shown
    returned: Shown

    @property
    def identical(self) -> bool:
        """Whether both are the same picture, every pixel alike."""
        return self.sent.picture is not None and self.sent.picture == self.returned.picture


class Exhibits:
    """The evidence of a run folder as a page shows it; ``pictures`` holds each picture once, by SHA-256."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()
        self.pictures: dict[str, Picture] = {}
        self._embedded = 0

    def file(self, one: Evidence) -> Exhibit:
        """The file, linked relative to the run folder."""
        path = self._path(one)
        if path is None:
            return Exhibit(one, "", "outside the run folder, not opened")
        if not path.is_file():
            return Exhibit(one, "", "missing")
        # The leading dot keeps a name such as "javascript:..." a relative path.
        return Exhibit(one, "./" + quote(one.path), "")

    def pairs(self, evidence: Iterable[Evidence], most: int) -> list[Pair]:
        """Pictures with the role ``picture:sent:MOMENT`` or ``picture:returned:MOMENT``, side by side.

        A picture that would make all of them more than ``most`` bytes is linked instead of embedded.
        """
        found: dict[str, dict[str, Evidence]] = {}
        for one in evidence:
            kind, _, rest = one.role.partition(":")
            side, _, moment = rest.partition(":")
            if kind == "picture" and side in ("sent", "returned"):
                found.setdefault(moment, {})[side] = one
        order = [moment for moment in _MOMENTS if moment in found]
        order += [moment for moment in found if moment not in _MOMENTS]
        return [
            Pair(moment, self._shown(found[moment].get("sent"), most), self._shown(found[moment].get("returned"), most))
            for moment in order
        ]

    def _path(self, one: Evidence) -> Path | None:
        try:
            path = (self._folder / one.path).resolve()
        except (OSError, ValueError):
            return None
        return path if path.is_relative_to(self._folder) else None

    def _shown(self, one: Evidence | None, most: int) -> Shown:
        if one is None:
            return Shown(None, "", "no picture was kept")
        exhibit = self.file(one)
        path = self._path(one)
        if exhibit.problem or path is None:
            return Shown(None, "", exhibit.problem)
        if path.stat().st_size > _LARGEST_PICTURE:
            return Shown(None, exhibit.href, "too large to show here")
        data = path.read_bytes()
        sha256 = hashlib.sha256(data).hexdigest()
        if sha256 != one.sha256:
            return Shown(None, exhibit.href, "changed after the run, not shown")
        if not data.startswith(_PNG) or len(data) < 24:
            return Shown(None, exhibit.href, "not a PNG picture")
        if sha256 not in self.pictures:
            if self._embedded + len(data) > most:
                return Shown(None, exhibit.href, "not embedded, to keep this report small")
            self._embedded += len(data)
            self.pictures[sha256] = Picture(
                id=f"picture-{len(self.pictures) + 1}",
                source=Markup("data:image/png;base64,") + base64.b64encode(data).decode("ascii"),
                columns=int.from_bytes(data[16:20]),
                rows=int.from_bytes(data[20:24]),
            )
        return Shown(self.pictures[sha256], exhibit.href, "")
