"""The DIMSE services of the embedded PACS: Verification, Storage, Study Root query and retrieve, and commitment.

pynetdicom speaks the protocol; the handlers here translate between it, the store and the hooks. Data sets
are received straight to disk and sent straight from disk. The module changes settings of pynetdicom for the
whole process, which therefore runs nothing else.
"""

import logging
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydicom import Dataset, config
from pynetdicom import AE, _config, build_context, evt
from pynetdicom.sop_class import Verification  # type: ignore[attr-defined]  # made at run time

from harness.clients.dimse.secure import client_context, server_context
from harness.core.endpoint import Tls
from harness.targets.embedded.commitment import CommitmentProvider
from harness.targets.embedded.hooks import GET, MOVE, STORE, WELL_BEHAVED, Hooks
from harness.targets.embedded.identifiers import answer_of, query_of
from harness.targets.embedded.index import UNIQUE, StoredInstance, supported_keys
from harness.targets.embedded.keeping import keep_received
from harness.targets.embedded.sending import MAX_PDU, StoredDataset, prepare
from harness.targets.embedded.store import ObjectStore

LOG = logging.getLogger(__name__)

# PS3.4 Tables C.4-1, C.4-2 and C.4-3.
_IDENTIFIER_DOES_NOT_MATCH = 0xA900
_CANCEL = 0xFE00
_PENDING = 0xFF00
_PENDING_SOME_KEYS_UNSUPPORTED = 0xFF01

#: The state in which data is exchanged: a connection that closes in it was not released (PS3.8 9.2.3).
_DATA_TRANSFER = "Sta6"

Answer = tuple[int, Dataset | None]


class EmbeddedServer:
    """The DIMSE side of a PACS on the loopback interface.

    ``destinations`` are addresses by AE title, of C-MOVE destinations and of those who ask for storage commitment.
    With ``tls`` it is reached, and reaches them, over TLS only; who calls must show a certificate that the
    authorities vouch for.

    Raises:
        UsageError: ``tls`` has no certificate, or a file of it cannot be used.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        aet: str,
        destinations: Mapping[str, tuple[str, int]],
        hooks: Hooks = WELL_BEHAVED,
        tls: Tls | None = None,
    ) -> None:
        _config.STORE_RECV_CHUNKED_DATASET = True
        _config.STORE_SEND_CHUNKED_DATASET = True
        _config.LOG_HANDLER_LEVEL = "none"
        # What a PACS is asked to keep is not ours to judge: odd values are kept as they are, without comment.
        config.settings.reading_validation_mode = config.IGNORE
        config.settings.writing_validation_mode = config.IGNORE
        self._store = store
        # pynetdicom receives into the default folder for temporary files and lets nobody choose another.
        tempfile.tempdir = str(self._store.incoming)
        self._aet = aet
        self._destinations = destinations
        self._hooks = hooks
        self._tls = tls
        self._secure = hooks.secure(server_context(tls, mutual=True)) if tls is not None else None
        self._received: dict[int, int] = {}
        self._commitment = CommitmentProvider(store, hooks, aet=aet, destinations=destinations, tls=tls)
        self._ae = AE(aet)
        self._ae.maximum_pdu_size = MAX_PDU
        self._ae.maximum_associations = 100
        # This timer counts received bytes only and would end an association after a long retrieve.
        self._ae.network_timeout = None
        self._ae.dimse_timeout = 120

    def start(self, port: int) -> int:
        """Listen on a port of the loopback interface, 0 for any free one; returns the port."""
        handlers: list[Any] = [
            (evt.EVT_REQUESTED, self._on_requested),
            (evt.EVT_CONN_CLOSE, self._on_closed),
            (evt.EVT_C_ECHO, self._on_echo),
            (evt.EVT_C_STORE, self._on_store),
            (evt.EVT_C_FIND, self._on_find),
            (evt.EVT_C_GET, self._on_get),
            (evt.EVT_C_MOVE, self._on_move),
            *self._commitment.handlers,
        ]
        if self._hooks.receiving is not None:
            handlers.append((evt.EVT_DATA_RECV, self._on_data))
        # The list of contexts is made per association by the hook; it must not be empty here.
        server = self._ae.start_server(
            ("127.0.0.1", port),
            block=False,
            ssl_context=self._secure,
            contexts=[build_context(Verification)],
            evt_handlers=handlers,
        )
        if server is None:
            raise RuntimeError("a server that does not block was asked for")
        return int(server.server_address[1])

    def stop(self) -> None:
        """Abort what is going on. The listening socket closes with the process."""
        for association in self._ae.active_associations:
            association.abort()

    def _on_requested(self, event: evt.Event) -> None:
        self._hooks.negotiate(event.assoc)
        prepare(event.assoc)

    def _on_closed(self, event: evt.Event) -> None:
        """Give up the part of an object whose transfer did not end."""
        self._received.pop(id(event.assoc), None)
        self._commitment.forget(event.assoc)
        message = event.assoc.dimse.message
        if message is not None and message._data_set_file:
            message._data_set_file.close()
            part = Path(message._data_set_file.name)
            if part.exists():
                self._hooks.broken(self._store, part)
        if self._hooks.lost is not None and event.assoc.dul.state_machine.current_state == _DATA_TRANSFER:
            self._hooks.lost(self._store)

    def _on_data(self, event: evt.Event) -> None:
        # Only P-DATA-TF (PS3.8 9.3.5) is counted.
        if event.data[0] == 0x04 and self._hooks.receiving is not None:
            received = self._received.get(id(event.assoc), 0) + len(event.data)
            self._received[id(event.assoc)] = received
            self._hooks.receiving(event.assoc, received)

    def _on_echo(self, event: evt.Event) -> int | Dataset:
        return self._hooks.echo()

    def _on_store(self, event: evt.Event) -> int:
        received = event.dataset_path
        self._received.pop(id(event.assoc), None)
        size = received.stat().st_size
        status = keep_received(self._hooks, self._store, received, by=STORE)
        context = event.context
        LOG.info("C-STORE %s %s bytes 0x%04X", context.transfer_syntax.name, size, status)
        return status

    def _on_find(self, event: evt.Event) -> Iterator[Answer]:
        try:
            level, query = query_of(event.identifier)
        except ValueError as problem:
            LOG.warning("C-FIND: %s", problem)
            yield _IDENTIFIER_DOES_NOT_MATCH, None
            return
        status = _PENDING if query.keys() <= supported_keys(level) else _PENDING_SOME_KEYS_UNSUPPORTED
        found = self._store.index.find(level, query)
        answers = self._hooks.answers([answer_of(level, query, row, self._aet) for row in found])
        if isinstance(answers, int):
            LOG.info("C-FIND 0x%04X", answers)
            yield answers, None
            return
        LOG.info("C-FIND %s %s answers", level, len(answers))
        for answer in answers:
            if event.is_cancelled:
                yield _CANCEL, None
                return
            yield status, answer

    def _asked(self, event: evt.Event, service: str) -> list[StoredInstance] | int:
        """The instances that a retrieve asks for, or the status of its failure."""
        try:
            level, query = query_of(event.identifier)
        except ValueError as problem:
            LOG.warning("%s: %s", service, problem)
            return _IDENTIFIER_DOES_NOT_MATCH
        keys = {key: value for key, value in query.items() if key in UNIQUE.values()}
        # Without its unique key, a retrieve would mean everything (PS3.4 C.4.2.1.4.1).
        if not keys.get(UNIQUE[level]):
            LOG.warning("%s: %s without %s", service, level, UNIQUE[level])
            return _IDENTIFIER_DOES_NOT_MATCH
        return self._store.index.instances(level, keys)

    def _sub_operations(self, event: evt.Event, service: str, asked: list[StoredInstance] | int) -> Iterator[Any]:
        """What pynetdicom wants to hear: the number of sub-operations, then each one."""
        wanted = asked if isinstance(asked, int) else self._hooks.retrieve(service, asked)
        if isinstance(wanted, int):
            LOG.info("%s 0x%04X", service, wanted)
            # A number of zero would be answered as success before the status is seen.
            yield 1
            yield wanted, None
            return
        sent = [one for each in wanted if (one := self._hooks.send(event.assoc, service, each)) is not None]
        LOG.info("%s %s instances", service, len(sent))
        yield len(sent)
        for instance in sent:
            if event.is_cancelled:
                yield _CANCEL, None
                return
            if self._hooks.sub_operation is not None:
                self._hooks.sub_operation(event, service)
            yield _PENDING, StoredDataset(instance)

    def _on_get(self, event: evt.Event) -> Iterator[Any]:
        yield from self._sub_operations(event, GET, self._asked(event, GET))

    def _on_move(self, event: evt.Event) -> Iterator[Any]:
        address = self._destinations.get(str(event.move_destination).strip())
        if address is None:
            # Answered by pynetdicom with 0xA801, Move Destination unknown.
            yield None, None
            return
        asked = self._asked(event, MOVE)
        instances = asked if isinstance(asked, list) else []
        # One syntax in each context: a video is sent as it is or not at all. At most 128 (PS3.8 9.3.2.2).
        pairs = sorted({(instance.sop_class_uid, instance.transfer_syntax_uid) for instance in instances})[:128]

        def on_established(opened: evt.Event) -> None:
            prepare(opened.assoc, originator=event.assoc.requestor.ae_title)

        # pynetdicom connects to the destination even where a status of failure follows.
        yield (
            *address,
            {
                "contexts": [build_context(*pair) for pair in pairs] or [build_context(Verification)],
                "max_pdu": MAX_PDU,
                "tls_args": (client_context(self._tls), address[0]) if self._tls is not None else None,
                "evt_handlers": [(evt.EVT_ESTABLISHED, on_established)],
            },
        )
        yield from self._sub_operations(event, MOVE, asked)
