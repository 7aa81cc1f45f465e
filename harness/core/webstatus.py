"""What the HTTP status of a DICOMweb answer means (PS3.18 10.4.3, 10.5.3, 10.6.3; RFC 9110 15): tables, by service.

The rule for a refused store: what openly names the syntax, the SOP class or the size as its cause is UNSUPPORTED; a
refusal for another stated cause is FAIL, because a valid object was not stored; a refusal without a cause that can be
read, or for a cause outside the object, is INCONCLUSIVE.
"""

import re

from harness.core.exchange import (
    BULK_DATA,
    METADATA,
    RENDERED,
    REST_FILE,
    REST_FRAME,
    REST_STATE,
    STOW_RS,
    WADO_URI,
    WEB_SERVICES,
    Ending,
    Exchange,
)
from harness.core.results import Outcome

_SHARED: dict[int, tuple[Outcome, str]] = {
    301: (Outcome.INCONCLUSIVE, "the service has moved; set the base to where it is"),
    302: (Outcome.INCONCLUSIVE, "the service points elsewhere; set the base to where it is"),
    303: (Outcome.INCONCLUSIVE, "the service points elsewhere; set the base to where it is"),
    307: (Outcome.INCONCLUSIVE, "the service points elsewhere; set the base to where it is"),
    308: (Outcome.INCONCLUSIVE, "the service has moved; set the base to where it is"),
    401: (Outcome.INCONCLUSIVE, "not authorised; check the authentication of the target"),
    403: (Outcome.INCONCLUSIVE, "not authorised; check what the target allows us"),
    405: (Outcome.NOT_APPLICABLE, "the target does not offer this service"),
    407: (Outcome.INCONCLUSIVE, "a proxy between us and the target asks who we are"),
    429: (Outcome.INCONCLUSIVE, "the target asks us to slow down"),
    501: (Outcome.NOT_APPLICABLE, "the target does not offer this service"),
    502: (Outcome.INCONCLUSIVE, "a gateway did not reach the target"),
    503: (Outcome.INCONCLUSIVE, "the target is not available now"),
    504: (Outcome.INCONCLUSIVE, "a gateway had no answer from the target in time"),
}

#: Answers to questions for which a refusal is as good as an answer.
_REFUSABLE: dict[int, tuple[Outcome, str]] = {
    200: (Outcome.PASS, "answered"),
    400: (Outcome.UNSUPPORTED, "openly refused"),
    406: (Outcome.UNSUPPORTED, "openly refused: not in this media type or transfer syntax"),
    415: (Outcome.UNSUPPORTED, "openly refused: media type not supported"),
}

#: As above, where a refusal by 400 may have any cause: the request, its address, or what is asked for.
_REFUSABLE_WITH_CAUSE = _REFUSABLE | {400: (Outcome.INCONCLUSIVE, "the request was refused without a stated cause")}

#: Per service the status codes with a meaning of their own; every other code is FAIL.
WEB_STATUS: dict[str, dict[int, tuple[Outcome, str]]] = {
    "STOW-RS": _SHARED
    | {
        200: (Outcome.PASS, "stored"),
        202: (Outcome.PASS, "stored, with a warning"),
        400: (Outcome.INCONCLUSIVE, "the request was refused without a stated cause"),
        404: (Outcome.INCONCLUSIVE, "there is no DICOMweb service at this address; check the base URL"),
        408: (Outcome.INCONCLUSIVE, "the target did not wait for the whole request"),
        409: (Outcome.INCONCLUSIVE, "not stored, without a stated cause"),
        413: (Outcome.UNSUPPORTED, "openly refused: too large"),
        415: (Outcome.INCONCLUSIVE, "the media type was refused without a word on the transfer syntax"),
        507: (Outcome.INCONCLUSIVE, "refused: out of resources"),
    },
    "QIDO-RS": _SHARED
    | {
        200: (Outcome.PASS, "answered"),
        204: (Outcome.PASS, "answered"),
        400: (Outcome.INCONCLUSIVE, "the target does not accept this query"),
        413: (Outcome.INCONCLUSIVE, "the target finds the query too broad"),
    },
    "WADO-RS": _SHARED
    | {
        200: (Outcome.PASS, "answered"),
        404: (Outcome.FAIL, "stored, and not there when asked for"),
        406: (Outcome.FAIL, "stored, and not given back although any transfer syntax was asked for"),
        410: (Outcome.FAIL, "stored, and gone when asked for"),
    },
    METADATA: _SHARED | {200: (Outcome.PASS, "answered")},
    # Compressed bulk data and rendered video are optional, and a refusal is an honest answer (PS3.18 Tables 10.4.4-1,
    # 8.7.4-1); 406 is what the standard has for it, 415 says no less openly that it is not done.
    BULK_DATA: _SHARED | _REFUSABLE_WITH_CAUSE,
    RENDERED: _SHARED
    | _REFUSABLE
    | {404: (Outcome.NOT_APPLICABLE, "the target has no such resource below an instance that it has")},
    WADO_URI: _SHARED
    | _REFUSABLE_WITH_CAUSE
    | {404: (Outcome.INCONCLUSIVE, "nothing is there; see that this is the address of its WADO-URI service")},
    REST_FILE: _SHARED | {200: (Outcome.PASS, "answered")},
    REST_FRAME: _SHARED | _REFUSABLE_WITH_CAUSE,
    REST_STATE: _SHARED | {200: (Outcome.PASS, "answered")},
}

#: Refusals of the form that was asked for, after which another form may be asked (PS3.18 8.7.5; RFC 9110 15.5).
NOT_IN_THIS_FORM = frozenset({400, 406, 415})

_OTHERS = {"STOW-RS": "sent as the standard has it, and not stored"}
_OTHER = "stored, then refused to give it back"

#: Answers of an index that does not know an object yet.
NOTHING_YET = (200, 204, 404)

#: Failure reasons of a store (PS3.18 Table I.2-2), by first match of ``reason & mask == value``.
FAILURE_REASONS: tuple[tuple[int, int, Outcome, str], ...] = (
    (0xFFFF, 0x0122, Outcome.UNSUPPORTED, "openly refused: SOP class not supported"),
    (0xFFFF, 0xC122, Outcome.UNSUPPORTED, "openly refused: transfer syntax not supported"),
    (0xFFFF, 0x0124, Outcome.INCONCLUSIVE, "refused: not authorised; check what the target allows us"),
    (0xFF00, 0xA700, Outcome.INCONCLUSIVE, "refused: out of resources"),
    (0x0000, 0x0000, Outcome.FAIL, "not stored, for the stated reason"),
)

#: What an exchange means that brought no answer, to a store and to a question about what was stored. HTTP knows no
#: acceptance before the answer, so that a store which breaks off decides nothing; what was stored must come back.
WEB_ENDINGS: dict[Ending, tuple[Outcome, Outcome, str]] = {
    Ending.REFUSED: (Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE, "the target does not offer this service"),
    Ending.REJECTED: (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE, "not authorised"),
    Ending.ABORTED: (Outcome.INCONCLUSIVE, Outcome.FAIL, "the target broke off"),
    Ending.TIMED_OUT: (Outcome.INCONCLUSIVE, Outcome.FAIL, "not answered within the stated limit"),
    Ending.LOST: (Outcome.INCONCLUSIVE, Outcome.FAIL, "the target closed the connection"),
    Ending.UNREACHABLE: (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE, "the target could not be reached"),
    Ending.UNTRUSTED: (
        Outcome.INCONCLUSIVE,
        Outcome.INCONCLUSIVE,
        "no connection that both sides trust could be made",
    ),
    Ending.BAD_ANSWER: (Outcome.FAIL, Outcome.FAIL, "the answer breaks the protocol"),
    Ending.BROKEN_OFF: (Outcome.INCONCLUSIVE, Outcome.INCONCLUSIVE, "we broke it off on purpose"),
}


def is_web(exchange: Exchange) -> bool:
    """Whether an exchange was one over HTTP."""
    return exchange.service in WEB_SERVICES


def web_meaning(exchange: Exchange) -> tuple[Outcome, str]:
    """What one DICOMweb exchange means by its ending, status and failure reason."""
    if exchange.ending is not Ending.ANSWERED:
        stored, asked, meaning = WEB_ENDINGS[exchange.ending]
        return (stored if exchange.service == STOW_RS else asked), meaning
    if exchange.status is None:
        return Outcome.FAIL, "the answer holds no status"
    if exchange.service == STOW_RS and exchange.status in (400, 409, 415):
        if exchange.earlier and exchange.status == 409:
            return Outcome.INCONCLUSIVE, "the second try may have met the copy of the first"
        if exchange.failure_reason is not None:
            return next(row[2:] for row in FAILURE_REASONS if exchange.failure_reason & row[0] == row[1])
        if _names_syntax(exchange.detail):
            return Outcome.UNSUPPORTED, "openly refused: the answer says so of the transfer syntax"
    if exchange.service == STOW_RS and exchange.status == 202 and exchange.failure_reason is None and exchange.detail:
        # 202 also tells of failures (PS3.18 Table 10.5.3-1), so words that cannot be read decide nothing.
        return Outcome.INCONCLUSIVE, "answered with a remark that cannot be read"
    other = (Outcome.FAIL, _OTHERS.get(exchange.service, _OTHER))
    return WEB_STATUS[exchange.service].get(exchange.status, other)


def came_back(exchange: Exchange) -> bool:
    """Whether the answer to a retrieve over HTTP says without remark that it holds what was asked for."""
    return is_web(exchange) and exchange.service != STOW_RS and exchange.status == 200


#: Where one clause of a text ends; the dots of a UID are within one.
_CLAUSE = re.compile(r"[;,.!?](?=[\s\"']|$)|(?<!syntax)(?<!uid):(?=\s)|[\r\n]")
#: A refusal of the transfer syntax itself, in a clause without spaces: that a text mentions one may have any cause.
_REFUSED_SYNTAX = re.compile(
    r"(unsupported|notsupported|doesnotsupport|notaccept|notacceptable|notaccepted|notallowed)"
    r"(the|this|your|given|requested)*transfersyntax"
    r"|transfersyntax(uid|of|the|this|object|instance|file|dataset|is|was|value)*"
    r"(notinthelist|unsupported|notsupported|notaccept|notallowed)"
)


def _names_syntax(text: str) -> bool:
    """Whether the service says in words that it refuses the transfer syntax; the client adds no words of its own."""
    clauses = ("".join(c for c in clause if c.isalpha()) for clause in _CLAUSE.split(text.lower()))
    return any(_REFUSED_SYNTAX.search(clause) for clause in clauses)
