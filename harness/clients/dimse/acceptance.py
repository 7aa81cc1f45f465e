"""How our Storage SCP is reached, and answers an A-ASSOCIATE-RQ (PS3.8 9.3.2, 9.3.3).

Strategy: pynetdicom decodes, chooses and encodes; of several syntaxes in a context it takes the one that comes
first in what we support. What was proposed is kept, because the answer does not repeat it.
"""

import errno
import socket
from dataclasses import dataclass
from typing import Any

from pydicom.uid import UID
from pynetdicom.pdu import A_ASSOCIATE_AC, A_ASSOCIATE_RQ
from pynetdicom.pdu_primitives import A_ASSOCIATE
from pynetdicom.presentation import PresentationContext, negotiate_as_acceptor

from harness.clients.dimse.association import APPLICATION_CONTEXT, user_information
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import Messenger
from harness.clients.dimse.wire import ASSOCIATE_RQ, PDU_NAMES, Connection, pdu_bytes
from harness.core.exchange import Ending
from harness.errors import EnvironmentProblem, PortTaken


@dataclass(frozen=True, slots=True)
class Offer:
    """A presentation context that a PACS proposed to us."""

    abstract_syntax: str
    transfer_syntaxes: tuple[str, ...]
    accepted: bool


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; ``port`` 0 means any free one.

    Raises:
        PortTaken: another process listens there.
        EnvironmentProblem: this machine cannot listen on that address.
    """
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as problem:
        if problem.errno == errno.EADDRINUSE:
            raise PortTaken(
                f"port {host}:{port} for our C-MOVE receiver is taken; start the run again, or stop what listens there"
            ) from None
        raise EnvironmentProblem(
            f"cannot listen on {host}:{port} for C-MOVE: {problem}; choose an address of this machine"
        ) from None


def accept(
    connection: Connection, supported: list[PresentationContext], offers: list[Offer], *, limit: float
) -> tuple[Messenger, dict[int, tuple[str, str]], str]:
    """Await a request for at most ``limit`` seconds and accept it; the PACS chooses both titles.

    Returns what speaks over the association, class and syntax by the id of each accepted context, and the title by
    which we were called. Adds what was proposed to ``offers`` before the peer can go on.

    Raises:
        Ended: as :class:`Connection`; BAD_ANSWER for anything but a readable A-ASSOCIATE-RQ.
    """
    kind, body = connection.receive(limit, "A-ASSOCIATE-RQ")
    if kind != ASSOCIATE_RQ:
        raise Ended(Ending.BAD_ANSWER, f"{PDU_NAMES[kind]} arrived where A-ASSOCIATE-RQ was due")
    try:
        pdu = A_ASSOCIATE_RQ()
        pdu.decode(pdu_bytes(kind, body))
        request = pdu.to_primitive()
        information = pdu.user_information
        selected = information.role_selection if information else {}
        answers, roles = negotiate_as_acceptor(
            request.presentation_context_definition_list,
            supported,
            {UID(uid): (bool(role.scu_role), bool(role.scp_role)) for uid, role in selected.items()},
        )
        called_aet = str(request.called_ae_title or "").strip()
        max_send = int((information and information.maximum_length) or 0)
    except Exception as problem:  # noqa: BLE001 - whatever a decoder makes of bytes from outside
        raise Ended(Ending.BAD_ANSWER, f"the A-ASSOCIATE-RQ cannot be read: {problem!r}") from None
    agreed = {
        int(answer.context_id or 0): (str(answer.abstract_syntax), str(answer.transfer_syntax[0]))
        for answer in answers
        if answer.result == 0
    }
    offers.extend(
        Offer(
            str(context.abstract_syntax),
            tuple(str(syntax) for syntax in context.transfer_syntax),
            context.context_id in agreed,
        )
        for context in request.presentation_context_definition_list
    )
    connection.send(_accept_pdu(request, answers, roles))
    return Messenger(connection, max_send=max_send), agreed, called_aet


def _accept_pdu(request: A_ASSOCIATE, answers: list[PresentationContext], roles: list[Any]) -> bytes:
    primitive = A_ASSOCIATE()
    primitive.application_context_name = UID(APPLICATION_CONTEXT)
    primitive.calling_ae_title = request.calling_ae_title
    primitive.called_ae_title = request.called_ae_title
    primitive.result = 0
    primitive.result_source = 1
    primitive.presentation_context_definition_results_list = answers
    primitive.user_information = [*user_information(), *roles]
    return bytes(A_ASSOCIATE_AC(primitive).encode())
