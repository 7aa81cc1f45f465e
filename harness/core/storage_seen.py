"""Whether a format was seen to be stored: one finding for each SOP class and each storing service.

A claim on storage is held against this and never against everything that was asked of a format: a wrong media type
on the way back does not break a claim that the format is stored. An acknowledgement alone is no finding: what was
stored has to come back unchanged at least once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.core.claims import ClaimCell, Service
from harness.core.conclusion import SettledCell
from harness.core.results import Outcome

NEGOTIATED, ACKNOWLEDGED, STOWED = "ASC-SYNTAX", "STO-ACK", "STO-STOW"

#: Checks that bring back what C-STORE stored, each by a way of its own.
WAYS_BACK = ("RET-GET", "RET-MOVE", "RET-WADO", "RET-URI", "RET-FILE")


@dataclass(frozen=True, slots=True)
class StorageSeen:
    """What storing one format in one SOP class by one service came to."""

    cell: ClaimCell
    outcome: Outcome
    reason: str


def storage_seen(format: str, classes: Sequence[str], cells: Sequence[SettledCell]) -> tuple[StorageSeen, ...]:
    """The findings on ``format``; ``classes`` are the SOP classes of the format, the transfer class first.

    ``cells`` are those of one target and this format. What was not part of the run has no finding.
    """
    of = {(one.cell.check, one.cell.variant): one for one in cells}
    transfer = classes[0] if classes else None
    content = _content(cells)
    found = []
    for sop_class in classes or (None,):
        acknowledged = of.get((ACKNOWLEDGED, sop_class))
        negotiated = of.get((NEGOTIATED, sop_class))
        if sop_class == transfer:
            acknowledged = acknowledged or of.get((ACKNOWLEDGED, None))
            negotiated = negotiated or of.get((NEGOTIATED, None))
        if finding := _by_store(acknowledged, negotiated, content, alike=sop_class == transfer):
            found.append(StorageSeen(ClaimCell(format, sop_class, Service.STORE), *finding))
    if stowed := of.get((STOWED, None)):
        found.append(StorageSeen(ClaimCell(format, transfer, Service.STOW), stowed.outcome, stowed.reason))
    return tuple(found)


def _content(cells: Sequence[SettledCell]) -> tuple[Outcome, str]:
    """Whether what was stored came back, by any way; one way that works shows that it was kept."""
    ways = [one for one in cells if one.cell.check in WAYS_BACK]
    good = [one for one in ways if one.outcome is Outcome.PASS]
    bad = [one for one in ways if one.outcome is Outcome.FAIL]
    if good:
        names = ", ".join(one.cell.check for one in good)
        return Outcome.PASS, f"came back unchanged by {len(good)} of {len(good) + len(bad)} ways ({names})"
    if bad:
        return Outcome.FAIL, f"{bad[0].cell.check}: {bad[0].reason}"
    return Outcome.INCONCLUSIVE, "nothing was seen to come back"


def _by_store(
    acknowledged: SettledCell | None, negotiated: SettledCell | None, content: tuple[Outcome, str], *, alike: bool
) -> tuple[Outcome, str] | None:
    """``alike`` says that the content is that of this SOP class; that of another one shows no failure of this."""
    if acknowledged is None or acknowledged.outcome is Outcome.NOT_RUN:
        if negotiated is None or negotiated.outcome is Outcome.NOT_RUN:
            return (Outcome.NOT_RUN, acknowledged.reason) if acknowledged else None
        if negotiated.outcome is Outcome.PASS:
            return Outcome.NOT_RUN, "accepted in negotiation, and nothing was stored"
        return negotiated.outcome, negotiated.reason
    if acknowledged.outcome is not Outcome.PASS:
        return acknowledged.outcome, acknowledged.reason
    outcome, reason = content
    if alike:
        return outcome, f"acknowledged, and {reason}"
    if outcome is Outcome.PASS:
        return outcome, "acknowledged; in the SOP class of the transfer checks it also came back unchanged"
    return Outcome.INCONCLUSIVE, "acknowledged, and whether it was kept was not seen"
