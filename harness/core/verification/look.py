"""What a run and its dossier lack: one look for each row of :data:`harness.core.verification.completeness.MANDATORY`.

A look gives the names of what lacks the field: of targets, cells, clips; one empty name where the whole report does.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from harness.core.conclusion import RunVerdict, SettledCell
from harness.core.coverage import linked
from harness.core.endpoint import EvidenceClass
from harness.core.qualification.standing import lacking as unqualified
from harness.core.results import Outcome, Plain, Run, TargetRecord
from harness.core.verification.anomalies import Anomaly, Known
from harness.core.verification.dossier import Dossier, RunInfo
from harness.core.verification.samples import STOCHASTIC


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
REPORT = ("",)


def told(get: Callable[[RunInfo], object]) -> Callable[[Facts], Lacking]:
    """A field of the run info, for the whole report."""
    return lambda at: () if get(at.info) else REPORT


def system(field: str) -> Callable[[Facts], Lacking]:
    """A field that only the owner of a real product knows."""

    def lacking(at: Facts) -> Lacking:
        told = {one.target: getattr(one, field) for one in at.info.systems}
        return [id for id in _targets(at) if _is_product(at, id) and not told.get(id)]

    return lacking


def recorded(get: Callable[[TargetRecord], object]) -> Callable[[Facts], Lacking]:
    """What the harness finds out itself of every target that it reached."""
    return lambda at: [one.id for one in at.run.targets if not get(one)]


def environment(name: str) -> Callable[[Facts], Lacking]:
    """A fact of the machine, of each run that was joined."""
    return lambda at: [run_id for run_id, found in at.environments.items() if not found.get(name)]


def tool(name: str) -> Callable[[Facts], Lacking]:
    """A fact of what did the work."""
    return lambda at: () if at.run.tools.get(name) else REPORT


def qualification(at: Facts) -> Lacking:
    """The checks of the harness itself that were not made with this version on the host of the run."""
    return unqualified(at.run)


def _targets(at: Facts) -> list[str]:
    return list(dict.fromkeys([one.id for one in at.run.targets] + [one.cell.target for one in at.cells]))


def _is_product(at: Facts, target: str) -> bool:
    classes = {one.id: one.evidence_class for one in at.run.targets}
    return classes.get(target, EvidenceClass.MEASURED) is EvidenceClass.MEASURED


def never_recorded(at: Facts) -> Lacking:
    """Targets that were asked for and never met."""
    recorded = {one.id for one in at.run.targets}
    return [id for id in _targets(at) if id not in recorded] or (() if at.run.targets else REPORT)


def detail(target: TargetRecord, name: str) -> str:
    """A detail of a target by its name, in whatever case it is written."""
    return next((str(value) for key, value in target.details.items() if key.lower() == name.lower()), "")


#: What stands where a version could not be found out.
UNKNOWN = ("", "not told", "unknown", "not known")


def negotiated(at: Facts) -> Lacking:
    """Targets that speak DICOM, whose Implementation Class UID was never seen."""
    spoken = {one.cell.target for one in at.cells if one.cell.check.startswith("ASC-") and executed(one)}
    return [
        one.id
        for one in at.run.targets
        if one.id in spoken and detail(one, "implementation class uid").lower() in UNKNOWN
    ]


def containers(at: Facts) -> list[TargetRecord]:
    """The targets that ran in containers."""
    return [one for one in at.run.targets if one.runtime == "container"]


def clock(at: Facts) -> Lacking:
    """Machines whose clock nobody told how far off it is."""
    if at.info.clock:
        return ()
    return [id for id, found in at.environments.items() if str(found.get("clock offset") or "").lower() in UNKNOWN]


def network(at: Facts) -> Lacking:
    """Targets to which nobody told the way."""
    if at.info.network:
        return ()
    # A server of ours is reached within this machine; the way to any other system is for people to tell.
    return [one.id for one in at.run.targets if one.runtime != "embedded" and not detail(one, "network")]


def executed(one: SettledCell) -> bool:
    """Whether a cell was executed, whatever it came to."""
    return one.outcome in (Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.UNSUPPORTED)


def without_evidence(at: Facts) -> Lacking:
    """Executed cells without any file, said once for each target."""
    bare: dict[str, list[str]] = {}
    for one in at.cells:
        if executed(one) and not any(attempt.evidence for attempt in one.attempts):
            bare.setdefault(one.cell.target, []).append(one.cell.check)
    return [
        f"{len(checks)} cells of {target}, of {', '.join(dict.fromkeys(checks))}" for target, checks in bare.items()
    ]


def undescribed(at: Facts) -> Lacking:
    """Checks that ran and of which the record does not tell what they ask and expect."""
    known = {check.id for check in at.run.checks if check.title and check.expected and check.section}
    return dict.fromkeys(one.cell.check for one in at.cells if one.cell.check not in known)


def without_requirement(at: Facts) -> Lacking:
    """Requirements of users that no known check verifies, with no reason for it; the catalogue has its own gate."""
    checks = at.run.known_checks
    own = linked(at.dossier.requirements, checks.values(), linked(at.run.requirements, checks.values()))
    return [one.id for one in own if not (one.not_tested or checks.keys() & set(one.checks))]


def clips_without(name: str) -> Callable[[Facts], Lacking]:
    """Clips of which the record does not tell something."""
    return lambda at: [id for id, clip in at.run.clips.items() if not (isinstance(clip, Mapping) and clip.get(name))]


def unassessed(at: Facts) -> Lacking:
    """Anomalies that no entry of the ledger assesses."""
    return dict.fromkeys(one.id for one in at.anomalies if one.standing is Known.NEW)


def to_be_assessed_again(at: Facts) -> Lacking:
    """Anomalies whose assessment does not hold any more, or not for all that was seen."""
    again = (Known.WIDER, Known.EXPIRED)
    return dict.fromkeys(f"{one.id}, {one.standing}" for one in at.anomalies if one.standing in again)


def sample_size(at: Facts) -> Lacking:
    """Checks whose outcome depends on chance, where nobody told why so many executions are enough."""
    if at.info.sample_size:
        return ()
    found = dict.fromkeys(one.cell.check for one in at.cells if one.cell.check in STOCHASTIC and executed(one))
    return [", ".join(found)] if found else ()


def emulation(at: Facts) -> Lacking:
    """Emulated targets, where nobody told why they were used."""
    if at.info.emulation:
        return ()
    return [one.id for one in at.run.targets if one.evidence_class is EvidenceClass.EMULATED]


def sender(field: str) -> Callable[[Facts], Lacking]:
    """A field of the sender, where the report is about one."""

    def lacking(at: Facts) -> Lacking:
        sender = at.info.sender
        given = sender.vendor or sender.product or sender.version or sender.build
        return REPORT if given and not getattr(sender, field) else ()

    return lacking


def actions(at: Facts) -> Lacking:
    """Whether a verdict that is not MET comes without what has to be done."""
    return () if at.info.actions or at.verdict is RunVerdict.MET else REPORT


def executed_by(field: str) -> Callable[[Facts], Lacking]:
    """A field of the person who ran it, where it was not unattended."""
    return lambda at: () if at.info.unattended or getattr(at.info.executed_by, field) else REPORT


def retest_unexplained(at: Facts) -> Lacking:
    """Whether an earlier run is named and nobody told what changed."""
    return REPORT if at.dossier.previous is not None and at.info.retest is None else ()


def retest_without_record(at: Facts) -> Lacking:
    """The earlier run, where people tell of a retest and do not give its record, or that of another run."""
    retest, previous = at.info.retest, at.dossier.previous
    if retest is None or (previous is not None and previous.run_id == retest.of):
        return ()
    return [retest.of]
