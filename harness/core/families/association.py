"""How associations are negotiated, limited, refused and ended: what is seen, what it means, and what is asked."""

from typing import Protocol


class AssociationQuestions(Protocol):
    """What checks ask of how associations are negotiated, limited, refused and ended."""
