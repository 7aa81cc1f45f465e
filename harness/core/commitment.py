"""Storage commitment as values: what a PACS reports of the instances it was asked to keep (PS3.4 J)."""

from dataclasses import dataclass

#: Event Type IDs of an N-EVENT-REPORT (PS3.4 J.3.3.1.1).
ALL_COMMITTED, FAILURES_EXIST = 1, 2

#: Failure Reason (0008,1197) in words (PS3.3 C.14.1.1).
FAILURE_REASONS = {
    0x0110: "processing failure",
    0x0112: "no such object instance",
    0x0119: "class and instance conflict",
    0x0122: "referenced SOP class not supported",
    0x0131: "duplicate transaction UID",
    0x0213: "resource limitation",
}


@dataclass(frozen=True, slots=True)
class CommitmentReport:
    """One N-EVENT-REPORT. ``failed`` holds SOP Instance UID and Failure Reason, 0 where none was told.

    ``called_aet`` is the title by which the peer called us on an association of its own; empty where the report came
    over the association that had asked. ``waited`` is how many seconds after the answer to N-ACTION it came.
    """

    transaction_uid: str
    event: int
    committed: tuple[str, ...]
    failed: tuple[tuple[str, int], ...]
    called_aet: str = ""
    waited: float = 0.0

    def failure_of(self, instance_uid: str) -> str:
        """Why an instance is not committed, in words; empty where the report does not say that it is not."""
        reason = dict(self.failed).get(instance_uid)
        if reason is None:
            return ""
        return FAILURE_REASONS.get(reason, "an unknown reason") + f" (0x{reason:04X})"
