"""Storage commitment: asked for, reported here or over an association of the peer's, or never (PS3.4 J)."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian
from pynetdicom import AE, build_role
from pynetdicom.dsutils import decode, encode

from harness.clients.dimse import commit as ask_commitment
from harness.clients.dimse.commitment import STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE
from harness.core.commitment import ALL_COMMITTED, FAILURES_EXIST, CommitmentReport
from harness.core.exchange import Ending
from tests.clients.conftest import CLASS, Clients, Peer, ScriptedPeer
from tests.clients.senders import begin_association, receiver, wait_until

StartPeer = Callable[..., ScriptedPeer]
INSTANCE = "1.2.3.4.5"
N_ACTION_RSP, N_EVENT_REPORT = 0x8130, 0x0100
EVENT = {
    "CommandField": N_EVENT_REPORT,
    "MessageID": 7,
    "AffectedSOPClassUID": STORAGE_COMMITMENT,
    "AffectedSOPInstanceUID": WELL_KNOWN_INSTANCE,
}


def information(transaction: str, *, failed: bool = False) -> Dataset:
    """The Event Information about the one instance."""
    dataset, item = Dataset(), Dataset()
    dataset.TransactionUID = transaction
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = CLASS, INSTANCE
    if failed:
        item.FailureReason = 0x0112
        dataset.FailedSOPSequence = [item]
    else:
        dataset.ReferencedSOPSequence = [item]
    return dataset


def nameless() -> Dataset:
    """Event Information whose item names no instance."""
    dataset = Dataset()
    dataset.ReferencedSOPSequence = [Dataset()]
    return dataset


def encoded(dataset: Dataset) -> bytes:
    raw = encode(dataset, False, True)
    assert raw is not None
    return raw


def read_action(p: Peer) -> tuple[Dataset, Dataset]:
    """Command and Action Information of an N-ACTION."""
    whole: list[bytes] = []
    raw = b""
    while len(whole) < 2:
        kind, body = p.read_pdu()
        assert kind == 4
        raw += body[6:]
        if body[5] & 2:
            whole.append(raw)
            raw = b""
    return decode(BytesIO(whole[0]), True, True), decode(BytesIO(whole[1]), False, True)


def asked(p: Peer) -> str:
    """Take an N-ACTION and answer it with success; returns its Transaction UID."""
    p.accept()
    command, action = read_action(p)
    assert command.CommandField == 0x0130
    assert (command.RequestedSOPClassUID, command.RequestedSOPInstanceUID) == (STORAGE_COMMITMENT, WELL_KNOWN_INSTANCE)
    assert command.ActionTypeID == 1
    assert [item.ReferencedSOPInstanceUID for item in action.ReferencedSOPSequence] == [INSTANCE]
    p.answer(N_ACTION_RSP, 0)
    return str(action.TransactionUID)


@dataclass
class Script:
    """A script for a scripted peer that tells when it has run, so that nothing is closed under its feet."""

    run: Callable[[Peer], None]
    done: threading.Event = field(default_factory=threading.Event)

    def __call__(self, p: Peer) -> None:
        try:
            self.run(p)
        finally:
            self.done.set()


def report_to(port: int, transaction: str, *, aet: str = "PYTEST_PACS", roles: bool = True, **what: Any) -> int:
    """Open an association as a PACS does, report, release; returns the status of our answer."""
    entity = AE("PACS")
    entity.acse_timeout = 1  # our receiver may be closed before the release, which decides nothing here
    entity.add_requested_context(STORAGE_COMMITMENT)
    negotiation = [build_role(STORAGE_COMMITMENT, scp_role=True)] if roles else []
    association = entity.associate("127.0.0.1", port, ae_title=aet, ext_neg=negotiation)
    assert association.is_established
    if roles:
        assert association.accepted_contexts[0].as_scp
        failed = what.get("failed", False)
        status, _ = association.send_n_event_report(
            information(transaction, **what),
            FAILURES_EXIST if failed else ALL_COMMITTED,
            STORAGE_COMMITMENT,
            WELL_KNOWN_INSTANCE,
        )
        answer = int(status.Status)
    association.release()
    return answer if roles else 0


def commit(client: Clients, peer: StartPeer, script: Callable[[Peer], None], ours: Any = None, **limits: float):
    """Ask a peer that follows the script, to its end."""
    one = Script(script)
    given = {"limit": 20.0, "hold": 10.0} | limits
    told = ask_commitment(client(peer(one).port), [(CLASS, INSTANCE)], receiver=ours, **given)
    assert one.done.wait(20)
    return told


def test_a_report_over_the_same_association_is_taken_and_answered(peer: StartPeer, client: Clients) -> None:
    answers: list[Dataset] = []

    def script(p: Peer) -> None:
        transaction = asked(p)
        p.send_message(1, {**EVENT, "EventTypeID": ALL_COMMITTED}, encoded(information(transaction)))
        answers.append(p.read_message()[1])
        p.release()

    exchange, report = commit(client, peer, script)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert isinstance(report, CommitmentReport)
    assert (report.event, report.committed, report.failed) == (ALL_COMMITTED, (INSTANCE,), ())
    assert report.called_aet == ""
    assert (answers[0].CommandField, answers[0].Status, answers[0].MessageIDBeingRespondedTo) == (0x8100, 0, 7)


def test_a_report_before_the_answer_is_taken_too(peer: StartPeer, client: Clients) -> None:
    def script(p: Peer) -> None:
        p.accept()
        _, action = read_action(p)
        p.send_message(1, {**EVENT, "EventTypeID": 1}, encoded(information(str(action.TransactionUID))))
        p.read_message()
        p.answer(N_ACTION_RSP, 0)
        p.release()

    _, report = commit(client, peer, script)
    assert report is not None
    assert report.committed == (INSTANCE,)


@pytest.mark.parametrize("aet", ["PYTEST_PACS", "RCV"])
def test_a_report_over_an_association_of_the_peers_is_taken_whatever_title_it_calls(
    peer: StartPeer, client: Clients, tmp_path: Path, aet: str
) -> None:
    with receiver(tmp_path / "in") as ours:
        statuses: list[int] = []

        def script(p: Peer) -> None:
            statuses.append(report_to(ours.port, asked(p), aet=aet, failed=True))
            p.release()

        _, report = commit(client, peer, script, ours)
    assert report is not None
    assert report.failed == ((INSTANCE, 0x0112),)
    assert report.failure_of(INSTANCE) == "no such object instance (0x0112)"
    assert report.failure_of("1.2.3") == ""
    assert report.called_aet == aet
    assert statuses == [0]


@pytest.mark.parametrize("ends", ["release", "abort", "close"])
def test_a_peer_that_ends_the_association_may_still_report_over_its_own(
    peer: StartPeer, client: Clients, tmp_path: Path, ends: str
) -> None:
    with receiver(tmp_path / "in") as ours:

        def script(p: Peer) -> None:
            transaction = asked(p)
            if ends == "release":
                p.send_pdu(5, bytes(4))
                assert p.read_pdu()[0] == 6
            elif ends == "abort":
                p.abort()
            else:
                p.socket.shutdown(socket.SHUT_RDWR)
            report_to(ours.port, transaction)

        exchange, report = commit(client, peer, script, ours)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert report is not None


def test_a_peer_that_reports_only_after_our_release_is_awaited(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    with receiver(tmp_path / "in") as ours:

        def script(p: Peer) -> None:
            transaction = asked(p)
            p.release()  # comes when we have held long enough
            report_to(ours.port, transaction)

        _, report = commit(client, peer, script, ours, hold=0.2)
    assert report is not None
    assert report.waited >= 0.2


def test_no_report_within_the_limit_is_none(peer: StartPeer, client: Clients) -> None:
    def script(p: Peer) -> None:
        asked(p)
        p.release()

    exchange, report = commit(client, peer, script, limit=0.3, hold=0.1)
    assert (exchange.ending, exchange.status, report) == (Ending.ANSWERED, 0, None)


def test_silence_tells_whether_anything_reached_our_receiver_and_what_broke_there(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    def silent(p: Peer) -> None:
        asked(p)
        p.release()

    def stammering(p: Peer) -> None:
        p.accept()
        read_action(p)
        with socket.create_connection(("127.0.0.1", ours.port)) as connection:
            connection.sendall(b"\x09\x00\x00\x00\x00\x00")
            wait_until(lambda: ours.mark().problems > 0)
        p.answer(N_ACTION_RSP, 0)
        p.release()

    with receiver(tmp_path / "in") as ours:
        nothing, _ = commit(client, peer, silent, ours, limit=0.3, hold=0.1)
        something, _ = commit(client, peer, stammering, ours, limit=0.3, hold=0.1)
    assert (nothing.reached_receiver, nothing.detail) == (False, "")
    assert something.reached_receiver is True
    assert "at our receiver: " in something.detail


def test_what_breaks_on_our_side_while_a_report_is_awaited_is_raised(
    peer: StartPeer, client: Clients, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no space left")

    with receiver(tmp_path / "in") as ours:
        monkeypatch.setattr(ours.reports, "take", broken)

        def script(p: Peer) -> None:
            p.accept()
            _, action = read_action(p)
            with suppress(AttributeError):  # our receiver aborts, and no status comes
                report_to(ours.port, str(action.TransactionUID))
            p.answer(N_ACTION_RSP, 0)
            p.release()

        with pytest.raises(OSError, match="no space left"):
            commit(client, peer, script, ours, limit=0.3, hold=0.1)


def test_a_failed_request_is_not_waited_for(peer: StartPeer, client: Clients) -> None:
    def script(p: Peer) -> None:
        p.accept()
        read_action(p)
        p.answer(N_ACTION_RSP, 0x0110, ErrorComment="no")
        p.release()

    exchange, report = commit(client, peer, script, limit=3600.0)
    assert (exchange.status, report) == (0x0110, None)
    assert 'the peer comments "no"' in exchange.detail


def test_a_service_that_is_not_offered_is_refused(peer: StartPeer, client: Clients) -> None:
    def script(p: Peer) -> None:
        p.accept({1: 3, 3: 3})
        p.release()

    exchange, report = commit(client, peer, script)
    assert (exchange.ending, report) == (Ending.REFUSED, None)
    assert [context.abstract_syntax for context in exchange.contexts] == [STORAGE_COMMITMENT] * 2


def test_a_report_of_another_transaction_is_no_answer_and_is_told(peer: StartPeer, client: Clients) -> None:
    def script(p: Peer) -> None:
        asked(p)
        p.send_message(1, {**EVENT, "EventTypeID": 1}, encoded(information("1.2.999")))
        p.read_message()
        p.release()

    exchange, report = commit(client, peer, script, limit=0.5, hold=0.3)
    assert report is None
    assert exchange.detail == "reports came for other transactions: 1.2.999"


@pytest.mark.parametrize(
    ("command", "data"),
    [(EVENT, encoded(nameless())), ({**EVENT, "AffectedSOPClassUID": CLASS}, encoded(information("1.2.999")))],
)
def test_what_is_no_report_is_refused_by_our_receiver(tmp_path: Path, command: Any, data: bytes) -> None:
    with receiver(tmp_path / "in") as ours:
        mark = ours.mark()
        with socket.create_connection(("127.0.0.1", ours.port)) as connected:
            p = Peer(connected)
            begin_association(p, ExplicitVRLittleEndian, sop_class=STORAGE_COMMITMENT)
            p.send_message(1, {**command, "EventTypeID": 1}, data)
            assert p.read_pdu()[0] == 7
        wait_until(lambda: ours.mark().problems > mark.problems)
        assert "N-EVENT-REPORT" in ours.what_came(mark)


def test_a_peer_that_reverses_no_roles_is_accepted_all_the_same(tmp_path: Path) -> None:
    with receiver(tmp_path / "in") as ours:
        report_to(ours.port, "1.2.3", roles=False)
        assert [offer.accepted for offer in ours.offers] == [True]


def test_another_attempt_asks_for_another_transaction(peer: StartPeer, client: Clients) -> None:
    seen: list[str] = []

    def dies(p: Peer) -> None:
        p.accept()
        seen.append(str(read_action(p)[1].TransactionUID))
        p.abort()

    def script(p: Peer) -> None:
        seen.append(asked(p))
        p.send_message(1, {**EVENT, "EventTypeID": 1}, encoded(information(seen[-1])))
        p.read_message()
        p.release()

    exchange, report = ask_commitment(
        client(peer(dies, script).port, attempts=2), [(CLASS, INSTANCE)], receiver=None, limit=20.0
    )
    assert len(exchange.earlier) == 1
    assert report is not None
    assert report.transaction_uid == seen[1] != seen[0]


def test_waiting_ends_as_soon_as_the_report_is_there(peer: StartPeer, client: Clients, tmp_path: Path) -> None:
    with receiver(tmp_path / "in") as ours:
        threads: list[threading.Thread] = []

        def script(p: Peer) -> None:
            transaction = asked(p)
            threads.append(threading.Thread(target=report_to, args=(ours.port, transaction)))
            threads[0].start()
            p.release()
            threads[0].join(10)

        _, report = commit(client, peer, script, ours, limit=3600.0, hold=3600.0)
    assert report is not None
