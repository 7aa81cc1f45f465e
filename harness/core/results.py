"""What a run found: cells, results and the run itself, to and from plain JSON values.

An observation is never rewritten afterwards. A result keeps the observation as plain values beside the verdict, so
that an old run can be judged again when a rule is corrected.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from harness.core.endpoint import EvidenceClass
from harness.core.requirements import Requirement

SCHEMA = "pytest-pacs/run/2"

#: Any JSON object.
Plain = Mapping[str, Any]


class Outcome(StrEnum):
    """What a cell came to. The order is that of weight: the heaviest one names a group of cells."""

    FAIL = "FAIL"  #: accepted, then changed, lost or misdescribed; or a claim broken
    ERROR = "ERROR"  #: the harness or its environment broke
    INCONCLUSIVE = "INCONCLUSIVE"  #: ran, and the evidence does not decide
    PASS = "PASS"  # noqa: S105 - observed as the rule says
    UNSUPPORTED = "UNSUPPORTED"  #: openly refused, with the refusal as evidence
    NOT_RUN = "NOT_RUN"  #: planned, not executed, with reason
    NOT_APPLICABLE = "NOT_APPLICABLE"  #: the target does not offer this, and says so, or the video has no such part


@dataclass(frozen=True, slots=True)
class Cell:
    """One target x format x check; ``variant`` tells apart several of them, such as sizes or SOP classes."""

    target: str
    check: str
    format: str | None = None
    variant: str | None = None

    @property
    def id(self) -> str:
        """A stable name, also good as a file name."""
        parts = (self.target, self.format, self.variant, self.check)
        return "--".join(part for part in parts if part is not None)


#: The role of evidence that holds one answer of a target, as it was received.
TRANSCRIPT = "transcript"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file beside the record. ``path`` is relative to the run folder; ``role`` tells reports what it shows."""

    path: str
    sha256: str
    role: str
    title: str


@dataclass(frozen=True, slots=True)
class CheckInfo:
    """What a check asks: printed in reports. ``level`` is SHALL, SHOULD or MAY; ``verifies`` are requirement ids."""

    id: str
    family: str
    title: str
    expected: str
    level: str
    section: str
    verifies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Protocol:
    """Everything that could have been asked, fixed before a run: ``rule`` decides, ``checks`` are all, asked or not.

    ``sha256`` covers these and the requirements (:func:`harness.core.protocol.protocol_sha256`), so that what was
    approved can be told from what ran.
    """

    id: str
    version: str
    sha256: str
    rule: tuple[str, ...]
    checks: tuple[CheckInfo, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """One cell with what was seen and how it was judged. Times are ISO 8601 in UTC; ``seconds`` is the duration."""

    cell: Cell
    outcome: Outcome
    reason: str
    observation: Plain
    evidence_class: EvidenceClass
    started: str
    seconds: float
    notes: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """A target as it was met, and as it was left. ``ended`` is empty while the run goes on."""

    id: str
    product: str
    version: str
    runtime: str
    evidence_class: EvidenceClass
    address: str
    details: Plain = field(default_factory=dict)
    ended: Plain = field(default_factory=dict)
    left_behind: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Shard:
    """A run that became part of another: ``record_sha256`` is the hash of its own record, which is kept beside it."""

    run_id: str
    started: str
    finished: str
    command: tuple[str, ...]
    targets: tuple[str, ...]
    record_sha256: str


@dataclass(frozen=True, slots=True)
class Run:
    """All results of one invocation, with what is needed to repeat and to trust them.

    ``finished`` is empty for a run that was killed. ``formats`` and ``clips`` map ids to plain descriptions;
    ``planned`` lists the cell ids selected at the start, in order. ``shards`` are the runs that were joined to this
    one, whose ``environment`` and ``options`` then are those of each by its run id; empty for a run of its own.
    ``protocol`` is what could have been asked, ``requirements`` those it verifies, ``options`` what was chosen of it
    (:class:`~harness.core.choices.Choices`).
    """

    run_id: str
    started: str
    command: tuple[str, ...]
    planned: tuple[str, ...]
    environment: Plain
    tools: Plain
    formats: Plain
    checks: tuple[CheckInfo, ...]
    required: tuple[str, ...] = ()
    schema: str = SCHEMA
    results: tuple[Result, ...] = ()
    targets: tuple[TargetRecord, ...] = ()
    clips: Plain = field(default_factory=dict)
    finished: str = ""
    conclusion: str = ""
    shards: tuple[Shard, ...] = ()
    protocol: Protocol | None = None
    requirements: tuple[Requirement, ...] = ()
    options: Plain = field(default_factory=dict)

    @property
    def known_checks(self) -> dict[str, CheckInfo]:
        """Every check by id that the protocol has or that was asked."""
        return {check.id: check for check in (*(self.protocol.checks if self.protocol else ()), *self.checks)}
