"""How large a video may be: what is seen, what it means, and what is asked."""

from typing import Protocol


class SizeQuestions(Protocol):
    """What checks ask of how large a video may be."""
