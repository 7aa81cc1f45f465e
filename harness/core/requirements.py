"""What is required of a PACS, in words that a check can be traced to."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How strongly something is required, in the words of RFC 2119."""

    SHALL = "SHALL"
    SHOULD = "SHOULD"
    MAY = "MAY"


class Kind(StrEnum):
    """What a requirement is about."""

    INTERFACE = "interface"  #: the protocol spoken
    CONTENT = "content"  #: what is kept and given back
    PLAYBACK = "playback"  #: what a person sees and hears
    ROBUSTNESS = "robustness"  #: what happens when something breaks, or is large
    DISCLOSURE = "disclosure"  #: what readers are told of the picture
    SECURITY = "security"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One statement that can be shown to hold or not. ``source`` is the paragraph or document it comes from.

    ``origin`` names the file it was read from, empty for the catalogue of the harness. ``checks`` are ids of the checks
    that verify it. ``not_tested`` is the reason why none does; empty where one does.
    """

    id: str
    text: str
    level: Level
    source: str
    kind: Kind
    checks: tuple[str, ...] = ()
    not_tested: str = ""
    origin: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of what the requirement says, in lower-case hex: it changes with its text, level and source."""
        return hashlib.sha256("\n".join((self.text, self.level, self.source)).encode()).hexdigest()
