"""What was sent is played once for each version of a browser; what came back is played each time."""

from dataclasses import replace
from typing import ClassVar

import pytest

from harness.catalogue.read import load_recipes
from harness.clients.browser import Chromium
from harness.core.facts import StreamFacts
from harness.media.values import Clip
from harness.plugin.screen import Screen
from tests.core.test_compare import STREAM

FACTS: StreamFacts = STREAM


class Spectator(Chromium):
    """A browser that writes down what it is shown."""

    shown: ClassVar[list[tuple[str, float]]] = []
    told = True
    late = False

    def play(self, video, media_type, *, seconds, scratch, launcher=()):
        self.shown.append((media_type, seconds))
        assert launcher, "a browser could outlive a killed harness"
        report = {"ended": not self.late, "late": self.late, "frames": 50, "columns": 1280, "rows": 720, "seconds": 2.0}
        return self.playing(report) if self.told else self.silent("nothing")


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"\0\0\0\x18ftypisom" + bytes(100))
    return Clip(path, load_recipes()["h264_hp41"], 112, "aa", FACTS)


@pytest.fixture
def screen(tmp_path, monkeypatch):
    monkeypatch.setattr(Spectator, "shown", [])

    def make(version="Chromium 1", told=True):
        monkeypatch.setattr(Spectator, "told", told)
        return Screen(Spectator("chromium", version), tmp_path)

    return make


def test_a_clip_is_played_once(screen, clip):
    first = screen().play_clip(clip)
    assert not first.remembered
    again = screen().play_clip(clip)
    assert again == replace(first, remembered=True)
    assert Spectator.shown == [("video/mp4", 2.0)]


def test_another_browser_or_other_bytes_are_played_anew(screen, clip):
    screen().play_clip(clip)
    assert not screen("Chromium 2").play_clip(clip).remembered
    assert not screen("Chromium 2").play_clip(replace(clip, sha256="bb")).remembered
    assert len(Spectator.shown) == 3


def test_silence_is_not_remembered(screen, clip):
    assert not screen(told=False).play_clip(clip).told
    assert screen().play_clip(clip).told


def test_damaged_notes_are_played_anew(screen, clip):
    screen().play_clip(clip)
    (notes,) = clip.path.parent.glob("*.played.json")
    notes.write_text("{")
    assert not screen().play_clip(clip).remembered
    assert screen().play_clip(clip).remembered


def test_what_came_back_is_served_as_what_it_is(screen, clip, tmp_path):
    stream = tmp_path / "returned.mp4"
    stream.write_bytes((b"\x47" + bytes(187)) * 4)
    screen().play(stream, FACTS)
    stream.write_bytes(b"nothing known")
    screen().play(stream, FACTS)
    assert [media_type for media_type, _ in Spectator.shown] == ["video/mp2t", "application/octet-stream"]


def test_a_clip_that_was_not_played_in_time_is_played_again(screen, clip, monkeypatch):
    monkeypatch.setattr(Spectator, "late", True)
    assert screen().play_clip(clip).late
    monkeypatch.setattr(Spectator, "late", False)
    again = screen().play_clip(clip)
    assert (again.remembered, again.plays) == (False, True)
