"""What people add to a run: facts that the harness cannot see, their own requirements, and what was agreed before.

Nothing here is checked against the world; a report marks it as stated by people. Empty text means not provided.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from harness.core.requirements import Requirement


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by their own account; ``independence`` is the relation to those who developed what is tested."""

    name: str = ""
    role: str = ""
    organisation: str = ""
    independence: str = ""


@dataclass(frozen=True, slots=True)
class Revision:
    """One line of the revision history of the document; ``date`` is ISO 8601."""

    revision: str
    date: str
    text: str


@dataclass(frozen=True, slots=True)
class Sender:
    """The device or software whose videos are to be kept, where the report is about one."""

    vendor: str = ""
    product: str = ""
    version: str = ""
    build: str = ""


@dataclass(frozen=True, slots=True)
class SystemFacts:
    """What only its owner knows of a system under test; ``target`` is its id in the run."""

    target: str
    vendor: str = ""
    role: str = ""
    serial: str = ""
    modules: str = ""
    database: str = ""
    conformance_statement: str = ""


@dataclass(frozen=True, slots=True)
class StatedDeviation:
    """A deviation from the protocol that the harness could not see, such as manual work on the PACS."""

    what: str
    reason: str
    person: str


@dataclass(frozen=True, slots=True)
class Retest:
    """Why the test was repeated (IEC 62304 5.7.3): ``of`` is the earlier run id."""

    of: str
    changed: str
    rationale: str


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The file of ``--run-info``. ``unattended`` names the job and who started it, where nobody executed the run."""

    document_number: str = ""
    revision: str = ""
    revisions: tuple[Revision, ...] = ()
    scope: str = ""
    intended_use: str = ""
    exclusions: str = ""
    sender: Sender = Sender()
    systems: tuple[SystemFacts, ...] = ()
    executed_by: Person = Person()
    unattended: str = ""
    network: str = ""
    clock: str = ""
    sample_size: str = ""
    emulation: str = ""
    deviations: tuple[StatedDeviation, ...] = ()
    retest: Retest | None = None
    actions: str = ""


class Shows(StrEnum):
    """What a check can show of a risk control (ISO 14971 7.2)."""

    IMPLEMENTATION = "implementation"
    EFFECTIVENESS = "effectiveness"


@dataclass(frozen=True, slots=True)
class RiskControl:
    """A risk control of the user with the checks that touch it; severity and acceptability stay with the user."""

    id: str
    text: str
    checks: tuple[str, ...]
    shows: Shows = Shows.IMPLEMENTATION


@dataclass(frozen=True, slots=True)
class Approval:
    """That a protocol was approved: ``approved`` is ISO 8601 with its offset, ``sha256`` the hash that was approved."""

    protocol: str
    version: str
    sha256: str
    approved_by: Person
    approved: str


class Classification(StrEnum):
    """Where an anomaly comes from."""

    PRODUCT = "product"
    INTERFACE = "interface"
    TEST_TOOL = "test tool"
    ENVIRONMENT = "environment"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class KnownAnomaly:
    """One entry of the ledger of known anomalies; ``id`` is the one that reports print.

    ``formats`` and ``versions`` are those it is known for, empty for all. ``expires`` is an ISO 8601 date, after which
    the entry must be looked at again.
    """

    id: str
    title: str
    classification: Classification
    criticality: str
    disposition: str
    rationale: str
    residual: bool
    expires: str
    link: str = ""
    formats: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Policy:
    """Advisory rules on lossy compression; broken ones are told and decide nothing.

    ``no_lossy`` are values of Modality (0008,0060) for which no lossy video is wanted. ``largest_ratio`` is a decimal
    number against the coded raster; empty for none.
    """

    id: str
    title: str
    source: str
    no_lossy: tuple[str, ...] = ()
    largest_ratio: str = ""


@dataclass(frozen=True, slots=True)
class Previous:
    """The run that this one repeats: its id, the hash of its record, and in words what changed since."""

    run_id: str
    record_sha256: str
    changes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that something here was read from; ``role`` is the option that named it.

    ``name`` has no folder, but that of a template within its own.
    """

    role: str
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything that people added to a run, with the files it came from."""

    info: RunInfo = field(default_factory=RunInfo)
    requirements: tuple[Requirement, ...] = ()
    risks: tuple[RiskControl, ...] = ()
    approval: Approval | None = None
    known: tuple[KnownAnomaly, ...] = ()
    policies: tuple[Policy, ...] = ()
    previous: Previous | None = None
    sources: tuple[Source, ...] = ()
