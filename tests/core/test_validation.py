"""The table of rules: nothing is found where nothing is wrong, and each finding has the weight that it should."""

from dataclasses import replace
from fractions import Fraction

import pytest

from harness.core.facts import SoundFacts, Undecodable
from harness.core.formats import Codec, Container, SoundCodec
from harness.core.validation.encapsulation import hidden_stream
from harness.core.validation.iods import IODS, ONE_FRAME_ONLY, TRUE_COLOR_SC, US_MULTIFRAME
from harness.core.validation.rules import Severity
from harness.core.validation.table import BY_ID, RULES, errors, findings, not_judged

from .validation_cases import CLASSES, FORMATS, object_of, stream_of, with_attributes


@pytest.mark.parametrize("id_", sorted(FORMATS))
def test_what_is_as_it_should_be_breaks_no_rule(id_: str) -> None:
    format = FORMATS[id_]
    found = findings(format, object=object_of(format), stream=stream_of(format))
    # The standard contradicts itself on ten bits, and on nothing else here.
    assert {one.rule for one in found} == ({"D8"} if id_ == "hevc_main10_51" else set()), found


@pytest.mark.parametrize("uid", [TRUE_COLOR_SC, US_MULTIFRAME])
def test_other_classes_that_carry_video_break_no_rule(uid: str) -> None:
    for format in (FORMATS["mjpeg"], FORMATS["h264_hp41"]):
        assert findings(format, object=object_of(format, uid), stream=stream_of(format)) == ()


def test_the_table_holds_every_row_once() -> None:
    wanted = {f"E{n}" for n in range(1, 9)} | {f"K{n}" for n in range(1, 5)} | {f"V{n}" for n in range(1, 19)}
    wanted |= {"J1", "A1"} | {f"D{n}" for n in range(1, 10)}
    assert sorted(wanted) == sorted(rule.id for rule in RULES)
    assert all(rule.title and rule.scope.words for rule in RULES)
    assert all(rule.of_stream or rule.of_object or rule.of_both for rule in RULES)


def test_every_rule_is_about_some_format() -> None:
    assert all(any(rule.scope.covers(format) for format in FORMATS.values()) for rule in RULES)


def test_ten_bits_are_a_conflict_and_no_error() -> None:
    format = FORMATS["hevc_main10_51"]
    (found,) = findings(format, object=object_of(format), stream=stream_of(format))
    assert (found.rule, found.severity) == ("D8", Severity.CONFLICT)
    assert "PS3.3 C.8.12.1.1.2" in found.seen
    assert errors((found,)) == ()


def test_another_codec_is_judged_by_container_and_damage_only() -> None:
    format = FORMATS["hevc_main51"]
    stream = replace(stream_of(format), codec=Codec.H264, profile=66, problems=("broken",))
    assert {one.rule for one in findings(format, stream=stream)} == {"K2", "K4"}


def test_without_stream_or_object_the_other_is_judged_alone() -> None:
    format = FORMATS["h264_hp41"]
    assert findings(format) == ()
    assert {one.rule for one in findings(format, stream=replace(stream_of(format), level=51))} == {"V8"}


def test_bytes_that_are_no_stream_are_one_error() -> None:
    format = FORMATS["h264_hp41"]
    (found,) = findings(format, object=object_of(format), stream=Undecodable("no container"))
    assert (found.rule, found.seen) == ("K4", "does not decode: no container")


@pytest.mark.parametrize(
    ("container", "count"),
    [(Container.MP4, 1), (Container.MPEG_TS, 1), (Container.UNKNOWN, 0), (Container.JPEG_FRAMES, 0)],
)
def test_video_under_a_syntax_of_no_video_is_found(container: Container, count: int) -> None:
    plain = replace(object_of(FORMATS["h264_hp41"]), transfer_syntax_uid="1.2.840.10008.1.2.1", encapsulated=False)
    found = hidden_stream(plain, container)
    assert [(one.rule, one.severity) for one in found] == [("E7", Severity.ERROR)] * count


def test_frame_time_vector_is_judged_by_its_mean() -> None:
    format = FORMATS["h264_hp41"]
    pointed = {"FrameTime": None, "FrameIncrementPointer": "(0018,1065)"}
    for step, wrong in (("40", False), ("20", True)):
        changes = {**pointed, "FrameTimeVector": "\\".join(["0", *[step] * 49])}
        found = findings(format, object=with_attributes(object_of(format), changes), stream=stream_of(format))
        assert bool(found) is wrong, found


def test_pixel_aspect_ratio_is_vertical_over_horizontal() -> None:
    format = FORMATS["mpeg2_ml"]
    stream = replace(stream_of(format), sample_aspect=Fraction(16, 15))
    right = with_attributes(object_of(format), {"PixelAspectRatio": "15\\16"})
    assert findings(format, object=right, stream=stream) == ()
    wrong = with_attributes(object_of(format), {"PixelAspectRatio": "16\\15"})
    assert [one.rule for one in findings(format, object=wrong, stream=stream)] == ["D4"]


def test_a_described_sound_is_no_finding() -> None:
    format = FORMATS["h264_hp41"]
    stream = replace(stream_of(format), sound=SoundFacts(SoundCodec.AAC, 48000, 2))
    path = "MultiplexedAudioChannelsDescriptionCodeSequence"
    told = with_attributes(object_of(format), {f"{path}[0].ChannelMode": "STEREO"})
    assert findings(format, object=told, stream=stream) == ()
    (found,) = findings(format, object=with_attributes(object_of(format), {path: ""}), stream=stream)
    assert found.seen.endswith("is empty")


def test_lossy_compression_may_be_untold_where_the_class_leaves_it_open() -> None:
    format = FORMATS["mjpeg"]
    untold = with_attributes(object_of(format, TRUE_COLOR_SC), {"LossyImageCompression": None})
    assert [(one.rule, one.severity) for one in findings(format, object=untold)] == [("D5", Severity.WARNING)]
    untold = with_attributes(object_of(format), {"LossyImageCompression": None})
    assert {(one.rule, one.severity) for one in findings(format, object=untold)} == {
        ("D5", Severity.ERROR),
        ("D6", Severity.ERROR),
    }


def test_modalities_are_those_of_the_catalogue() -> None:
    for one in CLASSES.values():
        assert IODS[one.uid].modality in ("", one.modality)
    assert not set(IODS) & set(ONE_FRAME_ONLY)


def test_what_no_rule_can_tell_is_said() -> None:
    stereo = FORMATS["h264_stereo42"]
    assert "second view" in " ".join(not_judged(stereo, object_of(stereo)))
    plain = FORMATS["h264_hp41"]
    assert not_judged(plain, object_of(plain)) == ()
    unknown = replace(object_of(plain), sop_class_uid="1.2.840.10008.5.1.4.1.1.4.3")
    assert "1.2.840.10008.5.1.4.1.1.4.3" in " ".join(not_judged(plain, unknown))


def test_rules_are_found_by_id() -> None:
    assert BY_ID["E3"].title == "The Basic Offset Table is empty or right"
