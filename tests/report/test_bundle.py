"""A bundle is whole or not there, is the same every time, and is made from a run as it was left."""

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from harness.core.endpoint import EvidenceClass
from harness.core.plain import plain
from harness.core.results import Run
from harness.core.verification.dossier import Dossier, RunInfo, Source
from harness.errors import RecordError, UsageError
from harness.report.manifest import manifest_problems
from harness.report.record import RecordWriter, read_run
from harness.report.verification.bundle import bundle_name, write_bundle
from harness.report.verification.record import read_report
from harness.report.verification.verify_pdf import PDFS
from harness.report.verification.views import VIEWS

#: PDF files take their time; that they are there is for the first test, and what they hold for those of the document.
write_quickly = partial(write_bundle, pdf=False)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture
def given(tmp_path: Path) -> tuple[Dossier, Path]:
    """A dossier with the file it was read from."""
    path = tmp_path / "run-info.toml"
    path.write_text("document_number = 'DOC-7'")
    source = Source("run-info", path.name, hashlib.sha256(path.read_bytes()).hexdigest())
    return Dossier(info=RunInfo(document_number="DOC-7"), sources=(source,)), path


def test_a_bundle_holds_record_views_evidence_and_inputs(recorded: Path, tmp_path: Path, given) -> None:
    dossier, path = given
    made = write_bundle(recorded, dossier, tmp_path / "out", inputs=[path])
    assert made.folder.name == "verification-orthanc-20261122T100000Z-1f3a"
    found = files(made.folder)
    assert {"run.json", "report.json", "inputs/run-info/run-info.toml", "manifest.sha256", *VIEWS, *PDFS} <= set(found)
    assert {name for name in found if name.startswith("evidence/")} == {
        name for name in files(recorded) if name.startswith("evidence/")
    }
    assert manifest_problems(made.folder) == ()
    assert made.manifest_sha256 == hashlib.sha256(found["manifest.sha256"]).hexdigest()
    assert [path.name for path in (tmp_path / "out").iterdir()] == [made.folder.name]


def test_the_same_run_makes_the_same_bytes_in_another_process_zone_and_language(recorded: Path, tmp_path: Path) -> None:
    made = write_bundle(recorded, Dossier(), tmp_path / "one")
    code = f"from harness.plugin.command import main; main(['bundle', {str(recorded)!r}, '--into', 'other'])"
    elsewhere = os.environ | {"TZ": "Asia/Tokyo", "LANG": "C", "LC_ALL": "C", "PYTHONHASHSEED": "7"}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=elsewhere, check=True, capture_output=True)
    assert files(made.folder) == files(tmp_path / "other" / made.folder.name)


def test_the_record_is_canonical_and_comes_back(recorded: Path, tmp_path: Path, given) -> None:
    dossier, path = given
    made = write_quickly(recorded, dossier, tmp_path / "out", inputs=[path])
    record = read_report(made.folder)
    assert record.is_canonical
    assert record.dossier == dossier
    assert record.value == plain(made.report)


def test_the_statement_names_records_and_images_by_their_hashes(recorded: Path, tmp_path: Path) -> None:
    made = write_quickly(recorded, Dossier(), tmp_path / "out")
    statement = json.loads((made.folder / "statement.intoto.json").read_bytes())
    subjects = {one["name"]: one["digest"]["sha256"] for one in statement["subject"]}
    assert subjects == {
        **{name: hashlib.sha256((made.folder / name).read_bytes()).hexdigest() for name in ("report.json", "run.json")},
        f"orthanc image {'ab' * 6}": "ab" * 32,
    }
    predicate = statement["predicate"]
    assert predicate["verdict"] == "NOT MET"
    orthanc = next(one for one in predicate["counts"] if one["target"] == "orthanc")
    assert (orthanc["PASS"], orthanc["FAIL"], orthanc["evidenceClass"]) == (6, 2, "MEASURED")


def test_a_run_that_was_changed_is_refused_by_the_first_problem(recorded: Path, tmp_path: Path) -> None:
    (recorded / "evidence/orthanc.log").write_text("forged")
    with pytest.raises(RecordError, match=r"evidence/orthanc\.log: changed"):
        write_quickly(recorded, Dossier(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_run_without_its_manifest_is_refused(recorded: Path, tmp_path: Path) -> None:
    (recorded / "manifest.sha256").unlink()
    with pytest.raises(RecordError, match=r"manifest\.sha256: missing"):
        write_quickly(recorded, Dossier(), tmp_path / "out")


def test_a_killed_run_makes_a_bundle_that_says_so(folder: Path, run: Run, tmp_path: Path) -> None:
    RecordWriter(folder, run)
    made = write_quickly(folder, Dossier(), tmp_path / "out")
    assert "killed" in made.notes[0]
    assert plain(read_run(made.folder)) == plain(read_run(folder))


def test_what_fails_half_way_leaves_nothing(recorded: Path, tmp_path: Path, monkeypatch) -> None:
    def full(_: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(VIEWS, "report.html", full)
    with pytest.raises(RecordError, match="No space left"):
        write_quickly(recorded, Dossier(), tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_bundle_that_is_there_is_not_touched(recorded: Path, tmp_path: Path) -> None:
    write_quickly(recorded, Dossier(), tmp_path / "out")
    with pytest.raises(UsageError, match="is there already"):
        write_quickly(recorded, Dossier(), tmp_path / "out")


def test_an_input_that_changed_since_it_was_read_is_refused(recorded: Path, tmp_path: Path, given) -> None:
    dossier, path = given
    path.write_text("document_number = 'DOC-8'")
    with pytest.raises(UsageError, match=r"run-info\.toml: changed"):
        write_quickly(recorded, dossier, tmp_path / "out", inputs=[path])


def test_links_in_a_run_bring_nothing_in(folder: Path, run: Run, tmp_path: Path) -> None:
    (folder / "evidence/away").symlink_to("/etc")
    RecordWriter(folder, run)
    made = write_quickly(folder, Dossier(), tmp_path / "out")
    assert not (made.folder / "evidence/away").exists()


@pytest.mark.parametrize(
    ("product", "kind", "name"),
    [
        ("../../Or<th>anc  ", EvidenceClass.MEASURED, "or-th-anc"),
        ("日本", EvidenceClass.MEASURED, "unnamed"),
        ("Synapse", EvidenceClass.EMULATED, "emulated-synapse"),
    ],
)
def test_a_product_names_the_folder_and_leads_nowhere(run: Run, product, kind, name) -> None:
    target = replace(run.targets[0], product=product, evidence_class=kind)
    assert bundle_name(replace(run, targets=(target,))) == f"verification-{name}-20261122T100000Z-1f3a"
