"""Asks what is left when a transfer is cut, stalled, slowed or damaged on the way."""

from harness.plugin.questions.asking import Asking


class LiveInterruption(Asking):
    """See :class:`harness.core.families.interruption.InterruptionQuestions`."""
