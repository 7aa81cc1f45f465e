"""Legal ways to negotiate and to serve associations."""

from dataclasses import replace
from functools import partial

from pydicom.uid import UID
from pynetdicom import evt
from pynetdicom.association import Association
from pynetdicom.dimse_primitives import C_GET, C_MOVE
from pynetdicom.sop_class import (  # type: ignore[attr-defined]  # made at run time
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from harness.targets.embedded.hooks import COMMITMENT, GET, Hooks, proposals, supported_context
from harness.targets.embedded.variations.variation import Variation, Vary, after, negotiating, web, without_class
from harness.targets.embedded.web.hooks import SYNTAX_NOT_SUPPORTED, admit_known

#: The fragmentable twins of MPEG-2 and H.264 (PS3.6 Table A-1).
_TWINS = frozenset(f"1.2.840.10008.1.2.4.{number}.1" for number in range(100, 107))
_USER_REJECTION, _CLASS_NOT_SUPPORTED = 1, 3
_SMALL_PDU, _UNLIMITED = 4096, 0
_PENDING = 0xFF00
_SERVED, _UNRESTRICTED = 2, 100
#: Pending answers that come in a row; a client that stops at the first few stops too early.
_MANY = 40


def _without_twins(association: Association) -> None:
    for context in association.acceptor.supported_contexts:
        context.transfer_syntax = [syntax for syntax in context.transfer_syntax if syntax not in _TWINS]


def _answer_refusals_with(code: int, association: Association) -> None:
    """Whatever is refused is refused with one code: products use them alike."""
    accept = association.acse.send_accept

    def send_accept() -> None:
        for context in association._rejected_cx:
            context.result = code
        accept()

    association.acse.send_accept = send_accept  # type: ignore[method-assign]


def _refuse_twins(code: int | None = None) -> Vary:
    def admit(sop_class: str, transfer_syntax: str) -> int:
        return SYNTAX_NOT_SUPPORTED if transfer_syntax in _TWINS else admit_known(sop_class, transfer_syntax)

    dimse = negotiating(_without_twins)
    coded = (negotiating(partial(_answer_refusals_with, code)),) if code is not None else ()
    return after(dimse, *coded, web(admit=admit))


def _accept_unknown_classes(association: Association) -> None:
    known = {context.abstract_syntax for context in association.acceptor.supported_contexts}
    association.acceptor.supported_contexts += [
        supported_context(abstract, syntaxes)
        for abstract, syntaxes in proposals(association).items()
        if abstract not in known
    ]


def _take_pdus_of(length: int, association: Association) -> None:
    association.acceptor.maximum_length = length


def _name_another_implementation(association: Association) -> None:
    association.acceptor.implementation_class_uid = UID("1.2.826.0.1.3680043.2.1143.1")
    association.acceptor.implementation_version_name = "ANOTHER_1"


def _prefer_the_last(association: Association) -> None:
    for context in association.acceptor.supported_contexts:
        context.transfer_syntax = list(reversed(context.transfer_syntax))


def _serve_two(association: Association) -> None:
    open_now = [one for one in association.ae.active_associations if one.is_acceptor and one.is_established]
    # Compared by pynetdicom after this: rejected-transient, local-limit-exceeded. It would also count those that end.
    association.ae.maximum_associations = 0 if len(open_now) >= _SERVED else _UNRESTRICTED


def _announce_often(event: evt.Event, service: str) -> None:
    """Answer pending again and again before a sub-operation."""
    for _ in range(_MANY):
        pending = C_GET() if service == GET else C_MOVE()
        pending.MessageIDBeingRespondedTo = event.request.MessageID
        pending.AffectedSOPClassUID = event.request.AffectedSOPClassUID
        pending.Status = _PENDING
        pending.NumberOfRemainingSuboperations = 1
        pending.NumberOfCompletedSuboperations = 0
        pending.NumberOfFailedSuboperations = 0
        pending.NumberOfWarningSuboperations = 0
        event.assoc.dimse.send_msg(pending, event.context.context_id)


def _with_many_pendings(hooks: Hooks) -> Hooks:
    return replace(hooks, sub_operation=_announce_often)


VARIATIONS = (
    Variation(
        "refuses-fragmentable",
        "refuses the fragmentable transfer syntaxes with code 4",
        "PS3.8 Table 9-18: an acceptor need not support a transfer syntax; 4 is transfer-syntaxes-not-supported",
        _refuse_twins(),
    ),
    Variation(
        "refuses-with-code-3",
        "refuses the fragmentable transfer syntaxes, and whatever else it refuses, with code 3",
        "PS3.8 Table 9-18: a rejection; products answer 3 (abstract-syntax-not-supported) for the combination",
        _refuse_twins(_CLASS_NOT_SUPPORTED),
    ),
    Variation(
        "refuses-with-code-1",
        "refuses the fragmentable transfer syntaxes, and whatever else it refuses, with code 1",
        "PS3.8 Table 9-18: 1 is user-rejection, which may have any reason",
        _refuse_twins(_USER_REJECTION),
    ),
    Variation(
        "accepts-unknown-class",
        "accepts SOP classes that it does not know",
        "PS3.4 B.1: nothing limits the classes of an SCP; products can be configured to take any",
        negotiating(_accept_unknown_classes),
    ),
    Variation(
        "without-get",
        "refuses the C-GET class",
        "PS3.4 C.4.3: C-GET is a SOP class of its own, and no one has to support it",
        without_class(str(StudyRootQueryRetrieveInformationModelGet)),
    ),
    Variation(
        "without-move",
        "refuses the C-MOVE class",
        "PS3.4 C.4.2: C-MOVE is a SOP class of its own, and no one has to support it",
        without_class(str(StudyRootQueryRetrieveInformationModelMove)),
    ),
    Variation(
        "without-commitment",
        "refuses the storage commitment class",
        "PS3.4 J: storage commitment is a service of its own, and no one has to support it",
        without_class(COMMITMENT),
    ),
    Variation(
        "prefers-last-syntax",
        "takes the last one of several proposed transfer syntaxes",
        "PS3.8 9.3.3.2: the acceptor chooses any one of those proposed in a context",
        negotiating(_prefer_the_last),
    ),
    Variation(
        "small-pdu",
        f"takes PDUs of {_SMALL_PDU} bytes at most",
        "PS3.8 D.1: each side states its own maximum length",
        negotiating(partial(_take_pdus_of, _SMALL_PDU)),
    ),
    Variation(
        "unlimited-pdu",
        "takes PDUs of any length",
        "PS3.8 D.1: a maximum length of 0 is no limit",
        negotiating(partial(_take_pdus_of, _UNLIMITED)),
    ),
    Variation(
        "another-implementation",
        "names another implementation in negotiation",
        "PS3.7 D.3.3.2: the implementation identifies itself, and nothing follows from that",
        negotiating(_name_another_implementation),
    ),
    Variation(
        "serves-two-associations",
        f"rejects another association while it serves {_SERVED}",
        "PS3.8 Table 9-21: rejected-transient, local-limit-exceeded",
        negotiating(_serve_two),
    ),
    Variation(
        "many-pendings",
        f"answers pending {_MANY} times before each sub-operation",
        "PS3.4 C.4.2.3.1, C.4.3.3.1: pending responses may be sent while sub-operations go on",
        _with_many_pendings,
    ),
)
