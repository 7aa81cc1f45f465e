"""How an exchange ends that brings no answer: the one exception inside this package."""

from typing import Final

from harness.core.exchange import Ending

#: Source and Reason of an A-ABORT (PS3.8 Table 9-26).
ABORT_SOURCES: Final = {0: "service user", 2: "service provider"}
ABORT_REASONS: Final = {
    0: "reason not specified",
    1: "unrecognized PDU",
    2: "unexpected PDU",
    4: "unrecognized PDU parameter",
    5: "unexpected PDU parameter",
    6: "invalid PDU parameter value",
}


class Ended(Exception):
    """The exchange ended in another way than with an answer."""

    def __init__(self, ending: Ending, detail: str) -> None:
        super().__init__(detail)
        self.ending = ending
        self.detail = detail


def aborted(body: bytes) -> Ended:
    """What the body of an A-ABORT PDU says (PS3.8 9.3.8)."""
    if len(body) != 4:
        return Ended(Ending.BAD_ANSWER, f"A-ABORT of {len(body)} bytes arrived instead of 4 (PS3.8 9.3.8)")
    source = ABORT_SOURCES.get(body[2], f"source {body[2]}")
    # The reason has no meaning where the service user aborts (PS3.8 Table 9-26).
    reason = f": {ABORT_REASONS.get(body[3], f'reason {body[3]}')}" if body[2] == 2 else ""
    return Ended(Ending.ABORTED, f"A-ABORT by the peer's {source}{reason}")
