"""Whether what came back plays as what was sent: what is seen, what it means, and what is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from harness.core.facts import PictureDistance, Seek, Undecodable
from harness.core.observations import Fetched, Observation
from harness.core.pictures import distance_seen
from harness.core.playing import Playing
from harness.core.results import Outcome
from harness.core.verdicts import Verdict, judge

if TYPE_CHECKING:
    from harness.core.ports import Video

#: Seconds by which two durations that a browser tells may differ: it rounds them by containers of its own.
DURATION_TOLERANCE = 0.1


@dataclass(frozen=True, slots=True)
class PicturePath:
    """The decoded pictures that one path returned: ``wrong`` tells what differs from those sent."""

    service: str
    frames: int
    wrong: tuple[str, ...]
    distance: PictureDistance | None


@dataclass(frozen=True, slots=True)
class PicturesSeen(Observation):
    """Decoded pictures on every path; ``sent`` is how far those that were sent are from the drawn ones."""

    sent: PictureDistance | None
    paths: tuple[PicturePath, ...]


@dataclass(frozen=True, slots=True)
class BrowserPath:
    """How the browser played what one path returned. ``same`` tells that the bytes are those that were sent, so that
    the playing is theirs; ``decoded`` is how many frames the harness decodes of it."""

    service: str
    same: bool
    playing: Playing
    decoded: int


@dataclass(frozen=True, slots=True)
class BrowserSeen(Observation):
    """The video in a browser. ``video`` says in words what it is; ``decoded`` is how many frames were sent."""

    video: str
    sent: Playing
    decoded: int
    paths: tuple[BrowserPath, ...]


@dataclass(frozen=True, slots=True)
class DoesNotApply(Observation):
    """The video has not what the check asks for."""

    reason: str


class PlaybackQuestions(Protocol):
    """What checks ask of whether what came back plays as what was sent; without ``fetched`` of what was sent itself."""

    def distance(self, video: "Video", fetched: Fetched | None = None) -> PictureDistance | None:
        """How far the decoded pictures are from the drawn ones; None where they cannot be compared."""
        ...

    def jumps(self, video: "Video", fetched: Fetched | None = None) -> tuple[Seek, ...] | Undecodable:
        """Jumps to the same places in what was sent and in what came back."""
        ...

    def is_sent(self, video: "Video", fetched: Fetched) -> bool:
        """Whether the coded video that came back is that which was sent, byte by byte."""
        ...

    def screen(self, video: "Video", fetched: Fetched | None = None) -> Playing:
        """Play it in a browser. Raises Undecided where there is none on this machine."""
        ...


@judge.register
def _(seen: PicturesSeen) -> Verdict:
    wrong = [f"{path.service}: {text}" for path in seen.paths for text in path.wrong]
    if wrong:
        measures = tuple(
            f"{path.service}: {distance_seen(path.distance)}; as sent: {distance_seen(seen.sent)}"
            for path in seen.paths
            if path.wrong
        )
        return Verdict(Outcome.FAIL, "; ".join(wrong), measures)
    if not seen.paths:
        return Verdict(Outcome.NOT_APPLICABLE, "the target offers no way to get an object back")
    paths = " and ".join(path.service for path in seen.paths)
    return Verdict(
        Outcome.PASS,
        f"{seen.paths[0].frames} decoded pictures equal those sent, sample by sample, by {paths}; "
        f"{distance_seen(seen.sent)}",
    )


@judge.register
def _(seen: DoesNotApply) -> Verdict:
    return Verdict(Outcome.NOT_APPLICABLE, seen.reason)


@judge.register
def _(seen: BrowserSeen) -> Verdict:
    sent = seen.sent
    if not sent.told:
        return Verdict(Outcome.INCONCLUSIVE, f"{sent.browser} told nothing of the video as it was sent: {sent.problem}")
    if sent.late:
        return Verdict(Outcome.INCONCLUSIVE, f"{sent.browser} and the video as it was sent: {sent.problem}")
    if not sent.plays:
        return Verdict(
            Outcome.NOT_APPLICABLE,
            f"{sent.browser} does not play {seen.video}, as it was sent no more than as it came back: {sent.obstacle}",
            tuple(f"{path.service}: what came back plays" for path in seen.paths if path.playing.plays),
        )
    if not seen.paths:
        return Verdict(Outcome.NOT_APPLICABLE, "the target offers no way to get an object back")
    wrong = [f"{path.service}: {text}" for path in seen.paths for text in _unlike(seen, path)]
    if wrong:
        return Verdict(Outcome.FAIL, "; ".join(wrong))
    silent = [path for path in seen.paths if not path.playing.told]
    if silent:
        return Verdict(Outcome.INCONCLUSIVE, f"{sent.browser} told nothing of {silent[0].service}'s video in time")
    uneven = [path for path in seen.paths if path.playing.frames != sent.frames]
    if uneven:
        return Verdict(
            Outcome.INCONCLUSIVE,
            f"{uneven[0].service}: {sent.browser} decoded {uneven[0].playing.frames} frames, as sent {sent.frames}, "
            f"while {uneven[0].decoded} can be decoded; was the machine busy?",
        )
    paths = " and ".join(path.service for path in seen.paths)
    same = ", the bytes that were sent" if all(path.same for path in seen.paths) else ""
    shown = min(path.playing.shown for path in seen.paths)
    return Verdict(
        Outcome.PASS,
        f"{sent.browser} played {sent.frames} frames of {sent.columns}x{sent.rows} to the end and showed {shown} of "
        f"them, by {paths}{same}",
        ("these bytes were played by this browser in an earlier run",) if sent.remembered else (),
    )


def _unlike(seen: BrowserSeen, path: BrowserPath) -> Iterator[str]:
    """How the playing of what came back is worse than that of what was sent."""
    sent, back = seen.sent, path.playing
    if not back.told:
        return
    if not back.plays:
        yield f"{back.browser} does not play what came back: {back.obstacle}; as sent it plays {sent.frames} frames"
        return
    if (back.columns, back.rows) != (sent.columns, sent.rows):
        yield f"{back.browser} shows {back.columns}x{back.rows}, as sent {sent.columns}x{sent.rows}"
    if abs((back.seconds or 0.0) - (sent.seconds or 0.0)) > DURATION_TOLERANCE:
        yield f"{back.browser} plays {back.seconds or 0.0:.2f} s, as sent {sent.seconds or 0.0:.2f} s"
    # Counts of a browser alone decide nothing; where the stream itself has other frames they do.
    if back.frames != sent.frames and path.decoded != seen.decoded:
        yield f"{back.browser} plays {back.frames} frames, as sent {sent.frames}"
