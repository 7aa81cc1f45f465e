"""What every DIMSE operation shares: open, ask, answer, and the one boundary where it becomes an Exchange.

Strategy: an operation is a function on an open association that returns an :class:`Answer` or raises
:class:`~harness.clients.dimse.wire.Ended`. :func:`converse` puts the rest around it, once: time, contexts,
peer, the ending. What a PACS does never leaves it as an exception; our own mistakes and a failing local disk
do.
"""

import errno
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from harness.clients.dimse.association import Association
from harness.clients.dimse.commands import RESPONSE, name_of, number_in
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import Inbox, Message, Progress, ReleaseRequested
from harness.clients.dimse.terms import Proposal, Terms
from harness.core.endpoint import Endpoint
from harness.core.exchange import ContextAnswer, ContextResult, Ending, Exchange, SubOperations
from harness.errors import DiskTooSmall

VERIFICATION: Final = "1.2.840.10008.1.1"
IMPLICIT_LE: Final = "1.2.840.10008.1.2"
EXPLICIT_LE: Final = "1.2.840.10008.1.2.1"
#: Each operation has its association for itself, so its message is the first one.
MESSAGE_ID: Final = 1
#: Status of a response that is not the last one (PS3.7 Annex C.1.5).
PENDING: Final = frozenset({0xFF00, 0xFF01})

#: pynetdicom's tables: status to category and text.
StatusWords = Mapping[int, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A final response; ``status`` None where the operation has none."""

    status: int | None
    detail: str = ""
    sub_operations: SubOperations | None = None


def converse(
    endpoint: Endpoint,
    service: str,
    proposals: Sequence[Proposal],
    talk: Callable[[Association], Answer],
    progress: Progress,
    terms: Terms | None = None,
) -> Exchange:
    """Run one operation on an association of its own.

    Raises:
        DiskTooSmall: what arrived does not fit on our disk.
    """
    start = time.monotonic()
    association = Association(endpoint, proposals, terms)
    ending, answer = Ending.ANSWERED, Answer(None)
    try:
        with association:
            answer = talk(association)
    except Ended as ended:
        ending, answer = ended.ending, Answer(None, ended.detail)
    except OSError as problem:
        if problem.errno == errno.ENOSPC:
            raise DiskTooSmall(
                f"{service}: no space left for what arrived; free some or choose another folder"
            ) from problem
        raise
    progress.finish()
    return Exchange(
        service=service,
        ending=ending,
        status=answer.status,
        detail=answer.detail,
        seconds=time.monotonic() - start,
        contexts=association.contexts,
        payload_bytes=progress.done,
        sub_operations=answer.sub_operations,
        peer=association.peer,
        roles=association.roles,
        pdus=association.pdus,
    )


def required(association: Association, abstract_syntax: str, what: str) -> ContextAnswer:
    """The accepted context of a class.

    Raises:
        Ended: REFUSED where no context of the class was accepted, with the results that the peer gave;
            BAD_ANSWER where none was answered at all, or it was accepted with a syntax that was not proposed.
    """
    context = association.accepted(abstract_syntax)
    if context is None:
        results = {c.result for c in association.contexts if c.abstract_syntax == abstract_syntax}
        if results == {ContextResult.UNANSWERED}:  # silence refuses nothing
            raise Ended(
                Ending.BAD_ANSWER,
                f"the association was accepted without an answer to the context of {what} (PS3.8 9.3.3.2)",
            )
        raise Ended(Ending.REFUSED, f"{what} was refused: {', '.join(sorted(results))}")
    if not context.as_proposed:
        raise Ended(
            Ending.BAD_ANSWER,
            f"{what} was accepted as {context.answered_syntax}, which was not proposed",
        )
    return context


def next_message(
    association: Association,
    request: int,
    *,
    inbox: Inbox | None = None,
    progress: Progress | None = None,
    also_moving: Callable[[], float] | None = None,
) -> Message:
    """The next message while a request is under way, within the answer limit.

    Raises:
        Ended: as :meth:`Messenger.receive`; BAD_ANSWER where the peer releases instead of answering.
    """
    answer_name = name_of(request | RESPONSE)
    try:
        return association.messenger.receive(
            association.endpoint.timeouts.answer,
            answer_name,
            inbox=inbox,
            progress=progress,
            also_moving=also_moving,
        )
    except ReleaseRequested:
        raise Ended(Ending.BAD_ANSWER, f"the peer released the association before its {answer_name}") from None


def status_detail(message: Message, status: int, words: StatusWords) -> str:
    """Meaning of a status other than success, with the peer's own comment."""
    comment = str(message.command.get("ErrorComment", ""))
    printable = "".join(c if c.isprintable() else "?" for c in comment)[:64]
    parts = [": ".join(word for word in words.get(status, ("unknown status", "")) if word)] if status else []
    if printable:
        parts.append(f'the peer comments "{printable}"')
    return "; ".join(parts)


def sub_operations(message: Message) -> SubOperations:
    """The counters of a C-GET or C-MOVE response."""
    command = message.command
    return SubOperations(
        completed=number_in(command, "NumberOfCompletedSuboperations"),
        failed=number_in(command, "NumberOfFailedSuboperations"),
        warning=number_in(command, "NumberOfWarningSuboperations"),
    )
