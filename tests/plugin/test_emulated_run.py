"""Runs against emulated products: what stops them, that each result says what it is, and a rehearsed fall-back."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

#: Products and what each answers to H.264 High at Level 4.1 where unknown is refused, by C-STORE.
PRODUCTS = {
    "agfa-impax": "UNSUPPORTED",
    "azure-dicom": "NOT_APPLICABLE",
    "clearcanvas": "UNSUPPORTED",
    "conquest": "UNSUPPORTED",
    "dcm4chee": "PASS",
    "dcm4che-toolkit": "PASS",
    "dicoogle": "UNSUPPORTED",
    "fujifilm-synapse": "UNSUPPORTED",
    "ge-centricity": "UNSUPPORTED",
    "orthanc@1.12.7": "PASS",
    "philips-intellispace": "UNSUPPORTED",
    "siemens-syngo-plaza": "UNSUPPORTED",
}


def run_checks(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--pyargs", "harness.checks", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rehearsed(tmp_path_factory):
    """One run of all products: its folder and record."""
    folder = tmp_path_factory.mktemp("emulated")
    targets = [f"--pacs=emulated:{name}" for name in PRODUCTS]
    chosen = "test_syntax_is_accepted or test_store_is_acknowledged"
    run = run_checks(folder, *targets, "--emulate-unknown=refuse", "--pacs-format=h264_hp41", "-k", chosen)
    (made,) = folder.glob("reports/*")
    return made, json.loads((made / "run.json").read_text()), run.stdout


@pytest.mark.parametrize("name", PRODUCTS)
def test_a_product_runs_with_a_policy_and_says_that_it_is_emulated(rehearsed, name):
    _, record, _ = rehearsed
    own = [one for one in record["results"] if one["cell"]["target"] == f"emulated:{name}"]
    assert {one["cell"]["check"] for one in own} == {"ASC-SYNTAX", "STO-ACK"}
    assert {one["outcome"] for one in own if one["cell"]["check"] == "ASC-SYNTAX"} == {PRODUCTS[name]}
    assert {one["evidence_class"] for one in own} == {"EMULATED"}
    (target,) = [one for one in record["targets"] if one["id"] == f"emulated:{name}"]
    assert target["product"].endswith(" as claimed (emulated)")
    assert target["evidence_class"] == "EMULATED"
    assumed = [note for one in own for note in one["notes"] if note.startswith("emulated: assumed")]
    assert bool(assumed) is (target["details"]["unknown cells"] != "none")


def test_every_file_says_that_it_is_emulated(rehearsed):
    folder, _, shown = rehearsed
    # The bill of materials is about the harness, and names no target.
    of_no_target = ("manifest.sha256", "sbom.cdx.json")
    files = [path for path in folder.rglob("*") if path.is_file() and path.name not in of_no_target]
    assert len(files) > 2 * len(PRODUCTS)
    assert [path.name for path in files if "EMULATED" not in path.read_text("utf-8")] == []
    assert "EMULATED" in shown
    # Names of targets are in paths, and an archive of a run folder must open everywhere.
    assert not [path for path in files if re.search(r"[:*?\"<>|]", str(path.relative_to(folder)))]


def test_a_run_does_not_start_where_it_would_have_to_guess(tmp_path):
    run = run_checks(tmp_path, "--pacs=emulated:conquest", "--pacs-format=h264_hp41")
    assert run.returncode == 4
    assert "--emulate-unknown=refuse or accept" in run.stderr
    assert not list(tmp_path.glob("reports/*"))


def test_a_policy_that_does_not_exist_is_told(tmp_path):
    run = run_checks(tmp_path, "--pacs=emulated:conquest", "--emulate-unknown=guess")
    assert run.returncode == 4
    assert "'guess' is no policy; known: refuse, accept" in run.stderr


def test_a_fall_back_is_rehearsed_on_a_product_that_is_said_to_refuse_h264(tmp_path):
    how = ("--emulate-unsourced", "--emulate-unknown=accept", "-k", "fall_back")
    run = run_checks(tmp_path, "--pacs=emulated:ge-centricity", *how)
    (path,) = tmp_path.glob("reports/*/run.json")
    (result,) = json.loads(path.read_text())["results"]
    assert (result["outcome"], result["evidence_class"]) == ("PASS", "EMULATED"), run.stdout
    assert "MPEG2 Main Profile / Main Level was sent" in result["reason"]
    assert "H.264 High Profile / Level 4.1 refused («transfer syntaxes not supported»)" in result["reason"]
    assert "emulated: unsourced statements count as claims" in result["notes"]
