"""The blocks of a verification report, and which mandatory fields of them are missing.

A field is mandatory where a clause asks for the fact in a record of verification, always or under a condition that its
row looks at. What is merely useful is not here: it never makes a report a draft.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from harness.core.conclusion import RunVerdict, SettledCell, run_verdict, settle
from harness.core.endpoint import EvidenceClass
from harness.core.results import Outcome, Plain, Run, TargetRecord
from harness.core.verification.anomalies import Anomaly, Known, anomalies
from harness.core.verification.approval import approval_problems
from harness.core.verification.dossier import Dossier, RunInfo
from harness.core.verification.samples import STOCHASTIC


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


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rows of the table look at, worked out once."""

    run: Run
    dossier: Dossier
    cells: tuple[SettledCell, ...]
    anomalies: tuple[Anomaly, ...]
    verdict: RunVerdict

    @property
    def info(self) -> RunInfo:
        """What people told of the run."""
        return self.dossier.info

    @property
    def environments(self) -> Mapping[str, Plain]:
        """The environment of the run, or of each shard of it, by run id."""
        run = self.run
        if not run.shards:
            return {"": run.environment}
        found = {shard.run_id: run.environment.get(shard.run_id) for shard in run.shards}
        return {id: value if isinstance(value, Mapping) else {} for id, value in found.items()}


#: What lacks the field: names of targets, cells and the like; one empty name where the whole report does.
Lacking = Iterable[str]
_REPORT = ("",)


@dataclass(frozen=True, slots=True)
class Mandatory:
    """One row: ``lacking`` tells what has no value for the field."""

    block: str
    field: str
    clause: str
    supply: str
    lacking: Callable[[Facts], Lacking]


def missing(run: Run, dossier: Dossier) -> tuple[Missing, ...]:
    """Every mandatory field that has no value, in the order of the blocks."""
    facts = Facts(run, dossier, settle(run), anomalies(run, dossier), run_verdict(run).verdict)
    return tuple(
        Missing(row.block, f"{row.field}: {subject}" if subject else row.field, row.clause, row.supply)
        for row in MANDATORY
        for subject in row.lacking(facts)
    )


def _told(get: Callable[[RunInfo], object]) -> Callable[[Facts], Lacking]:
    """A field of the run info, for the whole report."""
    return lambda at: () if get(at.info) else _REPORT


def _system(field: str) -> Callable[[Facts], Lacking]:
    """A field that only the owner of a real product knows."""

    def lacking(at: Facts) -> Lacking:
        told = {one.target: getattr(one, field) for one in at.info.systems}
        return [id for id in _targets(at) if _is_product(at, id) and not told.get(id)]

    return lacking


def _recorded(get: Callable[[TargetRecord], object]) -> Callable[[Facts], Lacking]:
    """What the harness finds out itself of every target that it reached."""
    return lambda at: [one.id for one in at.run.targets if not get(one)]


def _environment(name: str) -> Callable[[Facts], Lacking]:
    return lambda at: [run_id for run_id, found in at.environments.items() if not found.get(name)]


def _tool(name: str) -> Callable[[Facts], Lacking]:
    return lambda at: () if at.run.tools.get(name) else _REPORT


def _targets(at: Facts) -> list[str]:
    return list(dict.fromkeys([one.id for one in at.run.targets] + [one.cell.target for one in at.cells]))


def _is_product(at: Facts, target: str) -> bool:
    classes = {one.id: one.evidence_class for one in at.run.targets}
    return classes.get(target, EvidenceClass.MEASURED) is EvidenceClass.MEASURED


def _never_recorded(at: Facts) -> Lacking:
    recorded = {one.id for one in at.run.targets}
    return [id for id in _targets(at) if id not in recorded] or (() if at.run.targets else _REPORT)


def _detail(target: TargetRecord, name: str) -> str:
    """A detail of a target by its name, in whatever case it is written."""
    return next((str(value) for key, value in target.details.items() if key.lower() == name.lower()), "")


#: What stands where a version could not be found out.
_UNKNOWN = ("", "not told", "unknown", "not known")


def _negotiated(at: Facts) -> Lacking:
    """Targets that speak DICOM, whose Implementation Class UID was never seen."""
    spoken = {one.cell.target for one in at.cells if one.cell.check.startswith("ASC-") and _executed(one)}
    return [
        one.id
        for one in at.run.targets
        if one.id in spoken and _detail(one, "implementation class uid").lower() in _UNKNOWN
    ]


def _containers(at: Facts) -> list[TargetRecord]:
    return [one for one in at.run.targets if one.runtime == "container"]


def _clock(at: Facts) -> Lacking:
    if at.info.clock:
        return ()
    return [id for id, found in at.environments.items() if str(found.get("clock offset") or "").lower() in _UNKNOWN]


def _network(at: Facts) -> Lacking:
    if at.info.network:
        return ()
    # A server of ours is reached within this machine; the way to any other system is for people to tell.
    return [one.id for one in at.run.targets if one.runtime != "embedded" and not _detail(one, "network")]


def _executed(one: SettledCell) -> bool:
    return one.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.UNSUPPORTED)


def _without_evidence(at: Facts) -> Lacking:
    bare: dict[str, list[str]] = {}
    for one in at.cells:
        if _executed(one) and not any(attempt.evidence for attempt in one.attempts):
            bare.setdefault(one.cell.target, []).append(one.cell.check)
    return [
        f"{len(checks)} cells of {target}, of {', '.join(dict.fromkeys(checks))}" for target, checks in bare.items()
    ]


def _undescribed(at: Facts) -> Lacking:
    """Checks that ran and of which the record does not tell what they ask and expect."""
    known = {check.id for check in at.run.checks if check.title and check.expected and check.section}
    return dict.fromkeys(one.cell.check for one in at.cells if one.cell.check not in known)


def _without_requirement(at: Facts) -> Lacking:
    """Requirements of users that no check verifies, with no reason for it; the catalogue has its own gate."""
    verified = {name for check in at.run.checks for name in check.verifies}
    return [one.id for one in at.dossier.requirements if not (one.checks or one.not_tested or one.id in verified)]


def _clips_without(name: str) -> Callable[[Facts], Lacking]:
    return lambda at: [id for id, clip in at.run.clips.items() if not (isinstance(clip, Mapping) and clip.get(name))]


def _unassessed(at: Facts) -> Lacking:
    return dict.fromkeys(one.id for one in at.anomalies if one.standing is Known.NEW)


def _to_be_assessed_again(at: Facts) -> Lacking:
    again = (Known.WIDER, Known.EXPIRED)
    return dict.fromkeys(f"{one.id}, {one.standing}" for one in at.anomalies if one.standing in again)


def _sample_size(at: Facts) -> Lacking:
    if at.info.sample_size:
        return ()
    found = dict.fromkeys(one.cell.check for one in at.cells if one.cell.check in STOCHASTIC and _executed(one))
    return [", ".join(found)] if found else ()


def _emulation(at: Facts) -> Lacking:
    if at.info.emulation:
        return ()
    return [one.id for one in at.run.targets if one.evidence_class is EvidenceClass.EMULATED]


def _sender(field: str) -> Callable[[Facts], Lacking]:
    """A field of the sender, where the report is about one."""

    def lacking(at: Facts) -> Lacking:
        sender = at.info.sender
        given = sender.vendor or sender.product or sender.version or sender.build
        return _REPORT if given and not getattr(sender, field) else ()

    return lacking


def _actions(at: Facts) -> Lacking:
    return () if at.info.actions or at.verdict is RunVerdict.MET else _REPORT


def _executed_by(field: str) -> Callable[[Facts], Lacking]:
    return lambda at: () if at.info.unattended or getattr(at.info.executed_by, field) else _REPORT


def _retest_unexplained(at: Facts) -> Lacking:
    return _REPORT if at.dossier.previous is not None and at.info.retest is None else ()


def _retest_without_record(at: Facts) -> Lacking:
    return [at.info.retest.of] if at.info.retest is not None and at.dossier.previous is None else ()


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
    Mandatory("1", "document number", _DOCUMENTS, _info("document_number"), _told(lambda info: info.document_number)),
    Mandatory("1", "revision of the document", _DOCUMENTS, _info("revision"), _told(lambda info: info.revision)),
    Mandatory("2", "scope", f"{_VERIFICATION}; IEC 82304-1 6.1", _info("scope"), _told(lambda info: info.scope)),
    Mandatory(
        "2",
        "intended use of what is verified",
        f"{_VERIFICATION}; (EU) 2017/745 Annex II 6.1",
        _info("intended_use"),
        _told(lambda info: info.intended_use),
    ),
    Mandatory("2", "role of the system under test", _VERIFICATION, _info("role of [[systems]]"), _system("role")),
    Mandatory("3", "protocol", _PROTOCOL, _BY_HARNESS, lambda at: () if at.run.protocol is not None else _REPORT),
    Mandatory(
        "3",
        "approval of the protocol",
        f"{_PROTOCOL}; FDA, Device Software Functions (2023)",
        "the file of --approval",
        lambda at: () if at.dossier.approval is not None else _REPORT,
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
        lambda at: () if at.run.requirements or at.dossier.requirements else _REPORT,
    ),
    Mandatory(
        "4",
        "check of the requirement, or the reason why none tests it",
        "IEC 62304 5.7.4",
        "checks or not_tested in the file of --requirements",
        _without_requirement,
    ),
    Mandatory("5", "system under test as it was met", _CONFIGURATION, "run again with the system up", _never_recorded),
    Mandatory("5", "vendor", "IEC 62304 8.1.2", _info("vendor of [[systems]]"), _system("vendor")),
    Mandatory("5", "product", _CONFIGURATION, "product of the target or site file", _recorded(lambda one: one.product)),
    Mandatory(
        "5",
        "version",
        _CONFIGURATION,
        "version in the site file",
        _recorded(lambda one: one.version.lower() not in _UNKNOWN),
    ),
    Mandatory("5", "address", _CONFIGURATION, _BY_HARNESS, _recorded(lambda one: one.address)),
    Mandatory("5", "Implementation Class UID as negotiated", _CONFIGURATION, _BY_HARNESS, _negotiated),
    Mandatory(
        "5",
        "image id of the container",
        _CONFIGURATION,
        _BY_HARNESS,
        lambda at: [one.id for one in _containers(at) if not _detail(one, "image id")],
    ),
    Mandatory(
        "5",
        "configuration and log files",
        _CONFIGURATION,
        _BY_HARNESS,
        lambda at: [one.id for one in _containers(at) if not one.evidence],
    ),
    Mandatory("5b", "product of the sender", "IEC 62304 5.7.5 c", _info("product of [sender]"), _sender("product")),
    Mandatory("5b", "version of the sender", "IEC 62304 5.7.5 c", _info("version of [sender]"), _sender("version")),
    *(
        Mandatory("6", field, _ENVIRONMENT, _BY_HARNESS, _environment(name))
        for name, field in (
            ("system", "operating system and kernel"),
            ("machine", "architecture"),
            ("processor", "processor"),
            ("memory", "memory"),
            ("time zone", "time zone"),
        )
    ),
    Mandatory("6", "offset of the clock", _ENVIRONMENT, _info("clock"), _clock),
    Mandatory("6", "network between harness and system", _ENVIRONMENT, _info("network"), _network),
    Mandatory(
        "6",
        "container runtime",
        _ENVIRONMENT,
        _BY_HARNESS,
        lambda at: [one.id for one in _containers(at) if not _detail(one, "container engine")],
    ),
    *(
        Mandatory("7", field, _TOOLS, _BY_HARNESS, _tool(name))
        for name, field in (
            ("harness", "version of the harness"),
            ("python", "version of Python"),
            ("distributions", "versions of the libraries"),
            ("media", "versions of the video libraries"),
            ("qualification", "what the checks of the harness itself (IQ, OQ) showed on this host"),
        )
    ),
    *(
        Mandatory("8", field, clause, _BY_HARNESS, _clips_without(name))
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
        lambda at: () if any(_executed(one) for one in at.cells) else _REPORT,
    ),
    Mandatory(
        "9",
        "end of the run",
        "IEC 62304 5.7.5 f",
        "run again, to the end",
        lambda at: () if at.run.finished else _REPORT,
    ),
    Mandatory("9", "what the check asks and expects", "IEC 62304 5.7.5 a and 5.7.1", _BY_HARNESS, _undescribed),
    Mandatory("10", "evidence", "ISO 13485:2016 7.3.6 (records of the results)", _BY_HARNESS, _without_evidence),
    Mandatory(
        "12",
        "criticality, disposition and rationale of the anomaly",
        _ANOMALIES,
        "an entry in the file of --known",
        _unassessed,
    ),
    Mandatory(
        "12", "renewed assessment of the anomaly", _ANOMALIES, "its entry in the file of --known", _to_be_assessed_again
    ),
    Mandatory("14", "rationale of the sample size", _VERIFICATION, _info("sample_size"), _sample_size),
    Mandatory(
        "15",
        "justification of the emulation",
        "(EU) 2017/745 Annex II 6.1 b; ISO 13485:2016 7.3.6",
        _info("emulation"),
        _emulation,
    ),
    Mandatory("17", "necessary actions", _VERIFICATION, _info("actions"), _actions),
    Mandatory("18", "name of the tester", _TESTER, _info("name of [executed_by]"), _executed_by("name")),
    Mandatory("18", "role of the tester", _TESTER, _info("role of [executed_by]"), _executed_by("role")),
    Mandatory(
        "18",
        "organisation of the tester",
        _TESTER,
        _info("organisation of [executed_by]"),
        _executed_by("organisation"),
    ),
    Mandatory("20", "what changed, and why a retest is enough", _RETEST, _info("[retest]"), _retest_unexplained),
    Mandatory("20", "record of the earlier run", _RETEST, "--retest-of with its folder", _retest_without_record),
)
