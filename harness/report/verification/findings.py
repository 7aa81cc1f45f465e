"""What a verification of files came to: what was held against what, what differs, and what could not be told."""

from collections.abc import Iterable
from dataclasses import dataclass, field

#: Differences of one kind that are named; one is enough, a few more help to see what happened.
_MOST = 10


@dataclass(slots=True)
class Findings:
    """Gathered while files are looked at. ``undecided`` are differences that another version may have made honestly."""

    checked: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)

    def held(self, what: str, differences: Iterable[str], *, decided: bool = True) -> bool:
        """Take in the differences of one kind, and say that ``what`` was looked at; whether there was none."""
        found = list(differences)
        into = self.differences if decided else self.undecided
        into += found[:_MOST]
        if len(found) > _MOST:
            into.append(f"and {len(found) - _MOST} more of this kind")
        if not found:
            self.checked.append(what)
        return not found
