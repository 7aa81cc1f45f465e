"""The mutants of playback: each changes what it names, and leaves the rest of the video as it was."""

from dataclasses import replace
from fractions import Fraction

import pytest

from harness.catalogue.read import load_recipes
from harness.core.formats import Codec
from harness.media.encode import encode
from harness.media.examine import examine
from harness.media.part10 import extract_payload, read_object
from harness.targets.embedded.mutants import mutant, playback
from harness.targets.embedded.store import ObjectStore

RECIPES = load_recipes()
FRAMES = 26
#: Facts that every repacking may move: the size of the file and what the container says of itself.
CONTAINER = ("bit_rate", "measured_bit_rate", "packaging", "sound_detail")


@pytest.fixture(scope="module", params=["h264_hp41", "mpeg2_ml"])
def video(request, make_object, tmp_path_factory):
    """A small video with sound, in an object."""
    recipe = replace(RECIPES[request.param], rows=240, columns=320, frames=FRAMES, sample_aspect=Fraction(1))
    path = tmp_path_factory.mktemp("playback") / "clip"
    encode(recipe, path)
    return make_object(path, syntax="1.2.840.10008.1.2.4.102", NumberOfFrames=FRAMES, EffectiveDuration="1.04"), path


@pytest.fixture
def kept(video, tmp_path):
    """What a mutant makes of the video: facts of what was sent, of the object kept, and of its stream."""
    (made, _), clip = video

    def keep(name):
        store = ObjectStore(tmp_path / "store")
        received = store.incoming / "received"
        received.write_bytes(made.read_bytes())
        assert mutant(name).hooks.store(store, received) == 0
        payload = tmp_path / "payload"
        extract_payload(store.latest().path, payload)
        facts = read_object(store.latest().path)
        return examine(clip), facts, examine(payload)

    return keep


def changed(before, after):
    names = before.__dataclass_fields__
    return {name for name in names if getattr(before, name) != getattr(after, name)} - set(CONTAINER)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("drops-sound", {"sound", "track"}),
        ("swaps-sound", {"track"}),
        ("delays-sound", {"track"}),
        ("changes-rate", {"rate", "times", "track"}),
        ("shifts-timestamps", {"rate", "times", "regular_timing"}),
    ],
)
def test_what_is_repacked_keeps_every_picture(kept, name, changes):
    before, _, after = kept(name)
    # Where the streams start in a transport stream is the multiplexer's choice.
    assert changes <= changed(before, after) | {"rate"} <= changes | {"times", "track", "time_base", "rate"}
    assert after.pictures == before.pictures
    assert after.problems == ()


def test_sound_is_delayed_by_as_much_as_is_told(kept):
    before, _, after = kept("delays-sound")
    assert abs(after.track.offset - before.track.offset - Fraction(1, 5)) < Fraction(2, 1000)
    assert after.track.sha256 == before.track.sha256


def test_half_the_speed_is_twice_the_time(kept):
    before, _, after = kept("changes-rate")
    assert after.rate == before.rate / 2
    assert after.regular_timing


def test_only_the_range_is_claimed(kept):
    before, _, after = kept("changes-range-flag")
    # MPEG-2 has no flag for it, and is left alone.
    assert (before.full_range, after.full_range) == (False, before.codec is Codec.H264)
    assert after.pictures == before.pictures


@pytest.mark.parametrize(("name", "size"), [("rescales-picture", (120, 160)), ("brightens-picture", (240, 320))])
def test_what_is_encoded_again_keeps_its_frames(kept, name, size):
    before, facts, after = kept(name)
    assert (after.rows, after.columns) == size
    assert len(after.stamps) == len(before.stamps)
    assert set(after.pictures).isdisjoint(before.pictures)
    assert facts.by_path["Rows"] == "720"  # the attributes are left as they were


def test_a_frame_is_shown_twice(kept):
    before, _, after = kept("duplicates-frame")
    assert after.stamps == (*before.stamps[:14], *before.stamps[13:])


@pytest.mark.parametrize(
    ("name", "keyword", "value"),
    [
        ("rewrites-cine-rate", "CineRate", "10"),
        ("rewrites-display-rate", "RecommendedDisplayFrameRate", "100"),
        ("rewrites-duration", "EffectiveDuration", "2.08"),
        ("calls-colours-rgb", "PhotometricInterpretation", "RGB"),
    ],
)
def test_attributes_are_rewritten_alone(kept, video, name, keyword, value):
    before, facts, after = kept(name)
    sent = read_object(video[0][0])
    assert facts.by_path[keyword] == value
    assert facts.payload_sha256 == sent.payload_sha256
    assert after == before


def test_every_mutant_says_what_it_does():
    assert all(one.does[0].islower() and not one.does.endswith(".") for one in playback.MUTANTS)
