"""Retrieval in syntaxes in which a video cannot come: it shall fail openly, never bring half or something else.

Nobody must transcode video (PS3.5 10.1), and a sub-operation without a suitable context counts as failed (PS3.4
C.4.2.2, C.4.3.2). A product that really transcodes is told so, and what it sends is looked at.
"""

from dataclasses import dataclass

from harness.core.exchange import Ending, Exchange
from harness.core.facts import ObjectFacts
from harness.core.observations import Observation, Payload
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, flaky_notes, judge, judge_ending


@dataclass(frozen=True, slots=True)
class Native:
    """Pixel Data that came without encapsulation: bytes found and expected by its attributes, frame numbers read.

    ``stamps`` are the numbers found in the first, middle and last picture, None where none could be read.
    """

    length: int
    expected: int
    stamps: tuple[int | None, ...]
    sent_stamps: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class OpenPath:
    """What one path answered that had brought the same object in its own syntax before."""

    service: str
    exchange: Exchange
    received: int
    payload: Payload | None
    encapsulated: bool
    unreadable: str
    native: Native | None


@dataclass(frozen=True, slots=True)
class OpenlySeen(Observation):
    """A stored object was asked for, with only ``offered`` as syntaxes in which it might come."""

    sent: Payload
    offered: tuple[str, ...]
    paths: tuple[OpenPath, ...]


def expected_native_length(facts: ObjectFacts) -> int:
    """Bytes that native Pixel Data must have by its attributes, without pad; 0 where they do not tell."""
    has = facts.by_path
    numbers = [has.get(key, "") for key in ("Rows", "Columns", "SamplesPerPixel", "BitsAllocated", "NumberOfFrames")]
    if not all(text.isdecimal() and len(text) < 10 for text in numbers):
        return 0
    rows, columns, samples, bits, frames = map(int, numbers)
    return rows * columns * samples * bits // 8 * frames


@judge.register
def _(seen: OpenlySeen) -> Verdict:
    verdicts = [(path.service, _path(seen, path)) for path in seen.paths]
    notes = tuple(
        f"{path.service}: {note}"
        for path, (_, verdict) in zip(seen.paths, verdicts, strict=True)
        for note in (*flaky_notes(path.exchange), *verdict.notes)
    )
    if not verdicts:
        return Verdict(Outcome.NOT_APPLICABLE, "the target offers no way to get an object back")
    for outcome in (Outcome.FAIL, Outcome.INCONCLUSIVE):
        hit = [f"{service}: {verdict.reason}" for service, verdict in verdicts if verdict.outcome is outcome]
        if hit:
            return Verdict(outcome, "; ".join(hit), notes)
    return Verdict(Outcome.PASS, "; ".join(f"{service}: {verdict.reason}" for service, verdict in verdicts), notes)


def _path(seen: OpenlySeen, path: OpenPath) -> Verdict:
    exchange = path.exchange
    if path.received:
        return _came(seen, path)
    if exchange.ending is Ending.REFUSED:
        return Verdict(Outcome.PASS, "refused in negotiation, so nothing can come")
    if exchange.ending is not Ending.ANSWERED:
        return judge_ending(exchange)
    counters = exchange.sub_operations
    failed = (counters.failed or 0) if counters else 0
    status = exchange.status or 0
    if status in (0x0000, 0xFF00, 0xFF01):
        if not failed:
            return Verdict(Outcome.FAIL, f"success is claimed and nothing came: {exchange.summary}")
        note = f"status 0x{status:04X} stands for no failures (PS3.4 C.4.2.1.5)"
        return Verdict(Outcome.PASS, f"{failed} sub-operations are told as failed", (note,))
    # Whatever the status says of the cause: by the same path, the same object came in its own syntax.
    counted = f", {failed} sub-operations failed" if failed else ""
    return Verdict(Outcome.PASS, f"fails openly with status 0x{status:04X}{counted}")


def _came(seen: OpenlySeen, path: OpenPath) -> Verdict:
    """Something came although the video cannot: is it what it says that it is?"""
    payload, native = path.payload, path.native
    if payload is None:
        return Verdict(Outcome.FAIL, f"what came is no readable object: {path.unreadable}")
    if path.received > 1:
        return Verdict(Outcome.FAIL, f"one instance was asked for, {path.received} objects came")
    if payload.transfer_syntax_uid == seen.sent.transfer_syntax_uid:
        return Verdict(
            Outcome.INCONCLUSIVE, "the object came in its own syntax, over an association agreed on before we asked"
        )
    if path.encapsulated or seen.sent.sha256 in (payload.sha256, payload.unpadded_sha256):
        return Verdict(
            Outcome.FAIL,
            f"the stream came labelled {payload.transfer_syntax_uid}, which says that it is none (PS3.5 A.4)",
        )
    return judge_native(seen.sent, payload, native)


def judge_native(sent: Payload, came: Payload, native: Native | None) -> Verdict:
    """Whether Pixel Data that came uncompressed are all frames of the video that was sent."""
    if native is None or came.length - native.expected not in (0, 1) or not native.expected:
        expected = native.expected if native else 0
        return Verdict(Outcome.FAIL, f"{came.length:,} bytes of Pixel Data came, its attributes call for {expected:,}")
    if all(stamp is None for stamp in native.stamps):
        return Verdict(Outcome.INCONCLUSIVE, "transcoded, and no frame number can be read in what came")
    if native.stamps != native.sent_stamps:
        return Verdict(Outcome.FAIL, f"transcoded to frames {native.stamps}, sent were {native.sent_stamps}")
    return Verdict(
        Outcome.PASS,
        f"transcoded to {came.transfer_syntax_uid}: whole, and its frames are those that were sent",
        (f"{came.length:,} bytes instead of {sent.length:,}",),
    )
