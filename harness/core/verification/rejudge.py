"""A record judged again: where it says what does not follow from its own observations, or its own protocol."""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.core.conclusion import run_verdict
from harness.core.endpoint import EvidenceClass, Runtime
from harness.core.plain import Misfit
from harness.core.protocol import protocol_sha256
from harness.core.recorded import observation_from_plain
from harness.core.results import Result, Run
from harness.core.verdicts import Verdict, judge


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that the record says and that does not follow from it; ``cell`` is empty for the run as a whole."""

    cell: str
    what: str
    recorded: str
    recomputed: str


def disagreements(run: Run) -> tuple[Disagreement, ...]:
    """Everything that a run says of itself and that does not follow from the rest of it, in the order of the record."""
    classes = {target.id: target.evidence_class for target in run.targets}
    found = [one for result in run.results for one in _of_result(result)]
    found += _of_protocol(run)
    found += [
        Disagreement(result.cell.id, "evidence class", result.evidence_class, classes[result.cell.target])
        for result in run.results
        if classes.get(result.cell.target, result.evidence_class) is not result.evidence_class
    ]
    found += [
        Disagreement(target.id, "evidence class", target.evidence_class, "SELF_TEST or EMULATED, by its runtime")
        for target in run.targets
        # A server of ours is no product, whatever it plays.
        if target.runtime == Runtime.EMBEDDED and target.evidence_class is EvidenceClass.MEASURED
    ]
    # A run that goes on, or was killed, has come to nothing yet.
    concluded = run_verdict(run).verdict.label if run.finished else ""
    if run.conclusion != concluded:
        found.append(Disagreement("", "conclusion", run.conclusion, concluded))
    return tuple(found)


def _of_protocol(run: Run) -> Iterator[Disagreement]:
    """Where the protocol is not the one of its hash, or a check was asked in other words than it has."""
    if run.protocol is None:
        return
    sha256 = protocol_sha256(run.protocol, run.requirements)
    if run.protocol.sha256 != sha256:
        yield Disagreement("", "SHA-256 of the protocol", run.protocol.sha256, sha256)
    written = {check.id: check for check in run.protocol.checks}
    for check in run.checks:
        # A check of somebody's own is none of the protocol.
        if written.get(check.id, check) != check:
            yield Disagreement("", f"check {check.id}", check.title, "as the protocol has it")


def _of_result(result: Result) -> Iterator[Disagreement]:
    cell = result.cell.id
    try:
        verdict = _judged(result)
    except Misfit as problem:
        yield Disagreement(cell, "observation", str(problem), "an observation that can be judged")
        return
    if result.outcome is not verdict.outcome:
        yield Disagreement(cell, "outcome", result.outcome, verdict.outcome)
    if result.reason != verdict.reason:
        yield Disagreement(cell, "reason", result.reason, verdict.reason)
    # More may follow: which files were kept, and what an emulation assumed.
    if result.notes[: len(verdict.notes)] != verdict.notes:
        yield Disagreement(cell, "notes", "; ".join(result.notes), "; ".join(verdict.notes))


def _judged(result: Result) -> Verdict:
    observation = observation_from_plain(result.observation)
    try:
        return judge(observation)
    except Exception as error:
        # Rules are made for what questions see, and a record that was changed may hold anything.
        raise Misfit(f"{type(observation).__name__} cannot be judged: {type(error).__name__}") from error
