"""An installation check finds what is missing, changed, or out of range."""

import base64
import hashlib
import json
import sys
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness.core.qualification.identity import Identity
from harness.core.qualification.installation import Outcome, conclude
from harness.errors import DataFileError
from harness.media import probe
from harness.media.tools import tool_versions
from harness.plugin import environment, looks
from harness.plugin.qualification import identity, installation
from harness.plugin.qualification.distributions import files, is_editable, versions
from harness.plugin.qualification.identity import dependencies, this_harness, this_host

IDENTITY = Identity("0.1.0", "0123456789abcdef", False, "", "CPython 3.11.7", {})


def distribution(
    folder: Path, name: str = "tiny", *, requires: tuple[str, ...] = (), hashed: bool = True
) -> metadata.Distribution:
    """An installed distribution of two files, as pip would leave it in ``folder``."""
    package, info = folder / name, folder / f"{name}-1.0.dist-info"
    package.mkdir(parents=True)
    info.mkdir()
    (package / "__init__.py").write_text("one = 1\n")
    (package / "data.toml").write_text("two = 2\n")
    needs = "".join(f"Requires-Dist: {line}\n" for line in requires)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n{needs}")
    lines = []
    for path in (package / "__init__.py", package / "data.toml", info / "METADATA"):
        digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()
        lines.append(f"{path.relative_to(folder)},{f'sha256={digest}' if hashed else ''},{path.stat().st_size}")
    (info / "RECORD").write_text("\n".join([*lines, f"{info.name}/RECORD,,"]) + "\n")
    return metadata.PathDistribution(info)


def test_an_untouched_copy_passes(tmp_path):
    item = files(distribution(tmp_path))
    assert (item.thing, item.outcome, item.seen) == ("tiny 1.0", Outcome.PASS, "3 files as recorded")


def test_a_changed_file_fails_and_is_named(tmp_path):
    found = distribution(tmp_path)
    (tmp_path / "tiny" / "data.toml").write_text("two = 3\n")
    item = files(found)
    assert item.outcome is Outcome.FAIL
    assert item.seen == "tiny/data.toml: changed; install it again"


def test_a_missing_file_fails_and_is_named(tmp_path):
    found = distribution(tmp_path)
    (tmp_path / "tiny" / "__init__.py").unlink()
    assert files(found).seen == "tiny/__init__.py: No such file or directory; install it again"


def test_files_without_hashes_cannot_be_shown(tmp_path):
    item = files(distribution(tmp_path, hashed=False))
    assert item.outcome is Outcome.FAIL
    assert "no RECORD with hashes" in item.seen


def test_requirements_are_held_against_what_is_installed(tmp_path):
    own = distribution(
        tmp_path,
        requires=(
            "pydicom>=3",
            "numpy>=999",
            "no-such-thing>=1",
            "weasyprint; extra == 'pdf'",
            "x; python_version<'3'",
        ),
    )
    found = {item.thing: item for item in versions(own)}
    assert {thing: item.outcome for thing, item in found.items()} == {
        "pydicom": Outcome.PASS,
        "numpy": Outcome.FAIL,
        "no-such-thing": Outcome.FAIL,
    }
    assert found["numpy"].expected == ">=999"
    assert found["no-such-thing"].seen == "not installed"


def test_an_editable_install_is_told_from_a_copy(tmp_path):
    found = distribution(tmp_path)
    assert not is_editable(found)
    (tmp_path / "tiny-1.0.dist-info" / "direct_url.json").write_text(json.dumps({"dir_info": {"editable": True}}))
    assert is_editable(found)


@pytest.mark.parametrize(
    ("commit", "modified", "outcome", "words"),
    [
        ("0123456789abcdef", False, Outcome.PASS, "commit 0123456789ab, no file differs"),
        ("0123456789abcdef", True, Outcome.FAIL, "files differ from it"),
        ("unknown", False, Outcome.FAIL, "without a known commit"),
        ("", False, Outcome.FAIL, "without a known commit"),
    ],
)
def test_an_editable_install_is_held_against_its_commit(commit, modified, outcome, words):
    item = installation._checkout(Identity("0.1.0", commit, modified, "", "", {}))
    assert item.outcome is outcome
    assert words in item.seen


@pytest.fixture
def no_engine(monkeypatch):
    from harness.errors import EngineUnavailable

    def refuse():
        raise EngineUnavailable("no engine here")

    monkeypatch.setattr(looks, "connect", refuse)
    monkeypatch.setattr(probe, "trial", lambda name: "no card")


def found():
    return {item.thing: item for item in installation.items(IDENTITY)}


def test_what_the_harness_can_do_without_decides_nothing(no_engine):
    seen = found()
    assert seen["container engine"].outcome is Outcome.INFO
    assert [thing for thing, item in seen.items() if item.outcome is Outcome.FAIL] == []
    assert {"Python", "pydicom", "formats", "decoder h264", "monotonic clock", "clip cache", "PDF"} <= set(seen)


def test_a_missing_encoder_fails(no_engine, monkeypatch):
    monkeypatch.setattr(probe, "has_encoder", lambda name, kind: name != "libx265")
    verdict, reasons = conclude(installation.items(IDENTITY))
    assert verdict == "FAIL"
    assert reasons[0].startswith("video encoder libx265")


def test_a_missing_decoder_fails(no_engine, monkeypatch):
    monkeypatch.setitem(installation.DECODERS, "hevc", "no-such-decoder")
    assert found()["decoder no-such-decoder"].outcome is Outcome.FAIL


def test_a_data_file_that_cannot_be_read_fails_and_is_named(no_engine):
    def load():
        raise DataFileError("h264.toml", "uid", "missing")

    item = installation._loaded("formats", load)
    assert (item.outcome, item.seen) == (Outcome.FAIL, "h264.toml: uid: missing")
    assert installation._loaded("formats", lambda: 0).outcome is Outcome.FAIL


def test_a_place_that_cannot_be_written_or_is_full_fails(tmp_path, monkeypatch):
    assert installation._place("cache", tmp_path / "new", 0).outcome is Outcome.PASS
    assert installation._place("cache", tmp_path, 2**60).outcome is Outcome.FAIL
    monkeypatch.setattr(installation.os, "access", lambda path, mode: False)
    item = installation._place("cache", tmp_path, 0)
    assert (item.outcome, "not writable" in item.seen) == (Outcome.FAIL, True)


def test_a_system_that_no_release_is_tested_on_fails(no_engine, monkeypatch):
    monkeypatch.setattr(installation.platform, "system", lambda: "Plan9")
    assert found()["operating system"].outcome is Outcome.FAIL


def test_a_document_that_cannot_be_made_fails_only_where_its_extra_is_installed(monkeypatch):
    def refuse(**_):
        raise OSError("cannot load library 'pango'")

    monkeypatch.setitem(sys.modules, "weasyprint", SimpleNamespace(HTML=refuse))
    monkeypatch.setattr(installation, "find_spec", lambda name: name)
    assert installation._document().outcome is Outcome.FAIL
    monkeypatch.setattr(installation, "find_spec", lambda name: None)
    assert installation._document().outcome is Outcome.INFO


def test_an_installed_harness_that_was_changed_is_told(tmp_path, monkeypatch):
    own = distribution(tmp_path)
    monkeypatch.setattr(identity.metadata, "distribution", lambda name: own)
    monkeypatch.setattr(identity, "dependencies", dict)
    installed = {**environment.tools(tool_versions()), "harness": {"version": "0.1.0"}}
    before = this_harness(installed)
    assert (len(before.content), before.modified) == (64, False)
    (tmp_path / "tiny" / "data.toml").write_text("two = 3\n")
    assert this_harness(installed) == replace(before, modified=True)


@pytest.mark.parametrize(
    ("about", "editable", "modified"),
    [
        ({"commit": "abc", "modified": False}, True, False),
        ({"commit": "abc", "modified": True}, True, True),
        ({"commit": "unknown"}, True, True),
        ({}, True, True),
        ({}, False, False),
    ],
)
def test_a_harness_whose_files_nothing_stands_for_counts_as_modified(tmp_path, monkeypatch, about, editable, modified):
    own = distribution(tmp_path)
    monkeypatch.setattr(identity.metadata, "distribution", lambda name: own)
    monkeypatch.setattr(identity, "dependencies", dict)
    monkeypatch.setattr(identity, "is_editable", lambda found: editable)
    tools = {**environment.tools(tool_versions()), "harness": {"version": "0.1.0", **about}}
    assert this_harness(tools).modified is modified


def test_the_host_is_told_without_its_number():
    one, other = this_host(), this_host()
    assert one == other
    number = Path("/etc/machine-id")
    if number.exists() and number.read_text().strip():
        assert number.read_text().strip() not in one.id


def test_the_identity_names_every_library_that_the_harness_rests_on():
    libraries = this_harness().libraries
    assert {"pydicom", "numpy", "h11", "FFmpeg", "FFmpeg libavcodec"} <= set(libraries)
    assert set(dependencies()) <= set(libraries)
    assert "weasyprint" not in libraries
