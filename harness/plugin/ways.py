"""The two ways in which a video reaches a PACS and is looked for there: DIMSE, and DICOMweb where that is all."""

from collections.abc import Mapping

from harness.clients.dicomweb import WebClient
from harness.clients.dimse import DimseClient
from harness.clients.dimse.query import STUDY_ROOT_FIND
from harness.core.endpoint import Service
from harness.core.exchange import Ending, Exchange
from harness.core.observations import NotMade, Undecided
from harness.core.results import Outcome
from harness.core.verdicts import judge_store
from harness.media.values import VideoObject

Answers = tuple[Exchange, tuple[Mapping[str, str], ...]]


class DimseWay:
    """C-STORE and C-FIND."""

    store_service, find_service = Service.STORE, Service.FIND
    find_uid: str = STUDY_ROOT_FIND

    def __init__(self, client: DimseClient) -> None:
        self._client = client

    def store(self, sent: VideoObject) -> Exchange:
        """C-STORE one object."""
        return self._client.store(
            sent.path,
            sop_class_uid=sent.sop_class.uid,
            sop_instance_uid=sent.instance_uid,
            transfer_syntax_uid=sent.format.uid,
            size=sent.path.stat().st_size,
        )

    def find(self, query: Mapping[str, str], level: str) -> Answers:
        """C-FIND."""
        exchange, answers = self._client.find(query, level=level)
        return exchange, tuple(answers)

    @staticmethod
    def may_be_kept(exchange: Exchange) -> bool:
        """Whether the target has the object, or may have it because it never said that it failed."""
        begun = any(attempt.accepted for attempt in exchange.earlier)
        if exchange.ending is Ending.ANSWERED:
            return begun or judge_store(exchange).outcome is Outcome.PASS
        return begun or exchange.payload_bytes > 0


class WebWay:
    """STOW-RS and QIDO-RS."""

    store_service, find_service = Service.STOW, Service.QIDO
    find_uid: str = ""

    def __init__(self, client: WebClient) -> None:
        self._client = client

    def store(self, sent: VideoObject) -> Exchange:
        """STOW-RS one object. Raises Undecided where the service documents that it takes none so large."""
        if obstacle := self._client.too_large(sent.path):
            raise Undecided(NotMade(obstacle))
        return self._client.store(sent.path, sent.study_uid)

    def find(self, query: Mapping[str, str], level: str) -> Answers:
        """QIDO-RS."""
        exchange, answers = self._client.find(query, level=level)
        return exchange, tuple(answers)

    @staticmethod
    def may_be_kept(exchange: Exchange) -> bool:
        """Whether the target has the object, or may have it because it never said that it failed."""
        # An earlier try may have arrived, and a gateway that gave up knows nothing of what lies behind it.
        if exchange.ending is Ending.ANSWERED and not exchange.earlier and exchange.status not in (500, 502, 504):
            return judge_store(exchange).outcome is Outcome.PASS
        return exchange.payload_bytes > 0
