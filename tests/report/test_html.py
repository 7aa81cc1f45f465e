"""The report page: complete, self-contained, safe, and honest about gaps."""

import base64
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from harness.core.conclusion import settle
from harness.core.endpoint import EvidenceClass
from harness.core.results import Evidence, Run
from harness.core.verification.dossier import Dossier
from harness.core.verification.report import compile_report
from harness.report.manifest import file_sha256
from harness.report.verification import page as page_of
from harness.report.verification.rendering import Rendering

VOID = {"meta", "image", "use", "br"}


class Page(HTMLParser):
    """Elements, attributes and text of a page; fails on elements that are closed in the wrong order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(source)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


def render(run: Run, folder: Path) -> str:
    return page_of.render(Rendering(compile_report(run, Dossier()), folder)).decode()


@pytest.fixture
def source(run: Run, folder: Path) -> str:
    return render(run, folder)


@pytest.fixture
def page(source: str) -> Page:
    return Page(source)


def test_verdict_rule_limits_and_end_mark_are_printed(page: Page, run: Run) -> None:
    assert "NOT MET" in page.text
    assert "orthanc--h264_hp41--playback is FAIL: frame 12 lost" in page.text
    assert "NOT SHOWN: otherwise" in page.text
    assert "no certification" in page.text
    assert f"End of report {run.run_id}" in page.text


def test_counts_of_evidence_classes_are_never_added_up(page: Page) -> None:
    assert "MEASURED: 3 PASS, 1 UNSUPPORTED, 1 NOT RUN; SELF_TEST: " in page.text


def test_every_cell_is_there_and_every_link_inside_the_page_leads_somewhere(page: Page, run: Run) -> None:
    assert len(page.all("summary")) >= len(settle(run))
    names = {attributes["id"] for _, attributes in page.elements if "id" in attributes}
    inside = [link["href"][1:] for link in page.all("a") + page.all("use") if link["href"].startswith("#")]
    assert len(inside) > 20
    assert set(inside) <= names


def test_names_inside_the_page_are_unique(page: Page) -> None:
    names = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(names) == len(set(names))


def test_the_page_needs_no_network_and_no_script(page: Page) -> None:
    assert not {"script", "link", "iframe", "object", "img", "form"} & {tag for tag, _ in page.elements}
    sources = [
        value for _, attributes in page.elements for name, value in attributes.items() if name in ("src", "href")
    ]
    assert all(source.startswith(("#", "./", "data:image/png;base64,")) for source in sources)
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")


def test_text_from_a_pacs_is_escaped_wherever_it_stands(source: str, page: Page) -> None:
    assert "<script" not in source
    assert page.text.count("<script>alert('pacs')</script>") >= 5
    assert "\x1b" not in source


@pytest.mark.parametrize("field", ["run_id", "conclusion", "finished"])
def test_no_field_of_the_head_can_bring_markup(run: Run, folder: Path, field: str) -> None:
    hostile = replace(run, **{field: "</style><script>x</script>"})  # type: ignore[arg-type]
    assert "<script" not in render(hostile, folder)


def test_no_name_inside_the_record_can_bring_markup(run: Run, folder: Path) -> None:
    evil = '"><script>x</script>'
    cell = replace(run.results[0].cell, target=evil, format=evil, check=evil, variant=evil)
    evidence = Evidence(f"evidence/{evil}", evil, f"picture:sent:{evil}", evil)
    result = replace(run.results[0], cell=cell, notes=(evil,), evidence=(evidence,), started=evil)
    target = replace(run.targets[0], id=evil, product=evil, left_behind=(evil,), evidence=(evidence,))
    check = replace(run.checks[0], id=evil, title=evil, expected=evil)
    hostile = replace(
        run,
        results=(result,),
        targets=(target,),
        checks=(check,),
        formats={evil: {"name": evil, "uid": evil}},
        clips={evil: evil},
        environment={evil: evil},
        tools={evil: [evil]},
        required=(evil,),
        command=(evil,),
    )
    assert "<script" not in render(hostile, folder)


def test_frames_stand_side_by_side_and_each_picture_is_embedded_once(page: Page, run: Run, folder: Path) -> None:
    shown = {
        evidence.sha256: evidence for result in run.results for evidence in result.evidence if ".png" in evidence.path
    }
    del shown["0" * 64]  # the one that leads out of the folder
    embedded = {image["href"] for image in page.all("image")}
    assert embedded == {
        "data:image/png;base64," + base64.b64encode((folder / evidence.path).read_bytes()).decode()
        for evidence in shown.values()
    }
    labels = [svg["aria-label"] for svg in page.all("svg") if "aria-label" in svg]
    assert labels.count("first frame as sent") == labels.count("last frame as returned") == 1
    assert labels.count("middle frame as sent") == 2
    assert page.text.count("the same picture, pixel for pixel") == 1
    assert {image["width"] + "x" + image["height"] for image in page.all("image")} == {"16x9"}


def test_missing_evidence_is_shown_as_missing(page: Page) -> None:
    assert "evidence/never-written.bin: missing" in page.text
    assert "no picture was kept" in page.text
    assert "./evidence/never-written.bin" not in {link["href"] for link in page.all("a")}


def test_a_path_that_leaves_the_folder_is_never_opened(run: Run, folder: Path) -> None:
    outside = folder.parent / "outside.png"
    outside.write_bytes(b"\x89PNG\r\n\x1a\n" + b"secret" * 10)
    (folder / "evidence" / "link.png").symlink_to(outside)
    absolute = Evidence(str(outside), file_sha256(outside), "picture:sent:middle", "absolute")
    linked = Evidence("evidence/link.png", file_sha256(outside), "picture:sent:last", "linked")
    result = replace(run.results[0], evidence=(absolute, linked))
    source = render(replace(run, results=(*run.results, result)), folder)
    assert base64.b64encode(outside.read_bytes()).decode() not in source
    assert source.count("outside the run folder, not opened") >= 3


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"forged", "changed after the run, not shown"), (None, "missing")],
)
def test_a_picture_that_changed_is_not_shown(run: Run, folder: Path, content: bytes | None, message: str) -> None:
    first = next(one for result in run.results for one in result.evidence if one.role == "picture:sent:first")
    path = folder / first.path
    path.unlink() if content is None else path.write_bytes(content)
    assert message in Page(render(run, folder)).text


def test_what_is_no_picture_is_not_embedded(run: Run, folder: Path) -> None:
    path = folder / "evidence/page.png"
    path.write_bytes(b"<svg onload='x'/>")
    fake = Evidence("evidence/page.png", file_sha256(path), "picture:sent:first", "fake")
    source = render(replace(run, results=(replace(run.results[0], evidence=(fake,)),)), folder)
    assert "not a PNG picture" in source
    assert "onload" not in source


def test_an_interrupted_run_says_so(page: Page, run: Run, folder: Path) -> None:
    assert "not finished: the run was interrupted" in page.text
    closed = replace(run, finished="2026-11-22T10:05:00+00:00", conclusion="NOT_MET")
    assert "interrupted" not in Page(render(closed, folder)).text


def test_a_verdict_that_differs_from_the_recorded_one_is_pointed_out(run: Run, folder: Path) -> None:
    assert "The record was closed with MET" in render(replace(run, conclusion="MET"), folder)
    assert "The record was closed with" not in render(replace(run, conclusion="NOT MET"), folder)


def test_an_empty_run_makes_a_page(run: Run, folder: Path) -> None:
    empty = replace(run, results=(), planned=(), targets=(), checks=(), clips={}, formats={}, required=())
    assert "NOT SHOWN" in Page(render(empty, folder)).text


def test_tables_have_captions_and_scoped_headers(source: str, page: Page) -> None:
    assert source.count("<caption>") == len(page.all("table"))
    assert all("scope" in header for header in page.all("th"))


def test_every_outcome_is_told_by_word_and_sign(source: str) -> None:
    badges = re.findall(r'class="badge \w+"[^>]*><span aria-hidden="true">(.)</span>([A-Z ]+)', source)
    assert len({sign for sign, _ in badges}) == 8
    assert all(word.strip() for _, word in badges)


def test_every_field_and_every_cell_of_an_emulated_product_says_so(run: Run, folder: Path) -> None:
    mark, kind = '<span class="soft">EMULATED</span>', EvidenceClass.EMULATED
    measured = replace(
        run, results=tuple(replace(one, evidence_class=EvidenceClass.MEASURED) for one in run.results), targets=()
    )
    assert mark not in render(measured, folder)
    played = replace(
        run,
        results=tuple(replace(one, evidence_class=kind) for one in run.results),
        targets=tuple(replace(one, evidence_class=kind) for one in run.targets),
    )
    source = render(played, folder)
    fields = re.search(r'<table class="matrix">.*?</table>', source, re.DOTALL)
    assert fields is not None
    assert fields[0].count(mark) == fields[0].count('<a class="badge') > 0
    executed = sum(bool(one.attempts) for one in settle(played))
    heads = re.findall(r"<summary>.*?</summary>", source, re.DOTALL)
    assert len(heads) >= executed == sum(mark in head for head in heads)
