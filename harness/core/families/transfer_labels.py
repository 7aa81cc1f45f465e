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
    STORE_STATUS,
    Verdict,
    flaky_notes,
    judge,
    judge_ending,
    judge_status,
    payload_difference,
    refusal_text,
)


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
    """A mislabelled object was sent. ``after`` is a C-ECHO behind it, None where none may be sent."""

    label: Label
    sent: Payload
    stored: Exchange
    after: Exchange | None
    paths: tuple[LabelPath, ...]


@judge.register
def _(seen: LabelSeen) -> Verdict:
    stored = seen.stored
    notes = (f"the object {seen.label.wrong} ({seen.label.section})", *flaky_notes(stored))
    if seen.after is not None and seen.after.ending is not Ending.ANSWERED:
        return Verdict(Outcome.FAIL, f"the target answers no more after it: {seen.after.summary}", notes)
    if stored.ending is Ending.REFUSED:
        refusals = [answer for answer in stored.contexts if not answer.accepted]
        return Verdict(Outcome.UNSUPPORTED, refusal_text(refusals[0]) if refusals else stored.summary, notes)
    if stored.ending in (Ending.ABORTED, Ending.LOST) and stored.accepted:
        return Verdict(Outcome.PASS, f"not taken: {stored.summary}", (*notes, "a refusal by status would tell why"))
    if stored.ending is not Ending.ANSWERED:
        return judge_ending(stored)
    verdict = judge_status(STORE_STATUS, stored)
    if verdict.outcome is Outcome.INCONCLUSIVE:
        return Verdict(verdict.outcome, verdict.reason, notes)
    if verdict.outcome is not Outcome.PASS:
        return Verdict(Outcome.PASS, f"refused: {stored.summary}", notes)
    return _kept(seen, notes)


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
