"""How a conversation with a PACS ended. Refusal, abort, silence and loss are different results, never exceptions."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Ending(StrEnum):
    """The one way in which an exchange ended."""

    ANSWERED = "answered"  #: a final response with a status arrived
    REFUSED = "refused"  #: the presentation context was not accepted (PS3.8 9.3.3.2)
    REJECTED = "rejected"  #: the association was rejected (PS3.8 9.3.4)
    ABORTED = "aborted"  #: the peer sent A-ABORT (PS3.8 9.3.8)
    TIMED_OUT = "timed out"  #: no answer, or no byte moved, within the stated limit
    LOST = "connection lost"  #: the connection closed without A-ABORT or release
    UNREACHABLE = "unreachable"  #: no connection could be made
    UNTRUSTED = "untrusted"  #: no secure connection that both sides trust could be made (PS3.15 Annex B)
    BAD_ANSWER = "bad answer"  #: something arrived that breaks the protocol
    BROKEN_OFF = "broken off by us"  #: we ended it on purpose, in the middle of a message


class ContextResult(StrEnum):
    """Result/Reason of a presentation context (PS3.8 Table 9-18), or that the list never came."""

    ACCEPTED = "accepted"
    USER_REJECTION = "user rejection"
    NO_REASON = "no reason"
    ABSTRACT_SYNTAX = "abstract syntax not supported"
    TRANSFER_SYNTAXES = "transfer syntaxes not supported"
    UNANSWERED = "not answered"


#: The services of DICOMweb (PS3.18 10).
STOW_RS, QIDO_RS, WADO_RS = "STOW-RS", "QIDO-RS", "WADO-RS"
#: Resources below an instance (PS3.18 10.4.1), and the older service (PS3.18 9).
METADATA, BULK_DATA, RENDERED, WADO_URI = "WADO-RS metadata", "WADO-RS bulk data", "WADO-RS rendered", "WADO-URI"
#: A product's own interface: the stored file, the coded bytes of its frames, and what it says of what it keeps.
REST_FILE, REST_FRAME, REST_STATE = "vendor REST file", "vendor REST frame", "vendor REST statement"
#: Everything that is spoken over HTTP; there the status of an exchange is the HTTP code.
WEB_SERVICES = (
    *(STOW_RS, QIDO_RS, WADO_RS, METADATA, BULK_DATA, RENDERED, WADO_URI),
    *(REST_FILE, REST_FRAME, REST_STATE),
)

#: The codes of PS3.8 Table 9-18.
CONTEXT_RESULTS = {
    0: ContextResult.ACCEPTED,
    1: ContextResult.USER_REJECTION,
    2: ContextResult.NO_REASON,
    3: ContextResult.ABSTRACT_SYNTAX,
    4: ContextResult.TRANSFER_SYNTAXES,
}


@dataclass(frozen=True, slots=True)
class ContextAnswer:
    """What was proposed in one presentation context, and the answer. One syntax per context, as a rule.

    ``answered_syntax`` is the syntax that the answer names; None where the context was not accepted.
    ``other_syntaxes`` were proposed behind ``transfer_syntax``; only where the choice itself is the question.
    """

    context_id: int
    abstract_syntax: str
    transfer_syntax: str
    result: ContextResult
    as_scp: bool = False
    answered_syntax: str | None = None
    other_syntaxes: tuple[str, ...] = ()

    @property
    def accepted(self) -> bool:
        """True where the peer took this syntax for this class."""
        return self.result is ContextResult.ACCEPTED

    @property
    def as_proposed(self) -> bool:
        """True where the peer took it with a syntax that was proposed."""
        return self.accepted and self.answered_syntax in (self.transfer_syntax, *self.other_syntaxes)


@dataclass(frozen=True, slots=True)
class RoleAnswer:
    """A role selection item of an A-ASSOCIATE-AC: the roles that it grants us for one class (PS3.7 D.3.3.4)."""

    sop_class_uid: str
    scu: bool
    scp: bool


@dataclass(frozen=True, slots=True)
class PduLengths:
    """Lengths of P-DATA-TF PDUs in bytes, without the six of their head (PS3.8 D.1).

    ``ours`` and ``theirs`` are the longest ones that each side said it takes, 0 for no limit; ``sent`` and ``received``
    the longest ones that went each way, 0 for none.
    """

    ours: int
    theirs: int
    sent: int
    received: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of an exchange that was tried more than once.

    ``accepted`` tells whether the peer had accepted a presentation context before it ended.
    """

    ending: Ending
    detail: str
    seconds: float
    accepted: bool = False


@dataclass(frozen=True, slots=True)
class SubOperations:
    """Counters of the last C-GET or C-MOVE response (PS3.7 9.1.3, 9.1.4); None where the response had none."""

    completed: int | None
    failed: int | None
    warning: int | None


@dataclass(frozen=True, slots=True)
class Exchange:
    """One operation of DIMSE or DICOMweb, from opening the connection to its end.

    ``status`` is the final status code and None unless ``ending`` is ANSWERED. ``detail`` says in words what a person
    needs to know. ``seconds`` is the whole time. ``peer`` is the Implementation Version Name and Class UID as
    negotiated. ``earlier`` holds the attempts before this one; a pass after any is flaky, and shown so.
    ``contexts`` is empty where no A-ASSOCIATE-AC came, so that nothing was answered. ``reached_receiver`` tells whether
    anything from outside arrived at our receiver during a C-MOVE or until a report of commitment came; else None.
    ``failure_reason`` is the Failure or Warning Reason of a STOW-RS response (PS3.18 I.2), None where it told none.
    ``roles`` are the role selection items of the A-ASSOCIATE-AC; ``pdus`` is None where no association was opened.
    """

    service: str
    ending: Ending
    status: int | None = None
    detail: str = ""
    seconds: float = 0.0
    contexts: tuple[ContextAnswer, ...] = ()
    payload_bytes: int = 0
    sub_operations: SubOperations | None = None
    peer: str = ""
    earlier: tuple[Attempt, ...] = ()
    reached_receiver: bool | None = None
    failure_reason: int | None = None
    roles: tuple[RoleAnswer, ...] = ()
    pdus: PduLengths | None = None

    @property
    def accepted(self) -> bool:
        """True where the peer accepted a context, so that what followed was its business."""
        return any(context.accepted for context in self.contexts)

    @property
    def as_attempt(self) -> Attempt:
        """This exchange, as history of a later one."""
        return Attempt(self.ending, self.detail, self.seconds, self.accepted)

    def after(self, earlier: tuple[Attempt, ...]) -> "Exchange":
        """The same exchange with its history."""
        return replace(self, earlier=earlier)

    @property
    def summary(self) -> str:
        """One line for a person."""
        status = "" if self.status is None else f" with status 0x{self.status:04X}"
        if self.status is not None and self.service in WEB_SERVICES:
            status = f" with HTTP status {self.status}"
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.service} {self.ending}{status}{detail}"


#: Endings that may pass by themselves; nothing else is ever retried.
TRANSIENT = frozenset({Ending.UNREACHABLE, Ending.LOST, Ending.ABORTED})
