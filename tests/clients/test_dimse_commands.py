"""Command sets: coded as pydicom codes them, and unreadable ones named."""

from io import BytesIO

import pytest
from pynetdicom.dsutils import decode

from harness.clients.dimse.commands import C_STORE, ELEMENTS, decode_command, encode_command, name_of

COMMAND = {
    "CommandField": C_STORE,
    "MessageID": 1,
    "Priority": 0,
    "CommandDataSetType": 1,
    "AffectedSOPClassUID": "1.2.840.10008.5.1.4.1.1.77.1.1.1",
    "AffectedSOPInstanceUID": "1.2.3",
    "MoveDestination": "ODD",
}


def test_another_decoder_reads_what_is_encoded() -> None:
    raw = encode_command(COMMAND)
    dataset = decode(BytesIO(raw), True, True)
    assert {element.keyword: element.value for element in dataset} == {
        **COMMAND,
        "CommandGroupLength": len(raw) - 12,
    }
    assert [element.tag.element for element in dataset] == sorted(element.tag.element for element in dataset)


def test_what_is_encoded_can_be_decoded() -> None:
    assert decode_command(encode_command(COMMAND)) == COMMAND


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"\0\0\0\1", "breaks off in the head"),
        (b"\0\0\0\1\x08\0\0\0\1\0", "says 8 bytes and 2 are left"),
        (b"", "no Command Field"),
    ],
)
def test_what_is_no_command_set_is_named(raw: bytes, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        decode_command(raw)


def test_every_element_that_is_known_has_a_number_of_its_own() -> None:
    assert len({number for number, _ in ELEMENTS.values()}) == len(ELEMENTS)


def test_messages_have_the_names_of_the_standard() -> None:
    assert (name_of(0x0001), name_of(0x8010), name_of(0x1234)) == ("C-STORE-RQ", "C-GET-RSP", "message 0x1234")
