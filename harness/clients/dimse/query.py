"""Identifiers and C-FIND: what is asked for and found, as keywords and text (PS3.4 C.4.1, Study Root)."""

import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Final

from pydicom.config import IGNORE
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pynetdicom.dsutils import decode, encode
from pynetdicom.status import QR_FIND_SERVICE_CLASS_STATUS

from harness.clients.dimse.association import Association
from harness.clients.dimse.commands import C_FIND, MEDIUM, WITH_DATA, Value
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import expect_response
from harness.clients.dimse.operation import (
    EXPLICIT_LE,
    IMPLICIT_LE,
    MESSAGE_ID,
    PENDING,
    Answer,
    next_message,
    required,
    status_detail,
)
from harness.clients.dimse.terms import Proposal
from harness.core.exchange import Ending

STUDY_ROOT_FIND: Final = "1.2.840.10008.5.1.4.1.2.2.1"
#: In order of preference: with explicit VRs a private or new element still has one.
FIND_PROPOSALS: Final = (Proposal(STUDY_ROOT_FIND, EXPLICIT_LE), Proposal(STUDY_ROOT_FIND, IMPLICIT_LE))


def identifier(query: Mapping[str, str], *, level: str, transfer_syntax: str = IMPLICIT_LE) -> BytesIO:
    """Encode an identifier.

    Raises:
        ValueError: a keyword that PS3.6 does not have.
    """
    dataset = Dataset()
    for keyword, value in {"QueryRetrieveLevel": level, **query}.items():
        tag = tag_for_keyword(keyword)
        if tag is None:
            raise ValueError(f"{keyword!r} is no keyword of PS3.6; ask for the attribute by its keyword")
        vr = dictionary_VR(tag)
        typed = int(value) if value and vr in ("US", "UL", "SS", "SL") else value or None
        # Keys may hold wildcards and ranges, which are no values of their VR (PS3.4 C.2.2.2).
        dataset.add(DataElement(tag, vr, typed, validation_mode=IGNORE))
    raw = encode(dataset, transfer_syntax == IMPLICIT_LE, True)
    if raw is None:
        raise ValueError(f"the query {dict(query)!r} cannot be encoded; correct its values")
    return BytesIO(raw)


def find(association: Association, query: Mapping[str, str], level: str, matches: list[dict[str, str]]) -> Answer:
    """Ask, and fill ``matches`` as they arrive; returns the final response."""
    context = required(association, STUDY_ROOT_FIND, "C-FIND (Study Root)")
    data = identifier(query, level=level, transfer_syntax=context.transfer_syntax)
    command: dict[str, Value] = {
        "AffectedSOPClassUID": STUDY_ROOT_FIND,
        "CommandField": C_FIND,
        "MessageID": MESSAGE_ID,
        "Priority": MEDIUM,
        "CommandDataSetType": WITH_DATA,
    }
    association.messenger.send(context.context_id, command, data)
    while True:
        message = next_message(association, C_FIND)
        status = expect_response(message, C_FIND, MESSAGE_ID)
        if status not in PENDING:
            return Answer(status, status_detail(message, status, QR_FIND_SERVICE_CLASS_STATUS))
        matches.append(_as_text(message.data, context.transfer_syntax))


def _as_text(raw: bytes, transfer_syntax: str) -> dict[str, str]:
    """The elements by keyword (or tag); several values joined by a backslash, sequences left out."""
    try:
        # Odd values are for the caller to judge; pydicom would warn of each.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dataset = decode(BytesIO(raw), transfer_syntax == IMPLICIT_LE, True)
            return {
                element.keyword or str(element.tag): _value_text(element.value)
                for element in dataset
                if element.VR != "SQ"
            }
    except Exception as problem:  # noqa: BLE001 - whatever a decoder makes of bytes from outside
        raise Ended(Ending.BAD_ANSWER, f"the identifier of a C-FIND response cannot be read: {problem!r}") from None


def _value_text(value: object) -> str:
    if isinstance(value, MultiValue):
        return "\\".join(str(item) for item in value)
    return "" if value is None else str(value)
