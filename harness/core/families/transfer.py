"""Transfers beyond the plain store and retrieve: what is seen, what it means, and what is asked."""

from typing import Protocol


class TransferQuestions(Protocol):
    """What checks ask of what happens to objects on their way in and out, beyond the plain store and retrieve."""
