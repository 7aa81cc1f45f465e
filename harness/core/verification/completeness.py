"""The blocks of a verification report, and which mandatory fields of them are missing.

A field is mandatory where a clause asks for the fact in a record of verification, always or under a condition that its
row looks at. What is merely useful is not here: it never makes a report a draft.
"""

from collections.abc import Callable
from dataclasses import dataclass

from harness.core.conclusion import run_verdict, settle
from harness.core.results import Run
from harness.core.verification import look
from harness.core.verification.anomalies import anomalies
from harness.core.verification.approval import approval_problems
from harness.core.verification.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Block:
    """One block of the report; ``number`` orders them."""

    number: str
    title: str


@dataclass(frozen=True, slots=True)
class Missing:
    """A mandatory field without a value: the ``clause`` that asks for it, and where to ``supply`` it.

    ``subject`` names what lacks it, such as a target; empty where the whole report does.
    """

    block: str
    field: str
    subject: str
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


@dataclass(frozen=True, slots=True)
class Mandatory:
    """One row: ``lacking`` tells what has no value for the field."""

    block: str
    field: str
    clause: str
    supply: str
    lacking: Callable[[look.Facts], look.Lacking]


def missing(run: Run, dossier: Dossier) -> tuple[Missing, ...]:
    """Every mandatory field that has no value, in the order of the blocks."""
    facts = look.Facts(run, dossier, settle(run), anomalies(run, dossier), run_verdict(run).verdict)
    return tuple(
        Missing(row.block, row.field, subject, row.clause, row.supply)
        for row in MANDATORY
        for subject in row.lacking(facts)
    )


_DOCUMENTS = "ISO 13485:2016 4.2.4 and 4.2.5; ISO/IEC 17025:2017 7.8.2"
_VERIFICATION = "ISO 13485:2016 7.3.6"
_PROTOCOL = "IEC 62304 5.7.1 and 5.7.5 a; ISO 13485:2016 7.3.6"
_CONFIGURATION = "IEC 62304 5.7.5 c and d, 9.8; (EU) 2017/745 Annex II 6.1 b"
_ENVIRONMENT = "IEC 62304 5.7.5 d; (EU) 2017/745 Annex II 6.1 b"
_TOOLS = "IEC 62304 5.7.5 e, 9.8; ISO 13485:2016 4.1.6 and 7.6"
_TESTER = "IEC 62304 5.7.5 g and 5.6.7 c"
_ANOMALIES = "IEC 62304 5.7.2, 5.8.2, 5.8.3, 9.1 and 9.8"
_RETEST = "IEC 62304 5.7.3 and 9.8"

_BY_HARNESS = "the harness records it; run again with this version"


def _info(key: str) -> str:
    return f"{key} in the file of --run-info"


#: Every mandatory field that can be missing. Blocks without a row are worked out from the run and cannot be.
#: Block 19 has none: its fields are for people to fill in on the finished report.
MANDATORY: tuple[Mandatory, ...] = (
    Mandatory(
        "1", "document number", _DOCUMENTS, _info("document_number"), look.told(lambda info: info.document_number)
    ),
    Mandatory("1", "revision of the document", _DOCUMENTS, _info("revision"), look.told(lambda info: info.revision)),
    Mandatory("2", "scope", f"{_VERIFICATION}; IEC 82304-1 6.1", _info("scope"), look.told(lambda info: info.scope)),
    Mandatory(
        "2",
        "intended use of what is verified",
        f"{_VERIFICATION}; (EU) 2017/745 Annex II 6.1",
        _info("intended_use"),
        look.told(lambda info: info.intended_use),
    ),
    Mandatory("2", "role of the system under test", _VERIFICATION, _info("role of [[systems]]"), look.system("role")),
    Mandatory("3", "protocol", _PROTOCOL, _BY_HARNESS, lambda at: () if at.run.protocol is not None else look.REPORT),
    Mandatory(
        "3",
        "approval of the protocol",
        f"{_PROTOCOL}; FDA, Device Software Functions (2023)",
        "the file of --approval",
        lambda at: () if at.dossier.approval is not None else look.REPORT,
    ),
    Mandatory(
        "3",
        "approval that fits the run",
        _PROTOCOL,
        "approve the protocol that ran, before it runs, and run again",
        lambda at: approval_problems(at.run, at.dossier),
    ),
    Mandatory(
        "4",
        "requirements",
        "IEC 62304 5.7.4; ISO 13485:2016 7.3.2 e",
        f"{_BY_HARNESS}, or give --requirements",
        lambda at: () if at.run.requirements or at.dossier.requirements else look.REPORT,
    ),
    Mandatory(
        "4",
        "check of the requirement, or the reason why none tests it",
        "IEC 62304 5.7.4",
        "checks or not_tested in the file of --requirements",
        look.without_requirement,
    ),
    Mandatory(
        "5", "system under test as it was met", _CONFIGURATION, "run again with the system up", look.never_recorded
    ),
    Mandatory("5", "vendor", "IEC 62304 8.1.2", _info("vendor of [[systems]]"), look.system("vendor")),
    Mandatory(
        "5", "product", _CONFIGURATION, "product of the target or site file", look.recorded(lambda one: one.product)
    ),
    Mandatory(
        "5",
        "version",
        _CONFIGURATION,
        "version in the site file",
        look.recorded(lambda one: one.version.lower() not in look.UNKNOWN),
    ),
    Mandatory("5", "address", _CONFIGURATION, _BY_HARNESS, look.recorded(lambda one: one.address)),
    Mandatory("5", "Implementation Class UID as negotiated", _CONFIGURATION, _BY_HARNESS, look.negotiated),
    Mandatory(
        "5",
        "image id of the container",
        _CONFIGURATION,
        _BY_HARNESS,
        lambda at: [one.id for one in look.containers(at) if not look.detail(one, "image id")],
    ),
    Mandatory(
        "5",
        "configuration and log files",
        _CONFIGURATION,
        _BY_HARNESS,
        lambda at: [one.id for one in look.containers(at) if not one.evidence],
    ),
    Mandatory("5b", "product of the sender", "IEC 62304 5.7.5 c", _info("product of [sender]"), look.sender("product")),
    Mandatory("5b", "version of the sender", "IEC 62304 5.7.5 c", _info("version of [sender]"), look.sender("version")),
    *(
        Mandatory("6", field, _ENVIRONMENT, _BY_HARNESS, look.environment(name))
        for name, field in (
            ("system", "operating system and kernel"),
            ("machine", "architecture"),
            ("processor", "processor"),
            ("memory", "memory"),
            ("time zone", "time zone"),
        )
    ),
    Mandatory("6", "offset of the clock", _ENVIRONMENT, _info("clock"), look.clock),
    Mandatory("6", "network between harness and system", _ENVIRONMENT, _info("network"), look.network),
    Mandatory(
        "6",
        "container runtime",
        _ENVIRONMENT,
        _BY_HARNESS,
        lambda at: [one.id for one in look.containers(at) if not look.detail(one, "container engine")],
    ),
    *(
        Mandatory("7", field, _TOOLS, _BY_HARNESS, look.tool(name))
        for name, field in (
            ("harness", "version of the harness"),
            ("python", "version of Python"),
            ("distributions", "versions of the libraries"),
            ("media", "versions of the video libraries"),
        )
    ),
    Mandatory(
        "7",
        "result of a check of the harness itself with this version on this host",
        _TOOLS,
        "`pacs-harness qualify --iq --oq` on this host, and run again",
        look.qualification,
    ),
    *(
        Mandatory("8", field, clause, _BY_HARNESS, look.clips_without(name))
        for name, field, clause in (
            ("sha256", "hash of the clip", "IEC 62304 5.7.1"),
            ("size", "size of the clip", "IEC 62304 5.7.1"),
            ("recipe", "recipe of the clip", "IEC 62304 5.6.7"),
            ("origin", "origin of the clip, and that it holds no patient data", "ISO 13485:2016 4.2.5"),
        )
    ),
    Mandatory(
        "9",
        "executed cells",
        "IEC 62304 5.7.5 b",
        "run again, and select checks",
        lambda at: () if any(look.executed(one) for one in at.cells) else look.REPORT,
    ),
    Mandatory(
        "9",
        "end of the run",
        "IEC 62304 5.7.5 f",
        "run again, to the end",
        lambda at: () if at.run.finished else look.REPORT,
    ),
    Mandatory("9", "what the check asks and expects", "IEC 62304 5.7.5 a and 5.7.1", _BY_HARNESS, look.undescribed),
    Mandatory("10", "evidence", "ISO 13485:2016 7.3.6 (records of the results)", _BY_HARNESS, look.without_evidence),
    Mandatory(
        "12",
        "criticality, disposition and rationale of the anomaly",
        _ANOMALIES,
        "an entry in the file of --known",
        look.unassessed,
    ),
    Mandatory(
        "12",
        "renewed assessment of the anomaly",
        _ANOMALIES,
        "its entry in the file of --known",
        look.to_be_assessed_again,
    ),
    Mandatory("14", "rationale of the sample size", _VERIFICATION, _info("sample_size"), look.sample_size),
    Mandatory(
        "15",
        "justification of the emulation",
        "(EU) 2017/745 Annex II 6.1 b; ISO 13485:2016 7.3.6",
        _info("emulation"),
        look.emulation,
    ),
    Mandatory("17", "necessary actions", _VERIFICATION, _info("actions"), look.actions),
    Mandatory("18", "name of the tester", _TESTER, _info("name of [executed_by]"), look.executed_by("name")),
    Mandatory("18", "role of the tester", _TESTER, _info("role of [executed_by]"), look.executed_by("role")),
    Mandatory(
        "18",
        "organisation of the tester",
        _TESTER,
        _info("organisation of [executed_by]"),
        look.executed_by("organisation"),
    ),
    Mandatory("20", "what changed, and why a retest is enough", _RETEST, _info("[retest]"), look.retest_unexplained),
    Mandatory("20", "record of the earlier run", _RETEST, "--retest-of with its folder", look.retest_without_record),
)
