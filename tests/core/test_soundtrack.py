"""Sound is kept, in step, and described."""

from dataclasses import replace
from fractions import Fraction

import pytest

from harness.core.facts import SoundFacts, SoundTrack, Undecodable
from harness.core.formats import SoundCodec
from harness.core.soundtrack import sound_changes
from tests.core.test_compare import H264, STREAM, with_attributes

TRACK = SoundTrack(91, Fraction(2), Fraction(0), "coded", "samples")
SOUNDING = replace(STREAM, sound=SoundFacts(SoundCodec.AAC, 48000, 2), track=TRACK)
DESCRIBED = with_attributes(
    **{
        "MultiplexedAudioChannelsDescriptionCodeSequence[0].ChannelIdentificationCode": "1",
        "MultiplexedAudioChannelsDescriptionCodeSequence[0].ChannelMode": "STEREO",
    }
)


def changes(stream, facts=DESCRIBED, sent=SOUNDING):
    return sound_changes(H264, sent, facts, stream)


def test_sound_that_is_as_it_was_has_no_change():
    assert changes(SOUNDING) == ((), ())


@pytest.mark.parametrize(
    ("track", "text"),
    [
        (replace(TRACK, sha256="other", samples_sha256="other"), "91 came back with other bytes"),
        (
            replace(TRACK, packets=90, sha256="other", samples_sha256="x"),
            "91 packets of coded sound were sent, 90 came",
        ),
        (
            replace(TRACK, offset=Fraction(1, 20)),
            "the sound starts 50 ms after the first picture, as sent 0 ms after it",
        ),
        (replace(TRACK, offset=Fraction(-1, 20)), "50 ms before the first picture"),
        (replace(TRACK, seconds=Fraction(4)), "the sound lasts 4.000 s, as sent 2.000 s"),
    ],
)
def test_changed_sound_is_told(track, text):
    (wrong,), allowed = changes(replace(SOUNDING, track=track))
    assert text in wrong
    assert allowed == ()


def test_other_bytes_of_the_same_samples_are_allowed():
    wrong, (allowed,) = changes(replace(SOUNDING, track=replace(TRACK, sha256="other")))
    assert wrong == ()
    assert "decode to the same samples" in allowed


def test_a_step_that_nobody_hears_is_allowed():
    assert changes(replace(SOUNDING, track=replace(TRACK, offset=Fraction(21, 1000)))) == ((), ())


def test_lost_sound_is_told():
    wrong, _ = changes(replace(STREAM, sound=None))
    assert "no sound came back" in wrong[0]
    assert "the stream has none" in wrong[1]


@pytest.mark.parametrize(
    ("sound", "text"),
    [
        (SoundFacts(SoundCodec.MP3, 48000, 2), "the coding of the sound was aac, is mp3"),
        (SoundFacts(SoundCodec.AAC, 44100, 2), "the sampling rate in Hz of the sound was 48000, is 44100"),
        (SoundFacts(SoundCodec.AAC, 48000, 6), "the number of channels of the sound was 2, is 6"),
    ],
)
def test_sound_of_another_kind_is_told(sound, text):
    wrong, _ = changes(replace(SOUNDING, sound=sound))
    assert text in wrong


MONO = with_attributes(**{"MultiplexedAudioChannelsDescriptionCodeSequence[0].ChannelMode": "MONO"})
EMPTY = with_attributes(MultiplexedAudioChannelsDescriptionCodeSequence="")


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (with_attributes(), "is missing"),
        (EMPTY, "is empty"),
        (MONO, "ChannelMode is MONO, the stream has 2 channels"),
    ],
)
def test_wrong_descriptions_are_told(facts, text):
    (found,), _ = changes(SOUNDING, facts)
    assert text in found


def test_an_empty_sequence_describes_no_sound():
    assert changes(STREAM, EMPTY, STREAM) == ((), ())
    assert changes(STREAM, DESCRIBED, STREAM)[0] != ()


def test_what_does_not_decode_has_no_sound():
    assert changes(Undecodable("broken")) == (("does not decode: broken",), ())
