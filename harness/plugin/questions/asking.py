"""What every family of questions works with."""

from typing import TYPE_CHECKING

from harness.plugin.conversation import Conversation
from harness.plugin.videos import Videos

if TYPE_CHECKING:
    from harness.plugin.live import LivePacs


class Asking:
    """Base of the families: the PACS with its plain questions, the conversation with it, and the videos of the run."""

    def __init__(self, pacs: "LivePacs", talk: Conversation, videos: Videos) -> None:
        self._pacs = pacs
        self._talk = talk
        self._videos = videos
