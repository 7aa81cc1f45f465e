"""Anomalies of a run with stable ids, held against the ledger of those that are known."""

from dataclasses import dataclass
from enum import StrEnum

from harness.core.results import Outcome, Run
from harness.core.verification.dossier import Classification, Dossier, KnownAnomaly


class Known(StrEnum):
    """How an anomaly stands to the ledger."""

    NEW = "new"
    KNOWN = "known"
    WIDER = "known, and wider than recorded"
    EXPIRED = "known, and the entry has expired"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One anomaly: a check of one target that came to FAIL, ERROR or INCONCLUSIVE, over all its cells.

    ``id`` is the same in every run of the product, whatever its release. A known FAIL stays a FAIL.
    """

    id: str
    target: str
    product: str
    version: str
    check: str
    outcome: Outcome
    formats: tuple[str, ...]
    cells: tuple[str, ...]
    reasons: tuple[str, ...]
    repeatability: str
    classification: Classification
    standing: Known
    entry: KnownAnomaly | None


def anomalies(run: Run, dossier: Dossier) -> tuple[Anomaly, ...]:
    """Every anomaly, heaviest first."""
    return ()
