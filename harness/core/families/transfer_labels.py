"""Objects that are wrong on purpose, as a table: what is wrong, and which paragraph says so.

A PACS is free in what it does with them: refuse, keep, or correct. It is asked in order to know, and fails only where
it took one and lost it, answers no more, or gives back what is neither the object nor a correction of it. How each is
made: :mod:`harness.media.mislabel`.
"""

from dataclasses import dataclass

from harness.core.exchange import Ending, Exchange
from harness.core.families.transfer_kept import nothing_came
from harness.core.observations import Observation, Payload
from harness.core.results import Outcome
from harness.core.verdicts import (
    Verdict,
    flaky_notes,
    is_served,
    judge,
    judge_ending,
    judge_store,
    payload_difference,
    refusal_text,
)
from harness.core.webstatus import is_web


@dataclass(frozen=True, slots=True)
class Label:
    """One kind. ``wrong`` completes the sentence "The object ..."; ``section`` is what it breaks."""

    id: str
    wrong: str
    section: str


LABELS: dict[str, Label] = {
    label.id: label
    for label in (
        Label(
            "hd-in-main-level",
            "is labelled MPEG2 Main Profile / Main Level and holds 1280x720 at High Level",
            "PS3.5 8.2.5, Table 8-1",
        ),
        Label("webm-in-h264", "is labelled H.264 High Profile / Level 4.1 and holds VP8 in WebM", "PS3.5 8.2.7"),
        Label("baseline-in-high", "is labelled H.264 High Profile and holds Baseline Profile", "PS3.5 8.2.7"),
        Label("high422-in-high", "is labelled H.264 High Profile and holds High 4:2:2 Profile", "PS3.5 8.2.7"),
        Label("number-of-frames", "says Number of Frames 1 and holds more", "PS3.3 C.7.6.6.1.1"),
        Label(
            "pal-as-ntsc",
            "says Frame Time 33.37 ms and Cine Rate 30, and holds 576 lines at 25 frames a second",
            "PS3.3 C.7.6.5.1.1, PS3.5 8.2.5",
        ),
        Label("offset-table", "has a Basic Offset Table of four zero bytes, not an empty one", "PS3.5 A.4"),
        Label("two-fragments", "has its stream in two fragments where its syntax allows one", "PS3.5 8.2.7, A.4.6"),
        Label(
            "index-at-end",
            "holds an MP4 file whose index comes last: allowed, and it cannot play before all of it has come",
            "PS3.5 8.2.7",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class LabelPath:
    """What one path gave back. ``corrected`` is what is right now and was wrong when it was sent; ``wrong`` is what is
    neither as it was sent nor right."""

    service: str
    exchange: Exchange
    received: int
    payload: Payload | None
    unreadable: str = ""
    corrected: tuple[str, ...] = ()
    wrong: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LabelSeen(Observation):
    """A mislabelled object was sent. ``before`` and ``after`` are C-ECHOs around it, None where none may be sent.

    ``control`` is the store of a right object of the same class and syntax, sent where the wrong one was not taken;
    without it a refusal says nothing of the label.
    """

    label: Label
    sent: Payload
    stored: Exchange
    after: Exchange | None
    paths: tuple[LabelPath, ...]
    before: Exchange | None = None
    control: Exchange | None = None


#: HTTP status codes by which STOW-RS refuses an object, and not the service, the caller or the size.
_REFUSALS = (400, 409, 415)


@judge.register
def _(seen: LabelSeen) -> Verdict:
    stored = seen.stored
    notes = (f"the object {seen.label.wrong} ({seen.label.section})", *flaky_notes(stored))
    if stored.ending in (Ending.UNREACHABLE, Ending.REJECTED, Ending.UNTRUSTED):
        return judge_ending(stored)
    if dead := _dead(seen):
        return Verdict(dead.outcome, dead.reason, notes)
    if stored.ending is Ending.REFUSED and not is_web(stored):
        refusals = [answer for answer in stored.contexts if not answer.accepted]
        return Verdict(Outcome.UNSUPPORTED, refusal_text(refusals[0]) if refusals else stored.summary, notes)
    if stored.ending in (Ending.ABORTED, Ending.LOST) and stored.accepted:
        if seen.after is None or not is_served(seen.after):
            return Verdict(
                Outcome.INCONCLUSIVE, f"{stored.summary}; whether the target still serves is not known", notes
            )
        return _not_taken(seen, f"not taken: {stored.summary}", (*notes, "a refusal by status would tell why"))
    verdict = judge_store(stored)
    if verdict.outcome is Outcome.PASS:
        return _kept(seen, notes)
    if stored.ending is Ending.ANSWERED and _is_refusal(stored, verdict):
        return _not_taken(seen, f"refused: {stored.summary}", notes)
    return Verdict(verdict.outcome, verdict.reason, notes)


def _dead(seen: LabelSeen) -> Verdict | None:
    """What it means that the target answers no more; None where it does, or did not before, or was not asked."""
    stored, before, after = seen.stored, seen.before, seen.after
    if after is None or is_served(after) or before is None or not is_served(before):
        return None
    reached = stored.accepted or stored.payload_bytes > 0 or stored.ending is Ending.ANSWERED
    if reached:
        return Verdict(Outcome.FAIL, f"the target answers no more after it: {after.summary}")
    return Verdict(Outcome.INCONCLUSIVE, f"the target answers no more, and nothing of it was sent: {after.summary}")


def _is_refusal(stored: Exchange, verdict: Verdict) -> bool:
    """Whether the answer refuses this object, for whatever cause that lies in it."""
    if not is_web(stored):
        return verdict.outcome is not Outcome.INCONCLUSIVE
    if stored.status not in _REFUSALS:
        return False
    # Without a stated cause the table cannot tell a label from a limit; here the control tells.
    stated = stored.failure_reason is not None or stored.earlier
    return verdict.outcome is not Outcome.INCONCLUSIVE or not stated


def _not_taken(seen: LabelSeen, reason: str, notes: tuple[str, ...]) -> Verdict:
    """It was not taken: is a right object?"""
    if seen.control is None:
        return Verdict(Outcome.INCONCLUSIVE, f"{reason}; no right object was sent to compare with", notes)
    if judge_store(seen.control).outcome is not Outcome.PASS:
        reason = f"{reason}; the right object was refused too: {seen.control.summary}"
        return Verdict(Outcome.INCONCLUSIVE, reason, notes)
    return Verdict(Outcome.PASS, f"{reason}; a right object like it is taken", notes)


def _kept(seen: LabelSeen, notes: tuple[str, ...]) -> Verdict:
    """It was acknowledged: what came back?"""
    if not seen.paths:
        return Verdict(Outcome.INCONCLUSIVE, "stored, and no way is offered to see what was kept", notes)
    told: list[str] = []
    for path in seen.paths:
        if path.received == 0:
            verdict = nothing_came(seen.stored, path.exchange)
            if verdict.outcome is not Outcome.FAIL and any(other.received for other in seen.paths):
                notes += (verdict.reason,)
                continue
            return Verdict(verdict.outcome, f"stored, and then {verdict.reason}", notes)
        if path.payload is None or path.received > 1:
            what = f"{path.received} objects" if path.received > 1 else f"no readable object: {path.unreadable}"
            return Verdict(Outcome.FAIL, f"stored, and {path.service} brings {what}", notes)
        if different := payload_difference(seen.sent, path.payload):
            return Verdict(Outcome.FAIL, f"stored, and damaged: {path.service}: {different}", notes)
        if path.wrong:
            wrong = "; ".join(path.wrong)
            return Verdict(
                Outcome.FAIL,
                f"stored, and changed to what was neither sent nor is right: {path.service}: {wrong}",
                notes,
            )
        what = f"corrected: {'; '.join(path.corrected)}" if path.corrected else "as it came"
        told.append(f"{path.service} {what}")
        notes += tuple(f"{path.service}: {text}" for text in path.allowed)
    status = f"0x{seen.stored.status or 0:04X}" if seen.stored.service == "C-STORE" else str(seen.stored.status)
    return Verdict(Outcome.PASS, f"stored with status {status}; {'; '.join(told)}", notes)
