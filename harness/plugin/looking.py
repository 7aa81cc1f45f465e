"""Looks for one object by its own UIDs and brings it back by the first way there is, each time anew."""

from pathlib import Path

from harness.core.exchange import Exchange
from harness.core.families.interruption_seen import Found
from harness.core.observations import Payload, Undecided
from harness.core.verdicts import judge
from harness.errors import ObjectUnreadable
from harness.media.part10 import read_object
from harness.plugin.conversation import Conversation
from harness.plugin.videos import LazyVideo
from harness.plugin.waysback import WaysBack

#: Folder in which nothing stays.
LOOKED = "looked"

Brought = tuple[Exchange, tuple[Path, ...]]


def look(talk: Conversation, video: LazyVideo, *, patiently: bool = False, blindly: bool = False) -> Found:
    """What is there of ``video`` now; it need not have been stored.

    ``patiently`` asks again while an index may lag; ``blindly`` tries to bring also what is not found.
    """
    exchange, answers, why_not, tries = None, 0, "", 0
    try:
        talk.require_allowed(talk.way.find_service)
        while True:
            tries += 1
            asked, matches = talk.way.find(video.unique_keys, "IMAGE")
            asked = talk.told(asked)
            talk.require_offered(asked, talk.way.find_uid)
            exchange = asked
            answers = sum(match.get("SOPInstanceUID") == video.instance_uid for match in matches)
            if answers or not patiently or not talk.may_lag(asked, tries):
                break
    except Undecided as undecided:
        why_not = judge(undecided.observation).reason
    if not answers and not blindly:
        return Found(exchange, answers, why_not)
    brought = _bring(talk, video)
    if brought is None:
        return Found(exchange, answers, why_not or "no way to get an object back is offered")
    fetched, paths = brought
    returned, unreadable = _read(paths, video.instance_uid)
    return Found(exchange, answers, why_not, fetched, returned, unreadable)


def _bring(talk: Conversation, video: LazyVideo) -> Brought | None:
    ways = WaysBack(talk, folder=LOOKED)
    for make in (ways.get, ways.move, ways.wado):
        try:
            way = make(video)
            exchange, paths = way.ask()
            if way.service_uid:
                talk.require_offered(exchange, way.service_uid)
        except Undecided:
            continue
        return talk.told(exchange), paths
    return None


def _read(paths: tuple[Path, ...], instance_uid: str) -> tuple[Payload | None, str]:
    """The payload of the object that was asked for, or why there is none; the files are removed."""
    unreadable = ""
    for path in paths:
        try:
            facts = read_object(path)
        except ObjectUnreadable as error:
            unreadable = str(error)
            continue
        finally:
            path.unlink(missing_ok=True)
        if facts.sop_instance_uid == instance_uid:
            return Payload.of(facts), ""
        unreadable = f"{facts.sop_instance_uid} came instead"
    return None, unreadable
