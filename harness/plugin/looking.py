"""Looks for one object by its own UIDs and brings it back by the first way there is, each time anew."""

from collections.abc import Callable
from pathlib import Path

from harness.core.endpoint import Service
from harness.core.exchange import WADO_RS, Exchange
from harness.core.families.interruption_seen import Found
from harness.core.observations import Payload, Undecided
from harness.core.verdicts import judge
from harness.errors import ObjectUnreadable
from harness.media.part10 import read_object
from harness.plugin.conversation import Conversation
from harness.plugin.videos import LazyVideo

#: Study Root Query/Retrieve Information Models (PS3.4 C.6.2).
GET, MOVE = "1.2.840.10008.5.1.4.1.2.2.3", "1.2.840.10008.5.1.4.1.2.2.2"

#: Folder in which nothing stays.
LOOKED = "looked"

Brought = tuple[Exchange, tuple[Path, ...]]


def look(talk: Conversation, video: LazyVideo, *, patiently: bool = False, blindly: bool = False) -> Found:
    """What is there of ``video`` now; it need not have been stored.

    ``patiently`` asks again while an index may lag; ``blindly`` tries to bring also what is not found.
    """
    exchange, answers, why_not, tries = None, 0, "", 0
    keys = {"StudyInstanceUID": video.study_uid, "SeriesInstanceUID": video.series_uid}
    try:
        talk.require_allowed(talk.way.find_service)
        while True:
            tries += 1
            asked, matches = talk.way.find(keys | {"SOPInstanceUID": video.instance_uid}, "IMAGE")
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
    ways: tuple[Callable[[Conversation, LazyVideo], Brought], ...] = (_get, _move, _wado)
    for way in ways:
        try:
            return way(talk, video)
        except Undecided:
            continue
    return None


def _get(talk: Conversation, video: LazyVideo) -> Brought:
    client = talk.require_dimse("C-GET")
    talk.require_allowed(Service.GET)
    exchange, paths = client.get(
        study_uid=video.study_uid,
        series_uid=video.series_uid,
        instance_uid=video.instance_uid,
        sop_class_uid=video.sop_class.uid,
        transfer_syntax_uid=video.format.uid,
        into=talk.folder(LOOKED),
    )
    talk.require_offered(exchange, GET)
    return talk.told(exchange), paths


def _move(talk: Conversation, video: LazyVideo) -> Brought:
    client = talk.require_dimse("C-MOVE")
    talk.require_allowed(Service.MOVE)
    exchange, paths = client.move(
        study_uid=video.study_uid,
        series_uid=video.series_uid,
        instance_uid=video.instance_uid,
        sop_class_uid=video.sop_class.uid,
        transfer_syntax_uid=video.format.uid,
        receiver=talk.receiver(),
    )
    talk.require_offered(exchange, MOVE)
    return talk.told(exchange), paths


def _wado(talk: Conversation, video: LazyVideo) -> Brought:
    client = talk.require_web(WADO_RS)
    talk.require_allowed(Service.WADO)
    exchange, paths = client.retrieve(video.study_uid, video.series_uid, video.instance_uid, talk.folder(LOOKED))
    return talk.told(exchange), paths


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
