"""What can be tested, as told by ``pacs-harness targets``."""

import pytest

from harness.errors import EngineUnavailable
from harness.plugin.command import main
from harness.plugin.commands import targets
from harness.plugin.commands.targets import list_targets
from harness.targets.definition import known_targets
from harness.targets.runtime import Choice
from harness.targets.site import templates

SITE = """
product = "Cloud"
vendor = "Somebody"
[dicomweb]
base = "https://pacs.example/dicom-web"
[dicomweb.auth]
kind = "bearer"
[dicomweb.auth.secrets]
token = "WARD3_TOKEN"
[allowed]
services = ["stow"]
"""


@pytest.fixture
def no_engine(monkeypatch):
    """Nothing is asked of an engine or registry, which the tests of runtimes do."""

    def refuse(definition) -> Choice:
        raise EngineUnavailable("no engine here")

    monkeypatch.setattr(targets, "choose_runtime", refuse)


def rows(folder=None):
    return {row.name: row for row in list_targets(folder)}


def test_every_target_and_template_is_listed(no_engine):
    listed = rows()
    assert set(known_targets()) | set(templates()) <= set(listed)
    assert (listed["embedded"].ready, listed["embedded"].needs) == ("yes", "nothing")
    assert listed["orthanc"].ready == "no: no engine here"
    assert "orthancteam/orthanc" in listed["orthanc"].needs
    assert "orthanc@1.12.7" in listed
    assert "dicom.host, dicom.port" in listed["agfa-impax"].needs


def test_what_can_be_emulated_says_what_it_lacks(no_engine):
    listed = rows()
    assert listed["emulated:orthanc@1.12.7"].ready == "yes"
    conquest = listed["emulated:conquest@1.5.0e"].ready
    assert conquest.startswith("only with --emulate-unknown=refuse or accept: no trusted source tells whether")
    assert "C-ECHO, C-FIND" in conquest
    assert "12 of 95 combinations" in conquest


def test_what_can_run_says_how(monkeypatch):
    monkeypatch.setattr(targets, "choose_runtime", lambda definition: Choice("container"))
    assert rows()["orthanc"].ready == "yes (container)"


def test_variables_that_are_not_set_are_named(no_engine, tmp_path, monkeypatch):
    (tmp_path / "ward3.toml").write_text(SITE)
    (tmp_path / "broken.toml").write_text("product = 1")
    monkeypatch.delenv("WARD3_TOKEN", raising=False)
    listed = rows(tmp_path)
    assert listed["ward3"].ready == "no: set WARD3_TOKEN"
    assert listed["ward3"].needs == "https://pacs.example/dicom-web; variables WARD3_TOKEN"
    assert "product: is 1" in listed["broken"].ready
    monkeypatch.setenv("WARD3_TOKEN", "hunter-2")
    ward3 = rows(tmp_path)["ward3"]
    assert ward3.ready.startswith("yes")
    assert "hunter-2" not in str(ward3)


def test_table_is_printed(no_engine, capsys):
    assert main(["targets"]) == 0
    text = capsys.readouterr().out
    assert "can run here and now" in text
    assert "philips-intellispace" in text


@pytest.mark.parametrize("name", sorted(templates()))
def test_new_prints_the_template(name, capsys):
    assert main(["targets", "new", name]) == 0
    assert capsys.readouterr().out == templates()[name].read_text("utf-8")


def test_new_of_an_unknown_name_lists_the_known(capsys):
    assert main(["targets", "new", "imaginary"]) == 4
    assert "known: agfa-impax" in capsys.readouterr().err
