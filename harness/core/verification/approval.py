"""Whether the approval that people give is one of the protocol that ran, given before it ran."""

from datetime import datetime

from harness.core.results import Run
from harness.core.verification.dossier import Dossier


def approval_problems(run: Run, dossier: Dossier) -> tuple[str, ...]:
    """What is wrong with the approval, in words; empty where nothing is, and where there is none."""
    approval, protocol = dossier.approval, run.protocol
    if approval is None:
        return ()
    if protocol is None:
        return ("the run does not record a protocol that the approval could be held against",)
    found = [
        f"the approved protocol has the {what} {approved!r}, the one that ran has {ran!r}"
        for what, approved, ran in (
            ("id", approval.protocol, protocol.id),
            ("version", approval.version, protocol.version),
            ("SHA-256", approval.sha256.lower(), protocol.sha256.lower()),
        )
        if approved != ran
    ]
    if not approval.approved_by.name:
        found.append("the approval does not say who approved")
    problem = _too_late(approval.approved, run.started)
    return (*found, problem) if problem else tuple(found)


def _too_late(approved: str, started: str) -> str:
    try:
        moment, start = datetime.fromisoformat(approved), datetime.fromisoformat(started)
    except ValueError:
        return f"the time of the approval cannot be read: {approved!r}"
    if moment.tzinfo is None:
        return f"the time of the approval has no offset from UTC: {approved!r}"
    if start.tzinfo is None:
        return f"the record tells the start of the run without its offset from UTC: {started!r}"
    if moment >= start:
        return f"it was approved at {approved}, not before the run started at {started}"
    return ""
