"""The manifest names every file and shows every change."""

import shutil
import subprocess
from pathlib import Path

import pytest

from harness.errors import RecordError
from harness.report.manifest import manifest_problems, update_manifest, write_manifest

STRANGE = "evidence/back\\slash and\nnew line.txt"


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    (tmp_path / "evidence").mkdir()
    for name in ("run.json", "evidence/b.log", "evidence/a.log", STRANGE):
        (tmp_path / name).write_text(name)
    write_manifest(tmp_path)
    return tmp_path


def test_lines_are_sorted_and_leave_the_manifest_out(kept: Path) -> None:
    names = [line.split("  ")[1] for line in (kept / "manifest.sha256").read_text().splitlines()]
    assert names == [
        "evidence/a.log",
        "evidence/b.log",
        "evidence/back\\\\slash and\\nnew line.txt",
        "run.json",
    ]


def test_sha256sum_accepts_the_manifest(kept: Path) -> None:
    assert shutil.which("sha256sum"), "sha256sum (coreutils) is needed to test the manifest"
    subprocess.run(["sha256sum", "--check", "--strict", "manifest.sha256"], cwd=kept, check=True, capture_output=True)


def test_every_change_is_told(kept: Path) -> None:
    assert manifest_problems(kept) == ()
    (kept / "run.json").write_text("other")
    (kept / "evidence/a.log").unlink()
    (kept / STRANGE).unlink()
    (kept / "new.txt").write_text("")
    assert manifest_problems(kept) == (
        "evidence/a.log: missing",
        f"{STRANGE}: missing",
        "run.json: changed",
        "new.txt: not listed",
    )


def test_a_new_output_does_not_whitewash_changed_evidence(kept: Path) -> None:
    (kept / "evidence/b.log").write_text("forged")
    report = kept / "report.html"
    report.write_text("made again")
    update_manifest(kept, [report])
    assert manifest_problems(kept) == ("evidence/b.log: changed",)


def test_links_are_told_and_not_followed(kept: Path) -> None:
    (kept / "link").symlink_to("/etc/hostname")
    assert manifest_problems(kept) == ("link: a link, not followed",)
    assert "link" not in write_manifest(kept).read_text()


def test_a_seal_is_made_over_the_manifest_and_so_not_in_it(kept: Path) -> None:
    (kept / "manifest.sha256.p7s").write_bytes(b"seal")
    assert manifest_problems(kept) == ()


@pytest.mark.parametrize("change", [lambda lines: lines[::-1], lambda lines: [*lines, lines[0]]])
def test_a_manifest_in_another_form_was_changed(kept: Path, change) -> None:
    path = kept / "manifest.sha256"
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))
    assert manifest_problems(kept) == ("manifest.sha256: changed: it is not in the form in which it was written",)


@pytest.mark.parametrize("content", [None, "", "no hash\n", "abc  name\n", f"{'0' * 64}  name"])
def test_a_manifest_that_is_none_is_refused(kept: Path, content: str | None) -> None:
    path = kept / "manifest.sha256"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(RecordError, match=r"manifest\.sha256"):
        manifest_problems(kept)
