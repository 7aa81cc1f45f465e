"""Deviations from the protocol: those that the record shows, and those that people state."""

from dataclasses import dataclass

from harness.core.results import Run
from harness.core.verification.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Deviation:
    """One deviation; ``person`` is empty where the harness saw it itself."""

    what: str
    reason: str
    person: str = ""


def deviations(run: Run, dossier: Dossier) -> tuple[Deviation, ...]:
    """Every deviation."""
    return ()
