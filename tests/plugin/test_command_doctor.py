"""What ``pacs-harness doctor`` finds, and when it says that something needed is missing."""

import os
from pathlib import Path

import pytest

from harness.catalogue.read import load_recipes
from harness.errors import EngineUnavailable
from harness.media import probe
from harness.plugin import looks
from harness.plugin.command import main
from harness.plugin.looks import dcmtk_tool, examine


@pytest.fixture
def no_engine(monkeypatch):
    def refuse():
        raise EngineUnavailable("no engine here")

    monkeypatch.setattr(looks, "connect", refuse)


def found():
    return {finding.thing: finding for finding in examine()}


def test_everything_of_the_recipes_is_looked_for(no_engine):
    things = found()
    for recipe in load_recipes().values():
        assert things[f"video encoder {recipe.encoder}"].needed
    assert things["container engine"].words == "no engine here"
    assert not things["container engine"].there
    assert not things["container engine"].needed
    assert {"FFmpeg", "GPL parts of FFmpeg", "compose command", "disk", "memory", "browser", "DCMTK"} <= set(things)


def test_missing_extras_are_no_failure(no_engine, monkeypatch, capsys):
    monkeypatch.setattr(probe, "trial", lambda name: "no card")
    assert main(["doctor"]) == 0
    text = capsys.readouterr().out
    assert "no card; nothing needs it: clips are made by the software encoders" in text
    assert "pytest --pacs=embedded can do its whole work here" in text


def test_missing_encoder_is_a_failure(no_engine, monkeypatch, capsys):
    monkeypatch.setattr(probe, "has_encoder", lambda name, kind: name != "libx265")
    assert main(["doctor"]) == 1
    text = capsys.readouterr().out
    assert "MISSING" in text
    assert "cannot do its whole work here: video encoder libx265" in text


def test_full_disk_is_a_failure(no_engine, monkeypatch, capsys):
    monkeypatch.setattr(looks, "BASE_SPACE", 2**60)
    assert main(["doctor"]) == 1
    assert "here: disk" in capsys.readouterr().out


def test_trial_tells_an_encoder_that_works_from_one_that_does_not():
    assert probe.trial("libx264") is None
    # An encoder of sound is none of pictures, whatever hardware there is.
    assert probe.trial("aac") == "the video library was built without it"
    assert probe.trial("imaginary") == "the video library was built without it"


def test_gpl_parts_are_read_from_the_build_configuration(monkeypatch):
    def built_with(words: str):
        monkeypatch.setattr(probe.av._core, "library_meta", {"libavcodec": {"configuration": words}})
        return probe.gpl_parts()

    assert built_with("--enable-libx264 --enable-libx265 --enable-zlib") == ("libx264", "libx265")
    assert built_with("--enable-gpl --enable-libvpx") == ("gpl",)
    assert built_with("--enable-libx264rgb --disable-libx265") == ()


def test_tools_of_other_makers_are_not_taken_for_dcmtk(tmp_path: Path, monkeypatch):
    for folder, text in (("other", "storescu.py v0.3.0"), ("real", "$dcmtk: storescu v3.6.7 $")):
        tool = tmp_path / folder / "storescu"
        tool.parent.mkdir()
        tool.write_text(f"#!/bin/sh\necho '{text}'\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join([str(tmp_path / "other"), str(tmp_path / "real"), "/bin"]))
    assert dcmtk_tool("storescu") == str(tmp_path / "real" / "storescu")
    monkeypatch.setenv("PATH", str(tmp_path / "other"))
    assert dcmtk_tool("storescu") is None
