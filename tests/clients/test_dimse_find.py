"""C-FIND: matches as keywords and text."""

from collections.abc import Callable
from typing import Any

import pytest

from harness.core.endpoint import Timeouts
from harness.core.exchange import Ending
from tests.clients.conftest import CLASS, SYNTAX, Clients, Peer, Sample, ScriptedPeer

StartPeer = Callable[..., ScriptedPeer]
MakeSample = Callable[[int], Sample]
KEYS = {"study_uid": "1.2.3", "series_uid": "1.2.3.4", "instance_uid": "1.2.3.4.5"}
OBJECT = {"sop_class_uid": CLASS, "transfer_syntax_uid": SYNTAX}
C_GET_RSP, C_MOVE_RSP = 0x8010, 0x8021
PENDING = 0xFF00


def test_find_returns_keywords_and_text(archive: tuple[int, dict[str, Any]], client: Clients) -> None:
    exchange, matches = client(archive[0], limits=Timeouts()).find({"SOPInstanceUID": "1.2.3.4.5", "Rows": ""})
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert matches == (
        {
            "QueryRetrieveLevel": "IMAGE",
            "SOPInstanceUID": "1.2.3.4.5",
            "SOPClassesInStudy": "1.2\\1.3",
            "PatientName": "Test^Video",
            "Rows": "64",
        },
    )


def test_find_by_a_keyword_that_does_not_exist_is_our_mistake(
    archive: tuple[int, dict[str, Any]], client: Clients
) -> None:
    with pytest.raises(ValueError, match="PatientNam"):
        client(archive[0], limits=Timeouts()).find({"PatientNam": ""})


def test_find_with_a_match_that_cannot_be_read_is_a_bad_answer(peer: StartPeer, client: Clients) -> None:
    def script(p: Peer) -> None:
        p.accept()
        p.read_message()
        base = {"CommandField": 0x8020, "MessageIDBeingRespondedTo": 1, "Status": PENDING}
        p.send_message(1, base, b"\x28\x00\x10\x00US\x02\x00")
        p.send_message(1, base, b"\x28\x00\x10\x00US\x03\x00abc")
        p.answer(0x8020, 0)
        p.read_pdu()

    exchange, _ = client(peer(script).port).find({"SOPInstanceUID": ""})
    assert exchange.ending is Ending.BAD_ANSWER
