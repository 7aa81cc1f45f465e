"""The PDF files: what every page bears, what is inside, and that nothing is asked of the world.

WeasyPrint and Pango are needed here; where they are missing these tests fail, so that no build goes without a PDF.
"""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from importlib import metadata
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import DictionaryObject

from harness.core.results import Outcome
from harness.core.verification.completeness import BLOCKS, Missing
from harness.core.verification.dossier import Dossier, RunInfo
from harness.core.verification.report import Completeness, Report, compile_report
from harness.errors import EnvironmentProblem, UsageError
from harness.report.alike import said_once
from harness.report.verification import document
from harness.report.verification.printed import printed
from harness.report.verification.rendering import Rendering
from harness.report.verification.view import prepare
from tests.report.conftest import make_run

RECORD = b'{"schema":"invented"}'
DRAFT = "DRAFT - incomplete record"


def make_report(folder: Path, *lacking: Missing) -> Report:
    run = replace(make_run(folder), finished="2026-11-22T10:05:00+02:00")
    report = compile_report(run, Dossier(info=RunInfo(document_number="VER-17", revision="B")))
    standing = Completeness.DRAFT if lacking else Completeness.COMPLETE
    return replace(report, missing=lacking, completeness=standing)


@pytest.fixture(scope="module")
def rendering(tmp_path_factory: pytest.TempPathFactory) -> Rendering:
    folder = tmp_path_factory.mktemp("run")
    return Rendering(
        make_report(folder, Missing("18", "executed by", "", "IEC 62304 5.7.5 g", "--run-info")), folder, RECORD
    )


@pytest.fixture(scope="module")
def made(rendering: Rendering) -> document.Documents:
    return document.render(rendering)


@pytest.fixture(scope="module")
def archive(made: document.Documents) -> PdfReader:
    return PdfReader(BytesIO(made.archive))


@pytest.fixture(scope="module")
def texts(archive: PdfReader) -> list[str]:
    return [page.extract_text() for page in archive.pages]


def both(made: document.Documents) -> Iterator[PdfReader]:
    yield from (PdfReader(BytesIO(made.archive)), PdfReader(BytesIO(made.submission)))


def test_every_page_names_document_run_and_its_place(texts: list[str]) -> None:
    assert len(texts) > 3
    for number, text in enumerate(texts, start=1):
        assert "Document VER-17, revision B" in text
        assert "Run 20261122T100000Z-1f3a" in text
        assert f"Page {number} of {len(texts)}" in text


def test_a_draft_says_so_on_every_page(texts: list[str]) -> None:
    assert [DRAFT in text for text in texts] == [True] * len(texts)


def test_a_complete_report_is_no_draft(tmp_path: Path) -> None:
    reader = PdfReader(BytesIO(document.render(Rendering(make_report(tmp_path), tmp_path, RECORD)).archive))
    assert not [page for page in reader.pages if "DRAFT" in page.extract_text()]


def test_page_one_tells_a_manager_what_came_out(made: document.Documents, rendering: Rendering) -> None:
    for reader in both(made):
        first = reader.pages[0].extract_text()
        for told in (
            "Interoperability verification report",
            "NOT MET",
            "VER-17",
            rendering.record_sha256,
            "Orthanc",
            "1.12.7",
            "MEASURED",
            "SELF_TEST",
            "1 mandatory field NOT PROVIDED",
            "Fragmentable H.264 HP@4.1",
        ):
            assert told in first


def test_a_missing_number_is_not_provided(rendering: Rendering) -> None:
    bare = replace(rendering, report=replace(rendering.report, dossier=Dossier()))
    first = PdfReader(BytesIO(document.render(bare).archive)).pages[0].extract_text()
    assert first.count("NOT PROVIDED") == 3
    assert f"Report {rendering.report.uuid}" in first


def test_the_outline_leads_to_every_block_and_target(archive: PdfReader) -> None:
    titles = [one.title for one in archive.outline if not isinstance(one, list)]
    expected = [f"{block.number} {block.title}" for block in BLOCKS]
    assert [title for title in titles if title in expected] == expected
    inner = [one.title for part in archive.outline if isinstance(part, list) for one in part]
    assert inner.count("orthanc MEASURED") == 2


def test_contents_give_the_page_of_each_block(archive: PdfReader, texts: list[str]) -> None:
    contents = next(text for text in texts if "Contents" in text)
    for block in BLOCKS:
        page = re.search(rf"{re.escape(block.title)}[ .]*(\d+)", contents)
        assert page is not None
        assert f"{block.number} {block.title}" in re.sub(r"\s+", " ", texts[int(page[1]) - 1])


def test_the_report_ends_once_and_on_its_last_page(texts: list[str]) -> None:
    assert ["End of report VER-17" in text for text in texts] == [False] * (len(texts) - 1) + [True]


def test_the_archive_holds_the_record(made: document.Documents, archive: PdfReader) -> None:
    assert archive.attachments == {"report.json": [RECORD]}
    (file,) = (one.get_object() for one in archive.trailer["/Root"]["/AF"])
    assert file["/AFRelationship"] == "/Source"


def test_the_submission_holds_no_file_and_no_field(made: document.Documents) -> None:
    root = PdfReader(BytesIO(made.submission)).trailer["/Root"]
    assert "/AF" not in root
    assert "/AcroForm" not in root
    assert "/EmbeddedFiles" not in root.get("/Names", {})
    assert b"EmbeddedFile" not in made.submission


def test_both_are_the_same_pages(made: document.Documents) -> None:
    one, other = both(made)
    assert [page.get_contents().get_data() for page in one.pages] == [
        page.get_contents().get_data() for page in other.pages
    ]


def test_each_asks_for_its_profile(made: document.Documents) -> None:
    for reader, part in zip(both(made), "32", strict=True):
        described = reader.trailer["/Root"]["/Metadata"].get_data().decode()
        assert f'part="{part}"' in described
        assert 'conformance="B"' in described


def test_our_own_templates_leave_the_layout_engine_nothing_to_complain_of(
    rendering: Rendering, caplog: pytest.LogCaptureFixture
) -> None:
    run = rendering.report.run
    times = {"kind": "Cost", "store_seconds": 0.1, "fetch_seconds": 0.2}
    payload = {"kind": "Payload", "length": 2**20}
    seen = {"kind": "SizeSeen", "cost": times, "seen": {"kind": "PayloadSeen", "sent": payload, "returned": payload}}
    results = tuple(replace(one, observation=seen) for one in run.results)
    report = compile_report(replace(run, results=results), rendering.report.dossier)
    view = prepare(replace(rendering, report=report), document.PAPER)
    assert view.plots
    document.render(replace(rendering, report=report))
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []


def test_nothing_in_them_acts(made: document.Documents) -> None:
    for reader in both(made):
        root = reader.trailer["/Root"]
        assert not {"/OpenAction", "/AA"} & root.keys()
        assert "/JavaScript" not in root.get("/Names", {})
        actions = [note.get_object() for page in reader.pages for note in page.get("/Annots", ())]
        assert not [note for note in actions if "/A" in note or "/AA" in note]


def test_every_font_is_embedded(archive: PdfReader) -> None:
    fonts: dict[str, DictionaryObject] = {}
    for page in archive.pages:
        fonts |= {name: font.get_object() for name, font in page["/Resources"]["/Font"].items()}
    assert fonts
    for font in fonts.values():
        (inner,) = font["/DescendantFonts"]
        assert {"/FontFile2", "/FontFile3"} & inner.get_object()["/FontDescriptor"].keys()


def test_people_find_empty_fields_to_sign(archive: PdfReader) -> None:
    fields = [one.get_object() for one in archive.trailer["/Root"]["/AcroForm"]["/Fields"]]
    assert [field["/T"] for field in fields] == ["executed_by", "reviewed_by", "approved_by", document.SEAL_FIELD]
    assert not [field for field in fields if "/V" in field]
    for field in fields[:3]:
        left, bottom, right, top = field["/Rect"]
        assert right - left > 150
        assert top - bottom > 50


def test_dates_are_those_of_the_run(made: document.Documents) -> None:
    for reader in both(made):
        assert reader.metadata is not None
        assert reader.metadata["/CreationDate"] == reader.metadata["/ModDate"] == "D:20261122080500Z"


def test_hostile_text_is_printed_as_text(texts: list[str]) -> None:
    whole = "".join(texts)
    assert "<script>alert('pacs')</script>" in whole
    assert "\\x1b[31m" in whole
    assert "\x1b" not in whole


def test_what_no_font_can_show_is_printed_as_its_number(tmp_path: Path) -> None:
    report = make_report(tmp_path)
    private = "\U000f1234"
    report = replace(report, dossier=Dossier(info=RunInfo(scope=f"before {private} after, größer")))
    reader = PdfReader(BytesIO(document.render(Rendering(report, tmp_path, RECORD)).archive))
    whole = "".join(page.extract_text() for page in reader.pages)
    assert "before \\U000f1234 after, größer" in whole


SCRIPT = """
import sys
from pathlib import Path
from harness.report.verification import document
from harness.report.verification.rendering import Rendering
from harness.core.verification.completeness import Missing
from tests.report.test_document import RECORD, make_report
folder = Path(sys.argv[1])
report = make_report(folder, Missing("18", "executed by", "", "IEC 62304 5.7.5 g", "--run-info"))
made = document.render(Rendering(report, folder, RECORD))
(folder / "archive").write_bytes(made.archive)
(folder / "submission").write_bytes(made.submission)
"""


def test_another_process_zone_and_language_give_the_same_bytes(made: document.Documents, tmp_path: Path) -> None:
    environment = os.environ | {"TZ": "Asia/Tokyo", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", SCRIPT, str(tmp_path)], env=environment, check=True)
    assert (tmp_path / "archive").read_bytes() == made.archive
    assert (tmp_path / "submission").read_bytes() == made.submission


@pytest.mark.parametrize(
    "asked",
    [
        '<img src="https://example.org/logo.png">',
        '<img src="logo.png">',
        '<link rel="stylesheet" href="file:///etc/passwd">',
        "<style>@font-face { font-family: x; src: url(x.ttf) } p { font-family: x } @import 'more.css';</style>",
        '<link rel="attachment" href="file:///etc/passwd">',
        '<p style="background: url(//example.org/a.png)">x',
    ],
)
def test_a_template_that_needs_more_than_itself_is_refused(rendering: Rendering, tmp_path: Path, asked: str) -> None:
    (tmp_path / "document.html").write_text(f"<html><head><title>x</title></head><body><p>x</p>{asked}</body></html>")
    with pytest.raises(UsageError, match=r"asks for '.*'; nothing is fetched"):
        document.render(replace(rendering, templates=tmp_path))


def test_links_that_leave_the_document_are_dropped(rendering: Rendering, tmp_path: Path) -> None:
    page = '<p id="here"><a href="https://example.org">x</a><a href="./evidence">y</a><a href="#here">z</a>'
    (tmp_path / "document.html").write_text(page)
    reader = PdfReader(BytesIO(document.render(replace(rendering, templates=tmp_path)).archive))
    (link,) = (one.get_object() for one in reader.pages[0]["/Annots"])
    assert link["/Dest"] == "here"


def test_a_machine_without_weasyprint_is_told_what_to_install(
    rendering: Rendering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "harness.report.verification.pdf")
    monkeypatch.delattr("harness.report.verification.pdf")
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(EnvironmentProblem, match=r"pytest-pacs\[pdf\].*Pango"):
        document.render(rendering)


def test_the_layout_engine_is_the_one_that_was_looked_at() -> None:
    (wanted,) = {one.partition(";")[0].strip() for one in metadata.requires("pytest-pacs") or () if "weasyprint" in one}
    assert wanted == f"weasyprint=={metadata.version('weasyprint')}"


def test_more_targets_than_fit_upright_turn_the_matrix(rendering: Rendering) -> None:
    run = rendering.report.run
    targets = tuple(replace(run.targets[0], id=f"target-{number}") for number in range(11))
    results = tuple(
        replace(one, cell=replace(one.cell, target=target.id)) for target in targets for one in run.results[:6]
    )
    wide = replace(run, targets=targets, results=results, planned=tuple(one.cell.id for one in results))
    report = replace(compile_report(wide, Dossier()), missing=())
    reader = PdfReader(BytesIO(document.render(replace(rendering, report=report)).archive))
    sideways = [page for page in reader.pages if page.mediabox.width > page.mediabox.height]
    assert len(sideways) == 1
    told = sideways[0].extract_text()
    assert [number for number in range(11) if f"target-{number}" in told] == list(range(11))


def test_cells_that_came_to_the_same_take_one_line(rendering: Rendering) -> None:
    run = rendering.report.run
    told = {"a": "585,244 bytes came back in 0.1 s", "b": "1,001,484 bytes came back in 0.3 s", "c": "other words"}
    results = tuple(
        replace(one, reason=reason, outcome=outcome, cell=replace(one.cell, format=name, variant="v"), evidence=())
        for one in run.results[1:2]
        for outcome in (Outcome.PASS, Outcome.FAIL)
        for name, reason in ((f"{name}{outcome}", reason) for name, reason in told.items())
    )
    whole = replace(run, results=results, planned=())
    view = prepare(replace(rendering, report=compile_report(whole, Dossier())), document.PAPER)
    (asked,) = printed(view).tested[0].checks
    passed = [line for line in asked.lines if line.outcome is Outcome.PASS]
    assert [(line.count, line.reason) for line in passed] == [
        (2, "585,244 to 1,001,484 bytes came back in 0.1 to 0.3 s"),
        (1, "other words"),
    ]
    assert passed[0].where == "aPASS, bPASS (v)"
    assert len([line for line in asked.lines if line.outcome is Outcome.FAIL]) == 3


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        (["stored"], "stored"),
        (["took 3 s", "took 3 s"], "took 3 s"),
        (["took 10 s", "took 9.5 s"], "took 9.5 to 10 s"),
        (["(19.2 MiB/s),", "(96.4 MiB/s),"], "(19.2 to 96.4 MiB/s),"),
        (["answered with 400", "answered with 501"], "answered with 400 or 501"),
        (["asked 1.2.3 now", "asked 1.2.4 now"], "asked 1.2.3 or 1.2.4 now"),
        (["status 0x0000", "status 0xa700", "status 0xb000"], "status 0x0000 or 0xa700 or 1 more"),
    ],
)
def test_sentences_that_differ_in_numbers_are_said_once(sentences: list[str], said: str) -> None:
    assert said_once(sentences) == said
