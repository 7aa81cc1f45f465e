"""The paths by which one object can be asked for: C-GET, C-MOVE and WADO-RS, each described once for all questions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.clients.dimse import DimseClient
from harness.clients.dimse.operation import EXPLICIT_LE, IMPLICIT_LE
from harness.clients.dimse.retrieve import STUDY_ROOT_GET, STUDY_ROOT_MOVE
from harness.core.endpoint import Service
from harness.core.exchange import WADO_RS, Exchange
from harness.core.observations import Fetched, Undecided
from harness.plugin.conversation import Conversation
from harness.plugin.videos import LazyVideo

#: Implicit and Explicit VR Little Endian (PS3.5 A.1, A.2).
UNCOMPRESSED = (IMPLICIT_LE, EXPLICIT_LE)

Ask = Callable[[], tuple[Exchange, tuple[Path, ...]]]


@dataclass(frozen=True, slots=True)
class Way:
    """One path: its name, the UID of its service where it is one of DIMSE, and how to ask."""

    service: str
    service_uid: str
    ask: Ask


class WaysBack:
    """The paths of one target.

    ``required`` raises Undecided where a video may not be asked for besides what the target offers and the site allows.
    ``folder`` is where C-GET and WADO-RS put what comes, each in its own unless told.
    """

    def __init__(
        self,
        talk: Conversation,
        *,
        required: Callable[[LazyVideo], object] = lambda video: None,
        folder: str = "",
    ) -> None:
        self._talk = talk
        self._required = required
        self._folder = folder

    def fetch(self, video: LazyVideo) -> tuple[Fetched, ...]:
        """What every path that is offered brings of an object now.

        Raises:
            Undecided: there is none.
        """
        found: list[Fetched] = []
        obstacles: list[Undecided] = []
        for make in (self.get, self.move, self.wado):
            try:
                found.append(self.take(make(video), video))
            except Undecided as undecided:
                obstacles.append(undecided)
        if not found:
            raise obstacles[0]
        return tuple(found)

    def take(self, way: Way, video: LazyVideo, *, name: str = "") -> Fetched:
        """Ask by one path until something comes, or the index has had its time; ``name`` tells several asks apart.

        Raises:
            Undecided: the target does not offer the service.
        """
        tries = 0
        while True:
            tries += 1
            exchange, paths = way.ask()
            exchange = self._talk.told(exchange)
            if not name:
                self._talk.require_offered(exchange, way.service_uid)
            if paths or not self._talk.may_lag(exchange, tries):
                return self._talk.returned.take(name or way.service, video, exchange, paths, tries)

    def uncompressed(self, video: LazyVideo) -> Iterator[tuple[str, Way]]:
        """Name and way of the paths by which an object can be asked for in uncompressed syntaxes only."""
        for make in (self.get, self.move):
            try:
                way = make(video, only=UNCOMPRESSED)
            except Undecided:
                continue
            yield way.service, way

    def get(
        self,
        video: LazyVideo,
        *,
        only: tuple[str, ...] = (),
        client: DimseClient | None = None,
        insist: bool = False,
    ) -> Way:
        """C-GET, in the syntax of the video or in ``only`` these; by another ``client`` than that of the target.

        With ``insist`` it is asked for although the SCP role was refused. Raises Undecided where it may not be asked.
        """
        asking = client or self._talk.require_dimse("C-GET")
        self._talk.require_allowed(Service.GET)
        self._required(video)
        first, *also = only or (video.format.uid,)
        return Way(
            "C-GET",
            STUDY_ROOT_GET,
            lambda: asking.get(
                study_uid=video.study_uid,
                series_uid=video.series_uid,
                instance_uid=video.instance_uid,
                sop_class_uid=video.sop_class.uid,
                transfer_syntax_uid=first,
                also=tuple(also),
                into=self._talk.folder(self._folder or "got"),
                insist=insist,
            ),
        )

    def move(self, video: LazyVideo, *, only: tuple[str, ...] = ()) -> Way:
        """C-MOVE to our receiver, which takes the syntax of the video first, or ``only`` these. Raises as above."""
        client = self._talk.require_dimse("C-MOVE")
        self._talk.require_allowed(Service.MOVE)
        self._required(video)
        receiver = self._talk.receiver()
        return Way(
            "C-MOVE",
            STUDY_ROOT_MOVE,
            lambda: client.move(
                study_uid=video.study_uid,
                series_uid=video.series_uid,
                instance_uid=video.instance_uid,
                sop_class_uid=video.sop_class.uid,
                transfer_syntax_uid=None if only else video.format.uid,
                receiver=receiver,
                only=only,
            ),
        )

    def wado(self, video: LazyVideo) -> Way:
        """WADO-RS, in whatever syntax. Raises as above."""
        client = self._talk.require_web(WADO_RS)
        self._talk.require_allowed(Service.WADO)
        self._required(video)
        folder = self._talk.folder(self._folder or "wado")
        return Way(WADO_RS, "", lambda: client.retrieve(video.study_uid, video.series_uid, video.instance_uid, folder))
