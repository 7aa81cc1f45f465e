"""Sound as it came back, held against what was sent and against what the object says of it."""

from fractions import Fraction

from harness.core.conformance import sound_description
from harness.core.facts import ObjectFacts, SoundFacts, SoundTrack, StreamFacts, Undecodable
from harness.core.formats import Format

#: Seconds by which sound may move against the pictures before people notice (ITU-R BT.1359: 45 ms ahead).
OFFSET_TOLERANCE = Fraction(45, 1000)

_MODE = "MultiplexedAudioChannelsDescriptionCodeSequence[0].ChannelMode"


def sound_changes(
    format: Format, sent: StreamFacts, returned: ObjectFacts, stream: StreamFacts | Undecodable
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ways in which sound was lost, changed or is described wrongly, as ``(wrong, allowed)``.

    Allowed is another wrapping of the same sound: other bytes that decode to the same samples.
    """
    if isinstance(stream, Undecodable):
        return (f"does not decode: {stream.reason}",), ()
    described = (*sound_description(format, returned, stream), *_mode(returned, stream))
    if sent.sound is None or stream.sound is None:
        if sent.sound is None and stream.sound is None:
            return described, ()
        was, now = sound_seen(sent), sound_seen(stream)
        return (f"{was} was sent, {now} came back", *described), ()
    wrong = [*described]
    wrong.extend(
        f"the {name} of the sound was {was}, is {now}"
        for name, was, now in _kinds(sent.sound, stream.sound)
        if was != now
    )
    if sent.track is None or stream.track is None:
        return tuple(wrong), ()
    more, allowed = _track_changes(sent.track, stream.track)
    return (*wrong, *more), allowed


def sound_seen(stream: StreamFacts | Undecodable) -> str:
    """What sound there is, in short."""
    if isinstance(stream, Undecodable):
        return "no stream"
    if stream.sound is None:
        return "no sound"
    kind = f"{stream.sound.codec}, {stream.sound.channels} channels at {stream.sound.sample_rate} Hz"
    if stream.track is None:
        return kind
    return f"{kind}, {stream.track.packets} packets of {float(stream.track.seconds):.3f} s"


def _mode(returned: ObjectFacts, stream: StreamFacts) -> tuple[str, ...]:
    """Whether the first channel description says what the stream has; without one there is nothing to compare."""
    told = returned.by_path.get(_MODE)
    if told is None or stream.sound is None:
        return ()
    wanted = "MONO" if stream.sound.channels == 1 else "STEREO"
    if told.strip(" \0") == wanted:
        return ()
    return (f"ChannelMode is {told}, the stream has {stream.sound.channels} channels (PS3.3 C.7.6.5)",)


def _kinds(sent: SoundFacts, returned: SoundFacts) -> tuple[tuple[str, object, object], ...]:
    return (
        ("coding", sent.codec, returned.codec),
        ("sampling rate in Hz", sent.sample_rate, returned.sample_rate),
        ("number of channels", sent.channels, returned.channels),
    )


def _track_changes(sent: SoundTrack, returned: SoundTrack) -> tuple[list[str], tuple[str, ...]]:
    wrong: list[str] = []
    allowed: tuple[str, ...] = ()
    if returned.sha256 != sent.sha256:
        text = (
            f"{sent.packets} packets of coded sound were sent, {returned.packets} came back with other bytes "
            f"(SHA-256 {returned.sha256[:16]}…, sent {sent.sha256[:16]}…)"
        )
        if returned.samples_sha256 == sent.samples_sha256:
            allowed = (f"{text}, which decode to the same samples",)
        else:
            wrong.append(text)
    if abs(returned.seconds - sent.seconds) > OFFSET_TOLERANCE:
        wrong.append(f"the sound lasts {float(returned.seconds):.3f} s, as sent {float(sent.seconds):.3f} s")
    if abs(returned.offset - sent.offset) > OFFSET_TOLERANCE:
        wrong.append(f"the sound starts {_after(returned.offset)} the first picture, as sent {_after(sent.offset)} it")
    return wrong, allowed


def _after(offset: Fraction) -> str:
    return f"{float(abs(offset)) * 1000:.0f} ms {'before' if offset < 0 else 'after'}"
