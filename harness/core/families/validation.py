"""Whether what came back keeps the rules of the standard: what is seen, what it means, and what is asked."""

from typing import Protocol


class ValidationQuestions(Protocol):
    """What checks ask of whether what came back keeps the rules of the standard."""
