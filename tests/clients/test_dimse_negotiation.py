"""Association endings: every way in which a peer can answer, not answer or vanish has its own name."""

import socket
from collections.abc import Callable

import pytest

from harness.core.exchange import ContextResult, Ending
from harness.core.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from tests.clients.conftest import CLASS, SYNTAX, Clients, Peer, ScriptedPeer

StartPeer = Callable[..., ScriptedPeer]


def test_each_pair_goes_into_a_context_of_its_own_with_one_syntax(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.accept({3: 4, 5: 3, 7: 1}, leave_out=(9,)), p.release()))
    pairs = [(CLASS, SYNTAX), (CLASS, "1.2.1"), ("1.2.2", SYNTAX), (CLASS, "1.2.3"), (CLASS, "1.2.4")]
    exchange = client(scripted.port).negotiate(pairs)
    assert scripted.connections[0].proposed == [(2 * i + 1, *pair) for i, pair in enumerate(pairs)]
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, None)
    assert [(c.abstract_syntax, c.transfer_syntax) for c in exchange.contexts] == pairs
    assert [c.result for c in exchange.contexts] == [
        ContextResult.ACCEPTED,
        ContextResult.TRANSFER_SYNTAXES,
        ContextResult.ABSTRACT_SYNTAX,
        ContextResult.USER_REJECTION,
        ContextResult.UNANSWERED,
    ]
    assert exchange.peer == "PEER_1 1.2.3.4"


def test_all_contexts_refused_is_refused_and_still_names_the_peer(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.accept({1: 3}), p.release()))
    exchange = client(scripted.port, attempts=3).negotiate([(CLASS, SYNTAX)])
    assert exchange.ending is Ending.REFUSED
    assert exchange.contexts[0].result is ContextResult.ABSTRACT_SYNTAX
    assert exchange.peer == "PEER_1 1.2.3.4"
    assert exchange.earlier == ()


def test_a_syntax_that_was_not_proposed_is_kept_as_evidence_and_never_used(peer: StartPeer, client: Clients) -> None:
    def script(p: Peer) -> None:
        p.accept(syntaxes={1: "1.2.840.10008.1.2.1"})
        p.read_pdu()

    scripted = peer(script)
    negotiated = client(scripted.port).negotiate([(CLASS, SYNTAX)])
    assert negotiated.contexts[0].answered_syntax == "1.2.840.10008.1.2.1"
    echoed = client(scripted.port).echo()
    assert echoed.ending is Ending.BAD_ANSWER
    assert "not proposed" in echoed.detail


def test_rejection_names_source_and_reason(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.read_request(), p.send_pdu(3, bytes([0, 1, 1, 7]))))
    exchange = client(scripted.port, attempts=3).echo()
    assert exchange.ending is Ending.REJECTED
    assert "Called AE title not recognised" in exchange.detail
    assert "service-user" in exchange.detail
    assert exchange.earlier == ()


def test_rejection_with_unknown_codes_is_still_a_rejection(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.read_request(), p.send_pdu(3, bytes([0, 9, 9, 9]))))
    exchange = client(scripted.port).echo()
    assert exchange.ending is Ending.REJECTED
    assert "result 9, source 9, reason 9" in exchange.detail


@pytest.mark.parametrize(
    ("source", "reason", "words"), [(0, 0, "service user"), (2, 6, "service provider: invalid PDU parameter")]
)
def test_abort_instead_of_an_answer_names_its_source(
    peer: StartPeer, client: Clients, source: int, reason: int, words: str
) -> None:
    exchange = client(peer(lambda p: (p.read_request(), p.abort(source, reason))).port).echo()
    assert exchange.ending is Ending.ABORTED
    assert words in exchange.detail


def test_silence_to_an_association_request_ends_with_the_stated_limit(peer: StartPeer, client: Clients) -> None:
    exchange = client(peer(lambda p: (p.read_request(), p.read_pdu())).port).echo()
    assert exchange.ending is Ending.TIMED_OUT
    assert "0.5 s" in exchange.detail
    assert exchange.seconds < 2


def test_a_closed_connection_is_lost_not_aborted(peer: StartPeer, client: Clients) -> None:
    assert client(peer(lambda p: p.read_request()).port).echo().ending is Ending.LOST


@pytest.mark.parametrize(
    "garbage",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x02\x00\xff\xff\xff\xff" + bytes(64),
        b"\x02\x00\x00\x00\x00\x0a" + bytes(10),
        b"\x04\x00\x00\x00\x00\x06" + bytes(6),
        b"\x03\x00\x00\x00\x00\x00",
    ],
    ids=["no PDU", "endless PDU", "empty accept", "data instead of accept", "empty reject"],
)
def test_garbage_is_a_bad_answer(peer: StartPeer, client: Clients, garbage: bytes) -> None:
    def script(p: Peer) -> None:
        p.read_request()
        p.socket.sendall(garbage)
        p.read_pdu()

    exchange = client(peer(script).port, attempts=3).echo()
    assert exchange.ending is Ending.BAD_ANSWER
    assert exchange.earlier == ()


def test_half_a_pdu_and_then_nothing_is_a_stall(peer: StartPeer, client: Clients) -> None:
    def script(p: Peer) -> None:
        p.read_request()
        p.socket.sendall(b"\x02\x00\x00\x00\x00\x20" + bytes(8))
        p.read_pdu()

    exchange = client(peer(script).port).echo()
    assert exchange.ending is Ending.TIMED_OUT
    assert "middle of a PDU" in exchange.detail


def test_no_listener_is_unreachable_and_each_attempt_is_kept(client: Clients) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        exchange = client(closed.getsockname()[1], attempts=3).echo()
    assert exchange.ending is Ending.UNREACHABLE
    assert exchange.contexts == ()
    assert [attempt.ending for attempt in exchange.earlier] == [Ending.UNREACHABLE] * 2
    assert client.slept == [0.5, 1.0]


@pytest.mark.parametrize(
    ("script", "ending"),
    [
        (lambda p: (p.read_request(), p.send_pdu(3, bytes([0, 1, 1, 7]))), Ending.REJECTED),
        (lambda p: (p.read_request(), p.abort()), Ending.ABORTED),
        (lambda p: (p.read_request(), p.read_pdu()), Ending.TIMED_OUT),
        (lambda p: p.read_request(), Ending.LOST),
    ],
    ids=["rejected", "aborted", "silence", "closed"],
)
def test_where_no_accept_came_no_context_has_an_answer(
    peer: StartPeer, client: Clients, script: Callable[[Peer], object], ending: Ending
) -> None:
    exchange = client(peer(script).port).echo()
    assert (exchange.ending, exchange.contexts, exchange.accepted) == (ending, (), False)


def test_an_abort_after_the_accept_keeps_what_was_accepted(peer: StartPeer, client: Clients) -> None:
    exchange = client(peer(lambda p: (p.accept(), p.read_message(), p.abort())).port).echo()
    assert (exchange.ending, exchange.accepted) == (Ending.ABORTED, True)


def test_a_context_without_an_answer_is_a_bad_answer_and_no_refusal(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.accept(leave_out=(1,)), p.read_pdu()))
    exchange = client(scripted.port, attempts=3).echo()
    assert exchange.ending is Ending.BAD_ANSWER
    assert exchange.detail.endswith("without an answer to the context of Verification (PS3.8 9.3.3.2)")
    assert [context.result for context in exchange.contexts] == [ContextResult.UNANSWERED]
    assert exchange.earlier == ()


def test_we_name_ourselves_and_not_our_library(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: (p.accept(), p.release()))
    client(scripted.port).negotiate([(CLASS, SYNTAX)])
    assert scripted.connections[0].implementation == (IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME)


def test_an_answer_after_a_loss_keeps_the_loss_in_the_record(peer: StartPeer, client: Clients) -> None:
    def answers(p: Peer) -> None:
        p.accept()
        p.read_message()
        p.answer(0x8030, 0)
        p.release()

    exchange = client(peer(lambda p: p.read_request(), answers).port, attempts=3).echo()
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert [attempt.ending for attempt in exchange.earlier] == [Ending.LOST]


def test_trouble_while_releasing_does_not_change_the_answer(peer: StartPeer, client: Clients) -> None:
    def vanishes(p: Peer) -> None:
        p.accept()
        p.read_message()
        p.answer(0x8030, 0)

    exchange = client(peer(vanishes).port).echo()
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)


@pytest.mark.parametrize("count", [0, 129])
def test_a_number_of_contexts_that_no_association_carries_is_our_mistake(client: Clients, count: int) -> None:
    with pytest.raises(ValueError, match=f"{count} presentation contexts"):
        client(1).negotiate([(CLASS, SYNTAX)] * count)
