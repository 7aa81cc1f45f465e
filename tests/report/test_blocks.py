"""Every block of a report stands in its place on screen and on paper, and says what it lacks."""

import html
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from urllib.parse import unquote

import pytest
from pypdf import PdfReader

from harness.core.verification.completeness import BLOCKS, MANDATORY, Missing
from harness.core.verification.dossier import Dossier, Person, RunInfo
from harness.core.verification.report import Completeness, compile_report
from harness.core.verification.texts import LIMITS, OUTCOMES, RULE, SCOPE, SIGNATURES, VERDICTS
from harness.errors import DataFileError
from harness.report.verification import document, page
from harness.report.verification.rendering import Rendering
from tests.report.conftest import make_run
from tests.report.large import make_large
from tests.report.test_html import Page

TEMPLATES = Path(page.__file__).parents[1] / "templates"

#: Words that a report must not say of a product (what it says that it is not stands in SCOPE).
FORBIDDEN = re.compile(r"certif|validated|complian|guarantee|diagnostic quality", re.IGNORECASE)


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)


def without_tags(markup: str) -> str:
    return flat(html.unescape(re.sub(r"<[^>]*>", " ", markup)))


@pytest.fixture(scope="module")
def rendering(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    """A report in which every mandatory field is missing, of two things each."""
    folder = tmp_path_factory.mktemp("run")
    report = compile_report(make_run(folder), Dossier(info=RunInfo(executed_by=Person("T. Ester", "tester"))))
    lacking = tuple(
        Missing(row.block, row.field, subject, row.clause, row.supply)
        for row in MANDATORY
        for subject in ("one thing", "another thing")
    )
    return Rendering(replace(report, missing=lacking, completeness=Completeness.DRAFT), folder, b"{}")


@pytest.fixture(scope="module")
def on_screen(rendering: Rendering) -> str:
    return page.render(rendering).decode()


@pytest.fixture(scope="module")
def on_paper(rendering: Rendering) -> str:
    made = PdfReader(BytesIO(document.render(rendering).archive))
    return flat(" ".join(one.extract_text() for one in made.pages))


def test_every_block_stands_in_its_order(on_screen: str) -> None:
    titles = re.findall(r'<h2 id="block-[^"]+"><span class="n">([^<]+)</span> ([^<]+)</h2>', on_screen)
    assert titles == [(block.number, block.title) for block in BLOCKS]


def test_every_missing_field_is_not_provided_in_its_block_with_its_clause(on_screen: str, on_paper: str) -> None:
    parts = re.split(r'<h2 id="block-([^"]+)">', on_screen)
    blocks = dict(zip(parts[1::2], map(without_tags, parts[2::2]), strict=True))
    for row in MANDATORY:
        told = f"{row.field}: one thing, another thing NOT PROVIDED required by {row.clause}".replace(" ", "")
        assert told in blocks[row.block].replace(" ", ""), row
        assert told in on_paper.replace(" ", ""), row


def test_what_every_report_says_is_said_in_both(on_screen: str, on_paper: str) -> None:
    text, paper = flat(Page(on_screen).text).replace(" ", ""), on_paper.replace(" ", "")
    for line in (*SCOPE, *LIMITS, *RULE, *(meaning for _, meaning in OUTCOMES)):
        assert line.replace(" ", "") in text
        assert line.replace(" ", "") in paper


def test_people_approve_and_the_harness_never_does(rendering: Rendering, on_screen: str) -> None:
    """Also where it knows who ran it, the block to sign has no name in it."""
    block = on_screen.partition('<h2 id="block-19">')[2].partition("</section>")[0]
    for role, meaning in SIGNATURES:
        assert role in block
        assert meaning in block
    assert "T. Ester" not in block
    cells = re.findall(r"<td[^>]*>(.*?)</td>", block, re.DOTALL)
    assert [cell for cell in cells if cell] == [meaning for _, meaning in SIGNATURES]
    assert cells.count("") == 4 * len(SIGNATURES)
    archive = PdfReader(BytesIO(document.render(rendering).archive))
    assert not [one for one in (archive.get_fields() or {}).values() if one.get("/V")]


def test_no_word_says_more_than_a_report_may() -> None:
    """Of all words that are the same in every report: those of the templates, and the texts of the core."""
    said = {path.name: path.read_text() for path in TEMPLATES.rglob("*.html") if path.name != "compatibility.html"}
    said |= {"texts": " ".join((*LIMITS, *RULE, *(meaning for _, meaning in (*VERDICTS, *OUTCOMES, *SIGNATURES))))}
    found = {name: FORBIDDEN.findall(re.sub(r"\{[{#%].*?[}#%]\}", "", text)) for name, text in said.items()}
    assert {name: words for name, words in found.items() if words} == {}


def test_every_link_to_a_file_leads_to_one(on_screen: str, rendering: Rendering) -> None:
    links = {link["href"] for link in Page(on_screen).all("a") if link["href"].startswith("./")}
    assert links
    for link in links:
        assert (rendering.folder / unquote(link)).is_file(), link


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    """Sixteen formats on eight targets, with sizes, times and distances to draw."""
    folder = tmp_path_factory.mktemp("large")
    return Rendering(compile_report(make_large(folder, 2000), Dossier()), folder)


def test_drawings_show_the_numbers_that_stand_below_them(large: Rendering) -> None:
    source = page.render(large).decode()
    for title in ("Size against time: target-0", "Largest video that came back unchanged", "PSNR in dB", "SSIM"):
        assert re.search(rf'<svg class="plot" role="img"[^>]*><title>{title}', source), title
        assert re.search(rf"<caption>{title}[^<]*: the numbers</caption>", source), title


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("report.html", "{{ view.nothing }}", "line 1: .*nothing"),
        ("report.html", "\n\n{% if %}", "line 3: "),
        ("report.html", '{% include "absent.html" %}', "there is no template absent.html"),
        ("report.html", "{{ ''.__class__.__mro__ }}", "line 1: .*unsafe"),
        ("blocks/9_results.html", "\n{{ 1 / 0 }}", "line 2: division by zero"),
        ("parts.html", "{% macro badge(name) %}{% endmacro %}", "no attribute 'link'; leave out what was changed"),
    ],
)
def test_a_template_that_cannot_be_used_is_told_by_file_and_line(
    rendering: Rendering, tmp_path: Path, name: str, text: str, told: str
) -> None:
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    with pytest.raises(DataFileError, match=told) as problem:
        page.render(replace(rendering, templates=tmp_path))
    assert str(tmp_path) in str(problem.value)


def test_a_template_of_ones_own_comes_before_ours(rendering: Rendering, tmp_path: Path) -> None:
    (tmp_path / "blocks").mkdir()
    (tmp_path / "blocks/23_limits.html").write_text("<p>Limits of {{ view.report.uuid }}, by us.</p>")
    source = page.render(replace(rendering, templates=tmp_path)).decode()
    assert f"<p>Limits of {rendering.report.uuid}, by us.</p>" in source
    assert LIMITS[0] not in source
