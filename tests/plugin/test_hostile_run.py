"""A PACS that puts markup, control characters, paths and a million letters into every text changes nothing but text."""

import csv
import io
import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import pytest
from pypdf import PdfReader

from harness.clients.browser.chromium import Chromium
from harness.plugin.command import main
from harness.targets.embedded.mutants.hostile import MARKUP

#: The embedded PACS misbehaves.
MISBEHAVES = """
from functools import partial

from harness.targets import factory

factory.EmbeddedTarget = partial(factory.EmbeddedTarget, mutant="speaks-in-markup")
"""
CHOSEN = "(h264_hp41 and not frag and not MiB and not browser) or echo"


class Page(HTMLParser):
    """What a page is made of besides its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.handlers: list[str] = []
        self.links: list[str] = []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.handlers += [name for name, _ in attrs if name.startswith("on")]
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "data", "action", "srcset")]


def read(text: str) -> Page:
    page = Page()
    page.feed(text)
    return page


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    """The bundle of a run against the hostile PACS; what the terminal showed lies beside it."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "misbehaves.py").write_text(MISBEHAVES)
    command = ["pytest", "--pyargs", "harness.checks", "-p", "misbehaves", "--pacs=embedded", "-k", CHOSEN]
    done = subprocess.run(
        [sys.executable, "-m", *command, f"--pacs-reports={folder}/reports"],
        cwd=folder,
        capture_output=True,
        check=False,
    )
    (run,) = (folder / "reports").iterdir()
    assert main(["bundle", str(run), "--into", str(folder / "bundles")]) in (0, 1, 10)
    (made,) = (folder / "bundles").iterdir()
    (made.parent.parent / "terminal.txt").write_bytes(done.stdout + done.stderr)
    return made


def test_the_hostile_words_did_arrive(bundle: Path) -> None:
    record = json.loads((bundle / "run.json").read_text())
    texts = json.dumps(record["results"], ensure_ascii=False)
    assert "<script>" in texts
    assert "etc/passwd" in texts
    details = next(one["details"] for one in record["targets"])
    assert details["Implementation Version Name"].startswith("<script>")


def test_the_report_holds_them_as_text_alone(bundle: Path) -> None:
    text = (bundle / "report.html").read_text("utf-8")
    page = read(text)
    assert page.handlers == []
    assert not page.tags & {"script", "iframe", "object", "embed", "form", "base", "link", "img"}
    assert MARKUP not in text
    assert "&lt;script&gt;" in text
    assert "{{7*7}}" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e\u2066-\u2069]", text)
    for link in page.links:
        if link.startswith(("#", "data:image/png;base64,", "data:image/svg+xml")):
            continue
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc) == ("", ""), link
        assert (bundle / unquote(parts.path)).resolve().is_relative_to(bundle.resolve()), link


def opened(browser: Chromium, page: Path) -> tuple[str, list[str]]:
    """What a browser makes of a page, and what it asks this machine for meanwhile."""
    requests = page.parent.parent / f"{page.stem}-requests.json"
    command = [browser.path, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    command += [f"--log-net-log={requests}", "--dump-dom", page.as_uri()]
    done = subprocess.run(command, capture_output=True, check=True, timeout=120)
    return done.stdout.decode(), re.findall(r'"url": ?"([^"]*127\.0\.0\.1[^"]*)"', requests.read_text())


def test_a_browser_makes_nothing_else_of_it(bundle: Path) -> None:
    browser = Chromium.find()
    assert browser is not None, "install chromium: the report must be looked at by a browser"
    obeying = bundle.parent.parent / "obeying.html"
    obeying.write_text(f"<html>{MARKUP}</html>")
    assert opened(browser, obeying)[1]
    shown, asked = opened(browser, bundle / "report.html")
    assert asked == []
    assert "<title>Interoperability verification report" in shown
    assert "<title>owned" not in shown
    page, sent = read(shown), read((bundle / "report.html").read_text("utf-8"))
    assert page.handlers == []
    assert page.tags - {"html", "head", "body", "tbody"} == sent.tags - {"html", "head", "body", "tbody"}
    assert sorted(page.links) == sorted(sent.links)


def test_paper_prints_them_and_acts_on_none(bundle: Path) -> None:
    for name in ("report.pdf", "report-submission.pdf"):
        paper = PdfReader(bundle / name)
        text = " ".join(page.extract_text() for page in paper.pages)
        assert "<script>" in text
        assert "{{7*7}}" in text
        for page in paper.pages:
            actions = [note.get_object().get("/A", {}) for note in page.get("/Annots", ())]
            assert not [action for action in actions if action.get("/S") not in (None, "/GoTo")]
        assert not {"/OpenAction", "/AA"} & paper.trailer["/Root"].keys()
        assert "/JavaScript" not in paper.trailer["/Root"].get("/Names", {})


def test_no_other_view_obeys_them(bundle: Path) -> None:
    ElementTree.fromstring((bundle / "trace.reqif").read_bytes())
    ElementTree.fromstring((bundle / "junit.xml").read_bytes())
    rows = list(csv.reader(io.StringIO((bundle / "trace.csv").read_text("utf-8"), newline="")))
    assert not [cell for row in rows for cell in row if cell[:1] in ("=", "+", "-", "@", "\t")]
    assert b"\x1b[31m\x07" not in (bundle.parent.parent / "terminal.txt").read_bytes()
    assert "\x1b" not in (bundle / "trace.csv").read_text("utf-8")


def test_the_record_is_sound_and_of_bounded_size(bundle: Path) -> None:
    assert main(["verify", str(bundle)]) == 0
    assert (bundle / "run.json").stat().st_size < 4 * 2**20
    named = [path.relative_to(bundle).as_posix() for path in bundle.rglob("*") if path.is_file()]
    assert not [name for name in named if "script" in name or ".." in name or "passwd" in name]
