"""``pacs-harness matrix``: files from runs and claims."""

import csv

import pytest

from harness.plugin.command import main
from harness.report.outputs import PAGE
from harness.report.record import RecordWriter
from tests.core.run_values import REFUSED_THERE, STORED, run


@pytest.fixture
def folders(tmp_path):
    """Two runs; only the first has its report."""
    found = []
    for name, one in (
        ("a b", run(*STORED, run_id="run-a")),
        ("other", run(*REFUSED_THERE, version="1.10.1", run_id="run-b")),
    ):
        folder = tmp_path / "runs" / name
        RecordWriter(folder, one).finish("MET", "2026-11-22T10:05:00Z")
        found.append(folder)
    (found[0] / PAGE).write_text("report")
    return found


def test_all_three_files_are_written_with_every_product(folders, tmp_path, capsys):
    out = tmp_path / "out"
    files = [out / "m.html", out / "m.md", out / "m.csv"]
    named = [word for file in files for word in (f"--{file.suffix[1:]}", str(file))]
    assert main(["matrix", *map(str, folders), "--claims", *named]) == 0
    assert capsys.readouterr().out.splitlines() == [str(file) for file in files]
    for product in ("IntelliSpace PACS", "syngo.plaza", "Orthanc"):
        assert all(product in file.read_text() for file in files)
    with (out / "m.csv").open(newline="") as file:
        seen = [one for one in csv.DictReader(file) if one["class"] == "MEASURED" and one["topic"] == "all checks"]
    assert [(one["release"], one["result"]) for one in seen] == [("1.10.1", "UNSUPPORTED"), ("1.12.7", "PASS")]


def test_report_of_a_run_is_linked_by_relative_path_where_it_exists(folders, tmp_path):
    page = tmp_path / "out" / "m.html"
    assert main(["matrix", *map(str, folders), "--html", str(page)]) == 0
    assert page.read_text().count("../runs/a%20b/report.html#cells-0-0") == 1
    assert "../runs/other" not in page.read_text()


def test_without_claims_only_tested_products_are_shown(folders, capsys):
    assert main(["matrix", *map(str, folders)]) == 0
    text = capsys.readouterr().out
    assert "| Orthanc |" in text
    assert "| IMPAX |" not in text


def test_claims_alone_are_a_matrix(capsys):
    assert main(["matrix", "--claims"]) == 0
    assert "no MEASURED run decides" in capsys.readouterr().out


@pytest.mark.parametrize("given", [[], ["no-such-run"]])
def test_nothing_to_show_is_refused(given, capsys):
    assert main(["matrix", *given]) == 4
    assert capsys.readouterr().err.startswith("pacs-harness: ")


def test_same_run_twice_is_refused(folders, capsys):
    assert main(["matrix", str(folders[0]), str(folders[0])]) == 4
    assert "run-a is given twice" in capsys.readouterr().err


def test_recommendation_counts_what_was_seen(folders, capsys):
    assert main(["recommend", "orthanc@1.12.7", str(folders[0]), "--hd"]) == 0
    text = capsys.readouterr().out
    assert "MEASURED: stored by C-STORE" in text
    assert "SD video" not in text
    assert text.index("1. h264_hp41,") < text.index("mpeg2_hl,")


def test_recommendation_says_where_nothing_is_taken_by_all(capsys):
    assert main(["recommend", "dicoogle", "conquest", "--sd"]) == 1
    assert "No format is known to be taken by all." in capsys.readouterr().out


def test_recommendation_tells_hd_from_sd(capsys):
    main(["recommend", "dicoogle"])
    hd, sd = capsys.readouterr().out.split("SD video")
    assert ("mpeg2_ml," in hd, "mpeg2_ml," in sd) == (False, True)
    assert ("mpeg2_hl," in hd, "mpeg2_hl," in sd) == (True, False)


@pytest.mark.parametrize(
    ("names", "problem"),
    [
        (["no-such-pacs"], "unknown product 'no-such-pacs'"),
        (["dcmtk@3.6.7:nonsense"], "unknown configuration of dcmtk 'nonsense'"),
    ],
)
def test_recommendation_refuses_names_that_nothing_is_known_of(names, problem, capsys):
    assert main(["recommend", *names]) == 4
    assert problem in capsys.readouterr().err


def test_recommendation_wants_a_product(folders, capsys):
    assert main(["recommend", str(folders[0])]) == 4
    assert "name at least one PRODUCT" in capsys.readouterr().err
