"""C-STORE: what arrives, and how each way of not arriving is told."""

import time
import tracemalloc
from collections.abc import Callable, Iterator

import pytest
from pynetdicom import AE, evt

from harness.clients.dimse import Storable, store_first
from harness.clients.dimse.wire import MAX_PDU
from harness.core.endpoint import Timeouts
from harness.core.exchange import ContextResult, Ending
from tests.clients.conftest import CLASS, LIMITS, SYNTAX, Clients, Peer, Sample, ScriptedPeer

StartPeer = Callable[..., ScriptedPeer]
MakeSample = Callable[[int], Sample]
C_STORE_RSP = 0x8001
#: More than what socket buffers of both sides hold.
LARGE = 12 * 1024 * 1024


@pytest.fixture
def storage() -> Iterator[tuple[int, list[bytes]]]:
    """A real Storage SCP: its port, and the data sets that it got."""
    got: list[bytes] = []

    def keep(event: evt.Event) -> int:
        got.append(event.encoded_dataset(include_meta=False))
        return 0x0000

    scp = AE()
    scp.add_supported_context(CLASS, SYNTAX)
    server = scp.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, keep)])
    yield server.server_address[1], got
    server.shutdown()


@pytest.mark.parametrize("size", [2, 16370, 16372, 1_000_000])
def test_the_data_set_arrives_byte_for_byte(
    storage: tuple[int, list[bytes]], client: Clients, sample: MakeSample, size: int
) -> None:
    port, got = storage
    one = sample(size)
    exchange = client(port, limits=Timeouts()).store(one.path, **one.arguments)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert exchange.payload_bytes == len(one.data)
    assert got == [one.data]


def answering(status: int, **elements: object) -> Callable[[Peer], None]:
    def script(p: Peer) -> None:
        p.accept()
        p.read_message()
        p.answer(C_STORE_RSP, status, **elements)
        p.release()

    return script


@pytest.mark.parametrize(
    ("status", "words"), [(0xB000, "Warning"), (0xA700, "Out of Resources"), (0xFE99, "unknown status")]
)
def test_warnings_and_failures_are_answers(
    peer: StartPeer, client: Clients, sample: MakeSample, status: int, words: str
) -> None:
    scripted = peer(answering(status, ErrorComment="disk\x1b full"))
    one = sample(100)
    exchange = client(scripted.port, attempts=3).store(one.path, **one.arguments)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, status)
    assert words in exchange.detail
    assert 'comments "disk? full"' in exchange.detail
    assert exchange.earlier == ()


def test_a_refused_context_is_refused_before_a_byte_is_sent(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    scripted = peer(lambda p: (p.accept({1: 4}), p.release()))
    one = sample(100)
    exchange = client(scripted.port).store(one.path, **one.arguments)
    assert exchange.ending is Ending.REFUSED
    assert "transfer syntaxes not supported" in exchange.detail
    assert exchange.contexts[0].result is ContextResult.TRANSFER_SYNTAXES
    assert exchange.payload_bytes == 0


def test_a_context_without_an_answer_is_no_refusal(peer: StartPeer, client: Clients, sample: MakeSample) -> None:
    scripted = peer(lambda p: (p.accept(leave_out=(1,)), p.read_pdu()))
    one = sample(100)
    exchange = client(scripted.port).store(one.path, **one.arguments)
    assert exchange.ending is Ending.BAD_ANSWER
    assert "PS3.8 9.3.3.2" in exchange.detail
    assert (exchange.contexts[0].result, exchange.payload_bytes) == (ContextResult.UNANSWERED, 0)
    assert exchange.reached_receiver is None


@pytest.mark.parametrize(("allowed", "longest"), [(0, MAX_PDU), (16384, 16384), (4 * MAX_PDU, MAX_PDU)])
def test_pdus_keep_to_the_peers_length_and_to_our_own_cap(
    peer: StartPeer, client: Clients, sample: MakeSample, allowed: int, longest: int
) -> None:
    def script(p: Peer) -> None:
        p.accept(max_pdu=allowed)
        p.read_message()
        p.answer(C_STORE_RSP, 0)
        p.release()

    scripted = peer(script)
    one = sample(MAX_PDU * 2)
    exchange = client(scripted.port, limits=Timeouts()).store(one.path, **one.arguments)
    assert exchange.status == 0
    assert scripted.connections[0].longest == longest


@pytest.mark.parametrize("stays_open", [0, 1.5])
def test_an_abort_in_mid_transfer_is_noticed_while_sending(
    peer: StartPeer, client: Clients, sample: MakeSample, stays_open: float
) -> None:
    def script(p: Peer) -> None:
        p.accept()
        for _ in range(3):
            p.read_pdu()
        p.abort(2, 0)
        time.sleep(stays_open)

    one = sample(LARGE)
    exchange = client(peer(script).port).store(one.path, **one.arguments)
    assert exchange.ending is Ending.ABORTED
    assert "service provider" in exchange.detail
    assert 0 < exchange.payload_bytes < LARGE
    assert exchange.seconds < LIMITS.stall


def test_a_connection_closed_in_mid_transfer_is_lost(peer: StartPeer, client: Clients, sample: MakeSample) -> None:
    def script(p: Peer) -> None:
        p.accept()
        p.read_pdu()

    one = sample(LARGE)
    exchange = client(peer(script).port).store(one.path, **one.arguments)
    assert exchange.ending is Ending.LOST
    assert exchange.seconds < 2


def test_a_peer_that_stops_reading_is_a_stall_and_never_a_deadlock(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    def script(p: Peer) -> None:
        p.accept()
        p.read_pdu()
        time.sleep(1.5)

    one = sample(LARGE)
    exchange = client(peer(script).port).store(one.path, **one.arguments)
    assert exchange.ending is Ending.TIMED_OUT
    assert "took no byte for 0.5 s" in exchange.detail
    assert 0.5 <= exchange.seconds < 1.5


def test_a_peer_that_never_answers_times_out_after_the_last_byte(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    scripted = peer(lambda p: (p.accept(), p.read_message(), p.read_pdu()))
    one = sample(100)
    exchange = client(scripted.port).store(one.path, **one.arguments)
    assert exchange.ending is Ending.TIMED_OUT
    assert exchange.detail == "no C-STORE-RSP within 0.5 s after the last byte had left"
    assert exchange.payload_bytes == len(one.data)


def test_the_answer_limit_does_not_count_while_bytes_still_leave(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    def script(p: Peer) -> None:
        p.accept(max_pdu=65536)
        p.read_message(pause=lambda _: time.sleep(0.06))  # some 20 fragments: far longer than the limit
        p.answer(C_STORE_RSP, 0)
        p.release()

    one = sample(20 * 65536)
    exchange = client(peer(script).port).store(one.path, **one.arguments)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert exchange.seconds > 2 * 0.5


def test_an_answer_that_comes_before_everything_was_sent_still_counts(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    def script(p: Peer) -> None:
        p.accept()
        p.read_pdu()
        p.answer(C_STORE_RSP, 0xA700)
        time.sleep(0.2)
        while p.read_pdu()[0] != 5:
            pass
        p.send_pdu(6, bytes(4))

    one = sample(LARGE)
    exchange = client(peer(script).port).store(one.path, **one.arguments)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0xA700)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"CommandField": 0x8030}, "C-ECHO-RSP arrived as answer to C-STORE-RQ"),
        ({"MessageIDBeingRespondedTo": 7}, "answers message 7 instead of 1"),
        ({"Status": None}, "no Status"),
    ],
)
def test_an_answer_to_something_else_is_a_bad_answer(
    peer: StartPeer, client: Clients, sample: MakeSample, wrong: dict[str, int], words: str
) -> None:
    def script(p: Peer) -> None:
        p.accept()
        p.read_message()
        right = {"CommandField": C_STORE_RSP, "MessageIDBeingRespondedTo": 1, "Status": 0}
        p.send_message(1, {k: v for k, v in {**right, **wrong}.items() if v is not None})
        p.read_pdu()

    one = sample(100)
    exchange = client(peer(script).port).store(one.path, **one.arguments)
    assert exchange.ending is Ending.BAD_ANSWER
    assert words in exchange.detail


def test_a_release_instead_of_an_answer_is_a_bad_answer(peer: StartPeer, client: Clients, sample: MakeSample) -> None:
    scripted = peer(lambda p: (p.accept(), p.read_message(), p.send_pdu(5, bytes(4)), p.read_pdu()))
    one = sample(100)
    exchange = client(scripted.port).store(one.path, **one.arguments)
    assert exchange.ending is Ending.BAD_ANSWER
    assert "released" in exchange.detail


def test_progress_is_told_at_a_bounded_rate_and_at_the_end(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    def script(p: Peer) -> None:
        p.accept(max_pdu=65536)
        p.read_message(pause=lambda _: time.sleep(0.02))
        p.answer(C_STORE_RSP, 0)
        p.release()

    told: list[tuple[str, int, int]] = []
    one = sample(80 * 65536)
    scripted = peer(script)
    client(scripted.port, on_progress=lambda *what: told.append(what)).store(one.path, **one.arguments)
    assert told[-1] == ("C-STORE", len(one.data), len(one.data))
    assert 2 <= len(told) <= 5
    assert [done for _, done, _ in told] == sorted(done for _, done, _ in told)


def test_a_missing_file_is_our_mistake(client: Clients, sample: MakeSample) -> None:
    one = sample(10)
    one.path.rename(one.path.with_suffix(".gone"))
    with pytest.raises(FileNotFoundError):
        client(1).store(one.path, sop_class_uid="1", sop_instance_uid="2", transfer_syntax_uid="3", size=1)


def test_memory_stays_flat_whatever_the_size(peer: StartPeer, client: Clients, sample: MakeSample) -> None:
    one = sample(10)
    with one.path.open("r+b") as file:
        file.truncate(48 * 1024 * 1024)  # zeros behind the object: only the number of bytes counts here

    def script(p: Peer) -> None:
        p.accept(max_pdu=0)
        p.read_message()
        p.answer(C_STORE_RSP, 0)
        p.release()

    scripted = peer(script)
    tracemalloc.start()
    exchange = client(scripted.port, limits=Timeouts()).store(one.path, **one.arguments)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert exchange.status == 0
    assert peak < 4 * 1024 * 1024


def test_of_several_offers_the_first_that_is_accepted_is_sent(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    one = sample(10_000)
    best = Storable(one.path, CLASS, one.instance, "1.2.840.10008.1.2.4.107")
    second = Storable(one.path, CLASS, one.instance, SYNTAX)
    seen: list[tuple[int, int]] = []

    def script(p: Peer) -> None:
        p.accept({1: 4})
        number, _, data = p.read_message()
        seen.append((number, data))
        p.answer(0x8001, 0, number=number)
        p.release()

    exchange, place = store_first(client(peer(script).port), [best, second])
    assert (exchange.status, place) == (0, 1)
    assert [context.accepted for context in exchange.contexts] == [False, True]
    assert seen == [(3, len(one.data))]


def test_where_no_offer_is_accepted_nothing_is_sent(peer: StartPeer, client: Clients, sample: MakeSample) -> None:
    one = sample(10_000)
    offers = [Storable(one.path, CLASS, one.instance, syntax) for syntax in ("1.2.840.10008.1.2.4.107", SYNTAX)]

    def script(p: Peer) -> None:
        p.accept({1: 4, 3: 3})
        p.release()

    exchange, place = store_first(client(peer(script).port), offers)
    assert (exchange.ending, place) == (Ending.REFUSED, None)


def test_an_offer_that_is_accepted_as_something_else_is_a_bad_answer(
    peer: StartPeer, client: Clients, sample: MakeSample
) -> None:
    one = sample(10_000)

    def script(p: Peer) -> None:
        p.accept(syntaxes={1: "1.2.840.10008.1.2"})
        assert p.read_pdu()[0] == 7

    exchange, _ = store_first(client(peer(script).port), [Storable(one.path, CLASS, one.instance, SYNTAX)])
    assert exchange.ending is Ending.BAD_ANSWER
