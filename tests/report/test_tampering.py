"""What is changed in a bundle is found and named, also where the hashes were made again.

What no hash outside of the bundle protects, and what follows from nothing else in it, can be changed by somebody who
changes it everywhere: :data:`ONLY_A_SEAL` lists such fields, and a test holds that list to be true.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from io import BytesIO
from pathlib import Path

import pytest
import rfc8785
from pyhanko.pdf_utils.generic import StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from harness.core.plain import Misfit, from_plain
from harness.core.verification.dossier import Dossier
from harness.core.verification.report import Report
from harness.errors import EnvironmentProblem, RecordError
from harness.plugin.given import read_again, read_given
from harness.report.manifest import write_manifest
from harness.report.record import read_run
from harness.report.verification import bundle as bundle_module
from harness.report.verification import document
from harness.report.verification.bundle import write_bundle
from harness.report.verification.findings import Findings
from harness.report.verification.rendering import Rendering
from harness.report.verification.seal import SealKey, seal_views
from harness.report.verification.verify import verify
from harness.report.verification.views import VIEWS
from tests.report.authorities import Authority
from tests.report.dossiers import options
from tests.report.tampering import Steps, changed, flip, kind, leaves, rewrite, shown

#: A PACS that does one thing wrong, so that the report has anomalies.
MISBEHAVES = """
from functools import partial

from harness.targets import factory

factory.EmbeddedTarget = partial(factory.EmbeddedTarget, mutant="flips-one-byte")
"""

CHOSEN = "control_is or echo_is or is_acknowledged or query_finds or get_returns_the_same or every_frame"

#: Fields of a run that follow from nothing else: who makes the bundle anew from a changed run changes them unseen.
ONLY_A_SEAL: tuple[Steps, ...] = (
    ("started",),
    ("environment", "system"),
    ("tools", "python"),
    ("command", 0),
    ("targets", 0, "address"),
    ("clips", "mpeg2_ml", "sha256"),
    ("results", 0, "seconds"),
    ("results", 0, "started"),
    ("results", 0, "observation", "exchange", "seconds"),
)

#: Fields of a run that follow from others: changed alone, they are found whatever is made anew.
FOLLOWING: tuple[Steps, ...] = (
    ("protocol", "version"),
    ("protocol", "rule", 0),
    ("requirements", 0, "text"),
    ("checks", 0, "level"),
    ("conclusion",),
    ("results", 0, "outcome"),
    ("results", 0, "reason"),
    ("results", 0, "evidence_class"),
    ("results", 0, "cell", "check"),
    ("results", 0, "observation", "kind"),
    ("results", 0, "observation", "exchange", "contexts", 0, "result"),
    ("targets", 0, "evidence_class"),
    ("targets", 0, "evidence", 0, "sha256"),
    ("targets", 0, "evidence", 0, "path"),
)


def look(folder: Path, trust: Path | None = None) -> Findings:
    return verify(folder, read_again, trust)


@pytest.fixture(scope="module")
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the embedded PACS, made the way users make one."""
    root = tmp_path_factory.mktemp("run")
    (root / "conftest.py").write_text(MISBEHAVES)
    words = ["--pyargs", "harness.checks", "--pacs=embedded", "--pacs-format=mpeg2_ml", "-q", "-p", "no:cacheprovider"]
    subprocess.run([sys.executable, "-m", "pytest", *words, "-k", CHOSEN], cwd=root, capture_output=True, check=False)
    (folder,) = (root / "reports").iterdir()
    return folder


@pytest.fixture(scope="module")
def made(run_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes the bundle of a run with everything that people can give."""
    inputs = tmp_path_factory.mktemp("inputs")
    given = read_given(options(inputs, run_folder), inputs)

    def make(run: Path, into: Path, **more: object) -> Path:
        return write_bundle(run, given.of(read_run(run)), into, inputs=given.files, **more).folder

    return make


@pytest.fixture(scope="module")
def whole(made: Callable[..., Path], run_folder: Path) -> Path:
    return made(run_folder, run_folder.parent / "bundles")


@pytest.fixture
def bundle(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / whole.name))


def test_an_untouched_bundle_holds_wherever_it_lies(bundle: Path) -> None:
    found = look(bundle)
    assert (found.differences, found.undecided) == ([], [])


def test_every_byte_of_every_file_counts(bundle: Path) -> None:
    """One bit at the beginning, in the middle and at the end of each file, the manifest too."""
    files = sorted(path for path in bundle.rglob("*") if path.is_file())
    assert len(files) > 10
    for path in files:
        data, name = path.read_bytes(), str(path.relative_to(bundle))
        for at in {0, len(data) // 2, len(data) - 1}:
            flip(path, at)
            found = look(bundle).differences
            assert found, (name, at)
            assert name in found[0] or path.name == "manifest.sha256", (name, found[0])
        path.write_bytes(data)


def test_a_file_that_is_gone_or_new_is_named(bundle: Path) -> None:
    (bundle / "report.html").unlink()
    (bundle / "evidence/new.txt").write_text("")
    assert look(bundle).differences[:2] == ["report.html: missing", "evidence/new.txt: not listed"]


def test_a_field_that_was_changed_is_named_although_the_hashes_were_made_again(bundle: Path) -> None:
    value = json.loads((bundle / "report.json").read_bytes())
    fields = list({kind(steps): steps for steps in leaves(value)}.values())
    blocks = [steps for steps in fields if steps[0] != "run"]
    # Every field of the report, and every fifth of the record, of which there are many alike.
    chosen = blocks + [steps for steps in fields if steps[0] == "run"][::5]
    assert len(chosen) >= 120
    assert {steps[0] for steps in chosen} == set(value)
    unnamed = []
    for steps in chosen:
        (bundle / "report.json").write_bytes(rfc8785.dumps(changed(value, steps)))
        write_manifest(bundle)
        found = look(bundle)
        told = [*found.undecided, *found.differences]
        # Which version made the report follows from nothing, and only the statement tells that it was another.
        place = "report.json" if steps == ("harness",) else shown(steps)
        # A file that was given is told by its own name.
        place = "inputs/" if steps[:2] == ("dossier", "sources") else place
        if not found.differences or place not in told[0]:
            unnamed.append((place, told[:1]))
    assert unnamed == []


def test_what_the_report_says_is_named_although_every_view_was_made_again(bundle: Path) -> None:
    """Verdict, counts and all else that follows: the views of the forged report show it, and the record does not."""
    value = json.loads((bundle / "report.json").read_bytes())
    given = ("run", "dossier", "schema", "harness")
    chosen = {kind(steps): steps for steps in leaves(value) if steps[0] not in given}
    assert len(chosen) > 40
    # The page takes its time, so only some of these forgeries are whole.
    for number, steps in enumerate(chosen.values()):
        (bundle / "report.json").write_bytes(rfc8785.dumps(changed(value, steps)))
        with suppress(Misfit):
            forged = Rendering(from_plain(Report, changed(value, steps)), bundle, (bundle / "report.json").read_bytes())
            for name in list(VIEWS)[: None if number % 8 == 0 else 1]:
                (bundle / name).write_bytes(VIEWS[name](forged))
        write_manifest(bundle)
        assert shown(steps) in look(bundle).differences[0]


@pytest.fixture
def forge(made: Callable[..., Path], run_folder: Path, tmp_path: Path) -> Callable[[Steps], Path]:
    """Makes a bundle of a run that was changed: whatever follows from the changed record was worked out from it."""

    def make(steps: Steps) -> Path:
        forged = Path(shutil.copytree(run_folder, tmp_path / "run"))
        rewrite(forged, "run.json", steps)
        return made(forged, tmp_path / "out", pdf=False)

    return make


@pytest.mark.parametrize("steps", FOLLOWING, ids=shown)
def test_what_follows_from_what_was_seen_is_found_although_all_was_made_anew(forge, steps) -> None:
    assert look(forge(steps)).differences


@pytest.mark.parametrize("steps", ONLY_A_SEAL, ids=shown)
def test_what_follows_from_nothing_needs_a_seal(forge, tmp_path, steps) -> None:
    forged = forge(steps)
    found = look(forged)
    assert found.differences == []
    assert any("no seal" in note for note in found.notes)
    trusted = Authority(tmp_path, "ours").trust
    assert "manifest.sha256.p7s: missing" in look(forged, trusted).differences[0]


def test_a_sealed_bundle_holds_and_one_by_another_key_does_not(made, run_folder: Path, tmp_path: Path) -> None:
    ours, theirs = Authority(tmp_path, "ours"), Authority(tmp_path, "theirs")
    sealed = made(run_folder, tmp_path / "out", key=SealKey(ours.key))
    found = look(sealed, ours.trust)
    assert found.differences == []
    assert any("Sealer ours" in note for note in found.notes)
    assert "does not lead to an authority that is trusted here" in look(sealed, theirs.trust).differences[0]
    files = sorted(path for path in sealed.iterdir() if path.suffix in (".pdf", ".p7s", ".json", ".sha256"))
    assert len(files) == 9
    for path in files:
        data = path.read_bytes()
        flip(path, len(data) // 2)
        assert look(sealed, ours.trust).differences, path
        path.write_bytes(data)


RECORDS = ("report.json", "run.json", "statement.intoto.json", "manifest.sha256")
STRANGE = (b"", b"[1]", b"\xff\xfe", b"[" * 100_000, b'{"schema": NaN}', b"<!DOCTYPE a><a/>")


@pytest.mark.parametrize("name", [*RECORDS, "junit.xml"])
@pytest.mark.parametrize("data", STRANGE)
def test_strange_content_is_told_in_one_line(bundle: Path, name: str, data: bytes) -> None:
    (bundle / name).write_bytes(data)
    if name != "manifest.sha256":
        write_manifest(bundle)
    found = look(bundle).differences
    assert name in found[0]
    assert "\n" not in found[0]


def test_evidence_that_nothing_names_is_told(bundle: Path) -> None:
    """A cell that broke may leave some, so that it is no forgery yet."""
    (bundle / "evidence/new.txt").write_text("")
    write_manifest(bundle)
    found = look(bundle)
    assert found.differences == []
    assert "files of evidence that nothing in the record names: 1, such as evidence/new.txt" in found.notes


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_that_is_gone_is_told(bundle: Path, name: str) -> None:
    (bundle / name).unlink()
    if name != "manifest.sha256":
        write_manifest(bundle)
    assert name in look(bundle).differences[0]


def test_test_cases_that_are_gone_are_told(bundle: Path) -> None:
    """A run may have none, where its user had them written elsewhere."""
    (bundle / "junit.xml").unlink()
    write_manifest(bundle)
    found = look(bundle)
    assert found.differences == []
    assert "there is no junit.xml" in found.notes


def test_other_fonts_lay_a_pdf_out_otherwise_and_are_no_forgery(bundle: Path, monkeypatch) -> None:
    made = document.Documents(b"%PDF-1.7 other fonts", b"%PDF-1.7 other fonts")
    monkeypatch.setattr(document, "render", lambda rendering: made)
    found = look(bundle)
    assert found.differences == []
    assert [told.partition(": its pages were not compared")[0] for told in found.undecided] == [
        "report.pdf",
        "report-submission.pdf",
    ]


def test_a_pdf_of_another_report_is_found_also_where_none_can_be_made(bundle: Path, run_folder, tmp_path, monkeypatch):
    other = write_bundle(run_folder, Dossier(), tmp_path / "other").folder

    def none(rendering: Rendering) -> document.Documents:
        raise EnvironmentProblem("no WeasyPrint here")

    monkeypatch.setattr(document, "render", none)
    for name in ("report.pdf", "report-submission.pdf"):
        shutil.copyfile(other / name, bundle / name)
    write_manifest(bundle)
    assert look(bundle).differences == [
        "report.pdf: does not hold this report.json",
        "report.pdf: does not name the hash of this report.json",
        "report-submission.pdf: does not name the hash of this report.json",
    ]


def blank_page_one(paper: Path) -> None:
    """Add a revision in which the first page is empty: what was made is still there, and nobody sees it."""
    output = IncrementalPdfFileWriter(BytesIO(paper.read_bytes()))
    page = output.root["/Pages"]["/Kids"][0]
    page["/Contents"] = output.add_object(StreamObject(stream_data=b""))
    output.update_container(page)
    with paper.open("wb") as file:
        output.write(file)


@pytest.mark.parametrize("name", ["report.pdf", "report-submission.pdf"])
def test_a_pdf_to_which_something_was_added_is_not_what_was_made(bundle: Path, name: str) -> None:
    blank_page_one(bundle / name)
    write_manifest(bundle)
    (told,) = look(bundle).differences
    assert told == f"{name}: something was added behind what was made, as signatures are; who signs it signs a copy"


def test_what_is_added_beside_the_seal_is_found_although_its_own_key_sealed_it(
    made, run_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = Authority(tmp_path, "ours")
    seal = seal_views

    def forging(folder: Path, key: SealKey) -> None:
        blank_page_one(folder / "report.pdf")
        seal(folder, key)

    monkeypatch.setattr(bundle_module, "seal_views", forging)
    sealed = made(run_folder, tmp_path / "out", key=SealKey(ours.key))
    (told,) = look(sealed, ours.trust).differences
    assert told == "report.pdf: more was added behind what was made than a seal: its pages may show anything"


def test_a_pdf_that_is_gone_is_told_and_one_that_was_never_made_is_not_missed(
    bundle: Path, made, run_folder: Path, tmp_path: Path
) -> None:
    papers = [bundle / name for name in ("report.pdf", "report-submission.pdf")]
    content = [paper.read_bytes() for paper in papers]
    for paper in papers:
        paper.unlink()
    write_manifest(bundle)
    assert look(bundle).differences == ["report.pdf: missing", "report-submission.pdf: missing"]
    without = made(run_folder, tmp_path / "out", pdf=False)
    assert look(without).differences == []
    (without / "report.pdf").write_bytes(content[0])
    write_manifest(without)
    assert look(without).differences == ["report.pdf: statement.intoto.json says that none was made"]


ONLY_IN_BUNDLES = ("report.json", "statement.intoto.json", "trace.csv", "trace.reqif", "report.pdf")


def test_a_bundle_without_its_record_does_not_pass_for_a_run(bundle: Path) -> None:
    """As long as one file of a bundle is left, it is held to be one."""
    for name in ONLY_IN_BUNDLES:
        (bundle / name).unlink()
        write_manifest(bundle)
        assert any(one.startswith("report.json: ") for one in look(bundle).differences), name


@pytest.fixture
def plain_run(run_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(run_folder, tmp_path / "run"))


def test_a_pdf_that_was_changed_in_its_made_part_is_not_passed_over(bundle: Path) -> None:
    """Other fonts make other bytes too, so that nothing can be told, and nothing is."""
    paper = bundle / "report.pdf"
    blank_page_one(paper)
    flip(paper, paper.read_bytes().index(b"%PDF") + 9)
    write_manifest(bundle)
    found = look(bundle)
    assert any(one.startswith("report.pdf: ") for one in (*found.differences, *found.undecided))


def test_what_a_run_folder_shows_is_made_again(plain_run: Path) -> None:
    found = look(plain_run)
    assert (found.differences, found.undecided) == ([], [])
    assert {"matrix.txt", "report.html"} <= set(found.checked)
    assert not [note for note in found.notes if "not made again" in note]
    for name in ("matrix.txt", "report.html"):
        path = plain_run / name
        path.write_text(path.read_text().replace("FAIL", "PASS"))
    write_manifest(plain_run)
    # Others may have made them anew, by templates of their own or by another version.
    told = [one.partition(";")[0] for one in look(plain_run).undecided]
    assert told == [f"{name}: not what is made from run.json" for name in ("matrix.txt", "report.html")]


def test_a_record_from_which_nothing_can_be_worked_out_is_told_in_one_line(
    plain_run: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(run: object, dossier: object) -> None:
        raise ZeroDivisionError("rate")

    monkeypatch.setattr("harness.report.verification.verify_report.compile_report", fail)
    for folder in (plain_run, bundle):
        assert look(folder).differences == ["no report can be worked out from run and dossier: ZeroDivisionError: rate"]


def test_what_a_run_folder_does_not_show_is_not_missed(plain_run: Path) -> None:
    for name in ("matrix.txt", "report.html"):
        (plain_run / name).unlink()
    write_manifest(plain_run)
    found = look(plain_run)
    assert (found.differences, found.undecided) == ([], [])


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordError, match=r"holds neither run\.json nor report\.json"):
        look(tmp_path)


def test_what_another_version_made_is_not_called_forged(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its rules may be others: what differs cannot be told from a correction, and the views are not made again."""
    monkeypatch.setattr("harness.report.verification.verify_report.__version__", "9.0.0")
    monkeypatch.setattr("harness.report.verification.verify.__version__", "9.0.0")
    monkeypatch.setattr("harness.core.verification.report.__version__", "9.0.0")
    found = look(bundle)
    assert (found.differences, found.undecided) == ([], [])
    assert any("made by version 0.1.0" in note and "views were not made again" in note for note in found.notes)


def test_a_record_of_another_schema_is_not_told_and_its_change_is(bundle: Path) -> None:
    rewrite(bundle, "run.json", ("schema",))
    found = look(bundle)
    assert "schema is 'pytest-pacs/run/2x'" in found.undecided[0]
    assert found.differences == ["statement.intoto.json: does not speak of this run.json"]
