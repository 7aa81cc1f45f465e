"""Asks for a stored video by every way back that there is."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from harness.clients.dicomweb.client import JSON
from harness.clients.orthanc import KIND, OrthancClient
from harness.core.endpoint import Service, Timeouts
from harness.core.exchange import BULK_DATA, METADATA, REST_FILE, REST_FRAME, REST_STATE, WADO_URI, Exchange
from harness.core.families.paths import Md5Seen, PathSeen, PathsSeen, StreamSeen
from harness.core.mediatypes import OCTET_STREAM, bulk_type
from harness.core.observations import Blocked, Fetched, NotMade, Observation, Payload, PayloadSeen, Undecided
from harness.core.webanswer import WebAnswer
from harness.core.webstatus import NOT_IN_THIS_FORM
from harness.errors import ObjectUnreadable
from harness.media.webmetadata import WebMetadata, read_metadata
from harness.plugin.conversation import not_offered
from harness.plugin.questions.asking import Asking
from harness.plugin.videos import LazyVideo

#: A video of one picture per frame is asked for frame by frame; more requests than these are not made.
MOST_FRAMES = 2000

#: Answers that say of an address that there is nothing to ask.
_NOT_THERE = (404, 405, 410, 501)


class LivePaths(Asking):
    """The paths besides C-GET, C-MOVE and WADO-RS; see :class:`harness.core.families.dicomweb.DicomwebQuestions`."""

    _orthanc: OrthancClient | None = None

    def bulk(self, video: LazyVideo) -> StreamSeen:
        """Bulk data of Pixel Data: as its own media type, else as octet stream, else as anything."""
        answers = self.bulk_answers(video)
        return StreamSeen(
            BULK_DATA,
            self._talk.require_stored(video),
            answers,
            1,
            Payload.of(video.facts),
            stream_length(video),
            answers[-1].carried,
        )

    def uri(self, video: LazyVideo) -> Fetched:
        """The object by WADO-URI, in its own transfer syntax, else in any, else in what it likes."""
        return self._talk.answers.once((WADO_URI, video.key), lambda: self._uri(video))

    def rest_file(self, video: LazyVideo) -> Fetched:
        """The file that the product keeps."""
        return self._rest_file(video)[0]

    def rest_frames(self, video: LazyVideo) -> StreamSeen:
        """The coded bytes that the product keeps."""
        return self._talk.answers.once((REST_FRAME, video.key), lambda: self._rest_frames(video))

    def md5(self, video: LazyVideo) -> Md5Seen:
        """What the product states, beside the file that it gives back."""
        return self._talk.answers.once((REST_STATE, "md5", video.key), lambda: self._md5(video))

    def paths(self, video: LazyVideo) -> PathsSeen:
        """Every way back; those that are not offered, or cannot be asked, are told with their reason."""
        pacs, stored = self._pacs, self._talk.require_stored(video)

        def fetched(ask: Callable[[LazyVideo], Fetched]) -> Callable[[], Observation]:
            return lambda: PayloadSeen.of(video.facts, stored, ask(video), size=video.size)

        asked: dict[str, Callable[[], Observation]] = {
            "C-GET": fetched(pacs.get),
            "C-MOVE": fetched(pacs.move),
            "WADO-RS": fetched(pacs.wado),
            BULK_DATA: lambda: self.bulk(video),
            WADO_URI: fetched(self.uri),
            REST_FILE: fetched(self.rest_file),
            REST_FRAME: lambda: self.rest_frames(video),
        }
        return PathsSeen(tuple(PathSeen(service, _seen(ask)) for service, ask in asked.items()), video.size)

    def metadata_answer(self, video: LazyVideo) -> tuple[WebAnswer, WebMetadata | None, str]:
        """The metadata as they came, and why they are none where they are none."""
        return self._talk.answers.once((METADATA, video.key), lambda: self._metadata(video))

    def bulk_answers(self, video: LazyVideo) -> tuple[WebAnswer, ...]:
        """Requests for bulk data until one is not refused."""
        return self._talk.answers.once((BULK_DATA, video.key), lambda: self._bulk(video))

    def place(self, video: LazyVideo) -> str:
        """The instance below the base (PS3.18 Table 10.4.1-1)."""
        return f"/studies/{video.study_uid}/series/{video.series_uid}/instances/{video.instance_uid}"

    def ask(
        self, service: str, video: LazyVideo, target: str, accept: str | None, into: Path | None = None
    ) -> tuple[WebAnswer, tuple[Path, ...]]:
        """One request for something of a stored video, repeated while the index may lag."""
        talk, web = self._talk, self._talk.require_web(service)
        talk.require_allowed(Service.WADO)
        talk.require_stored(video)
        tries = 0
        while True:
            tries += 1
            answer, files = web.ask(service, target, accept=accept, into=into)
            exchange = talk.told(answer.exchange)
            if exchange.status != 404 or not talk.may_lag(exchange, tries):
                talk.require_offered(exchange)
                return replace(answer, exchange=exchange), files

    @contextmanager
    def fresh_folder(self, name: str) -> Iterator[Path]:
        """A folder whose files go when the question is answered."""
        folder = self._talk.folder(name)
        try:
            yield folder
        finally:
            for path in folder.iterdir():
                path.unlink()

    def _metadata(self, video: LazyVideo) -> tuple[WebAnswer, WebMetadata | None, str]:
        with self.fresh_folder("metadata") as folder:
            answer, files = self.ask(METADATA, video, f"{self.place(video)}/metadata", JSON, folder)
            if not files:
                return answer, None, ""
            try:
                return answer, read_metadata(files[0]), ""
            except ObjectUnreadable as error:
                return answer, None, str(error)

    def _bulk(self, video: LazyVideo) -> tuple[WebAnswer, ...]:
        web = self._talk.require_web(BULK_DATA)
        described, metadata, unreadable = self.metadata_answer(video)
        told = metadata.bulk if metadata else ""
        if told:
            target = web.within(told, f"{self.place(video)}/metadata")
            if target is None:
                host = "".join(c for c in urlsplit(told).netloc if c.isprintable())[:100]
                raise Undecided(NotMade(f"the metadata say that Pixel Data is at {host or 'another place'}, not asked"))
        else:
            target = f"{self.place(video)}/bulkdata"
        kind = bulk_type(video.format.uid)
        wanted = [f'multipart/related; type="{kind}"; transfer-syntax=*'] if kind else []
        wanted += [f'multipart/related; type="{OCTET_STREAM}"', "*/*"]
        answers: list[WebAnswer] = []
        for accept in wanted:
            answers.append(self.ask(BULK_DATA, video, target, accept)[0])
            if answers[-1].exchange.status not in NOT_IN_THIS_FORM:
                break
        last = answers[-1].exchange
        if metadata is None and last.status != 200:
            # Where Pixel Data is was not told, so that an answer at the usual address shows nothing.
            raise Undecided(Blocked("metadata", unreadable or described.exchange.summary))
        if not told and last.status in _NOT_THERE:
            where = "the metadata tell no BulkDataURI of Pixel Data, and the instance has no /bulkdata"
            raise not_offered(BULK_DATA, f"{where}: {last.summary}")
        return tuple(answers)

    def _uri(self, video: LazyVideo) -> Fetched:
        talk, web = self._talk, self._talk.require_web(WADO_URI)
        if web.web.wado_uri is None:
            raise not_offered(WADO_URI, "no address of WADO-URI is known of the target")
        for syntax in (video.format.uid, "*", None):
            target = uri_of(web.web.wado_uri, video, syntax)
            answer, files = self.ask(WADO_URI, video, target, "*/*", talk.folder("uri"))
            if answer.exchange.status not in NOT_IN_THIS_FORM:
                break
        return self._take(WADO_URI, video, answer, files)

    def _take(self, service: str, video: LazyVideo, answer: WebAnswer, files: tuple[Path, ...]) -> Fetched:
        """What came; an empty file is nothing."""
        full = tuple(path for path in files if path.stat().st_size)
        for path in files:
            if path not in full:
                path.unlink()
        return self._talk.returned.take(service, video, answer.exchange, full, 1)

    def _rest(self, service: str, video: LazyVideo) -> tuple[OrthancClient, str]:
        """The client of the product's interface, and its own name of the video."""
        talk, rest = self._talk, self._talk.require_rest(service, KIND)
        talk.require_allowed(Service.WADO)
        talk.require_stored(video)
        if self._orthanc is None:
            timeouts = talk.endpoint.timeouts if talk.endpoint else Timeouts()
            web = talk.web.web if talk.web is not None else None
            like = web if web and urlsplit(web.base)[:2] == urlsplit(rest.base)[:2] else None
            self._orthanc = talk.opened(OrthancClient(rest, like=like, timeouts=timeouts))
        found = self._orthanc.find(video.instance_uid)
        talk.require_offered(found.exchange)
        if not found.text:
            raise _Unknown(found.exchange)
        return self._orthanc, found.text

    def _rest_file(self, video: LazyVideo) -> tuple[Fetched, int, str | None]:
        """What came, its length and its MD5; the file itself may be gone."""
        return self._talk.answers.once((REST_FILE, video.key), lambda: self._ask_rest_file(video))

    def _ask_rest_file(self, video: LazyVideo) -> tuple[Fetched, int, str | None]:
        try:
            client, identifier = self._rest(REST_FILE, video)
        except _Unknown as unknown:
            return Fetched(REST_FILE, unknown.exchange, 0, None), 0, None
        answer, files = client.file(identifier, self._talk.folder("rest"))
        answer = replace(answer, exchange=self._talk.told(answer.exchange))
        length = files[0].stat().st_size if files else 0
        md5 = _md5(files[0]) if length else None
        return self._take(REST_FILE, video, answer, files), length, md5

    def _rest_frames(self, video: LazyVideo) -> StreamSeen:
        frames = 1 if video.format.is_video_stream else video.stream.frames
        if frames > MOST_FRAMES:
            raise Undecided(NotMade(f"{frames} frames would need as many requests; {MOST_FRAMES} at most are made"))
        stored = self._talk.require_stored(video)
        sent, length = Payload.of(video.facts), stream_length(video)
        try:
            client, identifier = self._rest(REST_FRAME, video)
        except _Unknown as unknown:
            nothing = WebAnswer(unknown.exchange, "", None)
            return StreamSeen(REST_FRAME, stored, (nothing,), 1, sent, length, None)
        answers, carried = client.frames(identifier, frames, self._talk.folder("frames"))
        answers = tuple(replace(one, exchange=self._talk.told(one.exchange)) for one in answers)
        return StreamSeen(REST_FRAME, stored, answers, frames, sent, length, carried)

    def _md5(self, video: LazyVideo) -> Md5Seen:
        stored = self._talk.require_stored(video)
        try:
            client, identifier = self._rest(REST_STATE, video)
        except _Unknown as unknown:
            return Md5Seen(stored, unknown.exchange, "", None, unknown.exchange, 0, None, None)
        asked, size = client.md5(identifier), client.size(identifier)
        fetched, length, md5 = self._rest_file(video)
        return Md5Seen(
            stored=stored,
            asked=asked.exchange,
            stated=asked.text,
            stated_length=int(size.text) if size.text.isdecimal() else None,
            returned=fetched.exchange,
            returned_length=length,
            returned_md5=md5,
            verified=self._talk.told(client.verify_md5(identifier)),
        )


class _Unknown(Exception):
    """The product's own index does not know what was stored."""

    def __init__(self, exchange: Exchange) -> None:
        super().__init__(exchange.summary)
        # Told with success, and yet nothing is found: the detail says what the status does not.
        told = "; ".join(part for part in (exchange.detail, "its index knows no such instance") if part)
        self.exchange = replace(exchange, detail=told)


def uri_of(service: str, video: LazyVideo, transfer_syntax: str | None) -> str:
    """The address of an object at a WADO-URI service (PS3.18 9.4)."""
    parameters = {
        "requestType": "WADO",
        "studyUID": video.study_uid,
        "seriesUID": video.series_uid,
        "objectUID": video.instance_uid,
        "contentType": "application/dicom",
    }
    # A slash may stand in a query as it is (RFC 3986 3.4), and not every service reads it otherwise.
    query = urlencode(parameters | ({"transferSyntax": transfer_syntax} if transfer_syntax else {}), safe="/*")
    return f"{service}{'&' if '?' in service else '?'}{query}"


def stream_length(video: LazyVideo) -> int:
    """Bytes of the coded video without the padding of fragments."""
    told = video.facts.by_path.get("EncapsulatedPixelDataValueTotalLength")
    return int(told) if told else video.object.clip.size


def _seen(ask: Callable[[], Observation]) -> Observation:
    try:
        return ask()
    except Undecided as undecided:
        return undecided.observation


def _md5(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
