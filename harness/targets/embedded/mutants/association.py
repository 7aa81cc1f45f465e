"""Mutants that negotiate, refuse, carry or end associations wrongly.

Each decides when an association is asked for, with the events of pynetdicom that it needs; what goes wrong in a thread
that waits for ever goes away with the process.
"""

import threading
from pathlib import Path
from threading import Event
from typing import cast

from pydicom.uid import UID
from pynetdicom import build_role, evt
from pynetdicom.association import Association
from pynetdicom.pdu_primitives import A_ASSOCIATE, MaximumLengthNotification
from pynetdicom.sop_class import CTImageStorage  # type: ignore[attr-defined]  # made at run time

from harness.core.endpoint import Endpoint
from harness.targets.embedded import damage
from harness.targets.embedded.hooks import (
    Hooks,
    keep,
    proposed_contexts,
    support_known,
)
from harness.targets.embedded.mutants.mutant import Mutant
from harness.targets.embedded.sending import MAX_PDU
from harness.targets.embedded.store import ObjectStore

#: A syntax that no context is accepted with.
_NO_SYNTAX = UID("1.2.3.4")
#: How long a store waits for another one to come at the same time, in seconds.
_COMPANY = 2.0
#: The only caller that is known.
_KNOWN_CALLER = Endpoint("", 0, "").calling_aet
_P_DATA = 0x04


def _request(association: Association) -> A_ASSOCIATE:
    return cast(A_ASSOCIATE, association.requestor.primitive)


def _close(association: Association) -> None:
    connection = association.dul.socket
    if connection is not None:
        connection.close()


def _is_strange(association: Association) -> bool:
    called = str(_request(association).called_ae_title).strip()
    return called != association.acceptor.ae_title.strip()


def _answer_first_context_only(association: Association) -> None:
    support_known(association)
    _request(association).presentation_context_definition_list = proposed_contexts(association)[:1]


def _refuse_in_company(association: Association) -> None:
    support_known(association)
    for context in proposed_contexts(association):
        if len(context.transfer_syntax) > 1:
            context.transfer_syntax = [_NO_SYNTAX]


def _answer_unproposed_role(association: Association) -> None:
    support_known(association)
    if association.requestor.role_selection:
        association.acceptor.add_negotiation_item(build_role(CTImageStorage, scp_role=True))


def _refuse_role_and_send(association: Association) -> None:
    """The roles are refused only in what is said, not in what is done."""
    support_known(association)
    accept = association.acse.send_accept

    def send_accept() -> None:
        # pynetdicom cannot say an explicit no; not to answer says the same (PS3.7 D.3.3.4).
        for role in association.acceptor.role_selection.values():
            association.acceptor.remove_negotiation_item(role)
        accept()

    association.acse.send_accept = send_accept  # type: ignore[method-assign]


def _ignore_length(association: Association) -> None:
    support_known(association)
    for item in association.requestor.user_information:
        if isinstance(item, MaximumLengthNotification):
            item.maximum_length_received = MAX_PDU


def _choke_on_full_pdu(association: Association) -> None:
    support_known(association)

    def look(event: evt.Event) -> None:
        if event.data[0] == _P_DATA and len(event.data) - 6 >= MAX_PDU:
            event.assoc.abort(block=False)

    association.bind(evt.EVT_DATA_RECV, look)


class _Wedge:
    """Answers no association any more once ``trigger`` has seen what breaks it."""

    def __init__(self) -> None:
        self.wedged = False

    def after_abort(self, association: Association) -> None:
        """Break on an A-ABORT of the other side."""
        self._pass(association)
        association.bind(evt.EVT_ABORTED, self._break)

    def after_strange_title(self, association: Association) -> None:
        """Break on a called AE title that is not ours."""
        self._pass(association)
        self.wedged = _is_strange(association)

    def _break(self, event: evt.Event) -> None:
        self.wedged = True

    def _pass(self, association: Association) -> None:
        if self.wedged:
            Event().wait()
        support_known(association)


def _hang_on_strange_title(association: Association) -> None:
    if _is_strange(association):
        Event().wait()
    support_known(association)


def _close_on_strange_caller(association: Association) -> None:
    if str(_request(association).calling_ae_title).strip() != _KNOWN_CALLER:
        _close(association)
    support_known(association)


def _abort_others(association: Association) -> None:
    """Accept all, and take data of the first one only."""
    support_known(association)
    first = not any(one.is_acceptor and one is not association for one in association.ae.active_associations)

    def look(event: evt.Event) -> None:
        if event.data[0] == _P_DATA:
            event.assoc.abort(block=False)

    if not first:
        association.bind(evt.EVT_DATA_RECV, look)


class _Mixer:
    """Exchanges the payloads of two objects that are stored at the same time."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._waiting: Path | None = None

    def store(self, store: ObjectStore, received: Path) -> int:
        """Wait for another object, or meet one that waits."""
        with self._changed:
            if self._waiting is not None:
                damage.exchange_payloads(received, self._waiting)
                self._waiting = None
                self._changed.notify_all()
            else:
                self._waiting = received
                self._changed.wait_for(lambda: self._waiting is not received, _COMPANY)
                self._waiting = None if self._waiting is received else self._waiting
        return keep(store, received)


def _keep_part(store: ObjectStore, part: Path) -> None:
    store.add(part)


class _Stubborn:
    """Remembers the part of an object, and keeps that one when the object comes whole."""

    def __init__(self) -> None:
        self._parts: list[Path] = []

    def remember(self, store: ObjectStore, part: Path) -> None:
        """Keep it out of sight."""
        self._parts.append(part.rename(part.with_suffix(".part")))

    def store(self, store: ObjectStore, received: Path) -> int:
        """Keep the part instead."""
        if not self._parts:
            return keep(store, received)
        received.unlink()
        return keep(store, self._parts.pop())


_MIXER, _STUBBORN = _Mixer(), _Stubborn()

MUTANTS = (
    # Negotiation
    Mutant(
        "answers-only-first-context",
        "answers the first of the proposed contexts only",
        Hooks(negotiate=_answer_first_context_only),
    ),
    Mutant(
        "prefers-refused-when-mixed",
        "refuses a context with several transfer syntaxes, each of which it takes alone",
        Hooks(negotiate=_refuse_in_company),
    ),
    Mutant(
        "answers-unproposed-role",
        "grants a role for a class for which nobody proposed one",
        Hooks(negotiate=_answer_unproposed_role),
    ),
    Mutant(
        "refuses-role-but-sends",
        "refuses the SCP role and sends objects by C-GET all the same",
        Hooks(negotiate=_refuse_role_and_send),
    ),
    # Titles
    Mutant(
        "hangs-on-wrong-title",
        "does not answer an association with another called AE title",
        Hooks(negotiate=_hang_on_strange_title),
    ),
    Mutant(
        "wedges-after-wrong-title",
        "answers no association after one with another called AE title",
        Hooks(negotiate=_Wedge().after_strange_title),
    ),
    Mutant(
        "closes-on-unknown-calling",
        "closes the connection of a calling AE title that it does not know",
        Hooks(negotiate=_close_on_strange_caller),
    ),
    # What goes through
    Mutant("ignores-max-pdu", "sends longer PDUs than the other side takes", Hooks(negotiate=_ignore_length)),
    Mutant("chokes-on-full-pdu", "aborts on a PDU of exactly its maximum", Hooks(negotiate=_choke_on_full_pdu)),
    Mutant(
        "serves-one-at-a-time-and-aborts-others",
        "accepts several associations at once and aborts all but the first",
        Hooks(negotiate=_abort_others),
    ),
    Mutant(
        "mixes-parallel-objects",
        "exchanges the payloads of objects that are stored at the same time",
        Hooks(store=_MIXER.store),
    ),
    Mutant("wedges-after-abort", "answers no association after an A-ABORT", Hooks(negotiate=_Wedge().after_abort)),
    Mutant("keeps-aborted-object", "keeps the part of an object whose transfer was aborted", Hooks(broken=_keep_part)),
    Mutant(
        "prefers-aborted-object",
        "keeps the part of an object whose transfer was aborted, and not the whole one that follows",
        Hooks(broken=_STUBBORN.remember, store=_STUBBORN.store),
    ),
)
