"""What readers must know of irreversible compression: method and ratio of every clip, on both bases."""

from dataclasses import dataclass

from harness.core.results import Run
from harness.core.verification.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Compression:
    """One clip. ``method`` is the defined term of (0028,2114), PS3.3 C.7.6.1.1.5.

    Ratios are decimal numbers as text: ``coded`` against the raster that was coded, with its chroma, ``described``
    against the raster that the attributes describe; ``declared`` is the value of (0028,2112), empty where not declared.
    """

    format: str
    method: str
    payload_bytes: int
    coded: str
    described: str
    declared: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Disclosed:
    """What one target did to the lossy attributes and to the coded stream, in words with the cells that show it."""

    target: str
    attributes: str
    stream: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PolicyFinding:
    """What an advisory policy says of this run; it decides nothing."""

    policy: str
    broken: bool
    text: str


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Everything on lossy compression; ``statement`` is the text to be carried over."""

    statement: str
    clips: tuple[Compression, ...]
    targets: tuple[Disclosed, ...]
    policies: tuple[PolicyFinding, ...]


def disclosure(run: Run, dossier: Dossier) -> Disclosure:
    """Work the disclosure out."""
    return Disclosure("", (), (), ())
