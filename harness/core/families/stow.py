"""STOW-RS, as a whole object and as metadata with the video beside it: what came back of each."""

from dataclasses import dataclass

from harness.core.exchange import Ending, Exchange
from harness.core.mediatypes import stream_difference
from harness.core.observations import Observation, Payload, PayloadSeen
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, judge, judge_retrieve, judge_store
from harness.core.webanswer import Carried

#: Open refusals of a form of the request that a server need not take (PS3.18 Tables 10.5.2-1, 10.5.3-1).
_REFUSALS = (405, 406, 415, 501)


@dataclass(frozen=True, slots=True)
class StowSeen(Observation):
    """A whole object was stored by STOW-RS and got back; its differences besides those of the payload, in words."""

    payload: PayloadSeen
    wrong: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DescribedStowSeen(Observation):
    """Metadata and a video of ``media_type`` were stored by STOW-RS; what came back, None where nothing did.

    The request names no transfer syntax, and ``derived`` tells that it left the Image Pixel attributes to the server.
    ``stream_length`` in bytes is that of the video sent. ``returned_at`` is the exchange of the retrieve, None where it
    was not asked. ``wrong`` are the ways in which the object does not describe its own stream or lost attributes.
    """

    stored: Exchange
    media_type: str
    derived: bool
    sent: Payload
    stream_length: int
    returned_at: Exchange | None = None
    returned: Payload | None = None
    unreadable: str = ""
    wrong: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


@judge.register
def _(seen: StowSeen) -> Verdict:
    verdict = judge(seen.payload)
    if verdict.outcome is not Outcome.PASS:
        return verdict
    notes = (*verdict.notes, *seen.allowed)
    if seen.wrong:
        return Verdict(Outcome.FAIL, "; ".join(seen.wrong), notes)
    return Verdict(Outcome.PASS, f"stored by STOW-RS; {verdict.reason}", notes)


@judge.register
def _(seen: DescribedStowSeen) -> Verdict:
    stored, back = seen.stored, seen.returned_at
    if stored.ending is Ending.ANSWERED and stored.status in _REFUSALS:
        return Verdict(Outcome.UNSUPPORTED, f"openly refused: metadata with {seen.media_type}: {stored.summary}")
    verdict = judge_store(stored)
    if verdict.outcome is not Outcome.PASS:
        return verdict
    if back is None:
        return Verdict(Outcome.INCONCLUSIVE, "stored, and there is no way to get it back")
    if seen.returned is None:
        retrieved = judge_retrieve(back)
        if seen.unreadable:
            return Verdict(Outcome.FAIL, f"accepted, and what came back is no readable object: {seen.unreadable}")
        if retrieved.outcome is Outcome.PASS:
            return Verdict(Outcome.FAIL, f"accepted, and nothing came back: {back.summary}")
        return retrieved
    returned = seen.returned
    carried = Carried(returned.length, returned.sha256, returned.unpadded_sha256, returned.sha256)
    wrong, _ = stream_difference(seen.sent, seen.stream_length, carried)
    faults = [*([wrong] if wrong else []), *seen.wrong]
    if returned.instance_uid != seen.sent.instance_uid:
        faults.insert(0, f"stored as {seen.sent.instance_uid}, came back as {returned.instance_uid or 'nothing'}")
    if faults:
        return Verdict(Outcome.FAIL, "; ".join(faults), seen.allowed)
    made = f"made into an object in {returned.transfer_syntax_uid}, {returned.length:,} bytes unchanged"
    return Verdict(Outcome.PASS, made, (*verdict.notes, *seen.allowed))
