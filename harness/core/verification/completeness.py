"""The blocks of a verification report, and which mandatory fields of them are missing."""

from dataclasses import dataclass

from harness.core.results import Run
from harness.core.verification.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the report; ``number`` orders them."""

    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A mandatory field without a value: the ``clause`` that asks for it, and where to ``supply`` it."""

    block: str
    field: str
    clause: str
    supply: str


BLOCKS: tuple[Block, ...] = (
    Block("1", "Identification"),
    Block("2", "Scope, intended use and limits"),
    Block("3", "Protocol"),
    Block("4", "Requirements and trace matrix"),
    Block("5", "System under test"),
    Block("5b", "Sender under test"),
    Block("6", "Test execution environment"),
    Block("7", "Tools"),
    Block("8", "Test data"),
    Block("9", "Results"),
    Block("10", "Evidence"),
    Block("11", "Deviations from the protocol"),
    Block("12", "Anomalies"),
    Block("13", "Risk controls"),
    Block("14", "Sample size and statistics"),
    Block("15", "Evidence classes"),
    Block("16", "Counts"),
    Block("17", "Conclusion"),
    Block("18", "Executed by"),
    Block("19", "Review and approval"),
    Block("20", "Revision history and retest"),
    Block("21", "Lossy compression"),
    Block("22", "Integrity"),
    Block("23", "Limits"),
)


def missing(run: Run, dossier: Dossier) -> tuple[Missing, ...]:
    """Every mandatory field that has no value, in the order of the blocks."""
    return ()
