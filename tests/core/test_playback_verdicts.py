"""What playing a video, or not, means."""

from dataclasses import replace

import pytest

from harness.core.facts import PictureDistance
from harness.core.families.playback import BrowserPath, BrowserSeen, DoesNotApply, PicturePath, PicturesSeen
from harness.core.plain import to_plain
from harness.core.playing import Playing
from harness.core.results import Outcome
from harness.core.verdicts import judge

PLAYED = Playing("Chromium 1", True, True, "", 48, 47, 1280, 720, 1.92)
ONLY_SOUND = replace(PLAYED, frames=0, shown=0, columns=0, rows=0)
FAILED = replace(ONLY_SOUND, ended=False, problem="no demuxer", seconds=None)
SILENT = replace(FAILED, told=False, problem="it reported nothing in time")
DISTANCE = PictureDistance(48, 50.0, 45.0, 0.99, 0.98)


def seen(sent, *returned, decoded=48):
    return BrowserSeen("h264 in mp4", sent, 48, tuple(BrowserPath("C-GET", False, one, decoded) for one in returned))


@pytest.mark.parametrize(
    ("observation", "outcome", "text"),
    [
        (seen(PLAYED, PLAYED), Outcome.PASS, "played 48 frames of 1280x720 to the end and showed 47"),
        (seen(PLAYED, replace(PLAYED, shown=20)), Outcome.PASS, "showed 20 of them"),
        (seen(PLAYED, FAILED), Outcome.FAIL, "does not play what came back: no demuxer"),
        (seen(PLAYED, ONLY_SOUND), Outcome.FAIL, "shows no picture"),
        (seen(PLAYED, replace(PLAYED, ended=False)), Outcome.FAIL, "does not reach the end"),
        (seen(PLAYED, replace(PLAYED, columns=640)), Outcome.FAIL, "shows 640x720, as sent 1280x720"),
        (seen(PLAYED, replace(PLAYED, seconds=3.84)), Outcome.FAIL, "plays 3.84 s, as sent 1.92 s"),
        (seen(PLAYED, replace(PLAYED, frames=47), decoded=47), Outcome.FAIL, "plays 47 frames, as sent 48"),
        (seen(PLAYED, replace(PLAYED, frames=47)), Outcome.INCONCLUSIVE, "48 can be decoded"),
        (seen(PLAYED, SILENT), Outcome.INCONCLUSIVE, "told nothing"),
        (seen(PLAYED, SILENT, FAILED), Outcome.FAIL, "no demuxer"),
        (seen(PLAYED), Outcome.NOT_APPLICABLE, "no way to get an object back"),
        (seen(FAILED, FAILED), Outcome.NOT_APPLICABLE, "does not play h264 in mp4"),
        (seen(ONLY_SOUND, ONLY_SOUND), Outcome.NOT_APPLICABLE, "shows no picture"),
        (seen(SILENT, PLAYED), Outcome.INCONCLUSIVE, "as it was sent"),
    ],
)
def test_the_browser_judges_only_what_it_plays_as_sent(observation, outcome, text):
    verdict = judge(observation)
    assert verdict.outcome is outcome, verdict
    assert text in verdict.reason


def test_playing_that_was_remembered_is_noted():
    assert judge(seen(PLAYED, PLAYED)).notes == ()
    remembered = replace(PLAYED, remembered=True)
    assert "earlier run" in judge(seen(remembered, remembered)).notes[0]


def test_pictures_pass_with_their_distance_for_information():
    verdict = judge(PicturesSeen(DISTANCE, (PicturePath("C-GET", 48, (), DISTANCE),)))
    assert verdict.outcome is Outcome.PASS
    assert "PSNR 50.0 dB" in verdict.reason


def test_changed_pictures_fail_with_both_distances():
    verdict = judge(PicturesSeen(DISTANCE, (PicturePath("C-GET", 48, ("other samples",), None),)))
    assert (verdict.outcome, verdict.reason) == (Outcome.FAIL, "C-GET: other samples")
    assert "not comparable" in verdict.notes[0]
    assert "as sent: PSNR 50.0 dB" in verdict.notes[0]


def test_nothing_returned_is_no_failure_of_pictures():
    assert judge(PicturesSeen(DISTANCE, ())).outcome is Outcome.NOT_APPLICABLE


def test_what_does_not_apply_says_why():
    assert judge(DoesNotApply("no sound")).reason == "no sound"
    assert judge(DoesNotApply("no sound")).outcome is Outcome.NOT_APPLICABLE


def test_observations_go_into_the_record():
    assert to_plain(seen(PLAYED, PLAYED))["paths"][0]["playing"]["frames"] == 48
