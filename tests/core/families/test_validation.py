"""What findings in returned objects come to, by our rules and by those of dciodvfy."""

from dataclasses import replace

import pytest

from harness.core.facts import Undecodable
from harness.core.families.validation import ObjectJudged, PathFindings, PathOpinion, SecondOpinion
from harness.core.plain import to_plain
from harness.core.results import Outcome
from harness.core.validation.opinion import Opinion, Remark
from harness.core.validation.rules import Severity
from harness.core.verdicts import judge
from tests.core.validation_cases import FORMATS, object_of, stream_of, with_attributes

FORMAT = FORMATS["h264_hp41"]
SENT = (object_of(FORMAT), stream_of(FORMAT))


def path(returned=SENT, sent=SENT, format=FORMAT, service="C-GET") -> PathFindings:
    return PathFindings.of(service, format, sent, returned)


def test_an_object_that_came_back_as_it_was_passes():
    verdict = judge(ObjectJudged((path(), path(service="C-MOVE"))))
    assert verdict.outcome is Outcome.PASS
    assert "C-GET and C-MOVE" in verdict.reason
    assert verdict.notes == ()


def test_a_rule_that_only_the_returned_object_breaks_fails():
    changed = with_attributes(SENT[0], {"Modality": "OT"})
    verdict = judge(ObjectJudged((path(), path((changed, SENT[1]), service="WADO-RS"))))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.startswith("WADO-RS: D6: Modality is OT, Video Endoscopic Image demands ES (PS3.3 A.32.5")


def test_a_rule_that_the_sent_object_breaks_too_is_no_work_of_the_target():
    both = (with_attributes(SENT[0], {"Modality": "OT"}), SENT[1])
    assert judge(ObjectJudged((path(both, both),))).outcome is Outcome.PASS
    other = (with_attributes(SENT[0], {"Modality": "XC"}), SENT[1])
    assert judge(ObjectJudged((path(other, both),))).outcome is Outcome.FAIL


def test_new_warnings_are_notes():
    changed = with_attributes(SENT[0], {"CineRate": "30", "LossyImageCompressionMethod": None})
    verdict = judge(ObjectJudged((path((changed, SENT[1])),)))
    assert verdict.outcome is Outcome.PASS
    assert [note.split(":")[1].strip() for note in verdict.notes] == ["D3", "D5"]


def test_bytes_that_do_not_decode_fail():
    verdict = judge(ObjectJudged((path((SENT[0], Undecodable("no container"))),)))
    assert verdict.outcome is Outcome.FAIL
    assert "K4: does not decode: no container" in verdict.reason


def test_many_findings_are_cut():
    bare = replace(SENT[0], attributes=())
    verdict = judge(ObjectJudged((path((bare, SENT[1])),)))
    assert verdict.outcome is Outcome.FAIL
    assert verdict.reason.count(";") == 5
    assert "more" in verdict.reason


def test_the_conflict_of_the_standard_is_a_note_and_no_failure():
    format = FORMATS["hevc_main10_51"]
    both = (object_of(format), stream_of(format))
    verdict = judge(ObjectJudged((path(both, both, format), path(both, both, format, "C-MOVE"))))
    assert verdict.outcome is Outcome.PASS
    assert [note.split(":")[0] for note in verdict.notes] == ["the standard contradicts itself"]


def test_without_a_path_nothing_is_said():
    assert judge(ObjectJudged(())).outcome is Outcome.NOT_APPLICABLE
    assert judge(SecondOpinion("dciodvfy", ())).outcome is Outcome.NOT_APPLICABLE


ERROR = Remark(Severity.ERROR, "Missing attribute Type 2 Required Element=<StudyDate> Module=<GeneralStudy>")
WARNING = Remark(Severity.WARNING, "Unexpected Type3C Element=<WindowCenter> Module=<VLImage>")
CLEAN = Opinion()


def opinion(sent: Opinion, returned: Opinion, format=FORMAT) -> SecondOpinion:
    return SecondOpinion("dciodvfy", (PathOpinion.of("C-GET", format, sent, returned),))


@pytest.mark.parametrize(
    ("sent", "returned", "outcome", "text"),
    [
        (CLEAN, CLEAN, Outcome.PASS, "finds nothing new, by C-GET"),
        (CLEAN, Opinion((ERROR,)), Outcome.FAIL, "C-GET: Missing attribute Type 2"),
        (Opinion((ERROR,)), Opinion((ERROR,)), Outcome.PASS, "finds nothing new"),
        (CLEAN, Opinion((WARNING,)), Outcome.PASS, "finds nothing new"),
        (Opinion(silent="it was aborted"), CLEAN, Outcome.INCONCLUSIVE, "C-GET: it was aborted"),
        (CLEAN, Opinion(silent="it was aborted"), Outcome.INCONCLUSIVE, "C-GET: it was aborted"),
    ],
)
def test_only_new_errors_of_the_other_validator_fail(sent, returned, outcome, text):
    verdict = judge(opinion(sent, returned))
    assert verdict.outcome is outcome
    assert text in verdict.reason
    assert any("WindowCenter" in note for note in verdict.notes) is (WARNING in returned.remarks)


def test_an_error_that_is_waived_is_a_note():
    bits = Remark(Severity.ERROR, "Unrecognized enumerated value <0x10> for value 1 of attribute <Bits Allocated>")
    seen = opinion(CLEAN, Opinion((bits,)), FORMATS["hevc_main10_51"])
    verdict = judge(seen)
    assert verdict.outcome is Outcome.PASS
    assert "does not count" in verdict.notes[0]
    assert judge(opinion(CLEAN, Opinion((bits,)))).outcome is Outcome.FAIL


def test_what_is_seen_goes_into_the_record_whole():
    changed = with_attributes(SENT[0], {"Modality": "OT"})
    plain = to_plain(ObjectJudged((path((changed, SENT[1])),)))
    assert plain["paths"][0]["broken"][0]["rule"] == "D6"
    assert plain["paths"][0]["broken"][0]["severity"] == "ERROR"
