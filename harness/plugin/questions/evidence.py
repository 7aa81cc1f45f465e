"""What came back is kept where it shows a failure, and removed from the disk in any case."""

from typing import TypeVar

from harness.core.observations import Observation
from harness.core.results import Outcome
from harness.core.verdicts import judge
from harness.plugin.conversation import Conversation
from harness.plugin.videos import LazyVideo

Seen = TypeVar("Seen", bound=Observation)


def with_evidence(talk: Conversation, seen: Seen, *videos: LazyVideo) -> Seen:
    """The observation as it is; for videos that only the question behind it has, and that it is done with."""
    failed = judge(seen).outcome is Outcome.FAIL
    for video in videos:
        if failed:
            talk.returned.keep(video)
        talk.returned.discard(video)
        video.discard()
    return seen
