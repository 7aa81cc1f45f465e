"""What only a test asks: choices, PDU lengths, roles, stores that break off, associations at once."""

import os
import struct
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.clients.dimse import Proposal, Terms
from harness.clients.dimse.parallel import at_once
from harness.clients.dimse.probes import BROKEN_PDU, Break, break_off_store, propose_all
from harness.clients.dimse.wire import MAX_PDU
from harness.core.endpoint import Timeouts
from harness.core.exchange import ContextResult, Ending, PduLengths, RoleAnswer
from tests.clients.conftest import CLASS, SYNTAX, Clients, Peer, Sample, ScriptedPeer, store_request
from tests.clients.senders import KEYS

StartPeer = Callable[..., ScriptedPeer]
MakeSample = Callable[[int], Sample]
IMPLICIT = "1.2.840.10008.1.2"
C_STORE_RSP, C_GET_RSP = 0x8001, 0x8010
GET = {**KEYS, "sop_class_uid": CLASS, "transfer_syntax_uid": SYNTAX}


def test_several_syntaxes_go_into_one_context_in_their_order(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.accept(syntaxes={1: IMPLICIT, 3: "1.2.3"}), p.release()))
    proposals = [Proposal(CLASS, one, other_syntaxes=(two,)) for one, two in ((SYNTAX, IMPLICIT), (IMPLICIT, SYNTAX))]
    exchange = client(scripted.port).propose(proposals)
    assert scripted.connections[0].syntaxes == [[SYNTAX, IMPLICIT], [IMPLICIT, SYNTAX]]
    assert [context.answered_syntax for context in exchange.contexts] == [IMPLICIT, "1.2.3"]
    assert [context.as_proposed for context in exchange.contexts] == [True, False]
    assert [context.other_syntaxes for context in exchange.contexts] == [(IMPLICIT,), (SYNTAX,)]


def test_more_contexts_than_an_association_carries_go_over_several(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.accept({255: 4}), p.release()), lambda p: (p.accept(), p.release()))
    proposals = [Proposal(CLASS, f"1.2.{number}") for number in range(130)]
    first, second = propose_all(client(scripted.port), proposals)
    assert [len(connection.proposed) for connection in scripted.connections] == [128, 2]
    assert first.contexts[127].result is ContextResult.TRANSFER_SYNTAXES
    assert [context.transfer_syntax for context in (*first.contexts, *second.contexts)] == [
        proposal.transfer_syntax for proposal in proposals
    ]


@pytest.mark.parametrize("offered", [0, 16384, 131072])
def test_the_offered_length_is_told_to_the_peer(peer: StartPeer, client: Clients, offered: int) -> None:
    scripted = peer(lambda p: (p.accept(max_pdu=5000), p.release()))
    exchange = client(scripted.port).like(terms=Terms(max_pdu=offered)).negotiate([(CLASS, SYNTAX)])
    assert scripted.connections[0].takes == offered
    assert exchange.pdus == PduLengths(offered, 5000, 0, 0)


def test_no_lengths_are_told_where_no_association_opened(peer: StartPeer, client: Clients) -> None:
    assert client(peer(lambda p: p.read_request()).port).echo().pdus is None


def sends(body: bytes) -> Callable[[Peer], None]:
    """Answer a C-GET with one object whose data set is this P-DATA-TF body."""

    def script(p: Peer) -> None:
        p.accept(roles=[CLASS])
        p.read_message()
        p.send_message(3, store_request(), b"")
        p.socket.sendall(struct.pack(">BxL", 4, len(body)))
        p.socket.sendall(body)  # not joined, which would take the memory that is measured
        p.read_message()
        p.answer(C_GET_RSP, 0, NumberOfCompletedSuboperations=1)
        p.release()

    return script


def value(data: bytes, *, control: int = 2) -> bytes:
    return struct.pack(">LBB", len(data) + 2, 3, control) + data


@pytest.mark.parametrize(("extra", "ending"), [(0, Ending.ANSWERED), (1, Ending.BAD_ANSWER)])
def test_a_pdu_above_what_was_offered_is_a_bad_answer_and_its_length_is_told(
    peer: StartPeer, client: Clients, tmp_path: Path, extra: int, ending: Ending
) -> None:
    ours = client(peer(sends(value(bytes(1000 - 6 + extra)))).port).like(terms=Terms(max_pdu=1000))
    exchange, _ = ours.get(**GET, into=tmp_path)
    assert exchange.ending is ending
    assert exchange.pdus is not None
    assert exchange.pdus.received == 1000 + extra


def test_where_no_limit_is_offered_a_pdu_of_any_length_is_taken_with_little_memory(
    peer: StartPeer, client: Clients, tmp_path: Path
) -> None:
    first, last = os.urandom(20 * MAX_PDU + 1), os.urandom(3 * MAX_PDU)
    body = value(first, control=0) + value(last)
    ours = client(peer(sends(body)).port, limits=Timeouts()).like(terms=Terms(max_pdu=0))
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    exchange, (path,) = ours.get(**GET, into=tmp_path)
    peak = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert path.read_bytes().endswith(first + last)
    assert exchange.pdus is not None
    assert exchange.pdus.received == len(body)
    assert peak < 4 * MAX_PDU


@pytest.mark.parametrize(
    "tail",
    [b"\0\0\0", struct.pack(">LBB", 1, 3, 2) + bytes(2), struct.pack(">LBB", 100, 3, 2) + bytes(20)],
    ids=["half a head", "no room for its own head", "longer than the PDU"],
)
def test_a_long_pdu_whose_items_do_not_fit_is_a_bad_answer(
    peer: StartPeer, client: Clients, tmp_path: Path, tail: bytes
) -> None:
    scripted = peer(sends(value(bytes(2 * MAX_PDU), control=0) + tail))
    exchange, paths = client(scripted.port, limits=Timeouts()).like(terms=Terms(max_pdu=0)).get(**GET, into=tmp_path)
    assert (exchange.ending, paths) == (Ending.BAD_ANSWER, ())


def test_pdus_of_exactly_what_the_peer_takes_are_sent_up_to_the_given_cap(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    def script(p: Peer) -> None:
        p.accept(max_pdu=4 * MAX_PDU)
        p.read_message()
        p.answer(C_STORE_RSP, 0)
        p.release()

    one, scripted = sample(9 * MAX_PDU), peer(script)
    ours = client(scripted.port, limits=Timeouts()).like(terms=Terms(max_sent=8 * MAX_PDU))
    exchange = ours.store(one.path, **one.arguments)
    assert scripted.connections[0].longest == 4 * MAX_PDU
    assert exchange.pdus is not None
    assert exchange.pdus.sent == exchange.pdus.theirs == 4 * MAX_PDU


@pytest.mark.parametrize(("how", "end"), [(Break.ABORT, "PDU type 7"), (Break.CLOSE, "")])
def test_a_store_breaks_off_where_it_should(
    peer: StartPeer, client: Clients, sample: MakeSample, how: Break, end: str
) -> None:
    ends: list[str] = []

    def script(p: Peer) -> None:
        p.accept()
        try:
            p.read_message()
        except EOFError as problem:
            ends.append(str(problem))

    one, scripted = sample(100_000), peer(script)
    arguments = {key: one.arguments[key] for key in ("sop_class_uid", "sop_instance_uid", "transfer_syntax_uid")}
    exchange = break_off_store(client(scripted.port), one.path, **arguments, after=50_001, how=how)
    scripted.stop()
    scripted.stop = lambda: None  # type: ignore[method-assign]
    assert (exchange.ending, exchange.payload_bytes) == (Ending.BROKEN_OFF, 50_001)
    assert ends == [end]
    assert scripted.connections[0].broken_off == 50_001
    assert scripted.connections[0].longest == BROKEN_PDU


def test_a_peer_that_ends_it_first_is_told_as_such(peer: StartPeer, client: Clients, sample: MakeSample) -> None:
    one, scripted = sample(100), peer(lambda p: (p.accept({1: 4}), p.release()))
    arguments = {key: one.arguments[key] for key in ("sop_class_uid", "sop_instance_uid", "transfer_syntax_uid")}
    exchange = break_off_store(client(scripted.port), one.path, **arguments, after=50, how=Break.ABORT)
    assert exchange.ending is Ending.REFUSED


def test_the_roles_of_the_answer_are_told(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.accept(roles=[CLASS, "1.2.3"]), p.release()))
    exchange = client(scripted.port).propose([Proposal(CLASS, SYNTAX, as_scp=True)])
    assert exchange.roles == (RoleAnswer(CLASS, scu=False, scp=True), RoleAnswer("1.2.3", scu=False, scp=True))


def test_without_the_role_a_get_is_asked_only_by_who_insists(peer: StartPeer, client: Clients, tmp_path: Path) -> None:
    def script(p: Peer) -> None:
        p.accept()
        p.read_message()
        p.send_message(3, store_request(), bytes(100))
        p.read_message()
        p.answer(C_GET_RSP, 0, NumberOfCompletedSuboperations=1)
        p.release()

    refused = peer(lambda p: (p.accept(), p.release()))
    assert client(refused.port).get(**GET, into=tmp_path)[0].ending is Ending.REFUSED
    exchange, paths = client(peer(script).port).get(**GET, into=tmp_path, insist=True)
    assert (exchange.ending, exchange.status, len(paths)) == (Ending.ANSWERED, 0, 1)


def test_what_runs_at_once_meets_and_its_results_keep_their_order() -> None:
    threads: set[int] = set()

    def work(number: int) -> Callable[[Callable[[], None]], int]:
        def run(ready: Callable[[], None]) -> int:
            ready()
            threads.add(threading.get_ident())
            return number

        return run

    assert at_once([work(number) for number in range(4)], limit=10) == ((0, 1, 2, 3), 4)
    assert len(threads) == 4


def test_what_is_over_before_it_is_ready_holds_nobody_and_its_problem_is_told() -> None:
    def fails(ready: Callable[[], None]) -> int:
        raise OSError("full")

    def waits(ready: Callable[[], None]) -> int:
        ready()
        ready()  # as a second attempt does
        return 1

    assert at_once([lambda ready: 0, waits], limit=60) == ((0, 1), 1)
    with pytest.raises(OSError, match="full"):
        at_once([waits, fails], limit=60)


def test_associations_at_once_are_really_open_together(peer: StartPeer, client: Clients, sample: MakeSample) -> None:
    """The peer serves one connection at a time, so that the second is never ready while the first waits."""

    def script(p: Peer) -> None:
        p.accept()
        p.read_message()
        p.answer(C_STORE_RSP, 0)
        p.release()

    one, scripted = sample(1000), peer(script)
    ours = [client(scripted.port, limits=Timeouts(association=5.0)) for _ in range(2)]
    results, met = at_once(
        [lambda ready, a=a: a.store(one.path, **one.arguments, ready=ready) for a in ours],  # type: ignore[misc]
        limit=0.2,
    )
    assert [result.status for result in results] == [0, 0]
    assert met == 1
