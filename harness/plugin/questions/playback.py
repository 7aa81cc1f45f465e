"""Asks whether what came back plays as what was sent."""

from harness.plugin.questions.asking import Asking


class LivePlayback(Asking):
    """See :class:`harness.core.families.playback.PlaybackQuestions`."""
