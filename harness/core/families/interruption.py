"""Transfers that are cut, stalled, slowed or damaged: what is seen, what it means, and what is asked."""

from typing import Protocol


class InterruptionQuestions(Protocol):
    """What checks ask of what is left when a transfer is cut, stalled, slowed or damaged on the way."""
