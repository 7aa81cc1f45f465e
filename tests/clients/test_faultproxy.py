"""The fault proxy: what it does to a connection, and that it tells the truth of it."""

import hashlib
import socket
import threading
import time
import tracemalloc
from contextlib import suppress

import pytest

from harness.clients.faultlink import GRACE
from harness.clients.faultproxy import FaultProxy
from harness.core.endpoint import Timeouts
from harness.core.exchange import Ending
from harness.core.faults import Direction, Fault, FaultKind, Place, SideEnd
from tests.clients.conftest import CLASS, LIMITS, SYNTAX, store_request

C_STORE_RSP = 0x8001
SIZE = 900_000
#: Bytes of a data set in one PDU of the length that the scripts below agree to (PS3.8 D.1).
FRAGMENT = 65536 - 6


def keep_storing(kept):
    """A script that takes one object and answers; ``kept`` gets the number of bytes of each data set as they come."""

    def script(p):
        p.accept(max_pdu=65536)
        kept.append(0)

        def count(done):
            kept[-1] = done

        p.read_message(pause=count)
        p.answer(C_STORE_RSP, 0)
        p.release()

    return script


def fault_of(one, kind, place=Place.MIDDLE, **more):
    return Fault(kind, place, len(one.data), **more)


@pytest.fixture
def through(peer, client, sample):
    """``through(script, kind, place)`` stores an object through the proxy; gives exchange, proxy and object."""
    opened = []

    def run(script, kind=None, place=Place.MIDDLE, *, attempts=1, times=1, limits=LIMITS, **more):
        one = sample(SIZE)
        proxy = FaultProxy("127.0.0.1", peer(script).port)
        opened.append(proxy)
        proxy.__enter__()
        if kind is not None:
            proxy.arm(*[fault_of(one, kind, place, **more)] * times)
        exchange = client(proxy.port, attempts=attempts, limits=limits).store(one.path, **one.arguments)
        return exchange, proxy, one

    yield run
    for proxy in opened:
        proxy.__exit__(None, None, None)


def test_connection_without_a_fault_passes_unharmed(through):
    kept = []
    exchange, proxy, one = through(keep_storing(kept))
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert kept == [len(one.data)]
    assert proxy.told() == ()
    assert proxy.connections == 1


@pytest.mark.parametrize("place", list(Place))
def test_cut_lets_exactly_the_bytes_before_the_place_pass(through, place):
    kept = []
    exchange, proxy, one = through(keep_storing(kept), FaultKind.CUT, place)
    assert exchange.ending is Ending.LOST
    proxy.let_go()
    (told,) = proxy.told()
    assert (told.happened, told.inside, told.to_target) == (True, True, told.at)
    assert told.target_end is SideEnd.CLOSED
    size, full = len(one.data), len(one.data) // FRAGMENT * FRAGMENT
    places = {Place.FIRST: FRAGMENT // 2, Place.MIDDLE: size // 2, Place.LAST: full + (size - full) // 2}
    assert told.data_bytes == places[place]
    # The fragment in which the place lies never arrives whole.
    assert kept == [told.data_bytes // FRAGMENT * FRAGMENT]
    assert f"cut after {told.at:,} bytes" in told.summary


def test_cut_happens_at_the_same_byte_each_time(through):
    ats = set()
    for _ in range(3):
        _, proxy, _ = through(keep_storing([]), FaultKind.CUT)
        proxy.let_go()
        ats.add(proxy.told()[0].at)
    assert len(ats) == 1


def test_fault_is_for_one_connection_and_the_retry_passes(through):
    kept = []
    exchange, proxy, one = through(keep_storing(kept), FaultKind.CUT, attempts=3)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert [attempt.ending for attempt in exchange.earlier] == [Ending.LOST]
    assert kept[-1] == len(one.data)
    assert (proxy.connections, len(proxy.told())) == (2, 1)


def test_every_attempt_of_the_policy_meets_its_fault_and_is_recorded(through):
    exchange, proxy, _ = through(keep_storing([]), FaultKind.CUT, attempts=3, times=3)
    assert exchange.ending is Ending.LOST
    assert [attempt.ending for attempt in exchange.earlier] == [Ending.LOST] * 2
    assert proxy.connections == 3


def test_stall_keeps_both_connections_until_it_is_let_go(through):
    ended = threading.Event()

    def script(p):
        with suppress(EOFError):
            keep_storing([])(p)
        ended.set()

    exchange, proxy, one = through(script, FaultKind.STALL)
    assert exchange.ending is Ending.TIMED_OUT
    assert "0.5 s" in exchange.detail
    assert not ended.is_set()
    assert proxy.told()[0].target_end is SideEnd.OPEN
    proxy.let_go()
    assert ended.wait(5)
    (told,) = proxy.told()
    assert (told.happened, told.data_bytes) == (True, len(one.data) // 2)
    assert told.target_end is SideEnd.CLOSED


def test_what_the_target_says_into_a_stall_does_not_reach_us(through):
    def script(p):
        p.accept()
        with suppress(TimeoutError, EOFError):
            p.socket.settimeout(0.2)
            p.read_message()
        p.abort()
        p.socket.close()

    exchange, proxy, _ = through(script, FaultKind.STALL)
    assert exchange.ending is Ending.TIMED_OUT
    proxy.let_go()
    assert proxy.told()[0].target_end in (SideEnd.CLOSED, SideEnd.RESET)
    assert proxy.told()[0].withheld > 0


def test_throttle_passes_everything_at_its_rate(through):
    kept = []
    exchange, proxy, one = through(
        keep_storing(kept), FaultKind.THROTTLE, Place.FIRST, rate=1_500_000, limits=Timeouts()
    )
    assert (exchange.status, kept) == (0, [len(one.data)])
    (told,) = proxy.told()
    # A fragment may pass before the place; the rest cannot be faster than its rate.
    assert exchange.seconds > (len(one.data) - FRAGMENT) / 1_500_000 * 0.95
    assert told.data_bytes == len(one.data)


def test_abort_by_the_target_reaches_a_throttled_sender(through):
    def script(p):
        p.accept(max_pdu=4096)
        for _ in range(3):
            p.read_pdu()
        p.abort()

    exchange, _, _ = through(script, FaultKind.THROTTLE, Place.FIRST, rate=200_000, limits=Timeouts())
    assert exchange.ending is Ending.ABORTED
    assert exchange.seconds < 3


def test_corruption_changes_one_byte_in_the_middle_and_no_length(peer, client, sample):
    one = sample(SIZE)
    got = bytearray()

    def script(p):
        p.accept(max_pdu=0)
        p.read_pdu()
        while len(got) < len(one.data):
            got.extend(p.read_pdu()[1][6:])
        p.answer(C_STORE_RSP, 0)
        p.release()

    with FaultProxy("127.0.0.1", peer(script).port) as proxy:
        proxy.arm(fault_of(one, FaultKind.CORRUPT))
        exchange = client(proxy.port).store(one.path, **one.arguments)
    assert exchange.status == 0
    assert len(got) == len(one.data)
    differing = [at for at, (sent, came) in enumerate(zip(one.data, got, strict=True)) if sent != came]
    assert differing == [len(one.data) // 2]
    assert got[differing[0]] == one.data[differing[0]] ^ 0xFF


@pytest.mark.parametrize(("kind", "ending"), [(FaultKind.CUT, Ending.LOST), (FaultKind.STALL, Ending.TIMED_OUT)])
@pytest.mark.parametrize("place", list(Place))
def test_object_on_its_way_to_us_leaves_no_file_where_it_breaks_off(peer, client, tmp_path, kind, ending, place):
    data = bytes(100_000)

    def script(p):
        p.accept(roles=[CLASS])
        p.read_message()
        with suppress(OSError):
            p.send_message(3, store_request(), data)
        with suppress(OSError, EOFError):
            p.read_pdu()

    with FaultProxy("127.0.0.1", peer(script).port) as proxy:
        proxy.arm(Fault(kind, place, len(data), Direction.TO_US))
        exchange, paths = client(proxy.port, attempts=1).get(
            study_uid="1.2.3",
            series_uid="1.2.3.4",
            instance_uid="1.2.3.4.5",
            sop_class_uid=CLASS,
            transfer_syntax_uid=SYNTAX,
            into=tmp_path / "got",
        )
        proxy.let_go()
    (told,) = proxy.told()
    assert (exchange.ending, paths) == (ending, ())
    assert list((tmp_path / "got").iterdir()) == []
    assert told.happened
    assert told.data_bytes == {Place.FIRST: 500, Place.MIDDLE: 50_000, Place.LAST: 99_500}[place]


def test_target_that_takes_no_connection_is_told(client):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with FaultProxy("127.0.0.1", port) as proxy:
        proxy.arm(Fault(FaultKind.CUT, Place.FIRST, 10))
        exchange = client(proxy.port).echo()
    (told,) = proxy.told()
    assert exchange.ending is Ending.LOST
    assert (told.target_reached, told.happened) == (False, False)
    assert "took no connection" in told.summary


def test_fault_that_its_connection_does_not_live_to_see_did_not_happen(peer, client):
    with FaultProxy("127.0.0.1", peer(lambda p: (p.accept(), p.read_pdu(), p.abort())).port) as proxy:
        proxy.arm(Fault(FaultKind.CUT, Place.MIDDLE, 10))
        client(proxy.port).echo()
    (told,) = proxy.told()
    assert not told.happened
    assert "did not happen" in told.summary


def test_request_of_http_is_cut_by_its_bytes():
    body = bytes(300_000)
    got = bytearray()

    def serve(listener):
        connected, _ = listener.accept()
        with connected:
            while piece := connected.recv(65536):
                got.extend(piece)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = threading.Thread(target=serve, args=(listener,))
        served.start()
        with FaultProxy(*listener.getsockname()) as proxy:
            proxy.arm(Fault(FaultKind.CUT, Place.MIDDLE, len(body)))
            with socket.create_connection(("127.0.0.1", proxy.port)) as sender, suppress(ConnectionError):
                sender.sendall(b"POST /studies HTTP/1.1\r\n\r\n" + body)
                sender.recv(1)
        served.join()
    (told,) = proxy.told()
    assert (told.inside, told.data_bytes) == (False, None)
    assert len(got) == told.at == len(body) // 2


def test_nothing_waits_for_a_harmless_connection_when_it_is_left():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        start = time.monotonic()
        with FaultProxy(*listener.getsockname()) as proxy:
            idle = socket.create_connection(("127.0.0.1", proxy.port))
            held, _ = listener.accept()
        assert time.monotonic() - start < GRACE
        assert held.recv(1) == b""
        idle.close()
        held.close()


def sink_of(listener, digest):
    connected, _ = listener.accept()
    with connected:
        while piece := connected.recv(65536):
            digest.update(piece)


def test_long_stream_passes_whole_in_little_memory():
    digest, sent = hashlib.sha256(), hashlib.sha256()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = threading.Thread(target=sink_of, args=(listener, digest))
        served.start()
        with FaultProxy(*listener.getsockname()) as proxy:
            tracemalloc.start()
            with socket.create_connection(("127.0.0.1", proxy.port)) as sender:
                piece = bytes(range(256)) * 256
                for _ in range(512):  # 32 MiB
                    sender.sendall(piece)
                    sent.update(piece)
            served.join()
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
    assert digest.digest() == sent.digest()
    assert peak < 2 * 1024 * 1024
