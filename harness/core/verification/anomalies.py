"""Anomalies of a run with stable ids, held against the ledger of those that are known (IEC 62304 9.1, 9.8)."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.core.conclusion import SettledCell, settle
from harness.core.endpoint import EvidenceClass
from harness.core.results import CheckInfo, Outcome, Run
from harness.core.verification.dossier import Classification, Dossier, KnownAnomaly

#: The outcomes that are anomalies, heaviest first.
ANOMALOUS = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE)

#: Where a FAIL of each family of checks comes from, until the ledger tells it better.
BY_FAMILY: Mapping[str, Classification] = {
    "association": Classification.INTERFACE,
    "store": Classification.INTERFACE,
    "query": Classification.INTERFACE,
    "dicomweb": Classification.INTERFACE,
    "retrieve": Classification.PRODUCT,
    "transfer": Classification.PRODUCT,
    "playback": Classification.PRODUCT,
    "validation": Classification.PRODUCT,
    "size": Classification.PRODUCT,
    "label": Classification.PRODUCT,
    "interruption": Classification.PRODUCT,
}
#: Checks of the content that came back, in families that are about the protocol else.
OF_CONTENT = frozenset({"RET-BULK", "RET-URI", "RET-FILE", "RET-RAW", "RET-PATHS", "RET-MD5", "STO-STOW"})


class Known(StrEnum):
    """How an anomaly stands to the ledger."""

    NEW = "new"
    KNOWN = "known"
    WIDER = "known, and wider than recorded"
    EXPIRED = "known, and the entry has expired"


@dataclass(frozen=True, slots=True)
class Anomaly:
    """One anomaly: a check of one product that came to FAIL, ERROR or INCONCLUSIVE, over all its cells.

    ``id`` is the same in every run of the product, whatever its release; ``targets`` and ``versions`` are those of this
    run that showed it. A known FAIL stays a FAIL. ``basis`` says who classified it.
    """

    id: str
    targets: tuple[str, ...]
    product: str
    versions: tuple[str, ...]
    evidence_class: EvidenceClass | None
    check: str
    title: str
    outcome: Outcome
    formats: tuple[str, ...]
    cells: tuple[str, ...]
    reasons: tuple[str, ...]
    repeatability: str
    classification: Classification
    basis: str
    standing: Known
    entry: KnownAnomaly | None


def anomaly_id(product: str, kind: EvidenceClass | None, check: str, outcome: Outcome) -> str:
    """The id of an anomaly. The class of evidence is part of it: what an emulation does is never the product's."""
    said = "\n".join((product, kind or "", check, outcome))
    return f"A-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def anomalies(run: Run, dossier: Dossier) -> tuple[Anomaly, ...]:
    """Every anomaly, heaviest first, then in the order of the cells."""
    subjects = subjects_of(run)
    found: dict[str, list[SettledCell]] = {}
    for one in settle(run):
        if one.outcome in ANOMALOUS and one.attempts:
            of = subjects[one.cell.target]
            found.setdefault(anomaly_id(of.product, of.kind, one.cell.check, one.outcome), []).append(one)
    checks = {check.id: check for check in run.checks}
    ledger = {entry.id: entry for entry in dossier.known}
    made = [_anomaly(id, cells, subjects, checks, ledger.get(id), run.started[:10]) for id, cells in found.items()]
    return tuple(sorted(made, key=lambda one: ANOMALOUS.index(one.outcome)))


@dataclass(frozen=True, slots=True)
class Subject:
    """Who an anomaly is of: a target by id, with product, version and class as recorded or as its results say."""

    target: str
    product: str
    version: str
    kind: EvidenceClass | None


def subjects_of(run: Run) -> dict[str, Subject]:
    """Every target by id; one that never came up is its own product."""
    found = {one.id: Subject(one.id, one.product, one.version, one.evidence_class) for one in run.targets}
    for result in run.results:
        if result.cell.target not in found:
            name = result.cell.target
            found[name] = Subject(name, name, "", result.evidence_class)
    return found


def _anomaly(
    id: str,
    cells: Sequence[SettledCell],
    subjects: Mapping[str, Subject],
    checks: Mapping[str, CheckInfo],
    entry: KnownAnomaly | None,
    on: str,
) -> Anomaly:
    check, outcome = checks.get(cells[0].cell.check), cells[0].outcome
    of = [subjects[target] for target in dict.fromkeys(one.cell.target for one in cells)]
    versions = tuple(dict.fromkeys(one.version for one in of))
    formats = tuple(dict.fromkeys(one.cell.format for one in cells if one.cell.format is not None))
    classification, basis = _classified(check, cells[0].cell.check, outcome, entry)
    return Anomaly(
        id=id,
        targets=tuple(one.target for one in of),
        product=of[0].product,
        versions=versions,
        evidence_class=of[0].kind,
        check=cells[0].cell.check,
        title=check.title if check else cells[0].cell.check,
        outcome=outcome,
        formats=formats,
        cells=tuple(one.cell.id for one in cells),
        reasons=tuple(dict.fromkeys(one.reason for one in cells)),
        repeatability=_repeatability(cells, outcome),
        classification=classification,
        basis=basis,
        standing=_standing(entry, formats, versions, on),
        entry=entry,
    )


def _classified(
    check: CheckInfo | None, check_id: str, outcome: Outcome, entry: KnownAnomaly | None
) -> tuple[Classification, str]:
    if entry is not None:
        return entry.classification, "by the ledger of known anomalies"
    if outcome is Outcome.ERROR:
        return Classification.UNDETERMINED, "by default: test tool or environment, not yet determined which"
    if outcome is Outcome.INCONCLUSIVE:
        return Classification.UNDETERMINED, "by default: the evidence does not decide"
    if check_id in OF_CONTENT:
        return Classification.PRODUCT, "by default: the check is about content"
    family = check.family if check else ""
    default = BY_FAMILY.get(family, Classification.UNDETERMINED)
    return default, f"by default for checks of the family {family or 'that is not recorded'}"


def _repeatability(cells: Iterable[SettledCell], outcome: Outcome) -> str:
    """How often, of all times that the cells were executed, they came to this."""
    per_cell = [[attempt.outcome for attempt in one.attempts] for one in cells]
    tried = sum(len(one) for one in per_cell)
    seen = sum(one.count(outcome) for one in per_cell)
    where = "1 cell" if len(per_cell) == 1 else f"{len(per_cell)} cells"
    if tried == len(per_cell):
        return f"once in {'1 cell' if tried == 1 else f'each of {where}'}; not repeated in this run"
    if seen == tried:
        return f"always: {seen} of {tried} attempts in {where}"
    return f"intermittent: {seen} of {tried} attempts in {where}"


def _standing(entry: KnownAnomaly | None, formats: Iterable[str], versions: Iterable[str], on: str) -> Known:
    """Expiry is held against the day of the run, so that a report made later says the same."""
    if entry is None:
        return Known.NEW
    # Days as ISO 8601 writes them are in the order of their letters.
    if entry.expires < on:
        return Known.EXPIRED
    seen_and_known = ((formats, entry.formats), (versions, entry.versions))
    return Known.WIDER if any(known and not {*seen} <= {*known} for seen, known in seen_and_known) else Known.KNOWN


@dataclass(frozen=True, slots=True)
class NotSeen:
    """A known anomaly that could have appeared on a target and did not: ``cells`` executed the check and did not show
    it."""

    entry: KnownAnomaly
    target: str
    check: str
    cells: tuple[str, ...]


def not_seen(run: Run, dossier: Dossier) -> tuple[NotSeen, ...]:
    """Every entry of the ledger that this run executed, in a version and format it is known for, without seeing it."""
    ledger = {entry.id: entry for entry in dossier.known}
    subjects = subjects_of(run)
    found: list[NotSeen] = []
    executed: dict[tuple[str, str], list[SettledCell]] = {}
    for one in settle(run):
        if one.outcome in (*ANOMALOUS, Outcome.PASS, Outcome.UNSUPPORTED):
            executed.setdefault((one.cell.target, one.cell.check), []).append(one)
    for (target, check), cells in executed.items():
        of = subjects[target]
        for outcome in ANOMALOUS:
            entry = ledger.get(anomaly_id(of.product, of.kind, check, outcome))
            if entry is None or (entry.versions and of.version not in entry.versions):
                continue
            meant = [one for one in cells if not entry.formats or one.cell.format in entry.formats]
            if meant and not any(one.outcome is outcome for one in meant):
                found.append(NotSeen(entry, target, check, tuple(one.cell.id for one in meant)))
    return tuple(found)


def possible_ids(run: Run) -> frozenset[str]:
    """The id of every anomaly that this run could have shown, by its targets and the checks it planned or knows."""
    return frozenset(
        anomaly_id(of.product, of.kind, check, outcome)
        for of in subjects_of(run).values()
        for check in run.known_checks
        for outcome in ANOMALOUS
    )
