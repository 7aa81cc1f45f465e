"""Legal ways to take one's time."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

from pydicom import Dataset

from harness.media.part10 import read_header
from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.index import UNIQUE
from harness.targets.embedded.store import ObjectStore
from harness.targets.embedded.variations.variation import Variation, web

P = ParamSpec("P")
R = TypeVar("R")

#: Before every answer, in seconds.
_SLOW = 0.1
#: After a store, in seconds.
_LAG = 1.0


def _slowly(answer: Callable[P, R]) -> Callable[P, R]:
    def slow(*arguments: P.args, **named: P.kwargs) -> R:
        time.sleep(_SLOW)
        return answer(*arguments, **named)

    return slow


def _take_time(hooks: Hooks) -> Hooks:
    changed = replace(
        hooks,
        negotiate=_slowly(hooks.negotiate),
        echo=_slowly(hooks.echo),
        store=_slowly(hooks.store),
        answers=_slowly(hooks.answers),
        retrieve=_slowly(hooks.retrieve),
        commit=_slowly(hooks.commit),
    )
    return web(reply=_slowly(hooks.web.reply))(changed)


def _index_later(hooks: Hooks) -> Hooks:
    """Queries find an instance, its series and its study only some time after it was stored."""
    since: dict[str, float] = {}

    def store(store: ObjectStore, received: Path) -> int:
        header = read_header(received)
        status = hooks.store(store, received)
        since.update({str(header[keyword].value): time.monotonic() for keyword in UNIQUE.values() if keyword in header})
        return status

    def is_visible(answer: Dataset) -> bool:
        stored = [since.get(str(answer[keyword].value), 0.0) for keyword in UNIQUE.values() if keyword in answer]
        return max(stored, default=0.0) + _LAG < time.monotonic()

    def answers(found: list[Dataset]) -> list[Dataset] | int:
        answers = hooks.answers(found)
        return answers if isinstance(answers, int) else [answer for answer in answers if is_visible(answer)]

    return replace(hooks, store=store, answers=answers)


VARIATIONS = (
    Variation(
        "slow",
        f"waits {_SLOW:g} s before every answer",
        "PS3.7 and PS3.18 set no time in which a request is to be answered",
        _take_time,
    ),
    Variation(
        "indexes-later",
        f"finds an instance in queries only {_LAG:g} s after it was stored",
        "PS3.4 B.2.2: success says that the instance was taken over; no rule says when a query knows it",
        _index_later,
    ),
)
