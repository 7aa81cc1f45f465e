"""One command makes the report of a run, and another one checks it."""

import json
import shutil
from pathlib import Path

import pytest

from harness.plugin.command import main
from tests.report.authorities import Authority

CHOSEN = ("--pacs=embedded", "--pacs-format=mpeg2_ml", "-k", "echo_is")


@pytest.fixture
def bundled(pytester: pytest.Pytester):
    """Run one check with a report; returns what pytest said, the folder of the run and that of the report."""

    def run(*arguments: str):
        result = pytester.runpytest_subprocess(*CHOSEN, "--pacs-bundle", "--without-pdf", *arguments)
        runs = list(pytester.path.glob("reports/2*"))
        return result, runs[-1] if runs else None, next(iter(pytester.path.glob("reports/verification-*")), None)

    return run


def test_a_run_ends_with_its_report(bundled, capsys) -> None:
    Path("info.toml").write_text('document_number = "DOC-7"')
    result, folder, report = bundled("--run-info=info.toml", "--policy=us-mqsa")
    assert result.ret == 0
    assert report.name == f"verification-pytest-pacs-embedded-pacs-{folder.name}"
    result.stdout.fnmatch_lines(["NOT PROVIDED: *", f"*(DRAFT, MET): *{report.name}", "SHA-256 of manifest.sha256: *"])
    value = json.loads((report / "report.json").read_bytes())
    assert value["dossier"]["info"]["document_number"] == "DOC-7"
    assert (report / "inputs/policy/us-mqsa.toml").is_file()
    assert (report / "junit.xml").read_bytes() == (folder / "junit.xml").read_bytes()
    assert main(["verify", str(report)]) == 0
    assert "everything is as it was made" in capsys.readouterr().out
    (report / "inputs/run-info/info.toml").write_text('document_number = "DOC-8"')
    assert main(["verify", str(report)]) == 1
    assert "differs: inputs/run-info/info.toml: changed" in capsys.readouterr().out


def test_no_name_of_a_file_looks_like_a_line_of_the_answer(bundled, capsys) -> None:
    _, folder, _ = bundled()
    (folder / "a\neverything is as it was made").write_text("")
    capsys.readouterr()
    assert main(["verify", str(folder)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert r"differs: a\neverything is as it was made: not listed" in lines
    assert "everything is as it was made" not in lines


def test_what_was_given_is_read_again_by_verify(bundled, capsys) -> None:
    _, folder, report = bundled()
    assert (
        main(
            [
                "bundle",
                str(folder),
                "--into",
                "again",
                "--retest-of",
                str(folder),
                "--policy",
                "us-mqsa",
                "--without-pdf",
            ]
        )
        == 0
    )
    (again,) = Path("again").iterdir()
    assert (again / "inputs/retest-of/run.json").read_bytes() == (folder / "run.json").read_bytes()
    assert json.loads((again / "report.json").read_bytes())["dossier"]["previous"]["run_id"] == folder.name
    assert main(["verify", str(again)]) == 0
    shutil.copyfile(report / "report.json", again / "report.json")
    capsys.readouterr()
    assert main(["verify", str(again)]) == 1
    assert "differs: report.json: changed" in capsys.readouterr().out


def test_a_draft_is_an_error_where_the_report_is_strict(bundled, capsys) -> None:
    result, folder, report = bundled("--strict-report")
    assert result.ret == 10
    assert report is not None
    capsys.readouterr()
    assert main(["bundle", str(folder), "--into", "again", "--strict-report"]) == 4
    problem = capsys.readouterr().err
    assert "NOT PROVIDED: scope, required by ISO 13485:2016 7.3.6" in problem
    assert not Path("again").exists()


@pytest.mark.parametrize(
    ("option", "problem"),
    [
        ("--run-info=gone.toml", "*gone.toml*"),
        ("--policy=none-such", "*unknown policy 'none-such'*"),
        ("--retest-of=gone", "*gone/manifest.sha256: cannot be read*"),
    ],
)
def test_what_cannot_be_read_costs_no_run(bundled, option: str, problem: str) -> None:
    result, folder, _ = bundled(option)
    assert result.ret == 4
    result.stderr.fnmatch_lines([problem])
    assert folder is None


def test_options_of_a_report_without_one_are_refused(pytester: pytest.Pytester) -> None:
    result = pytester.runpytest_subprocess(*CHOSEN, "--policy=us-mqsa")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*--policy is for a report; add --pacs-bundle*"])


def test_a_report_that_cannot_be_made_costs_no_result(bundled, pytester: pytest.Pytester) -> None:
    pytester.makeconftest("""
        from harness.report.verification import views

        views.VIEWS["report.html"] = lambda rendering: rendering.nothing
    """)
    result, folder, report = bundled()
    assert report is None
    assert result.ret == 10
    result.stdout.fnmatch_lines(["*PASS*", f"the report could not be made: AttributeError: *bundle *{folder.name}"])
    assert json.loads((folder / "run.json").read_bytes())["conclusion"] == "MET"


def test_templates_of_ones_own_lay_a_report_out(bundled, capsys) -> None:
    _, folder, _ = bundled()
    Path("own").mkdir()
    Path("own/report.html").write_text("<p>{{ view.report.verdict }}</p>")
    assert main(["report", str(folder), "--template", "own"]) == 0
    assert (folder / "report.html").read_text() == "<p>MET</p>"
    assert main(["verify", str(folder)]) == 10
    assert "cannot be told: report.html: not what is made from run.json" in capsys.readouterr().out
    assert main(["bundle", str(folder), "--into", "again", "--template", "own", "--without-pdf"]) == 0
    (again,) = Path("again").iterdir()
    assert (again / "report.html").read_text() == "<p>MET</p>"
    assert (again / "inputs/template/report.html").is_file()
    capsys.readouterr()
    assert main(["verify", str(again)]) == 0
    assert "laid out by templates of others" in capsys.readouterr().out
    assert main(["report", str(again)]) == 4
    assert "stays as it is" in capsys.readouterr().err


def test_a_report_is_sealed_by_a_key_and_checked_against_its_authority(bundled, tmp_path, capsys) -> None:
    authority = Authority(tmp_path, "ours")
    _, folder, _ = bundled()
    sealing = ["bundle", str(folder), "--into", "again", "--without-pdf", "--seal-key", str(authority.key)]
    assert main(sealing) == 0
    (again,) = Path("again").iterdir()
    assert main(["verify", str(again), "--trust", str(authority.trust)]) == 0
    assert "sealed by the key of CN=Sealer ours" in capsys.readouterr().out
    assert main(["verify", str(again)]) == 0
    assert "anybody can make such a certificate, so name the authority by --trust" in capsys.readouterr().out
    assert main([*sealing, "--seal-password-env", "NONE_SUCH"]) == 4
    assert "there is no environment variable 'NONE_SUCH'" in capsys.readouterr().err
    assert main(["bundle", str(folder), "--seal-password-env", "NONE_SUCH"]) == 4
    assert "name it by --seal-key" in capsys.readouterr().err
