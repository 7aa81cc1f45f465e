"""Which of several claims on a cell counts, and which contradict it."""

from collections.abc import Iterable
from dataclasses import dataclass

from harness.core.claims import Claim, ClaimCell, ClaimStatus, Confidence, FormatClaim


@dataclass(frozen=True, slots=True)
class Told:
    """What a cell is said to be. ``status`` is UNKNOWN where nobody speaks of it or equals contradict each other.

    ``claim`` is the one that counts, ``contradicting`` are claims of any weight that say something else.
    """

    status: ClaimStatus
    claim: FormatClaim | None
    claims: tuple[FormatClaim, ...]
    contradicting: tuple[FormatClaim, ...]

    @property
    def why_unknown(self) -> str:
        """Why the cell is unknown; empty where it is not."""
        if self.status is not ClaimStatus.UNKNOWN:
            return ""
        if self.contradicting:
            return "claims of the same weight contradict each other"
        return "no source speaks of it" if not self.claims else "no source that is trusted enough tells"


def told(claims: Iterable[Claim], cell: ClaimCell, least: Confidence = Confidence.LOW) -> Told:
    """What ``claims`` say of ``cell``; claims below the confidence ``least`` are kept and do not count."""
    about = [claim for claim in claims if isinstance(claim, FormatClaim) and claim.covers(cell)]
    known = [claim for claim in about if claim.status is not ClaimStatus.UNKNOWN]
    counting = sorted((claim for claim in known if claim.basis.trusted(least)), key=lambda claim: claim.basis.rank)
    best = [claim for claim in counting if claim.basis.rank == counting[0].basis.rank]
    if len({claim.status for claim in best}) != 1:
        return Told(ClaimStatus.UNKNOWN, None, tuple(about), tuple(best))
    others = tuple(claim for claim in known if claim.status is not best[0].status)
    return Told(best[0].status, best[0], tuple(about), others)
