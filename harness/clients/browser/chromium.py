"""Chromium or Chrome as a spectator: started without a window for one video, and always ended.

No driver is needed: the page itself counts and reports, see :mod:`harness.clients.browser.page`.
"""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self

import psutil

from harness.clients.browser.page import SHOWN_LETTERS
from harness.clients.browser.theatre import Theatre
from harness.core.playing import Playing

NAMES = ("chromium", "chromium-browser", "google-chrome")

_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--mute-audio",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-quic",
    # Containers often have a small /dev/shm.
    "--disable-dev-shm-usage",
    "--window-size=1280,800",
)
_VERSION = re.compile(r"[A-Za-z][A-Za-z ]*[\d.]+")
#: Seconds: to tell the version, for the browser to start, and to end.
_VERSION_LIMIT, _START_LIMIT, _END_LIMIT = 20.0, 30.0, 3.0


@dataclass(frozen=True, slots=True)
class Chromium:
    """An installed browser. ``version`` is its name and version as it tells them."""

    path: str
    version: str

    @classmethod
    def find(cls) -> Self | None:
        """The first of :data:`NAMES` on PATH that runs; None where there is none."""
        for path in filter(None, map(shutil.which, NAMES)):
            with suppress(OSError, subprocess.SubprocessError):
                told = subprocess.run(
                    [path, "--version"],
                    capture_output=True,
                    text=True,
                    errors="replace",
                    check=True,
                    timeout=_VERSION_LIMIT,
                    stdin=subprocess.DEVNULL,
                )
                if found := _VERSION.search(told.stdout):
                    return cls(path, found[0].strip())
        return None

    def play(
        self, video: Path, media_type: str, *, seconds: float, scratch: Path, launcher: Sequence[str] = ()
    ) -> Playing:
        """Play a video once.

        Args:
            video: the file.
            media_type: what it is served as.
            seconds: how long it should play; the browser gets thrice that and some seconds more.
            scratch: where its profile lives while it runs.
            launcher: a command that runs the browser and ends it when its standard input closes.

        Returns:
            What the browser reported; never an error for what a browser does with a video.
        """
        limit = 10 + 3 * seconds
        with Theatre(video, media_type, limit) as theatre, TemporaryDirectory(dir=scratch) as profile:
            problem = self._watch(theatre, Path(profile), launcher, time.monotonic() + limit + _START_LIMIT)
        return self.playing(theatre.report) if theatre.told.is_set() else self.silent(problem)

    def playing(self, report: dict[str, Any]) -> Playing:
        """A report of the page as a value; what it lacks or garbles counts as nothing seen."""
        seconds = report.get("seconds")
        return Playing(
            browser=self.version,
            told=True,
            ended=report.get("ended") is True,
            problem=str(report.get("problem", ""))[:SHOWN_LETTERS],
            frames=_count(report.get("frames")),
            shown=_count(report.get("shown")),
            columns=_count(report.get("columns")),
            rows=_count(report.get("rows")),
            seconds=float(seconds) if isinstance(seconds, int | float) else None,
            late=report.get("late") is True,
        )

    def silent(self, problem: str) -> Playing:
        """What is known where the browser reported nothing."""
        return Playing(self.version, False, False, problem, 0, 0, 0, 0, None)

    def _watch(self, theatre: Theatre, profile: Path, launcher: Sequence[str], deadline: float) -> str:
        """Run the browser until the page has reported; returns why it did not."""
        flags = [*_FLAGS, f"--user-data-dir={profile / 'profile'}"]
        if os.geteuid() == 0:  # the sandbox refuses to serve root
            flags.append("--no-sandbox")
        log = profile / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*launcher, self.path, *flags, theatre.address],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=output,
                start_new_session=True,
            )
        try:
            while not theatre.told.wait(0.05):
                if process.poll() is not None:
                    return f"it ended with code {process.returncode}: {_last_line(log)}"
                if time.monotonic() > deadline:
                    return f"it reported nothing in time: {_last_line(log)}"
            return ""
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser with all processes that it started."""
    family: list[psutil.Process] = []
    with suppress(psutil.Error):
        root = psutil.Process(process.pid)
        family = [root, *root.children(recursive=True)]
    if process.stdin is not None:
        process.stdin.close()
    for one in family[:2]:  # the launcher, where there is one, and the browser
        with suppress(psutil.Error):
            one.terminate()
    _, left = psutil.wait_procs(family, timeout=_END_LIMIT)
    for one in left:
        with suppress(psutil.Error):
            one.kill()
    process.wait()


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value >= 0 else 0


def _last_line(log: Path) -> str:
    lines = log.read_text("utf-8", errors="replace").strip().splitlines()
    return lines[-1][-SHOWN_LETTERS:] if lines else "it said nothing"
