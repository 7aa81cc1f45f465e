"""Row A1: the sound beside the pictures (PS3.5 8.2.5, 8.2.12, PS3.3 C.7.6.14)."""

from collections.abc import Iterator

from harness.core.facts import ObjectFacts, StreamFacts
from harness.core.formats import Codec, Container, Format, SoundCodec
from harness.core.validation.rules import EVERY, Rule, Seen, Severity
from harness.core.validation.texts import has_sequence

_LONG_PLAY = (32000, 44100, 48000)

#: Sampling rates in Hz, numbers of channels, and bit/s at most, of each sound coding.
_SOUND: dict[SoundCodec, tuple[tuple[int, ...], tuple[int, ...], int]] = {
    SoundCodec.LPCM: ((48000, 96000), (2,), 4_608_000),
    SoundCodec.AC3: ((48000,), (2, 6), 640_000),
    SoundCodec.AAC: ((48000,), (2, 6), 640_000),
    SoundCodec.MP3: (_LONG_PLAY, (1, 2), 320_000),
    SoundCodec.MP2: (_LONG_PLAY, (2,), 384_000),
}

#: Sound codings that may not be inside MP4 (PS3.5 8.2.12).
_NOT_IN_MP4 = frozenset({SoundCodec.LPCM, SoundCodec.AC3})

#: What a mean over frames and headers may lie above the rate that was asked for.
_SLACK = 1.02

_CHANNELS = "MultiplexedAudioChannelsDescriptionCodeSequence"


def _coding(format: Format, stream: StreamFacts) -> Iterator[Seen]:
    sound = stream.sound
    if sound is None:
        return
    section = "PS3.5 8.2.5" if format.codec is Codec.MPEG2 else "PS3.5 8.2.12"
    if not isinstance(sound.codec, SoundCodec) or sound.codec not in format.sounds:
        allowed = " or ".join(format.sounds) or "no sound"
        yield Seen(f"sound is coded as {sound.codec}, allowed is {allowed}", section=section)
        return
    if stream.container is Container.MP4 and sound.codec in _NOT_IN_MP4 and format.codec is not Codec.MPEG2:
        yield Seen(f"sound is coded as {sound.codec}, which is not allowed in MP4", section=section)
    rates, channels, most = _SOUND[sound.codec]
    if sound.sample_rate not in rates:
        allowed = " or ".join(map(str, rates))
        yield Seen(f"sound has {sound.sample_rate} samples a second, {sound.codec} allows {allowed}", section=section)
    if sound.channels not in channels:
        allowed = " or ".join(map(str, channels))
        yield Seen(f"sound has {sound.channels} channels, {sound.codec} allows {allowed}", section=section)
    detail = stream.sound_detail
    if detail.bit_rate > most * _SLACK:
        yield Seen(f"sound has {detail.bit_rate} bit/s, {sound.codec} allows {most}", section=section)
    if sound.codec is SoundCodec.MP3 and not detail.constant:
        yield Seen("the bit rate of the sound is not constant", section=section)
    if stream.packaging.sound_tracks > 2:
        yield Seen(f"there are {stream.packaging.sound_tracks} sound tracks", Severity.WARNING, section)


def _described(format: Format, object: ObjectFacts, stream: StreamFacts) -> Iterator[Seen]:
    has = object.by_path
    described = any(path.startswith(f"{_CHANNELS}[") for path in has)
    if stream.sound is not None and not described:
        missing = "is empty" if has_sequence(has, _CHANNELS) else "is missing"
        yield Seen(f"the stream has sound, and Multiplexed Audio Channels Description Code Sequence {missing}")
    if stream.sound is None and described:
        yield Seen("sound is described, and the stream has none", Severity.WARNING)


RULES = (
    Rule(
        "A1",
        Severity.ERROR,
        "Sound is coded as the syntax allows, and described",
        EVERY,
        "PS3.3 C.7.6.3",
        of_stream=_coding,
        of_both=_described,
    ),
)
