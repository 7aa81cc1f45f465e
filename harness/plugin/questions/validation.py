"""Asks whether what came back keeps the rules of the standard."""

from pathlib import Path

from harness.core.observations import Fetched, NotMade, Undecided
from harness.core.validation.opinion import Opinion
from harness.errors import MediaError
from harness.media.dciodvfy import INSTALL, find_dciodvfy, second_opinion
from harness.plugin.questions.asking import Asking
from harness.plugin.videos import LazyVideo


class LiveValidation(Asking):
    """See :class:`harness.core.families.validation.ValidationQuestions`."""

    def opinion_of_sent(self, video: LazyVideo) -> Opinion:
        """What dciodvfy says of the object that was sent."""
        tool = self._tool()
        return self._talk.answers.once(("dciodvfy", video.key), lambda: self._ask(tool, video, video.object.path))

    def opinion_of_returned(self, video: LazyVideo, fetched: Fetched) -> Opinion:
        """What dciodvfy says of what one path returned."""
        tool = self._tool()
        path = self._talk.returned.file(video, fetched.service)
        if path is None:
            return Opinion(silent="the returned object is not kept")
        key = ("dciodvfy", video.key, fetched.service)
        return self._talk.answers.once(key, lambda: self._ask(tool, video, path))

    def _tool(self) -> Path:
        tool = self._talk.answers.once("dciodvfy", find_dciodvfy)
        if tool is None:
            raise Undecided(NotMade(f"dciodvfy is not here; {INSTALL}"))
        return tool

    def _ask(self, tool: Path, video: LazyVideo, path: Path) -> Opinion:
        try:
            return Opinion(second_opinion(tool, path, video.format, self._talk.folder("dciodvfy")))
        except MediaError as error:
            return Opinion(silent=str(error))
