"""Asks how large a video may be."""

from harness.plugin.questions.asking import Asking


class LiveSize(Asking):
    """See :class:`harness.core.families.size.SizeQuestions`."""
