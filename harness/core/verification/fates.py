"""What became of the coded video of one result: kept, changed, or not there to be compared.

A FAIL of a check tells that something is wrong, not that the video was changed: an object may have been lost, or come
back whole with other attributes. So this is read from what was seen.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import Enum, auto
from typing import Any

from harness.core.families.paths import StreamSeen
from harness.core.families.playback import PicturesSeen
from harness.core.families.stow import StowSeen
from harness.core.mediatypes import stream_difference
from harness.core.observations import Observation, PayloadSeen, ReturnedSeen
from harness.core.pictures import NO_STREAM
from harness.core.plain import Misfit
from harness.core.recorded import observation_from_plain
from harness.core.results import Result
from harness.core.verdicts import payload_difference


class Fate(Enum):
    """What became of the coded video that was sent."""

    KEPT = auto()
    CHANGED = auto()
    #: Nothing came, or nothing that can be read or decoded.
    MISSING = auto()


def fate(result: Result) -> Fate | None:
    """What a result shows of the coded video; None where it looked at none, or its observation cannot be read."""
    try:
        seen = observation_from_plain(result.observation)
    except Misfit:
        return None
    if isinstance(seen, ReturnedSeen) and result.cell.check == "PLY-STREAM":
        return _of_paths([(path.seen != NO_STREAM, bool(path.wrong)) for path in seen.paths])
    look = _LOOKS.get(type(seen))
    return look(seen) if look else None


def _of_payload(seen: PayloadSeen) -> Fate:
    if seen.returned is None:
        return Fate.MISSING
    # Who codes a video again should give it another UID: that is another object, and not the stream that was sent.
    same_name = replace(seen.returned, instance_uid=seen.sent.instance_uid)
    return Fate.CHANGED if payload_difference(seen.sent, same_name) else Fate.KEPT


def _of_stow(seen: StowSeen) -> Fate:
    return _of_payload(seen.payload)


def _of_stream(seen: StreamSeen) -> Fate:
    if seen.carried is None or not seen.carried.length:
        return Fate.MISSING
    wrong, _ = stream_difference(seen.sent, seen.stream_length, seen.carried)
    return Fate.CHANGED if wrong else Fate.KEPT


def _of_pictures(seen: PicturesSeen) -> Fate | None:
    return _of_paths([(bool(path.frames), bool(path.wrong)) for path in seen.paths])


def _of_returned(seen: ReturnedSeen) -> Fate | None:
    return _of_paths([(True, bool(path.wrong)) for path in seen.paths])


def _of_paths(paths: list[tuple[bool, bool]]) -> Fate | None:
    """The heaviest of several ways back, each as whether a video came there, and whether something is wrong with it."""
    if any(came and wrong for came, wrong in paths):
        return Fate.CHANGED
    if any(not came for came, _ in paths):
        return Fate.MISSING
    return Fate.KEPT if paths else None


_LOOKS: Mapping[type[Observation], Callable[[Any], Fate | None]] = {
    PayloadSeen: _of_payload,
    StowSeen: _of_stow,
    StreamSeen: _of_stream,
    PicturesSeen: _of_pictures,
    ReturnedSeen: _of_returned,
}
