"""An association that we request: negotiated, used and released within one operation (PS3.8 9.3, PS3.7 Annex
D.3).

Strategy: one transfer syntax per presentation context, because an acceptor picks one of several and the rest look
refused; only a question about that choice proposes several. Our own list of what was proposed is kept by context id:
the answer does not repeat the syntax of a refused context. pynetdicom encodes and decodes the association PDUs.
"""

import socket
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Final, Self

from pydicom.uid import UID
from pynetdicom import build_context, build_role
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RJ, A_ASSOCIATE_RQ, A_RELEASE_RP, A_RELEASE_RQ
from pynetdicom.pdu_primitives import (
    A_ASSOCIATE,
    ImplementationClassUIDNotification,
    ImplementationVersionNameNotification,
    MaximumLengthNotification,
)

from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import Messenger
from harness.clients.dimse.secure import SecureConnection, client_context
from harness.clients.dimse.terms import Proposal, Terms
from harness.clients.dimse.wire import (
    ASSOCIATE_AC,
    ASSOCIATE_RJ,
    MAX_PDU,
    PDU_NAMES,
    RELEASE_RP,
    RELEASE_RQ,
    Connection,
    pdu_bytes,
)
from harness.core.endpoint import Endpoint
from harness.core.exchange import CONTEXT_RESULTS, ContextAnswer, ContextResult, Ending, PduLengths, RoleAnswer
from harness.core.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME

APPLICATION_CONTEXT: Final = "1.2.840.10008.3.1.1.1"
#: Context ids are the odd numbers of one byte (PS3.8 9.3.2.2).
MAX_CONTEXTS: Final = 128
#: The answer to a release decides nothing, so it is not worth the whole limit, in seconds.
RELEASE_LIMIT: Final = 5.0


def user_information(max_pdu: int = MAX_PDU) -> list[Any]:
    """What we say of ourselves in every association; no asynchronous operations window (PS3.7 D.3.3)."""
    length = MaximumLengthNotification()
    length.maximum_length_received = max_pdu
    class_uid = ImplementationClassUIDNotification()
    class_uid.implementation_class_uid = UID(IMPLEMENTATION_CLASS_UID)
    version = ImplementationVersionNameNotification()
    version.implementation_version_name = IMPLEMENTATION_VERSION_NAME
    return [length, class_uid, version]


class Association:
    """Opens on entering the ``with`` block; on leaving releases, or aborts where the block raised.

    ``contexts`` and ``peer`` hold what is known so far, also when entering failed; ``contexts`` stays empty where
    no A-ASSOCIATE-AC came, or none that can be read, because then nothing was answered. Entering raises
    :class:`Ended` with UNREACHABLE, UNTRUSTED, REJECTED, ABORTED, TIMED_OUT, LOST or BAD_ANSWER. An association in
    which every context was refused opens all the same; what that means is for the caller to say.
    """

    messenger: Messenger

    def __init__(self, endpoint: Endpoint, proposals: Sequence[Proposal], terms: Terms | None = None) -> None:
        if not 1 <= len(proposals) <= MAX_CONTEXTS:
            raise ValueError(f"{len(proposals)} presentation contexts in one association; propose 1 to {MAX_CONTEXTS}")
        self.endpoint = endpoint
        self._terms = terms or Terms()
        self.peer = ""
        self.contexts: tuple[ContextAnswer, ...] = ()
        self._proposed = tuple(
            ContextAnswer(
                2 * number + 1,
                proposal.abstract_syntax,
                proposal.transfer_syntax,
                ContextResult.UNANSWERED,
                proposal.as_scp,
                other_syntaxes=proposal.other_syntaxes,
            )
            for number, proposal in enumerate(proposals)
        )
        self.roles: tuple[RoleAnswer, ...] = ()
        self._max_send: int | None = None
        self._connection: Connection | None = None

    def __enter__(self) -> Self:
        limits = self.endpoint.timeouts
        connection = self._open()
        try:
            connection.begin(limits.association)
            connection.send(self._request())
            kind, body = self._first_answer(connection)
            raw = pdu_bytes(kind, body)
            if kind == ASSOCIATE_RJ:
                raise _rejected(raw)
            if kind != ASSOCIATE_AC:
                raise Ended(Ending.BAD_ANSWER, f"{PDU_NAMES[kind]} arrived in answer to A-ASSOCIATE-RQ")
            max_send = self._accepted(raw)
        except BaseException as problem:
            give_up(connection, problem)
            raise
        self._connection = connection
        self.messenger = Messenger(connection, max_send=max_send, cap=self._terms.max_sent)
        self._max_send = max_send
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        connection = self._connection
        if connection is None:
            return
        self._connection = None
        refused = isinstance(problem, Ended) and problem.ending is Ending.REFUSED
        if problem is not None and not refused:
            give_up(connection, problem)
            return
        try:
            self._release(connection)
        except Ended:
            connection.abort()  # the answer is known already and stands
        connection.close()

    def peer_released(self) -> None:
        """Answer the peer that asked for release before we did, and close (PS3.8 7.2)."""
        if self._connection is not None:
            self._connection.send(A_RELEASE_RP().encode())
        self.break_off(abort=False)

    def break_off(self, *, abort: bool) -> None:
        """End it in the middle of whatever it is about, by A-ABORT or by closing the connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            (connection.abort if abort else connection.close)()

    @property
    def pdus(self) -> PduLengths | None:
        """What both sides take and what went each way so far; None where it never opened."""
        if self._max_send is None:
            return None
        messenger = self.messenger
        return PduLengths(self._terms.max_pdu, self._max_send, messenger.longest_sent, messenger.longest_received)

    @property
    def scp_classes(self) -> frozenset[str]:
        """The classes for which the peer granted us the SCP role."""
        return frozenset(role.sop_class_uid for role in self.roles if role.scp)

    def accepted(self, abstract_syntax: str) -> ContextAnswer | None:
        """The first accepted context of this class, or None."""
        return next((c for c in self.contexts if c.accepted and c.abstract_syntax == abstract_syntax), None)

    def _open(self) -> Connection:
        """A connection, over TLS where the endpoint has it."""
        tls, stall, max_pdu = self.endpoint.tls, self.endpoint.timeouts.stall, self._terms.max_pdu
        if tls is None:
            return Connection(self._connect(), stall=stall, max_pdu=max_pdu)
        context = client_context(tls, only=self._terms.tls_version)
        name = tls.server_name or self.endpoint.host
        return SecureConnection(self._connect(), context, stall=stall, max_pdu=max_pdu, server_name=name)

    def _connect(self) -> socket.socket:
        address = (self.endpoint.host, self.endpoint.port)
        try:
            return socket.create_connection(address, timeout=self.endpoint.timeouts.connect)
        except TimeoutError:
            limit = self.endpoint.timeouts.connect
            raise Ended(Ending.UNREACHABLE, f"no connection to {address[0]}:{address[1]} within {limit:g} s") from None
        except OSError as problem:
            raise Ended(Ending.UNREACHABLE, f"no connection to {address[0]}:{address[1]}: {problem}") from None

    def _first_answer(self, connection: Connection) -> tuple[int, memoryview]:
        try:
            return connection.receive(self.endpoint.timeouts.association, "answer to A-ASSOCIATE-RQ")
        except Ended as ended:
            if ended.ending is not Ending.LOST or self.endpoint.tls is not None:
                raise
            # That is how OpenSSL ends a connection that begins without TLS: no alert, nothing.
            raise Ended(Ending.LOST, f"{ended.detail}, instead of an answer: it may want TLS here") from None

    def _request(self) -> bytes:
        primitive = A_ASSOCIATE()
        primitive.application_context_name = UID(APPLICATION_CONTEXT)
        primitive.calling_ae_title = self.endpoint.calling_aet
        primitive.called_ae_title = self.endpoint.aet
        definitions = []
        for context in self._proposed:
            definition = build_context(context.abstract_syntax, [context.transfer_syntax, *context.other_syntaxes])
            definition.context_id = context.context_id
            definitions.append(definition)
        primitive.presentation_context_definition_list = definitions
        # One role item per class, whatever the number of its contexts (PS3.7 D.3.3.4).
        roles = sorted({context.abstract_syntax for context in self._proposed if context.as_scp})
        information = user_information(self._terms.max_pdu)
        primitive.user_information = [*information, *(build_role(uid, scp_role=True) for uid in roles)]
        return bytes(A_ASSOCIATE_RQ(primitive).encode())

    def _accepted(self, raw: bytes) -> int:
        """Take in an A-ASSOCIATE-AC; return the longest PDU that the peer takes, 0 for no limit."""
        pdu = A_ASSOCIATE_AC()
        try:
            pdu.decode(raw)
            information = pdu.user_information
            if information is None:
                raise ValueError("it has no User Information (PS3.8 9.3.3.3)")
            names = (information.implementation_version_name, information.implementation_class_uid)
            self.peer = " ".join(str(name).strip() for name in names if name)
            roles = tuple(
                RoleAnswer(str(uid), bool(role.scu_role), bool(role.scp_role))
                for uid, role in information.role_selection.items()
            )
            answers = {item.context_id: item for item in pdu.presentation_context}
            contexts = tuple(_answered(context, answers.get(context.context_id)) for context in self._proposed)
            max_send = int(information.maximum_length or 0)
        except Ended:
            raise
        except Exception as problem:  # noqa: BLE001 - whatever a decoder makes of bytes from outside
            raise Ended(Ending.BAD_ANSWER, f"the A-ASSOCIATE-AC cannot be read: {problem!r}") from None
        self.contexts, self.roles = contexts, roles
        return max_send

    def _release(self, connection: Connection) -> None:
        limit = min(RELEASE_LIMIT, self.endpoint.timeouts.association)
        connection.send(A_RELEASE_RQ().encode())
        while (kind := connection.receive(limit, "answer to A-RELEASE-RQ")[0]) != RELEASE_RP:
            if kind == RELEASE_RQ:  # a release collision (PS3.8 7.2.2.7)
                connection.send(A_RELEASE_RP().encode())


def give_up(connection: Connection, problem: BaseException) -> None:
    """Abort where the peer still listens; PS3.8 Table 9-26 gives the reason."""
    ending = problem.ending if isinstance(problem, Ended) else None
    if ending in (Ending.ABORTED, Ending.REJECTED, Ending.LOST, Ending.UNTRUSTED):
        connection.close()
    else:
        connection.abort(2 if ending is Ending.BAD_ANSWER else 0)


def _answered(proposed: ContextAnswer, item: object) -> ContextAnswer:
    """What was proposed, with its result from a Presentation Context Item of the answer (PS3.8 9.3.3.2)."""
    if item is None:
        return proposed
    code = item.result  # type: ignore[attr-defined]
    if code not in CONTEXT_RESULTS:
        raise Ended(Ending.BAD_ANSWER, f"context {proposed.context_id} has result {code}, which PS3.8 9.3.3.2 lacks")
    result = CONTEXT_RESULTS[code]
    # The syntax has no meaning where the context was not accepted (PS3.8 9.3.3.2).
    syntax = str(item.transfer_syntax) if result is ContextResult.ACCEPTED else None  # type: ignore[attr-defined]
    return replace(proposed, result=result, answered_syntax=syntax)


def _rejected(raw: bytes) -> Ended:
    """Result, source and reason in words (PS3.8 Table 9-21)."""
    pdu = A_ASSOCIATE_RJ()
    try:
        pdu.decode(raw)
    except Exception as problem:  # noqa: BLE001 - whatever a decoder makes of bytes from outside
        return Ended(Ending.BAD_ANSWER, f"the A-ASSOCIATE-RJ cannot be read: {problem!r}")
    try:
        words = f"{pdu.result_str} by {pdu.source_str}: {pdu.reason_str}"
    except ValueError:
        words = "with values that PS3.8 Table 9-21 lacks"
    codes = f"result {pdu.result}, source {pdu.source}, reason {pdu.reason_diagnostic}"
    return Ended(Ending.REJECTED, f"{words} ({codes})")
