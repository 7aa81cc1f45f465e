"""Ratios are those of the coded stream on both bases, and what a target did to it is told without judging pictures."""

from dataclasses import replace

import pytest

from harness.core.exchange import Ending, Exchange
from harness.core.families.playback import PicturePath, PicturesSeen
from harness.core.families.stow import StowSeen
from harness.core.observations import PathDifferences, Payload, PayloadSeen, ReturnedSeen
from harness.core.plain import to_plain
from harness.core.verification.dossier import Dossier, Policy
from harness.core.verification.lossy import disclosure
from harness.core.verification.ratios import METHODS, coded_bytes, compressions
from tests.core.run_values import run, seen

FACTS = {
    "container": "mp4",
    "codec": "h264",
    "bit_depth": 8,
    "chroma": "4:2:0",
    "rows": 480,
    "columns": 640,
    "frames": 50,
    "rate": "25",
    "measured_bit_rate": 4_000_000,
    "sound": {"codec": "aac"},
}
#: 640 x 480 x 50 samples in two seconds of 4 Mbit/s: a million bytes.
CLIP = {"recipe": {"id": "clip"}, "size": 1_020_000, "origin": "synthetic pictures", "facts": FACTS}
FORMAT = {
    "recipe": "clip",
    "lossy_method": "ISO_14496_10",
    "pixels": {"samples_per_pixel": 3, "bits_allocated": 8},
    "sop_classes": [{"id": "video_endoscopic", "modality": "ES"}],
}


def sent(*found, format=FORMAT, **changes):
    clip = {**CLIP, **changes}
    return run(*(found or (seen("STO-ACK", "PASS"),)), formats={"h264_hp41": format}, clips={"clip": clip})


def facts(**about):
    return {"facts": {**FACTS, **about}}


def one(**changes):
    return compressions(sent(**changes))[0]


def test_ratios_are_those_of_the_coded_stream_on_both_bases():
    found = one(declared_ratio={"h264_hp41": "45.18"})
    assert (found.method, found.payload_bytes, found.object_bytes) == ("ISO_14496_10", 1_000_000, 1_020_000)
    assert (found.coded, found.described, found.declared) == ("23.04", "46.08", "45.18")
    assert found.carries == "the coded pictures in mp4 and aac sound: 20000 bytes of 1020000 are not coded pictures"


@pytest.mark.parametrize(
    ("chroma", "coded"), [("4:0:0", "15.36"), ("4:2:0", "23.04"), ("4:2:2", "30.72"), ("4:4:4", "46.08"), ("4:1:1", "")]
)
def test_the_coded_raster_has_the_chroma_that_was_coded(chroma, coded):
    assert one(**facts(chroma=chroma)).coded == coded


def test_pictures_without_a_container_are_their_own_payload():
    found = one(**facts(container="jpeg-frames", measured_bit_rate=0, sound=None))
    assert found.payload_bytes == found.object_bytes == 1_020_000
    assert "no container and no sound" in found.carries


@pytest.mark.parametrize("size", [999_983, 1_000_000, 1_000_001, 7])
def test_the_payload_is_exact_where_the_bit_rate_was_cut_to_whole_bits(size):
    rate = size * 8 * 25 // 50
    assert coded_bytes({"facts": {**FACTS, "measured_bit_rate": rate}}) == size


def test_samples_of_ten_bits_count_as_they_are_allocated_and_this_is_said():
    deep = {**FORMAT, "pixels": {"samples_per_pixel": 3, "bits_allocated": 16}}
    found = one(format=deep, **facts(bit_depth=10))
    assert (found.coded, found.described) == ("46.08", "92.16")
    assert "samples of 10 bits count as 16" in found.remark


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ("46", False),
        ("42", False),
        ("23.5", False),
        ("41", True),
        ("60", True),
        ("50.688", False),
        ("50.689", True),
        ("", False),
    ],
)
def test_a_declared_ratio_more_than_a_tenth_from_both_is_remarked_on(declared, told):
    assert ("more than 10 %" in one(declared_ratio={"h264_hp41": declared}).remark) is told


def test_a_clip_of_unknown_origin_may_have_been_compressed_before():
    assert one(origin="given by users").prior == "unknown prior lossy step"
    assert "Prior lossy step: unknown" in disclosure(sent(origin="given by users"), Dossier()).statement


def test_a_clip_that_no_format_uses_was_sent_under_a_wrong_label_and_vp8_has_no_term():
    other = {**CLIP, "facts": {**FACTS, "codec": "vp8"}}
    found = compressions(replace(sent(), clips={"clip": CLIP, "webm": other}))[1]
    assert (found.format, found.clip, found.method) == ("", "webm", "")
    assert "labels that are wrong on purpose" in found.remark


@pytest.mark.parametrize(
    ("depth", "coded", "described"), [(8, "23.04", "46.08"), (10, "46.08", "92.16"), (0, "23.04", "46.08")]
)
def test_a_clip_without_a_format_counts_three_samples_of_whole_bytes(depth, coded, described):
    other = {**CLIP, **facts(bit_depth=depth)}
    found = compressions(replace(sent(), clips={"clip": CLIP, "other": other}))[1]
    assert (found.coded, found.described) == (coded, described)
    assert ("samples of" in found.remark) is (depth == 10)


def test_a_clip_that_was_not_measured_has_no_ratio():
    found = one(**facts(measured_bit_rate=0))
    assert (found.payload_bytes, found.coded, found.described) == (0, "", "")


@pytest.mark.parametrize(
    "about",
    [{"rows": 10**40}, {"rate": "1e999999999"}, {"rate": "25/0"}, {"frames": True}, {"chroma": None}, {"rows": -1}],
)
def test_a_record_that_was_changed_breaks_nothing(about):
    assert isinstance(one(**facts(**about)).coded, str)
    assert disclosure(sent(declared_ratio={"h264_hp41": "1e99999999"}, **facts(**about)), Dossier()).statement


def test_every_codec_of_the_catalogue_has_its_term():
    from harness.catalogue.read import load_formats

    for format in load_formats().values():
        assert METHODS[format.codec] == format.lossy_method


def test_the_statement_says_method_and_ratios_and_nothing_of_diagnostic_quality():
    text = disclosure(sent(declared_ratio={"h264_hp41": "45.18"}), Dossier()).statement
    for words in (
        "irreversibly compressed",
        "ISO_14496_10",
        "23.04:1 against the raster that was coded",
        "46.08:1 against the raster that the attributes describe",
        "(0028,2112): 45.18:1",
        "Diagnostic adequacy was not assessed.",
        "Not for mammography",
    ):
        assert words in text


def test_the_statement_gives_the_span_of_several_clips():
    half = {**CLIP, **facts(measured_bit_rate=2_000_000)}
    text = disclosure(replace(sent(), clips={"clip": CLIP, "other": half}), Dossier()).statement
    assert "Ratio: 23.04:1 to 46.08:1 against the raster that was coded, 46.08:1 to 92.16:1 against" in text


def test_a_run_without_video_has_nothing_to_disclose():
    assert "nothing to disclose" in disclosure(run(seen("ASC-ECHO", "PASS")), Dossier()).statement


SENT = Payload("1.2", "1.2.840", 10, "aa", "aa", 1)
ANSWERED = Exchange("C-GET", Ending.ANSWERED, 0, "", 1.0)


def payload(returned: Payload | None, outcome: str, check: str = "RET-GET"):
    """What one way back brought."""
    seen_so = PayloadSeen("C-GET", ANSWERED, ANSWERED, int(returned is not None), SENT, returned)
    return seen(check, outcome, reason="other bytes" if outcome == "FAIL" else "why", saw=to_plain(seen_so))


def path(check: str, outcome: str, *wrong: str, saw: str = "as sent"):
    paths = (PathDifferences("C-GET", saw, wrong),)
    return seen(check, outcome, reason=wrong[0] if wrong else "why", saw=to_plain(ReturnedSeen("q", paths)))


def pictures(outcome: str, *wrong: str, frames: int = 50):
    paths = (PicturePath("C-GET", frames, wrong, None),)
    return seen("PLY-PICTURE", outcome, reason="".join(wrong), saw=to_plain(PicturesSeen(None, paths)))


def of_target(*found):
    return disclosure(sent(*found), Dossier()).targets[0]


def test_what_came_back_unchanged_is_said_with_its_cells():
    found = of_target(path("RET-LOSSY", "PASS"), payload(SENT, "PASS"), pictures("PASS"))
    assert found.attributes == "kept in 1 format"
    assert found.stream == "nothing changed in 2 cells of 1 format that brought coded video back"
    assert (len(found.cells), found.changed) == (3, ())


def test_lossy_attributes_that_were_dropped_are_told():
    found = of_target(path("RET-LOSSY", "FAIL", "(0028,2110) is gone"))
    assert found.attributes == "not kept in 1 format of 1 format: (0028,2110) is gone"
    assert found.changed == ("orthanc--h264_hp41--RET-LOSSY",)


OTHER = replace(SENT, sha256="bb", unpadded_sha256="bb")


def test_other_pictures_are_told_and_other_bytes_alone_are_no_other_pictures():
    bytes_only = of_target(payload(OTHER, "FAIL"), pictures("PASS"))
    assert bytes_only.stream.startswith("changed in 1 of 2 cells that brought coded video back, seen by bytes")
    assert "pictures are others" not in bytes_only.stream
    both = of_target(payload(OTHER, "FAIL"), pictures("FAIL", "other samples"))
    assert both.stream.endswith(
        "the decoded pictures are others too: it was coded again or damaged, and nothing said so"
    )


@pytest.mark.parametrize(
    "lost",
    [
        payload(None, "FAIL"),
        pictures("FAIL", "does not decode", frames=0),
        path("PLY-STREAM", "FAIL", "does not decode", saw="no stream"),
    ],
)
def test_what_was_lost_or_cannot_be_decoded_was_not_changed(lost):
    found = of_target(lost, payload(SENT, "PASS", "RET-MOVE"))
    assert found.stream.startswith("nothing changed in 1 cells of 1 format that brought coded video back; no coded")
    assert found.changed == ()


def test_another_object_with_another_stream_is_a_change_and_the_same_stream_is_none():
    assert of_target(payload(replace(OTHER, instance_uid="1.3"), "FAIL")).stream.startswith("changed in 1 of 1 cells")
    assert of_target(payload(replace(SENT, instance_uid="1.3"), "FAIL")).changed == ()


def test_no_word_of_a_pacs_makes_dropped_attributes_kept():
    found = of_target(path("RET-LOSSY", "FAIL", "(0028,2110) is gone", saw="no stream"))
    assert found.attributes.startswith("not kept in 1 format")
    assert found.changed == ("orthanc--h264_hp41--RET-LOSSY",)


def test_other_attributes_around_the_same_stream_are_no_change_of_it():
    kept = StowSeen(PayloadSeen("STOW-RS", ANSWERED, ANSWERED, 1, SENT, SENT), wrong=("PatientName is gone",))
    found = of_target(seen("STO-STOW", "FAIL", saw=to_plain(kept)))
    assert (found.stream, found.changed) == (
        "nothing changed in 1 cells of 1 format that brought coded video back",
        (),
    )


def test_what_did_not_come_back_shows_nothing():
    found = of_target(seen("RET-GET", "UNSUPPORTED"), seen("RET-LOSSY", "INCONCLUSIVE"))
    assert found.attributes.startswith("not shown")
    assert found.stream.startswith("not shown")
    assert found.cells == ()


MG = Policy("us", "no lossy", "source", no_lossy=("MG",))
TWENTY = Policy("twenty", "at most 20:1", "source", largest_ratio="20")
FIFTY = Policy("fifty", "at most 50:1", "source", largest_ratio="50")


def findings(of, *policies):
    return disclosure(of, Dossier(policies=policies)).policies


def test_a_policy_against_lossy_video_of_a_modality_is_broken_by_that_modality_alone():
    endoscopy, mammography = sent(), sent(format={**FORMAT, "sop_classes": [{"id": "x", "modality": "MG"}]})
    assert [one.broken for one in (*findings(endoscopy, MG), *findings(mammography, MG))] == [False, True]


def test_a_policy_on_ratios_is_held_against_the_coded_raster():
    assert [one.broken for one in findings(sent(), TWENTY, FIFTY)] == [True, False]


def test_a_policy_says_what_it_looked_at():
    exact = Policy("exact", "at most 23.04:1", "source", largest_ratio="23.04")
    unknown = sent(**facts(measured_bit_rate=0))
    assert [one.text for one in (*findings(sent(), MG, exact, TWENTY), *findings(unknown, TWENTY))] == [
        "nothing against it: the objects of this run are of modality ES, not MG. Advisory: decides nothing.",
        "nothing against it: 1 of 1 clips are at most 23.04:1. Advisory: decides nothing.",
        "beyond 20:1 against the coded raster: h264_hp41 23.04:1. Advisory: decides nothing.",
        "nothing against it: 0 of 1 clips are at most 20:1, and that of 1 is not known. Advisory: decides nothing.",
    ]


def test_a_broken_policy_decides_nothing():
    from harness.core.verification.report import compile_report

    made = sent(seen("STO-ACK", "PASS"))
    verdicts = {compile_report(made, Dossier(policies=one)).verdict for one in ((), (TWENTY,))}
    assert verdicts == {"MET"}
    assert all(one.text.endswith("Advisory: decides nothing.") for one in findings(made, TWENTY, FIFTY, MG))
