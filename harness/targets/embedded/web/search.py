"""QIDO-RS on the index of the store (PS3.18 10.6), answers as DICOM JSON."""

import json
from collections.abc import Iterator
from typing import Any

from pydicom import Dataset
from pydicom.datadict import keyword_for_tag, tag_for_keyword

from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.identifiers import answer_of
from harness.targets.embedded.index import UNIQUE, Level, supported_keys
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.web.accept import Offer
from harness.targets.embedded.web.asked import Asked, Refusal, Reply
from harness.targets.embedded.web.body import Body
from harness.targets.embedded.web.media_types import DICOM_JSON
from harness.targets.embedded.web.select import select

#: Parameters that are no keys (PS3.18 Table 10.6.1-2).
_NOT_KEYS = frozenset(
    {"includefield", "limit", "offset", "fuzzymatching", "emptyvaluematching", "multiplevaluematching"}
)
#: What belongs to C-FIND answers only.
_DIMSE_ONLY = ("QueryRetrieveLevel", "RetrieveAETitle")


def search(asked: Asked, level: Level, store: ObjectStore, hooks: Hooks) -> Reply:
    """Answer a search at ``level``.

    Every key that the index has at that level is told, which covers what is required and what was asked for.

    Raises:
        Refusal: 400 for a number that is none; 406.
    """
    select(asked, (Offer(DICOM_JSON, multipart=False),), hooks)
    query = dict(_keys(asked))
    first, most = _number(asked, "offset"), _number(asked, "limit")
    rows = store.index.find(level, query)[first : first + most if asked.one("limit") else None]
    told = dict.fromkeys(supported_keys(level), "")
    answers = hooks.answers([answer_of(level, told, row, "") for row in rows])
    if isinstance(answers, int):
        return Reply(500)
    if not answers:
        return Reply(204)
    body = json.dumps([_json(answer, asked, level) for answer in answers])
    return Reply(200, DICOM_JSON, Body((body.encode(),)))


def _keys(asked: Asked) -> Iterator[tuple[str, str]]:
    yield from asked.path.items()
    for name, value in asked.query:
        keyword = name if tag_for_keyword(name) is not None else _keyword(name)
        # A parameter that is not known is ignored (PS3.18 8.3.1).
        if name in _NOT_KEYS or not keyword:
            continue
        # A list of UIDs has commas here and backslashes there (PS3.18 8.3.4.1).
        yield keyword, value.replace(",", "\\") if keyword in UNIQUE.values() else value


def _keyword(tag: str) -> str:
    try:
        return keyword_for_tag(int(tag, 16))
    except (ValueError, OverflowError):
        return ""


def _number(asked: Asked, name: str) -> int:
    text = asked.one(name) or "0"
    if not text.isdecimal():
        raise Refusal(400, f"{name} is no number")
    return int(text)


def _json(answer: Dataset, asked: Asked, level: Level) -> dict[str, Any]:
    for keyword in _DIMSE_ONLY:
        if keyword in answer:
            delattr(answer, keyword)
    uids = dict(asked.path) | {keyword: str(answer[keyword].value) for keyword in UNIQUE.values() if keyword in answer}
    places = zip(("studies", "series", "instances"), UNIQUE.values(), strict=True)
    url = "".join(f"/{place}/{uids[keyword]}" for place, keyword in places if keyword in uids)
    answer.RetrieveURL = asked.base + url
    told: dict[str, Any] = answer.to_json_dict()
    return told
