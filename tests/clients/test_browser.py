"""A browser plays a video from our own server and tells what it saw; it is always ended."""

import shutil
import stat
import sys
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

import psutil
import pytest

from harness.clients.browser.chromium import NAMES, Chromium
from harness.clients.browser.theatre import Theatre

#: Stands in for a browser: gets the page and the video as one does, and reports.
STAND_IN = """#!{python}
import json, re, sys, time, urllib.request
if "--version" in sys.argv:
    print("{version}")
    raise SystemExit
{before}
page = urllib.request.urlopen(sys.argv[-1]).read().decode()
base = sys.argv[-1].rsplit("/", 2)[0]
video, report = re.search('video.src = "(.*)"', page)[1], re.search('fetch."(.*?)"', page)[1]
body = urllib.request.urlopen(base + video).read()
told = dict(ended=True, problem="", shown=9, frames=10, columns=len(body), rows=2, seconds=1.5)
told.update({told})
urllib.request.urlopen(base + report, data=json.dumps(told).encode())
time.sleep(60)
"""


@pytest.fixture
def video(tmp_path: Path) -> Path:
    path = tmp_path / "video.mp4"
    path.write_bytes(bytes(range(256)) * 1000)
    return path


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Put a program on PATH under the name of a browser."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))

    def make(name="chromium", version="Chromium 1.2.3 built on Debian", before="", told="{}"):
        path = folder / name
        path.write_text(STAND_IN.format(python=sys.executable, version=version, before=before, told=told))
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return make


def play(video, tmp_path, seconds=1.0, launcher=()):
    browser = Chromium.find()
    assert browser is not None
    return browser.play(video, "video/mp4", seconds=seconds, scratch=tmp_path, launcher=launcher)


def left_over(tmp_path):
    """Programs that still run with a profile in our folder."""
    return [one for one in psutil.process_iter() if any(str(tmp_path) in part for part in words(one))]


def words(process):
    try:
        return process.cmdline()
    except psutil.Error:
        return []


def test_what_the_page_reports_is_told(stand_in, video, tmp_path):
    stand_in()
    playing = play(video, tmp_path)
    assert playing.plays
    assert (playing.browser, playing.frames, playing.shown, playing.seconds) == ("Chromium 1.2.3", 10, 9, 1.5)
    assert playing.columns == 256_000  # the whole video came


@pytest.mark.parametrize("launcher", [(), (sys.executable, "-m", "harness.targets.warden", "--")])
def test_the_browser_is_ended_with_all_that_it_started(stand_in, video, tmp_path, launcher):
    child = "import subprocess; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', *sys.argv])"
    stand_in(before=child)
    assert play(video, tmp_path, launcher=launcher).told
    assert left_over(tmp_path) == []
    assert [path for path in tmp_path.iterdir() if path.name.startswith("tmp")] == []


def test_a_browser_that_ends_by_itself_told_nothing(stand_in, video, tmp_path):
    stand_in(before="sys.exit('no usable sandbox')")
    playing = play(video, tmp_path)
    assert not playing.told
    assert playing.problem == "it ended with code 1: no usable sandbox"


def test_a_browser_that_says_nothing_in_time_is_ended(stand_in, video, tmp_path, monkeypatch):
    monkeypatch.setattr("harness.clients.browser.chromium._START_LIMIT", -9.0)
    stand_in(before="time.sleep(60)")
    playing = play(video, tmp_path, seconds=0.0)
    assert not playing.told
    assert "nothing in time" in playing.problem
    assert left_over(tmp_path) == []


def test_garbled_reports_count_as_nothing_seen(stand_in, video, tmp_path):
    stand_in(told="{'ended': 'yes', 'frames': -3, 'columns': 'x', 'seconds': None, 'problem': 'm' * 1000}")
    playing = play(video, tmp_path)
    assert playing.told
    assert (playing.ended, playing.frames, playing.columns, playing.seconds) == (False, 0, 0, None)
    assert len(playing.problem) == 200
    assert not playing.plays


def test_a_browser_that_does_not_run_is_none(stand_in, tmp_path):
    assert Chromium.find() is None
    stand_in(version="something else").write_text("#!/bin/false\n")
    assert Chromium.find() is None
    stand_in(name="google-chrome", version="Google Chrome 9.9")
    found = Chromium.find()
    assert found is not None
    assert found.version == "Google Chrome 9.9"


def test_the_server_gives_ranges(video):
    whole = video.read_bytes()
    with Theatre(video, "video/mp4", 10) as theatre:
        url = f"http://127.0.0.1:{theatre.server_port}{theatre.path_of('video')}"
        for asked, body, told in (
            ("bytes=0-99", whole[:100], "bytes 0-99/256000"),
            ("bytes=1000-", whole[1000:], "bytes 1000-255999/256000"),
            ("bytes=-10", whole[-10:], "bytes 255990-255999/256000"),
            ("bytes=255990-999999", whole[-10:], "bytes 255990-255999/256000"),
        ):
            with urllib.request.urlopen(urllib.request.Request(url, headers={"Range": asked})) as answer:
                assert (answer.status, answer.read(), answer.headers["Content-Range"]) == (206, body, told)
        with urllib.request.urlopen(url) as answer:
            assert (answer.status, answer.read(), answer.headers["Content-Type"]) == (200, whole, "video/mp4")
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(urllib.request.Request(url, headers={"Range": "bytes=256000-"}))
        assert refused.value.code == 416
        refused.value.close()


def test_the_server_knows_nobody_without_its_secret(video):
    with Theatre(video, "video/mp4", 10) as theatre:
        for path in ("/", "/video", "/x/video", "/x/report"):
            with pytest.raises(HTTPError) as refused:
                urllib.request.urlopen(
                    f"http://127.0.0.1:{theatre.server_port}{path}", data=b"{}" if "report" in path else None
                )
            assert refused.value.code == 404
            refused.value.close()
        assert not theatre.told.is_set()
        assert theatre.server_address[0] == "127.0.0.1"


def installed() -> bool:
    return any(shutil.which(name) for name in NAMES)


@pytest.mark.skipif(not installed(), reason="no Chromium is installed")
def test_a_real_browser_says_what_is_no_video(video, tmp_path):
    playing = play(video, tmp_path)
    assert playing.told
    assert not playing.ended
    assert "DEMUXER" in playing.problem
    assert left_over(tmp_path) == []
    assert list(tmp_path.iterdir()) == [video]
