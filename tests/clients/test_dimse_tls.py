"""DIMSE over TLS: the same exchanges, and every way in which two sides do not trust each other told apart."""

import itertools
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from harness.clients.dimse import DimseClient, Receiver, Terms
from harness.clients.dimse.probes import without_certificate, without_tls
from harness.clients.dimse.secure import can_speak
from harness.clients.dimse.wire import Connection
from harness.core.endpoint import Endpoint, Timeouts, Tls
from harness.core.exchange import Ending, Exchange
from harness.errors import DataFileError, UsageError
from harness.targets.embedded.authority import Authority
from tests.clients.authorities import served
from tests.clients.conftest import CLASS, LIMITS, SYNTAX, Clients, Peer, Sample, ScriptedPeer, store_request
from tests.clients.senders import KEYS, answer_move, begin_store, end_store, wait_until

StartPeer = Callable[..., ScriptedPeer]
MakeSample = Callable[[int], Sample]
MakeAuthority = Callable[[], Authority]

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
C_ECHO_RSP, C_STORE_RSP, C_GET_RSP = 0x8030, 0x8001, 0x8010


@pytest.fixture
def authority(tmp_path: Path) -> MakeAuthority:
    numbers = itertools.count()
    return lambda: Authority(tmp_path / f"authority-{next(numbers)}")


def echoes(p: Peer) -> None:
    p.accept()
    p.read_message()
    p.answer(C_ECHO_RSP, 0)
    p.release()


def told(exchange: Exchange) -> tuple[Ending, int, int]:
    """Ending, earlier attempts and contexts: what is not trusted is not tried again, and nothing was accepted."""
    return exchange.ending, len(exchange.earlier), len(exchange.contexts)


@pytest.mark.parametrize("version", VERSIONS)
def test_a_video_goes_over_tls_whole(
    peer: StartPeer, client: Clients, sample: MakeSample, authority: MakeAuthority, version: ssl.TLSVersion
) -> None:
    ours = authority().issue()
    one = sample(3_000_000)
    lengths: list[int] = []
    versions: list[str | None] = []

    def script(p: Peer) -> None:
        assert isinstance(p.socket, ssl.SSLSocket)
        versions.append(p.socket.version())
        p.accept(max_pdu=0)
        lengths.append(p.read_message()[2])
        p.answer(C_STORE_RSP, 0, AffectedSOPClassUID=CLASS, AffectedSOPInstanceUID=one.instance)
        p.release()

    scripted = peer(script, secured=served(ours, mutual=True, version=version))
    exchange = client(scripted.port, limits=Timeouts(), tls=ours).store(one.path, **one.arguments)
    assert (exchange.ending, exchange.status, exchange.payload_bytes) == (Ending.ANSWERED, 0, len(one.data))
    assert lengths == [len(one.data)]
    assert versions == [version.name.replace("_", ".")]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_video_comes_over_tls_whole(
    peer: StartPeer, client: Clients, authority: MakeAuthority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    tls = authority().issue()
    data = bytes(range(250)) * 2000

    def script(p: Peer) -> None:
        p.accept(roles=[CLASS])
        p.read_message()
        p.send_message(3, store_request(), data)
        p.read_message()
        p.answer(C_GET_RSP, 0, NumberOfCompletedSuboperations=1)
        p.release()

    scripted = peer(script, secured=served(tls, version=version))
    arguments = {**KEYS, "sop_class_uid": CLASS, "transfer_syntax_uid": SYNTAX}
    got = client(scripted.port, limits=Timeouts(), tls=tls).get(**arguments, into=tmp_path / "in")
    assert (got[0].ending, got[0].status) == (Ending.ANSWERED, 0)
    assert got[1][0].read_bytes().endswith(data)


def test_pdus_that_came_in_one_record_are_all_seen(
    peer: StartPeer, client: Clients, authority: MakeAuthority, tmp_path: Path
) -> None:
    """What TLS has decrypted already makes no socket readable."""
    tls, data = authority().issue(), bytes(range(250)) * 20

    def script(p: Peer) -> None:
        p.accept(roles=[CLASS])
        p.read_message()
        record = bytearray()
        p.send_pdu = lambda kind, body: record.extend(struct.pack(">BxL", kind, len(body)) + body)  # type: ignore[method-assign]
        p.send_message(3, store_request(), data)
        p.socket.sendall(record)
        del p.send_pdu
        p.read_message()
        p.answer(C_GET_RSP, 0, NumberOfCompletedSuboperations=1)
        p.release()

    arguments = {**KEYS, "sop_class_uid": CLASS, "transfer_syntax_uid": SYNTAX}
    got = client(peer(script, secured=served(tls)).port, tls=tls).get(**arguments, into=tmp_path / "in")
    assert (got[0].ending, got[0].status) == (Ending.ANSWERED, 0)
    assert got[1][0].read_bytes().endswith(data)


def test_an_unknown_authority_is_not_trusted(peer: StartPeer, client: Clients, authority: MakeAuthority) -> None:
    scripted = peer(echoes, secured=served(authority().issue()))
    exchange = client(scripted.port, attempts=3, tls=authority().trust).echo()
    assert told(exchange) == (Ending.UNTRUSTED, 0, 0)
    assert "127.0.0.1 was issued by no authority that we trust: name the PEM file" in exchange.detail
    assert not scripted.connections


def test_the_authorities_of_the_system_are_asked_where_none_is_named(
    peer: StartPeer, client: Clients, authority: MakeAuthority
) -> None:
    scripted = peer(echoes, secured=served(authority().issue()))
    assert "no authority that we trust" in client(scripted.port, tls=Tls()).echo().detail


@pytest.mark.parametrize("version", VERSIONS)
def test_a_certificate_for_another_name_is_not_trusted(
    peer: StartPeer, client: Clients, authority: MakeAuthority, version: ssl.TLSVersion
) -> None:
    known = authority()
    scripted = peer(echoes, secured=served(known.issue("pacs.example"), version=version))
    exchange = client(scripted.port, attempts=3, tls=known.trust).echo()
    assert told(exchange) == (Ending.UNTRUSTED, 0, 0)
    assert "127.0.0.1 is for another name: connect by a name that it holds, or state" in exchange.detail


def test_the_name_that_is_stated_is_verified_instead_of_the_host(
    peer: StartPeer, client: Clients, authority: MakeAuthority
) -> None:
    known = authority()
    scripted = peer(echoes, secured=served(known.issue("pacs.example")))
    trust = known.trust.authorities
    exchange = client(scripted.port, tls=Tls(trust, server_name="pacs.example")).echo()
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert told(client(scripted.port, tls=Tls(trust, server_name="other.example")).echo())[0] is Ending.UNTRUSTED


def test_an_expired_certificate_is_not_trusted(peer: StartPeer, client: Clients, authority: MakeAuthority) -> None:
    known = authority()
    scripted = peer(echoes, secured=served(known.issue(expired=True)))
    exchange = client(scripted.port, attempts=3, tls=known.trust).echo()
    assert told(exchange) == (Ending.UNTRUSTED, 0, 0)
    assert "127.0.0.1 has expired: renew it" in exchange.detail


@pytest.mark.parametrize("version", VERSIONS)
def test_a_peer_that_wants_our_certificate_is_told(
    peer: StartPeer, client: Clients, authority: MakeAuthority, version: ssl.TLSVersion
) -> None:
    known = authority()
    scripted = peer(echoes, secured=served(known.issue(), mutual=True, version=version))
    exchange = client(scripted.port, attempts=3, tls=known.trust).echo()
    assert told(exchange) == (Ending.UNTRUSTED, 0, 0)
    assert "want" in exchange.detail
    assert "a certificate of ours" in exchange.detail


@pytest.mark.parametrize("version", VERSIONS)
def test_a_peer_that_does_not_trust_our_certificate_is_told(
    peer: StartPeer, client: Clients, authority: MakeAuthority, version: ssl.TLSVersion
) -> None:
    known, other = authority(), authority()
    mine = other.issue()
    scripted = peer(echoes, secured=served(known.issue(), mutual=True, version=version))
    exchange = client(scripted.port, attempts=3, tls=Tls(known.trust.authorities, mine.certificate, mine.key)).echo()
    assert told(exchange) == (Ending.UNTRUSTED, 0, 0)
    assert "the peer does not trust our certificate" in exchange.detail


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        (lambda p: p.abort(2, 1), "what answered speaks no TLS"),
        (lambda p: p.read_exactly(1), "the peer closed the connection in the TLS handshake"),
    ],
)
def test_a_peer_without_tls_is_told(
    peer: StartPeer, client: Clients, authority: MakeAuthority, answers: Callable[[Peer], None], words: str
) -> None:
    exchange = client(peer(answers).port, attempts=3, tls=authority().trust).echo()
    assert told(exchange) == (Ending.UNTRUSTED, 0, 0)
    assert words in exchange.detail


def test_a_peer_that_says_nothing_to_tls_is_given_the_limit(
    peer: StartPeer, client: Clients, authority: MakeAuthority
) -> None:
    start = time.monotonic()
    exchange = client(peer(lambda p: p.read_exactly(10_000) and None).port, tls=authority().trust).echo()
    assert (exchange.ending, exchange.detail) == (Ending.TIMED_OUT, "no TLS handshake within 0.5 s")
    assert time.monotonic() - start < 2


def test_a_peer_that_says_that_it_wants_tls_is_told_where_we_have_none(peer: StartPeer, client: Clients) -> None:
    scripted = peer(lambda p: p.socket.sendall(b"\x15\x03\x01\x00\x02\x02\x46"))
    exchange = client(scripted.port, attempts=3).echo()
    assert told(exchange) == (Ending.UNTRUSTED, 0, 0)
    assert "the peer wants TLS here" in exchange.detail


def test_a_peer_that_closes_for_want_of_tls_is_told_with_that_guess(
    peer: StartPeer, client: Clients, authority: MakeAuthority
) -> None:
    exchange = client(peer(echoes, secured=served(authority().issue())).port).echo()
    assert told(exchange) == (Ending.LOST, 0, 0)
    assert exchange.detail.endswith("instead of an answer: it may want TLS here")


def test_a_ticket_of_tls_is_no_answer(peer: StartPeer, client: Clients, authority: MakeAuthority) -> None:
    """In TLS 1.3 the server sends session tickets after the handshake: readable, and not a byte of DICOM."""
    tls = authority().issue()

    def script(p: Peer) -> None:
        p.read_request()
        p.read_pdu()

    scripted = peer(script, secured=served(tls))
    exchange = client(scripted.port, tls=tls).echo()
    assert exchange.ending is Ending.TIMED_OUT
    assert exchange.detail.startswith("no answer to A-ASSOCIATE-RQ within 0.5 s")


def test_a_peer_that_stops_taking_bytes_is_given_the_stall_limit(
    peer: StartPeer, client: Clients, sample: MakeSample, authority: MakeAuthority
) -> None:
    tls, one, done = authority().issue(), sample(8_000_000), threading.Event()

    def script(p: Peer) -> None:
        p.accept()
        done.wait(8)

    scripted = peer(script, secured=served(tls))
    exchange = client(scripted.port, tls=tls).store(one.path, **one.arguments)
    done.set()
    assert exchange.ending is Ending.TIMED_OUT
    assert "the peer took no byte for 0.5 s" in exchange.detail
    assert exchange.payload_bytes < 8_000_000


def test_a_slow_peer_that_keeps_taking_bytes_is_no_stall(
    peer: StartPeer, client: Clients, sample: MakeSample, authority: MakeAuthority
) -> None:
    tls, one = authority().issue(), sample(2_000_000)

    def script(p: Peer) -> None:
        p.accept()
        p.read_message(pause=lambda _: time.sleep(0.01))
        p.answer(C_STORE_RSP, 0, AffectedSOPClassUID=CLASS, AffectedSOPInstanceUID=one.instance)
        p.release()

    exchange = client(peer(script, secured=served(tls)).port, tls=tls).store(one.path, **one.arguments)
    assert (exchange.ending, exchange.status) == (Ending.ANSWERED, 0)
    assert exchange.seconds > 2 * LIMITS.stall


@pytest.mark.parametrize(
    ("end", "ending"),
    [(lambda p: p.abort(2, 6), Ending.ABORTED), (lambda p: p.socket.close(), Ending.LOST)],
)
def test_how_a_peer_ends_a_store_is_told_apart(
    peer: StartPeer,
    client: Clients,
    sample: MakeSample,
    authority: MakeAuthority,
    end: Callable[[Peer], None],
    ending: Ending,
) -> None:
    tls, one = authority().issue(), sample(8_000_000)

    def script(p: Peer) -> None:
        p.accept()
        for _ in range(5):
            p.read_pdu()
        end(p)
        while p.socket.fileno() >= 0:
            p.read_pdu()

    exchange = client(peer(script, secured=served(tls)).port, tls=tls).store(one.path, **one.arguments)
    assert exchange.ending is ending, exchange.detail


def receiver(into: Path, tls: Tls | None) -> Receiver:
    return Receiver("127.0.0.1", 0, "RCV", into=into, contexts=[(CLASS, SYNTAX)], timeouts=LIMITS, grace=1.0, tls=tls)


def deliver(ours: Receiver, tls: Tls) -> None:
    """Store an object to our receiver as a PACS that shows the certificate of ``tls``, if it has one."""
    context = ssl.create_default_context(cafile=tls.authorities)
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    with (
        socket.create_connection(("127.0.0.1", ours.port)) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as connected,
    ):
        p = Peer(connected)
        begin_store(p)
        end_store(p)


@pytest.mark.parametrize("shows", [True, False])
def test_a_move_comes_over_tls(
    peer: StartPeer, client: Clients, authority: MakeAuthority, tmp_path: Path, shows: bool
) -> None:
    known = authority()
    tls = known.issue()
    with receiver(tmp_path / "in", tls) as ours:
        scripted = peer(
            lambda p: answer_move(p, lambda: deliver(ours, tls if shows else known.trust)), secured=served(tls)
        )
        exchange, files = client(scripted.port, tls=tls).move(**KEYS, receiver=ours)
    assert (exchange.status, exchange.detail, len(files)) == (0, "", 1)


def test_a_pacs_that_we_do_not_trust_delivers_nothing(authority: MakeAuthority, tmp_path: Path) -> None:
    known, other = authority(), authority()
    tls, theirs = known.issue(), other.issue()
    with receiver(tmp_path / "in", tls) as ours:
        mark = ours.mark()
        with pytest.raises(OSError, match=r"(?i)alert|reset|broken pipe|EOF"):
            deliver(ours, Tls(tls.authorities, theirs.certificate, theirs.key))
        wait_until(lambda: "the certificate of the peer was issued by no authority that we" in ours.what_came(mark))
    assert list((tmp_path / "in").iterdir()) == []


def test_a_pacs_that_does_not_trust_our_receiver_is_told(authority: MakeAuthority, tmp_path: Path) -> None:
    with receiver(tmp_path / "in", authority().issue()) as ours:
        mark = ours.mark()
        with pytest.raises(ssl.SSLCertVerificationError):
            deliver(ours, authority().trust)
        wait_until(lambda: "the peer does not trust our certificate" in ours.what_came(mark))


def test_a_pacs_that_moves_without_tls_to_a_receiver_with_it_is_told(authority: MakeAuthority, tmp_path: Path) -> None:
    with receiver(tmp_path / "in", authority().issue()) as ours:
        mark = ours.mark()
        with socket.create_connection(("127.0.0.1", ours.port)) as connected:
            with suppress(OSError, EOFError, AssertionError):  # whichever the end of the connection meets
                begin_store(Peer(connected))
            assert ours.received == {}
        wait_until(lambda: "speaks no TLS" in ours.what_came(mark))


def test_a_pacs_that_moves_with_tls_to_a_receiver_without_is_told(authority: MakeAuthority, tmp_path: Path) -> None:
    with receiver(tmp_path / "in", None) as ours:
        mark = ours.mark()
        with pytest.raises(OSError, match=r"(?i)ssl|reset|EOF"):
            deliver(ours, authority().issue())
        wait_until(lambda: "the peer begins TLS, and we have none here" in ours.what_came(mark))


class LateReceiver(Receiver):
    """Takes a connection, and is closed before it looks at it."""

    def _connection(self, accepted: socket.socket) -> Connection:
        self._closing.wait(5)
        return super()._connection(accepted)


@pytest.mark.parametrize("kind", [Receiver, LateReceiver])
def test_closing_does_not_wait_for_a_handshake(authority: MakeAuthority, tmp_path: Path, kind: type[Receiver]) -> None:
    tls = authority().issue()
    ours = kind("127.0.0.1", 0, "RCV", into=tmp_path, contexts=[(CLASS, SYNTAX)], timeouts=Timeouts(), tls=tls)
    with ours:
        connected = socket.create_connection(("127.0.0.1", ours.port))
        mark = ours.mark()
        wait_until(lambda: ours.mark().associations > 0)
        start = time.monotonic()
    assert time.monotonic() - start < 2
    assert "handshake" not in ours.what_came(mark)
    connected.close()


def test_files_that_cannot_be_used_are_named(authority: MakeAuthority, tmp_path: Path) -> None:
    good = authority().issue()
    absent, empty = str(tmp_path / "absent.pem"), tmp_path / "empty.pem"
    empty.write_text("")
    locked = tmp_path / "locked.pem"
    assert good.key is not None
    encrypted = "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n"
    locked.write_text(Path(good.key).read_text().replace("\n", encrypted, 1))
    for tls, words in (
        (Tls(absent), r"absent\.pem: authorities: no authorities in PEM"),
        (Tls(str(empty)), r"empty\.pem: authorities: no authorities in PEM"),
        (Tls(good.authorities, absent, good.key), r"absent\.pem and .*key\.pem: certificate and key: no certificate"),
        (Tls(good.authorities, good.certificate, str(locked)), r"locked\.pem: certificate and key: .*unencrypted key"),
    ):
        with pytest.raises(DataFileError, match=words):
            DimseClient(Endpoint("127.0.0.1", 1, "PEER", tls=tls))
    with pytest.raises(UsageError, match="a key without its certificate"):
        DimseClient(Endpoint("127.0.0.1", 1, "PEER", tls=Tls(key=good.key)))
    with pytest.raises(UsageError, match="must show a certificate"):
        receiver(tmp_path, Tls(good.authorities))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_an_old_version_is_refused_by_a_peer_of_today_and_answered_by_one_of_yesterday(
    peer: StartPeer, client: Clients, authority: MakeAuthority, version: ssl.TLSVersion
) -> None:
    if not can_speak(version):
        pytest.skip(f"the TLS library of this machine cannot ask for {version.name}")
    tls, terms = authority().issue(), Terms(tls_version=version)
    today = served(tls)
    today.minimum_version = ssl.TLSVersion.TLSv1_2
    refused = client(peer(echoes, secured=today).port, tls=tls).like(terms=terms).echo()
    assert told(refused) == (Ending.UNTRUSTED, 0, 0)
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        yesterday = served(tls, version=version)
    yesterday.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    yesterday.set_ciphers("ALL:@SECLEVEL=0")
    answered = client(peer(echoes, secured=yesterday).port, limits=Timeouts(), tls=tls).like(terms=terms).echo()
    assert (answered.ending, answered.status) == (Ending.ANSWERED, 0)


def test_a_caller_without_tls_or_without_certificate_is_our_caller_all_the_same(
    peer: StartPeer, client: Clients, authority: MakeAuthority
) -> None:
    tls = authority().issue()
    ours = client(peer(echoes, secured=served(tls, mutual=True)).port, limits=Timeouts(), tls=tls)
    assert without_certificate(ours).echo().ending is Ending.UNTRUSTED
    assert without_tls(ours).echo().ending in (Ending.LOST, Ending.UNTRUSTED)
    assert ours.echo().status == 0
