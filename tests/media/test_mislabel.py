"""Objects that are wrong on purpose are wrong in the one way that their kind says."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from pydicom import Dataset

from harness.catalogue.read import load_formats, load_recipes, load_wrong_recipes
from harness.core.conformance import stream_differences
from harness.core.families.transfer_labels import LABELS
from harness.core.formats import Codec, Container
from harness.core.validation.table import errors, findings
from harness.media.clips import ClipStore
from harness.media.examine import examine
from harness.media.mislabel import MISLABELS, index_last, mislabel
from harness.media.part10 import extract_payload
from harness.media.values import Clip, VideoObject

FORMATS = load_formats()
WRONG = load_wrong_recipes()
RECIPES = load_recipes() | WRONG
UIDS = {"study_uid": "2.25.1", "series_uid": "2.25.2", "instance_uid": "2.25.3"}


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Clip]:
    """The clips of all kinds, small where a kind does not need their size."""
    small = {
        id_: replace(RECIPES[id_], rows=240, columns=320, frames=24)
        for id_ in {kind.recipe for kind in MISLABELS.values()} - {"mpeg2_ml", "mpeg2_hl"}
    }
    short = {id_: replace(RECIPES[id_], frames=24) for id_ in ("mpeg2_ml", "mpeg2_hl")}
    made = ClipStore(tmp_path_factory.mktemp("clips")).prepare((small | short).values())
    assert not [clip for clip in made.values() if not isinstance(clip, Clip)]
    return made  # type: ignore[return-value]


@pytest.fixture
def made(clips: dict[str, Clip], tmp_path: Path):
    def make(id_: str) -> VideoObject:
        kind = MISLABELS[id_]
        format_ = FORMATS[kind.format]
        return mislabel(kind, clips[kind.recipe], format_, format_.sop_classes[0], tmp_path / f"{id_}.dcm", **UIDS)

    return make


def wrong_in(video: VideoObject, *, warned: bool = True) -> str:
    """Everything that our own rules hold against an object, with what they only warn of."""
    found = findings(video.format, object=video.facts, stream=video.clip.facts)
    return "; ".join(one.words for one in (found if warned else errors(found)))


def test_every_label_is_made_and_every_kind_has_its_words():
    assert list(MISLABELS) == list(LABELS)
    assert all(kind.recipe in RECIPES and kind.format in FORMATS for kind in MISLABELS.values())
    assert {kind.recipe for kind in MISLABELS.values()} >= set(WRONG)


@pytest.mark.parametrize(
    ("id_", "complaint"),
    [
        ("hd-in-main-level", "the picture is 1280x720"),
        ("webm-in-h264", "the container is webm"),
        ("baseline-in-high", "the profile is 66"),
        ("high422-in-high", "the profile is 122"),
        ("number-of-frames", "NumberOfFrames is '1'"),
        ("pal-as-ntsc", "Frame Time is 33.37 ms"),
        ("offset-table", "the Basic Offset Table holds 4 bytes"),
        ("two-fragments", "2 fragments where the syntax allows exactly one"),
    ],
)
def test_our_own_rules_find_what_is_wrong(made, id_, complaint):
    assert complaint in wrong_in(made(id_))


def test_kinds_that_change_the_object_leave_its_clip_alone(made, clips, tmp_path):
    for id_ in ("number-of-frames", "pal-as-ntsc", "offset-table", "two-fragments"):
        video = made(id_)
        clip = clips[MISLABELS[id_].recipe]
        extract_payload(video.path, tmp_path / "payload", length=clip.size)
        assert hashlib.sha256((tmp_path / "payload").read_bytes()).hexdigest() == clip.sha256


def test_an_index_at_the_end_is_conformant_and_only_moved(made, clips, tmp_path):
    video, clip = made("index-at-end"), clips["h264_hp41"]
    assert wrong_in(video, warned=False) == ""
    extract_payload(video.path, tmp_path / "clip.mp4", length=video.facts.payload_length)
    raw = (tmp_path / "clip.mp4").read_bytes()
    assert raw.index(b"mdat") < raw.index(b"moov")
    assert clip.path.read_bytes().index(b"moov") < clip.path.read_bytes().index(b"mdat")
    facts = examine(tmp_path / "clip.mp4")
    assert (facts.stamps, facts.sound, facts.rate) == (clip.facts.stamps, clip.facts.sound, clip.facts.rate)


def test_moving_the_index_twice_gives_the_same_bytes(clips, tmp_path):
    one = index_last(clips["h264_hp41"], tmp_path / "one.mp4")
    other = index_last(clips["h264_hp41"], tmp_path / "other.mp4")
    assert one.sha256 == other.sha256 == hashlib.sha256(one.path.read_bytes()).hexdigest()
    assert one.size == one.path.stat().st_size


def test_the_webm_clip_is_what_browsers_record(clips):
    facts = clips["webm_vp8"].facts
    assert (facts.container, facts.codec, facts.problems) == (Container.WEBM, Codec.VP8, ())
    assert facts.stamps == tuple(range(1, 25))


@pytest.mark.parametrize("id_", sorted(WRONG))
def test_a_wrong_clip_decodes_and_fits_no_format(clips, id_):
    facts = clips[id_].facts
    assert facts.frames == 24
    assert not facts.problems
    assert all(stream_differences(format_, facts) for format_ in FORMATS.values())


def test_equal_arguments_give_equal_objects(made):
    first = made("two-fragments").path.read_bytes()
    assert made("two-fragments").path.read_bytes() == first


def test_a_header_can_be_changed_before_it_is_written(clips, tmp_path):
    kind = replace(MISLABELS["number-of-frames"], change=_name)
    format_ = FORMATS[kind.format]
    video = mislabel(kind, clips[kind.recipe], format_, format_.sop_classes[0], tmp_path / "o.dcm", **UIDS)
    assert video.facts.by_path["PatientName"] == "CHANGED"


def _name(header: Dataset) -> None:
    header.PatientName = "CHANGED"
