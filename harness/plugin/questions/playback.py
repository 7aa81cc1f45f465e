"""Asks whether what came back plays as what was sent."""

from harness.core.facts import PictureDistance, Seek, Undecodable
from harness.core.observations import Fetched, NotMade, Undecided
from harness.core.playing import Playing
from harness.errors import MediaError
from harness.plugin.questions.asking import Asking
from harness.plugin.returned import is_sent
from harness.plugin.screen import Screen
from harness.plugin.videos import LazyVideo


class LivePlayback(Asking):
    """See :class:`harness.core.families.playback.PlaybackQuestions`."""

    def distance(self, video: LazyVideo, fetched: Fetched | None = None) -> PictureDistance | None:
        """How far the decoded pictures are from the drawn ones."""
        if fetched is None:
            return video.object.clip.distance
        decoded = self._talk.returned.decode(video, fetched)
        return None if isinstance(decoded, Undecodable) else decoded.distance

    def jumps(self, video: LazyVideo, fetched: Fetched | None = None) -> tuple[Seek, ...] | Undecodable:
        """Jumps to the same places in what was sent and in what came back."""
        if fetched is None:
            return video.object.clip.jumps
        decoded = self._talk.returned.decode(video, fetched)
        return decoded if isinstance(decoded, Undecodable) else decoded.jumps

    def is_sent(self, video: LazyVideo, fetched: Fetched) -> bool:
        """Whether the coded video that came back is that which was sent."""
        return fetched.facts is not None and is_sent(video, fetched.facts)

    def screen(self, video: LazyVideo, fetched: Fetched | None = None) -> Playing:
        """Play it in a browser, once for equal bytes; what was sent is remembered beside its clip."""
        screen = self._talk.answers.once("screen", self._screen)
        clip = video.object.clip
        if fetched is None or fetched.facts is None or is_sent(video, fetched.facts):
            return self._talk.answers.once(("screen", clip.sha256), lambda: screen.play_clip(clip))
        key = ("screen", video.key, fetched.facts.payload_sha256)
        return self._talk.answers.once(key, lambda: self._play(screen, video, fetched))

    def _screen(self) -> Screen:
        screen = Screen.find(self._talk.folder("screen"))
        if screen is None:
            raise Undecided(
                NotMade("no Chromium is installed: none of chromium, chromium-browser, google-chrome is found")
            )
        return screen

    def _play(self, screen: Screen, video: LazyVideo, fetched: Fetched) -> Playing:
        try:
            with self._talk.returned.payload(video, fetched) as path:
                return screen.play(path, video.object.clip.facts)
        except MediaError as error:
            return screen.unplayable(str(error))
