"""Asks a DICOMweb service what a client may ask, and looks at what comes."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from harness.core.compare import attribute_differences, converted_differences
from harness.core.endpoint import Service
from harness.core.exchange import BULK_DATA, RENDERED, WADO_RS, WADO_URI
from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.families.ranges import RangeSeen, RangesSeen
from harness.core.families.web import RenderedSeen, RepresentationSeen, TypeSeen, WebMetadataSeen
from harness.core.formats import Codec
from harness.core.mediatypes import RENDERED_TYPES, bulk_type
from harness.core.observations import Payload
from harness.core.verdicts import is_coercion
from harness.core.webanswer import WebAnswer
from harness.core.webstatus import NOT_IN_THIS_FORM
from harness.errors import MediaError, ObjectUnreadable
from harness.media.examine import examine
from harness.media.native import native_pictures
from harness.media.part10 import extract_payload, read_object
from harness.plugin.conversation import not_offered
from harness.plugin.questions.paths import LivePaths, stream_length, uri_of
from harness.plugin.videos import LazyVideo

_DICOM = "application/dicom"
_MPEG2, _H264 = "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.102"
#: Bytes of a range that is asked for.
_SPAN = 1000
_BLOCK = 2**18


class LiveWeb(LivePaths):
    """See :class:`harness.core.families.dicomweb.DicomwebQuestions`."""

    def representation(self, video: LazyVideo, accept: str) -> RepresentationSeen:
        """The instance by WADO-RS, asked for in one of the named ways."""
        return self._talk.answers.once(
            ("representation", accept, video.key), lambda: self._representation(video, accept)
        )

    def bulk_type(self, video: LazyVideo) -> TypeSeen:
        """What bulk data are called."""
        answers = self.bulk_answers(video)
        return TypeSeen(
            self._talk.require_stored(video),
            video.format.is_video_stream,
            Payload.of(video.facts),
            stream_length(video),
            _native_length(video.stream),
            answers,
        )

    def ranges(self, video: LazyVideo) -> RangesSeen:
        """The beginning, a part from the middle, the end, and what is beyond it."""
        return self._talk.answers.once(("ranges", video.key), lambda: self._ranges(video))

    def rendered(self, video: LazyVideo) -> RenderedSeen:
        """Rendered video in its own codec, else in any."""
        return self._talk.answers.once((RENDERED, video.key), lambda: self._rendered(video))

    def metadata(self, video: LazyVideo) -> WebMetadataSeen:
        """The metadata, compared."""
        answer, found, unreadable = self.metadata_answer(video)
        stored = self._talk.require_stored(video)
        if found is None:
            return WebMetadataSeen(stored, answer, unreadable)
        sent = video.facts
        told_attributes = replace(sent, attributes=found.attributes)
        wrong, allowed = attribute_differences(sent, told_attributes, announced=is_coercion(stored))
        # What is told as bulk data is not lost, and the length of the fragments belongs to them.
        away = (*found.elsewhere, "EncapsulatedPixelDataValueTotalLength")
        told = tuple(text for text in wrong if text.split(" ")[0] in away)
        return WebMetadataSeen(
            stored,
            answer,
            inline=found.inline,
            bulk=found.bulk[:200],
            wrong=tuple(text for text in wrong if text not in told),
            allowed=(*allowed, *(f"not told: {text.split(' ')[0]}" for text in told)),
        )

    def _representation(self, video: LazyVideo, accept: str) -> RepresentationSeen:
        several = f'multipart/related; type="{_DICOM}"'
        another = _MPEG2 if video.format.codec is not Codec.MPEG2 else _H264
        invented = f"2.25.{uuid.uuid4().int}"
        header, syntax = {
            "plain": (several, None),
            "anything": ("*/*", None),
            "nothing": (None, None),
            "another": (f"{several}; transfer-syntax={another}", another),
            "invented": (f"{several}; transfer-syntax={invented}", invented),
        }[accept]
        with self.fresh_folder("representation") as folder:
            answer, files = self.ask(WADO_RS, video, self.place(video), header, folder)
            facts, unreadable = _read(files)
            seen = RepresentationSeen(
                self._talk.require_stored(video), syntax, answer, Payload.of(video.facts), unreadable=unreadable
            )
            if facts is None:
                return seen
            seen = replace(seen, returned=Payload.of(facts), encapsulated=facts.encapsulated)
            if not facts.encapsulated:
                native = native_pictures(files[0], facts, video.stream)
                return replace(seen, native=native, wrong=_picture_differences(video.stream, facts))
            if facts.payload_sha256 == seen.sent.sha256:
                return seen
            stream = _stream(files[0], folder / "stream", video.stream)
            return (
                seen
                if stream is None
                else replace(seen, codec=stream.codec, wrong=converted_differences(video.stream, stream))
            )

    def _ranges(self, video: LazyVideo) -> RangesSeen:
        talk = self._talk
        web = talk.require_web("HTTP Range")
        talk.require_allowed(Service.WADO)
        stored = talk.require_stored(video)
        refused: list[str] = []
        with self.fresh_folder("ranges") as folder:
            for service, target, accept in self._single_parts(video):
                whole, files = web.ask(service, target, accept=accept, into=folder)
                if whole.exchange.status == 200 and not whole.multipart and whole.carried is not None:
                    length = whole.carried.length
                    middle = length // 2
                    spans = (
                        (f"bytes=0-{_SPAN - 1}", 0, _SPAN - 1),
                        (f"bytes={middle}-{middle + _SPAN - 1}", middle, middle + _SPAN - 1),
                        (f"bytes=-{_SPAN}", length - _SPAN, length - 1),
                        (f"bytes={length}-", None, None),
                    )
                    found = tuple(
                        self._range(
                            web.ask(service, target, accept=accept, byte_range=text, into=folder), whole, files[0], a, b
                        )
                        for text, a, b in spans
                    )
                    return RangesSeen(stored, length, found)
                refused.append(
                    f"{service} as {accept}: {whole.media_type if whole.multipart else whole.exchange.summary}"
                )
        raise not_offered("HTTP Range", f"no resource comes as one part: {'; '.join(refused)}")

    def _single_parts(self, video: LazyVideo) -> Iterator[tuple[str, str, str]]:
        """Resources that may come as one part: what players use first."""
        web = self._talk.require_web(BULK_DATA)
        kind = bulk_type(video.format.uid)
        _, metadata, _ = self.metadata_answer(video)
        bulk = web.within(metadata.bulk, f"{self.place(video)}/metadata") if metadata and metadata.bulk else None
        if kind and video.format.is_video_stream:
            if bulk:
                yield BULK_DATA, bulk, kind
            yield RENDERED, f"{self.place(video)}/rendered", kind
        yield WADO_RS, self.place(video), f"{_DICOM}; transfer-syntax=*"
        if web.web.wado_uri:
            yield WADO_URI, uri_of(web.web.wado_uri, video, video.format.uid), "*/*"

    @staticmethod
    def _range(
        came: tuple[WebAnswer, tuple[Path, ...]], whole: WebAnswer, file: Path, first: int | None, last: int | None
    ) -> RangeSeen:
        answer, files = came
        try:
            if answer.exchange.status == 200:
                same = answer.carried == whole.carried
                return RangeSeen(answer, first, last, True, same)
            expected = last - first + 1 if first is not None and last is not None else 0
            fits = len(files) == 1 and answer.came == expected == files[0].stat().st_size
            return RangeSeen(answer, first, last, False, fits and _same_bytes(file, first or 0, files[0]))
        finally:
            for path in files:
                path.unlink()

    def _rendered(self, video: LazyVideo) -> RenderedSeen:
        own = bulk_type(video.format.uid) or ""
        wanted = [own] if own.lower() in RENDERED_TYPES else []
        wanted.append(", ".join(("video/mp4", "video/mpeg", "video/H265")))
        answers: list[WebAnswer] = []
        with self.fresh_folder("rendered") as folder:
            for accept in wanted:
                answer, files = self.ask(RENDERED, video, f"{self.place(video)}/rendered", accept, folder)
                answers.append(answer)
                if answer.exchange.status not in NOT_IN_THIS_FORM:
                    break
            stored = self._talk.require_stored(video)
            full = [path for path in files if path.stat().st_size]
            if not full:
                return RenderedSeen(stored, tuple(answers))
            try:
                stream = examine(full[0], rate=video.stream.rate)
            except MediaError as error:
                return RenderedSeen(stored, tuple(answers), wrong=(str(error).replace(str(full[0]), "it"),))
        wrong = converted_differences(video.stream, stream)
        return RenderedSeen(
            stored,
            tuple(answers),
            stream.codec,
            stream.container,
            stream.frames,
            wrong or (),
            compared=wrong is not None,
        )


def _native_length(stream: StreamFacts) -> int:
    """The least that all pixels take without compression: with half of the colour, as video has it."""
    return stream.rows * stream.columns * stream.frames * 3 // 2


def _read(files: tuple[Path, ...]) -> tuple[ObjectFacts | None, str]:
    """The one object that came, or why there is none."""
    if len(files) > 1:
        return None, f"{len(files)} parts came where one object was asked for"
    if not files or not files[0].stat().st_size:
        return None, ""
    try:
        return read_object(files[0]), ""
    except ObjectUnreadable as error:
        return None, str(error).replace(str(files[0]), "it")


def _stream(path: Path, stream: Path, sent: StreamFacts) -> StreamFacts | None:
    """What an object holds, None where that is no video."""
    try:
        extract_payload(path, stream)
        return examine(stream, rate=sent.rate)
    except MediaError:
        return None


def _picture_differences(sent: StreamFacts, came: ObjectFacts) -> tuple[str, ...]:
    """How what an uncompressed object says of its pictures is not so of the video that was sent."""
    has = came.by_path
    expected = {"Rows": sent.rows, "Columns": sent.columns, "NumberOfFrames": sent.frames}
    return tuple(
        f"{keyword} is {has.get(keyword, 'missing')!r}, sent were {number}"
        for keyword, number in expected.items()
        if has.get(keyword) != str(number)
    )


def _same_bytes(whole: Path, start: int, part: Path) -> bool:
    """Whether a file is what the other one holds from ``start`` on."""
    with whole.open("rb") as expected, part.open("rb") as came:
        expected.seek(start)
        while block := came.read(_BLOCK):
            if block != expected.read(len(block)):
                return False
    return True
