"""C-GET: what comes back, what is refused and by which name, and that nothing partial stays."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian

from harness.clients.dimse.retrieve import STUDY_ROOT_GET
from harness.core.endpoint import Timeouts
from harness.core.exchange import Ending, SubOperations
from harness.core.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from tests.clients.conftest import CLASS, SYNTAX, Clients, Peer, Sample, ScriptedPeer, store_request

StartPeer = Callable[..., ScriptedPeer]
MakeSample = Callable[[int], Sample]
KEYS = {"study_uid": "1.2.3", "series_uid": "1.2.3.4", "instance_uid": "1.2.3.4.5"}
OBJECT = {"sop_class_uid": CLASS, "transfer_syntax_uid": SYNTAX}
C_GET_RSP, C_MOVE_RSP = 0x8010, 0x8021
PENDING = 0xFF00


def test_get_streams_the_object_into_a_part_10_file(
    peer: StartPeer, client: Clients, sample: MakeSample, tmp_path: Path
) -> None:
    one = sample(100_001)
    answers: list[Dataset] = []

    def script(p: Peer) -> None:
        p.accept(roles=(CLASS,))
        assert [number for number, _, _ in p.proposed] == [1, 3]
        _, command, _ = p.read_message()
        assert command.AffectedSOPClassUID == STUDY_ROOT_GET
        p.send_message(3, store_request(), one.data)
        answers.append(p.read_message()[1])
        p.answer(C_GET_RSP, PENDING, NumberOfCompletedSuboperations=1)
        p.answer(
            C_GET_RSP,
            0,
            NumberOfCompletedSuboperations=1,
            NumberOfFailedSuboperations=0,
            NumberOfWarningSuboperations=0,
        )
        p.release()

    exchange, files = client(peer(script).port).get(**KEYS, **OBJECT, into=tmp_path / "got")
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert exchange.sub_operations == SubOperations(completed=1, failed=0, warning=0)
    assert exchange.payload_bytes == len(one.data)
    assert [c.as_scp for c in exchange.contexts] == [False, True]
    assert [file.name for file in files] == ["0001.dcm"]
    assert files[0].read_bytes().endswith(one.data)
    meta = dcmread(files[0], stop_before_pixels=True).file_meta
    assert (meta.TransferSyntaxUID, meta.MediaStorageSOPInstanceUID) == (SYNTAX, "1.2.3.4.5")
    assert meta.ImplementationClassUID == IMPLEMENTATION_CLASS_UID
    assert meta.ImplementationVersionName == IMPLEMENTATION_VERSION_NAME
    assert (answers[0].Status, answers[0].MessageIDBeingRespondedTo) == (0, 9)


def test_failed_sub_operations_are_in_the_counters_beside_the_warning(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    def script(p: Peer) -> None:
        p.accept(roles=(CLASS,))
        p.read_message()
        counters = {"NumberOfCompletedSuboperations": 0, "NumberOfFailedSuboperations": 2}
        base = {"CommandField": C_GET_RSP, "MessageIDBeingRespondedTo": 1, "Status": 0xB000}
        p.send_message(1, {**base, **counters}, b"\x08\x00\x58\x00\x08\x00\x00\x001.2\\1.3\0")
        p.release()

    exchange, files = client(peer(script).port).get(**KEYS, **OBJECT, into=tmp_path / "got")
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0xB000)
    assert exchange.sub_operations == SubOperations(completed=0, failed=2, warning=None)
    assert files == ()


@pytest.mark.parametrize(
    ("accept", "accepted", "words"),
    [
        ({"results": {1: 3}, "roles": (CLASS,)}, [False, True], "C-GET (Study Root) was refused: abstract syntax"),
        ({"results": {3: 4}, "roles": (CLASS,)}, [True, False], "storage context was refused: transfer syntaxes"),
        ({"roles": ()}, [True, True], f"SCP role for {CLASS} was refused"),
        ({"results": {1: 3, 3: 3}}, [False, False], "C-GET (Study Root) was refused"),
    ],
    ids=["service", "syntax", "role", "everything"],
)
def test_the_causes_of_a_refused_get_are_told_apart(
    peer: StartPeer,
    client: Clients,
    tmp_path: Path,
    accept: dict[str, Any],
    accepted: list[bool],
    words: str,
) -> None:
    scripted = peer(lambda p: (p.accept(**accept), p.release()))
    exchange, files = client(scripted.port).get(**KEYS, **OBJECT, into=tmp_path / "got")
    assert exchange.ending is Ending.REFUSED
    assert words in exchange.detail
    assert [context.accepted for context in exchange.contexts] == accepted
    assert files == ()


@pytest.mark.parametrize("left_out", [1, 3], ids=["service", "storage"])
def test_a_context_without_an_answer_is_no_refusal(
    peer: StartPeer, client: Clients, tmp_path: Path, left_out: int
) -> None:
    scripted = peer(lambda p: (p.accept(roles=(CLASS,), leave_out=(left_out,)), p.read_pdu()))
    exchange, _ = client(scripted.port).get(**KEYS, **OBJECT, into=tmp_path / "got")
    assert exchange.ending is Ending.BAD_ANSWER
    assert "PS3.8 9.3.3.2" in exchange.detail


@pytest.mark.parametrize(
    "request_elements",
    [store_request("../../etc/passwd"), store_request("1." * 40 + "1"), store_request(sop_class="1.2.9")],
    ids=["path", "too long", "other class"],
)
def test_an_object_that_was_not_agreed_is_a_bad_answer_and_writes_nothing(
    peer: StartPeer, client: Clients, tmp_path: Path, request_elements: Mapping[str, Any]
) -> None:
    def script(p: Peer) -> None:
        p.accept(roles=(CLASS,))
        p.read_message()
        uid = request_elements["AffectedSOPInstanceUID"].encode()
        raw = b""
        sop_class = request_elements["AffectedSOPClassUID"].encode()
        for number, value in ((2, sop_class), (0x100, b"\1\0"), (0x110, b"\2\0"), (0x800, b"\0\0"), (0x1000, uid)):
            value += b"\0" * (len(value) % 2)
            raw += b"\0\0" + number.to_bytes(2, "little") + len(value).to_bytes(4, "little") + value
        p.send_pdu(4, (len(raw) + 2).to_bytes(4, "big") + b"\3\3" + raw)
        p.read_pdu()

    exchange, files = client(peer(script).port).get(**KEYS, **OBJECT, into=tmp_path / "got")
    assert exchange.ending is Ending.BAD_ANSWER
    assert files == ()
    assert list((tmp_path / "got").iterdir()) == []


@pytest.mark.parametrize(
    ("end", "ending"),
    [
        (lambda p: p.abort(), Ending.ABORTED),
        (lambda p: None, Ending.LOST),
        (lambda p: p.read_pdu(), Ending.TIMED_OUT),
        (lambda p: p.answer(C_GET_RSP, 0), Ending.BAD_ANSWER),
    ],
    ids=["abort", "close", "stall", "command inside data"],
)
def test_an_object_that_breaks_off_leaves_no_file(
    peer: StartPeer, client: Clients, tmp_path: Path, end: Callable[[Peer], object], ending: Ending
) -> None:
    def script(p: Peer) -> None:
        p.accept(roles=(CLASS,))
        p.read_message()
        p.send_message(3, store_request(), bytes(5000))
        p.read_message()
        p.send_message(3, {**store_request("1.2.9"), "CommandDataSetType": 0})
        p.send_data(3, bytes(5000), last=False)
        time.sleep(0.05)
        end(p)

    exchange, files = client(peer(script).port).get(**KEYS, **OBJECT, into=tmp_path / "got")
    assert exchange.ending is ending
    assert [file.name for file in files] == ["0001.dcm"]
    assert [file.name for file in (tmp_path / "got").iterdir()] == ["0001.dcm"]


def test_another_attempt_starts_with_an_empty_folder(
    peer: StartPeer, client: Clients, sample: MakeSample, tmp_path: Path
) -> None:
    one = sample(10)

    def script(p: Peer) -> None:
        p.accept(roles=(CLASS,))
        p.read_message()
        p.send_message(3, store_request(), one.data)
        p.read_message()

    def whole(p: Peer) -> None:
        script(p)
        p.answer(C_GET_RSP, 0)
        p.release()

    exchange, files = client(peer(script, whole).port, attempts=2).get(**KEYS, **OBJECT, into=tmp_path / "got")
    assert exchange.status == 0
    assert [attempt.ending for attempt in exchange.earlier] == [Ending.LOST]
    assert list((tmp_path / "got").iterdir()) == list(files)
    assert len(files) == 1


def test_a_status_counts_although_a_list_stands_in_its_command_set(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    """Orthanc 1.10.1 says so when it cannot transcode."""

    def script(p: Peer) -> None:
        p.accept(roles=(CLASS,))
        p.read_message()
        p.answer(C_GET_RSP, 0xC000, NumberOfFailedSuboperations=1, FailedSOPInstanceUIDList="1.2.3.4.5")
        p.release()

    exchange, _ = client(peer(script).port).get(**KEYS, **OBJECT, into=tmp_path / "got")
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0xC000)


def test_get_from_a_real_archive(archive: tuple[int, dict[str, Any]], client: Clients, tmp_path: Path) -> None:
    patient = client(archive[0], limits=Timeouts())
    exchange, files = patient.get(
        **KEYS, sop_class_uid=CLASS, transfer_syntax_uid=ExplicitVRLittleEndian, into=tmp_path / "got"
    )
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert exchange.sub_operations is not None
    assert exchange.sub_operations.completed == 1
    assert str(dcmread(files[0]).PatientName) == "Test^Video"


def test_an_object_may_come_in_any_of_several_syntaxes(
    archive: tuple[int, dict[str, Any]], client: Clients, tmp_path: Path
) -> None:
    exchange, files = client(archive[0], limits=Timeouts()).get(
        **KEYS,
        sop_class_uid=CLASS,
        transfer_syntax_uid=SYNTAX,
        also=(ExplicitVRLittleEndian,),
        into=tmp_path / "got",
    )
    assert [context.accepted for context in exchange.contexts] == [True, False, True]
    assert [dcmread(file).file_meta.TransferSyntaxUID for file in files] == [ExplicitVRLittleEndian]
