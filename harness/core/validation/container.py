"""Rows K1 to K4: what wraps the stream, and whether all of it is there."""

from collections.abc import Iterator

from harness.core.facts import StreamFacts
from harness.core.formats import Container, Format
from harness.core.validation.rules import EVERY, STREAMS, Rule, Seen, Severity

#: What MPEG-2 is known in; the standard forbids nothing else (PS3.5 8.2.5).
_USUAL_FOR_MPEG2 = frozenset(
    {Container.ELEMENTARY, Container.MPEG_PES, Container.MPEG_PS, Container.MPEG_TS, Container.MP4}
)

#: Sample entries whose parameter sets are in the stream, where many players do not look for them (ISO/IEC 14496-15).
_PARAMETERS_IN_STREAM = {"hev1": "hvc1", "avc3": "avc1"}


def _container(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    found = stream.container
    if found not in format.containers:
        allowed = " or ".join(format.containers)
        # Its boxes are those of MP4, and players take it for that.
        weight = Severity.WARNING if found is Container.QUICKTIME else None
        yield Seen(f"the container is {found}, allowed is {allowed}", weight)
    elif len(format.containers) > len(_USUAL_FOR_MPEG2) and found not in _USUAL_FOR_MPEG2:
        yield Seen(f"the container is {found}, which few systems expect", Severity.WARNING)


def _codec(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    if stream.codec != format.codec:
        yield Seen(f"the codec is {stream.codec}, demanded is {format.codec}")


def _build(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    packaging = stream.packaging
    if packaging.index_first is False:
        yield Seen("the index (moov) is behind the pictures: playback over the web must wait for the whole file")
    if packaging.fragmented:
        yield Seen("the file is cut into movie fragments (moof), which few systems expect")
    if packaging.sample_entry in _PARAMETERS_IN_STREAM:
        usual = _PARAMETERS_IN_STREAM[packaging.sample_entry]
        yield Seen(f"the sample entry is {packaging.sample_entry}, many players know only {usual}")
    if packaging.video_tracks > 1:
        yield Seen(f"the container holds {packaging.video_tracks} video tracks")


def _whole(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    yield from map(Seen, stream.problems)


RULES = (
    Rule(
        "K1", Severity.ERROR, "The container is one that the syntax allows", EVERY, of_stream=_container, any_codec=True
    ),
    Rule("K2", Severity.ERROR, "The codec is that of the syntax", EVERY, of_stream=_codec, any_codec=True),
    Rule(
        "K3",
        Severity.WARNING,
        "The file is built as players expect it",
        STREAMS,
        "ISO/IEC 14496-12, 14496-15",
        of_stream=_build,
        any_codec=True,
    ),
    Rule("K4", Severity.ERROR, "All of the stream is there and decodes", EVERY, of_stream=_whole, any_codec=True),
)
