"""The browser of a run: plays what came back, and remembers beside each clip how it played what was sent."""

import hashlib
import inspect
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Self

from harness.clients.browser import page
from harness.clients.browser.chromium import Chromium
from harness.core.facts import StreamFacts
from harness.core.formats import Container
from harness.core.playing import Playing
from harness.media.container import sniff_container
from harness.media.values import Clip

_MEDIA_TYPES = {
    Container.MP4: "video/mp4",
    Container.QUICKTIME: "video/quicktime",
    Container.MPEG_TS: "video/mp2t",
    Container.MPEG_PS: "video/mpeg",
    Container.MATROSKA: "video/x-matroska",
    Container.AVI: "video/x-msvideo",
}
#: A browser that outlived a killed harness would sit there for ever.
_LAUNCHER = (sys.executable, "-m", "harness.targets.warden", "--")


class Screen:
    """A browser with a scratch folder for its profiles."""

    def __init__(self, browser: Chromium, scratch: Path) -> None:
        self._browser = browser
        self._scratch = scratch

    @classmethod
    def find(cls, scratch: Path) -> Self | None:
        """The browser of this machine; None where there is none."""
        browser = Chromium.find()
        return None if browser is None else cls(browser, scratch)

    def play_clip(self, clip: Clip) -> Playing:
        """Play a clip, or tell how this same browser played these same bytes before."""
        notes = clip.path.with_name(f"{clip.path.name}.played.json")
        key = hashlib.sha256(f"{self._browser.version} {clip.sha256} {inspect.getsource(page)}".encode()).hexdigest()
        try:
            kept = json.loads(notes.read_text("utf-8"))
            if kept["key"] == key:
                return Playing(**kept["playing"] | {"remembered": True})
        except (OSError, ValueError, KeyError, TypeError):
            pass
        playing = self.play(clip.path, clip.facts)
        # That time ran out says something of this machine now, and nothing of the next run.
        if playing.told and not playing.late:
            _keep(notes, json.dumps({"key": key, "playing": asdict(playing)}))
        return playing

    def play(self, path: Path, facts: StreamFacts) -> Playing:
        """Play a file that should last as long as the video of ``facts``, served as what its own bytes show it to be.

        Raises:
            MediaError: the file cannot be read.
        """
        return self._browser.play(
            path,
            _MEDIA_TYPES.get(sniff_container(path), "application/octet-stream"),
            seconds=float(facts.frames / facts.rate) if facts.rate else 0.0,
            scratch=self._scratch,
            launcher=_LAUNCHER,
        )

    def unplayable(self, problem: str) -> Playing:
        """What counts where there is no file that could be played."""
        return self._browser.playing({"problem": problem})


def _keep(notes: Path, text: str) -> None:
    """Write a note that appears whole; a cache that cannot be written to costs time only."""
    partial = notes.with_name(f".{notes.name}.{os.getpid()}")
    try:
        partial.write_text(text, "utf-8")
        partial.replace(notes)
    except OSError:
        partial.unlink(missing_ok=True)
