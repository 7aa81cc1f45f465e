"""Asks what happens to objects on their way in and out, beyond the plain store and retrieve."""

from harness.plugin.questions.asking import Asking


class LiveTransfer(Asking):
    """See :class:`harness.core.families.transfer.TransferQuestions`."""
