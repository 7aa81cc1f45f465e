"""Command sets: the part of a DIMSE message that is not the data set (PS3.7 6.3, Annex E).

Strategy: a command set is always Implicit VR Little Endian and knows a handful of elements, so it is read as
bytes by one table. A data-set library would check values that come from the peer and warn about them or
raise; here only what cannot be understood at all is an error, and the caller says what that means.
"""

import struct
from collections.abc import Mapping
from typing import Final

#: Value of a command element: text, or a number.
Value = str | int

#: Element number in group 0000 and code of the value, H unsigned short, s text (PS3.7 Table E.1-1).
ELEMENTS: Final = {
    "AffectedSOPClassUID": (0x0002, "s"),
    "RequestedSOPClassUID": (0x0003, "s"),
    "CommandField": (0x0100, "H"),
    "MessageID": (0x0110, "H"),
    "MessageIDBeingRespondedTo": (0x0120, "H"),
    "MoveDestination": (0x0600, "s"),
    "Priority": (0x0700, "H"),
    "CommandDataSetType": (0x0800, "H"),
    "Status": (0x0900, "H"),
    "ErrorComment": (0x0902, "s"),
    "AffectedSOPInstanceUID": (0x1000, "s"),
    "RequestedSOPInstanceUID": (0x1001, "s"),
    "EventTypeID": (0x1002, "H"),
    "ActionTypeID": (0x1008, "H"),
    "NumberOfCompletedSuboperations": (0x1021, "H"),
    "NumberOfFailedSuboperations": (0x1022, "H"),
    "NumberOfWarningSuboperations": (0x1023, "H"),
}
KEYWORDS: Final = {number: (keyword, code) for keyword, (number, code) in ELEMENTS.items()}

C_STORE, C_GET, C_FIND, C_MOVE, C_ECHO = 0x0001, 0x0010, 0x0020, 0x0021, 0x0030
N_EVENT_REPORT, N_ACTION = 0x0100, 0x0130
#: Set in the Command Field of every response.
RESPONSE: Final = 0x8000
#: Names for messages, of the requests.
NAMES: Final = {
    **{C_STORE: "C-STORE", C_GET: "C-GET", C_FIND: "C-FIND", C_MOVE: "C-MOVE", C_ECHO: "C-ECHO"},
    **{N_EVENT_REPORT: "N-EVENT-REPORT", N_ACTION: "N-ACTION"},
}

#: Command Data Set Type of a message without data set; any other value says that one follows (PS3.7 E.1).
NO_DATA: Final = 0x0101
WITH_DATA: Final = 0x0001
#: Priority of every request: medium (PS3.7 9.3.1.1).
MEDIUM: Final = 0


def name_of(field: int) -> str:
    """The message's name as the standard writes it, such as ``C-STORE-RSP``."""
    request = NAMES.get(field & ~RESPONSE)
    if request is None:
        return f"message 0x{field:04X}"
    return f"{request}-{'RSP' if field & RESPONSE else 'RQ'}"


def encode_command(command: Mapping[str, Value]) -> bytes:
    """Encode a command set, with its Command Group Length."""
    elements = []
    for keyword in sorted(command, key=lambda keyword: ELEMENTS[keyword][0]):
        number, code = ELEMENTS[keyword]
        value = command[keyword]
        raw = struct.pack("<H", value) if code == "H" else _padded(str(value), keyword)
        elements.append(struct.pack("<HHL", 0, number, len(raw)) + raw)
    body = b"".join(elements)
    return struct.pack("<HHLL", 0, 0, 4, len(body)) + body


def decode_command(raw: bytes) -> dict[str, Value]:
    """Decode a command set; elements that no caller needs are left out.

    Raises:
        ValueError: these bytes are not a command set; the message says why.
    """
    command: dict[str, Value] = {}
    offset = 0
    while offset < len(raw):
        if offset + 8 > len(raw):
            raise ValueError(f"it breaks off in the head of an element at byte {offset}")
        group, number, length = struct.unpack_from("<HHL", raw, offset)
        offset += 8
        if offset + length > len(raw):
            raise ValueError(f"element ({group:04x},{number:04x}) says {length} bytes and {len(raw) - offset} are left")
        # Orthanc 1.10.1 puts the Failed SOP Instance UID List (0008,0058) here, beside a status that counts.
        if group == 0 and number in KEYWORDS:
            keyword, code = KEYWORDS[number]
            value = raw[offset : offset + length]
            if code == "s":
                command[keyword] = value.decode("ascii", "replace").rstrip("\0 ")
            elif length >= 2:
                command[keyword] = struct.unpack_from("<H", value)[0]
        offset += length
    if "CommandField" not in command:
        raise ValueError("it has no Command Field (0000,0100)")
    return command


def number_in(command: Mapping[str, Value], keyword: str) -> int | None:
    """The value of a numeric element, or None where the message had none."""
    value = command.get(keyword)
    return value if isinstance(value, int) else None


def _padded(text: str, keyword: str) -> bytes:
    """Even length: UIDs are padded with a zero byte, other text with a space (PS3.5 6.2)."""
    raw = text.encode("ascii")
    return raw if len(raw) % 2 == 0 else raw + (b"\0" if keyword.endswith("UID") else b" ")
