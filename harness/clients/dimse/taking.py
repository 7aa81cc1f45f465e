"""What our Storage SCP accepts: given pairs of class and syntax, and reports of storage commitment."""

from collections.abc import Sequence

from pynetdicom import build_context
from pynetdicom.presentation import PresentationContext

from harness.clients.dimse.commitment import commitment_context


class Taking:
    """``pairs`` of SOP Class and Transfer Syntax UID, and what is preferred among them now."""

    def __init__(self, pairs: Sequence[tuple[str, str]]) -> None:
        self._syntaxes: dict[str, list[str]] = {}
        for sop_class, syntax in pairs:
            self._syntaxes.setdefault(sop_class, []).append(syntax)
        self._preferred: tuple[str | None, str | None] = (None, None)
        self._only: tuple[str, ...] = ()

    def prefer(self, sop_class: str | None, syntax: str | None, only: tuple[str, ...] = ()) -> None:
        """Put a syntax first in its class from now on; with ``only``, take no other than these for the class."""
        self._preferred, self._only = (sop_class, syntax), only

    def __contains__(self, sop_class: str) -> bool:
        return sop_class in self._syntaxes

    @property
    def contexts(self) -> list[PresentationContext]:
        """Our side of the negotiation."""
        preferred, only = self._preferred, self._only
        taken = {**self._syntaxes, **({preferred[0]: list(only)} if only and preferred[0] else {})}
        contexts = [
            build_context(sop_class, sorted(syntaxes, key=lambda syntax: (sop_class, syntax) != preferred))
            for sop_class, syntaxes in taken.items()
        ]
        return [*contexts, commitment_context()]
