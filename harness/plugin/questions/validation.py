"""Asks whether what came back keeps the rules of the standard."""

from harness.plugin.questions.asking import Asking


class LiveValidation(Asking):
    """See :class:`harness.core.families.validation.ValidationQuestions`."""
