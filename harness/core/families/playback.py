"""Whether what came back plays as what was sent: what is seen, what it means, and what is asked."""

from typing import Protocol


class PlaybackQuestions(Protocol):
    """What checks ask of whether what came back plays as what was sent."""
