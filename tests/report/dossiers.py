"""A dossier with something of everything that people can give."""

from harness.core.requirements import Kind, Level, Requirement
from harness.core.verification.dossier import (
    Approval,
    Classification,
    Dossier,
    KnownAnomaly,
    Person,
    Policy,
    Previous,
    Retest,
    Revision,
    RiskControl,
    RunInfo,
    Sender,
    StatedDeviation,
    SystemFacts,
)

TESTER = Person("T. Ester", "test engineer", "Example Clinic", "not part of the development")

INFO = RunInfo(
    document_number="DOC-7",
    revision="B",
    revisions=(Revision("A", "2026-11-01", "first issue"), Revision("B", "2026-11-22", "retest")),
    scope="storage of endoscopic video",
    intended_use="verification of the archive before it is used",
    exclusions="playback at workstations",
    sender=Sender("Example", "Scope Recorder", "2.1", "77"),
    systems=(SystemFacts("embedded", "pytest-pacs", "archive", "SN-1", "none", "files", "CS-1 of 2026"),),
    executed_by=TESTER,
    network="loopback",
    clock="NTP",
    sample_size="one of each, since the answer does not vary",
    emulation="none",
    deviations=(StatedDeviation("the archive was restarted", "it was full", "T. Ester"),),
    retest=Retest("run-0", "the archive was updated", "all checks were repeated"),
    actions="none",
)

WHOLE = Dossier(
    info=INFO,
    requirements=(
        Requirement("OWN-1", "Video is kept", Level.SHALL, "SRS 1", Kind.CONTENT, ("RET-GET",), origin="own.toml"),
    ),
    risks=(RiskControl("RC-1", "A lost video is seen", ("RET-GET", "STO-ACK")),),
    approval=Approval("PVT", "1", "ab" * 32, TESTER, "2026-11-01T10:00:00+01:00"),
    known=(KnownAnomaly("A-1", "bytes change", Classification.PRODUCT, "low", "accepted", "rare", True, "2027-01-01"),),
    policies=(Policy("strict", "No lossy video", "house rule 4", ("ES",), "20"),),
    previous=Previous("run-0", "cd" * 32, ("every cell came to the same",)),
)
