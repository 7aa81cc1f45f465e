"""The DIMSE client: the services of a PACS that the harness asks for, each on an association of its own."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from pynetdicom.dsutils import split_dataset
from pynetdicom.status import GENERAL_STATUS, STORAGE_SERVICE_CLASS_STATUS

from harness.clients.dimse.association import Association
from harness.clients.dimse.commands import C_ECHO, C_STORE, NO_DATA, Value
from harness.clients.dimse.ended import Ended
from harness.clients.dimse.messages import OnProgress, Progress, expect_response
from harness.clients.dimse.operation import (
    IMPLICIT_LE,
    MESSAGE_ID,
    VERIFICATION,
    Answer,
    converse,
    next_message,
    required,
    status_detail,
)
from harness.clients.dimse.query import FIND_PROPOSALS, find
from harness.clients.dimse.receiver import Receiver
from harness.clients.dimse.retrieve import MOVE_PROPOSALS, get, get_proposals, move
from harness.clients.dimse.retry import RetryPolicy
from harness.clients.dimse.secure import client_context
from harness.clients.dimse.storage import Received, store_command
from harness.clients.dimse.terms import Proposal, Terms
from harness.core.endpoint import Endpoint
from harness.core.exchange import Ending, Exchange


class DimseClient:
    """Speaks DIMSE to one endpoint.

    Whatever the PACS does comes back as an :class:`~harness.core.exchange.Exchange`: ANSWERED with its
    status, whether success, warning or failure, or the ending that came instead. Endings that may pass by
    themselves are tried again as ``retry`` says. ``on_progress`` gets the name of the service, bytes done and
    bytes in all (0 where unknown), at most twice a second and at the end. ``sleep`` waits between attempts.
    ``terms`` is how every association is asked for.

    Every method raises ``ValueError`` for a request that no PACS could be sent, and ``DiskTooSmall`` where
    what arrives does not fit.

    Raises:
        UsageError: a certificate or key of ``endpoint.tls`` cannot be used; the message names the file.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        retry: RetryPolicy | None = None,
        on_progress: OnProgress | None = None,
        sleep: Callable[[float], None] = time.sleep,
        terms: Terms | None = None,
    ) -> None:
        if endpoint.tls is not None:
            client_context(endpoint.tls)  # a wrong file is told now, and not as what the first operation met
        self.endpoint = endpoint
        self._retry = retry or RetryPolicy()
        self._on_progress = on_progress
        self._sleep = sleep
        self._terms = terms or Terms()

    def like(
        self, *, endpoint: Endpoint | None = None, terms: Terms | None = None, retry: RetryPolicy | None = None
    ) -> "DimseClient":
        """Another client, like this one but for what is given."""
        return DimseClient(
            endpoint or self.endpoint,
            retry=retry or self._retry,
            on_progress=self._on_progress,
            sleep=self._sleep,
            terms=terms or self._terms,
        )

    def echo(self) -> Exchange:
        """C-ECHO (PS3.7 9.1.5)."""

        def talk(association: Association) -> Answer:
            context = required(association, VERIFICATION, "Verification")
            command: dict[str, Value] = {
                "AffectedSOPClassUID": VERIFICATION,
                "CommandField": C_ECHO,
                "MessageID": MESSAGE_ID,
                "CommandDataSetType": NO_DATA,
            }
            association.messenger.send(context.context_id, command)
            message = next_message(association, C_ECHO)
            status = expect_response(message, C_ECHO, MESSAGE_ID)
            return Answer(status, status_detail(message, status, GENERAL_STATUS))

        return self.run("C-ECHO", [Proposal(VERIFICATION, IMPLICIT_LE)], lambda association, _: talk(association))

    def negotiate(self, pairs: Sequence[tuple[str, str]]) -> Exchange:
        """Propose each pair of abstract and transfer syntax in a context of its own, then release.

        ANSWERED without status where at least one was accepted, REFUSED where the association was accepted
        and every context refused; ``contexts`` holds the answers in both cases, in the order of ``pairs``.

        Raises:
            ValueError: no pair, or more than the 128 that one association carries.
        """
        return self.propose([Proposal(*pair) for pair in pairs])

    def propose(self, proposals: Sequence[Proposal]) -> Exchange:
        """As :meth:`negotiate`, for contexts that also ask for a role or hold several syntaxes."""

        def talk(association: Association, _: Progress) -> Answer:
            accepted = sum(context.accepted for context in association.contexts)
            if not accepted:
                raise Ended(Ending.REFUSED, f"all {len(association.contexts)} presentation contexts were refused")
            return Answer(None, f"{accepted} of {len(association.contexts)} presentation contexts accepted")

        return self.run("A-ASSOCIATE", proposals, talk)

    def store(
        self,
        path: Path,
        *,
        sop_class_uid: str,
        sop_instance_uid: str,
        transfer_syntax_uid: str,
        size: int,
        ready: Callable[[], None] = lambda: None,
    ) -> Exchange:
        """C-STORE a Part 10 file in the one context that fits it exactly (PS3.4 B.2, PS3.7 9.1.1).

        The file is streamed without its file meta information and never changed. ``size`` is its length in
        bytes, for progress; ``payload_bytes`` of the exchange counts what was handed to the network. REFUSED
        with the peer's result where the context was. ``ready`` is called once the context is accepted.
        """
        _, offset = split_dataset(path)

        def talk(association: Association, progress: Progress) -> Answer:
            context = required(association, sop_class_uid, f"{sop_class_uid} with {transfer_syntax_uid}")
            ready()
            command = store_command(sop_class_uid, sop_instance_uid)
            with path.open("rb") as file:
                file.seek(offset)
                association.messenger.send(context.context_id, command, file, progress)
            message = next_message(association, C_STORE)
            status = expect_response(message, C_STORE, MESSAGE_ID)
            return Answer(status, status_detail(message, status, STORAGE_SERVICE_CLASS_STATUS))

        return self.run("C-STORE", [Proposal(sop_class_uid, transfer_syntax_uid)], talk, total=size - offset)

    def find(self, query: Mapping[str, str], *, level: str = "IMAGE") -> tuple[Exchange, tuple[dict[str, str], ...]]:
        """C-FIND, Study Root: the matches as keyword and text (PS3.4 C.4.1).

        ``query`` maps keywords to values to match, empty ones to be returned.

        Raises:
            ValueError: a keyword that PS3.6 does not have.
        """
        matches: list[dict[str, str]] = []

        def talk(association: Association, _: Progress) -> Answer:
            matches.clear()
            return find(association, query, level, matches)

        return self.run("C-FIND", FIND_PROPOSALS, talk), tuple(matches)

    def get(
        self,
        *,
        study_uid: str,
        series_uid: str,
        instance_uid: str,
        sop_class_uid: str,
        transfer_syntax_uid: str,
        into: Path,
        insist: bool = False,
        also: tuple[str, ...] = (),
    ) -> tuple[Exchange, tuple[Path, ...]]:
        """C-GET one instance, Study Root, into files in ``into`` (PS3.4 C.4.3).

        REFUSED has three causes, told apart by ``contexts`` and in words by ``detail``: the first context
        (the service) refused; the second, with ``as_scp`` (class and syntax), refused; both accepted, and the
        SCP role not granted. Files that arrived whole are returned whatever the ending. With ``insist`` the request
        is made without that role too. ``also`` are further syntaxes in which it may come, each in a context of its
        own.
        """
        proposals = get_proposals(sop_class_uid, (transfer_syntax_uid, *also))
        received: list[Received] = []

        def talk(association: Association, progress: Progress) -> Answer:
            return get(
                association,
                _keys(study_uid, series_uid, instance_uid),
                sop_class_uid,
                into,
                received,
                progress,
                insist=insist,
            )

        def clear() -> None:
            for one in received:
                one.path.unlink(missing_ok=True)
            received.clear()

        into.mkdir(parents=True, exist_ok=True)
        exchange = self.run("C-GET", proposals, talk, before=clear)
        return exchange, tuple(one.path for one in received)

    def move(
        self,
        *,
        study_uid: str,
        series_uid: str,
        instance_uid: str,
        receiver: Receiver,
        sop_class_uid: str | None = None,
        transfer_syntax_uid: str | None = None,
        only: tuple[str, ...] = (),
    ) -> tuple[Exchange, tuple[Path, ...]]:
        """C-MOVE one instance, Study Root, to our running receiver (PS3.4 C.4.2).

        Where the PACS proposes several syntaxes for ``sop_class_uid`` in one context, the receiver chooses
        ``transfer_syntax_uid``; without them the first that it was made with. It accepts the others as before; with
        ``only``, none but these for this class.
        ``detail`` also tells what the receiver saw: no association, contexts it had to refuse, broken
        associations, and objects of earlier moves that came late and were dropped. ``reached_receiver`` and
        these late objects count from the first attempt on.
        """
        received: list[Received] = []

        def talk(association: Association, progress: Progress) -> Answer:
            with receiver.expecting(instance_uid, sop_class_uid, transfer_syntax_uid, only) as mark:
                return move(association, _keys(study_uid, series_uid, instance_uid), receiver, mark, received, progress)

        def clear() -> None:
            receiver.remove(received)
            received.clear()

        start = receiver.mark()
        exchange = self.run("C-MOVE", MOVE_PROPOSALS, talk, before=clear)
        late = (f"a late object of an earlier C-MOVE was dropped: {uid}" for uid in receiver.late_since(start))
        exchange = replace(
            exchange,
            detail="; ".join(part for part in (exchange.detail, *late) if part),
            reached_receiver=receiver.reached_since(start),
        )
        return exchange, tuple(one.path for one in received)

    def run(
        self,
        service: str,
        proposals: Sequence[Proposal],
        talk: Callable[[Association, Progress], Answer],
        *,
        total: int = 0,
        before: Callable[[], None] = lambda: None,
    ) -> Exchange:
        """Every attempt of an operation on an association of its own; ``before`` undoes what an earlier one left.

        ``talk`` has the open association, and may raise :class:`Ended`.
        """

        def attempt() -> Exchange:
            before()
            progress = Progress(self._on_progress, service, total)
            return converse(
                self.endpoint,
                service,
                proposals,
                lambda association: talk(association, progress),
                progress,
                self._terms,
            )

        return self._retry.run(attempt, sleep=self._sleep)


def _keys(study_uid: str, series_uid: str, instance_uid: str) -> dict[str, str]:
    """The unique keys of one instance (PS3.4 C.2.2.1)."""
    return {"StudyInstanceUID": study_uid, "SeriesInstanceUID": series_uid, "SOPInstanceUID": instance_uid}
