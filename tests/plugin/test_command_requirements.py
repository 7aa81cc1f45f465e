"""The gate of the real catalogue, and what the commands say of requirements and protocol."""

import json
import tomllib

import pytest

from harness.catalogue import places, required
from harness.catalogue.agreed import load_approval
from harness.catalogue.table import PLACEHOLDER
from harness.core.coverage import coverage, suspect
from harness.plugin.command import main
from harness.plugin.commands import requirements
from harness.plugin.everycheck import every_check
from harness.plugin.protocol import current_protocol

OWN = """\
[[requirements]]
id = "SRS-1"
text = "The archive keeps the video."
level = "SHALL"
source = "SRS 4.2"
kind = "content"
checks = ["R-INT-AGAIN", "RET-GET"]
"""


@pytest.fixture
def lock(tmp_path, monkeypatch):
    """A copy of the record of reviews, which the commands use instead."""
    path = tmp_path / "lock.toml"
    path.write_bytes(places.reviewed_file().read_bytes())
    for module in (required, requirements):
        monkeypatch.setattr(module, "reviewed_file", lambda: path)
    return path


def test_every_requirement_of_the_catalogue_is_covered_and_reviewed():
    protocol, catalogue = current_protocol()
    assert coverage(catalogue, protocol.checks) == ()
    assert suspect(catalogue, protocol, required.load_reviewed()) == ()


def test_the_protocol_has_every_check():
    protocol, catalogue = current_protocol()
    assert {check.id for check in protocol.checks} == set(every_check())
    assert all(check.verifies for check in protocol.checks)
    assert {check for one in catalogue for check in one.checks} == set(every_check())


def test_what_nothing_tests_has_a_written_reason():
    _, catalogue = current_protocol()
    untested = {one.id for one in catalogue if not one.checks}
    assert untested >= {"R-LSY-NOTICE", "R-PLY-VIEWER", "R-SEC-AUDIT", "R-STO-RETENTION", "R-STO-DELETION"}
    assert untested == {one.id for one in catalogue if one.not_tested}


def test_requirements_are_shown_with_their_checks(capsys):
    assert main(["requirements"]) == 0
    shown = capsys.readouterr().out
    assert "R-INT-AGAIN" in shown
    assert "ASC-ABORT, INT-CUT, INT-STALL" in shown
    assert shown.endswith("nothing is wrong\n")


def test_requirements_of_users_are_shown_and_held_against_the_checks(tmp_path, capsys):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    assert main(["requirements", "--requirements", str(path), "--json"]) == 0
    value = json.loads(capsys.readouterr().out)
    own = value["requirements"][-1]
    assert (own["id"], own["checks"]) == ("SRS-1", ["ASC-ABORT", "INT-CUT", "INT-STALL", "RET-GET"])
    path.write_text(OWN.replace("RET-GET", "RET-GOT"))
    assert main(["requirements", "--requirements", str(path)]) == 1
    assert "SRS-1: no check or requirement is called RET-GOT" in capsys.readouterr().out


def test_a_changed_requirement_fails_until_the_version_is_raised_and_it_is_accepted(lock, capsys):
    text = lock.read_text()
    lock.write_text(text.replace('fingerprint = "', 'fingerprint = "00', 1).replace('sha256 = "', 'sha256 = "00', 1))
    assert main(["requirements"]) == 1
    assert "R-ASC-UNKNOWN: its text, level or source changed" in capsys.readouterr().out
    assert main(["requirements", "--accept"]) == 4
    assert "raise it, then accept" in capsys.readouterr().err
    lock.write_text(lock.read_text().replace('version = "', 'version = "0.', 1))
    assert main(["requirements", "--accept"]) == 0
    assert lock.read_text() == text


def test_the_protocol_is_printed_as_a_file_to_approve(tmp_path, capsys):
    assert main(["protocol"]) == 0
    text = capsys.readouterr().out
    protocol, _ = current_protocol()
    assert tomllib.loads(text)["sha256"] == protocol.sha256
    filled = text.replace(f'approved = "{PLACEHOLDER}"', 'approved = "2026-11-01T10:00:00+01:00"')
    path = tmp_path / "approval.toml"
    path.write_text(filled.replace(PLACEHOLDER, "B. Person"))
    approval = load_approval(path)
    assert (approval.protocol, approval.version, approval.sha256) == (protocol.id, protocol.version, protocol.sha256)
