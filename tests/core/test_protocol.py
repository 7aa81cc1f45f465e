"""The hash of a protocol sees everything that it says, and no order."""

from dataclasses import fields, replace

import pytest

from harness.core.coverage import linked
from harness.core.plain import from_plain, plain
from harness.core.protocol import make_protocol, protocol_sha256
from harness.core.requirements import Kind, Level, Requirement
from harness.core.results import CheckInfo, Protocol
from harness.core.verification.rejudge import disagreements
from tests.core.run_values import check, run, seen

CHECKS = (check("STO-ACK", verifies=["R-STO-ACCEPT"]), check("RET-GET", verifies=["R-STO-ACCEPT"]))
REQUIREMENTS = linked(
    (
        Requirement("R-STO-ACCEPT", "kept", Level.SHALL, "PS3.4", Kind.CONTENT),
        Requirement("R-SEE", "seen", Level.MAY, "house", Kind.PLAYBACK, not_tested="a person"),
    ),
    CHECKS,
)
PROTOCOL = make_protocol("PVT", "1", CHECKS, REQUIREMENTS)


def test_the_hash_does_not_depend_on_the_order():
    assert make_protocol("PVT", "1", CHECKS[::-1], REQUIREMENTS[::-1]).sha256 == PROTOCOL.sha256


@pytest.mark.parametrize("name", [field.name for field in fields(CheckInfo)])
def test_the_hash_sees_every_field_of_a_check(name):
    other = ("R-SEE",) if name == "verifies" else "another"
    changed = (replace(CHECKS[0], **{name: other}), CHECKS[1])
    assert make_protocol("PVT", "1", changed, REQUIREMENTS).sha256 != PROTOCOL.sha256


@pytest.mark.parametrize("name", [field.name for field in fields(Requirement)])
def test_the_hash_sees_every_field_of_a_requirement(name):
    others = {"level": Level.MAY, "kind": Kind.SECURITY, "checks": ("STO-ACK",)}
    changed = (replace(REQUIREMENTS[0], **{name: others.get(name, "another")}), REQUIREMENTS[1])
    assert make_protocol("PVT", "1", CHECKS, changed).sha256 != PROTOCOL.sha256


@pytest.mark.parametrize(
    "change", [{"id": "PVX"}, {"version": "2"}, {"rule": ("MET: always.",)}, {"checks": CHECKS[:1]}]
)
def test_the_hash_sees_every_field_of_the_protocol(change):
    assert protocol_sha256(replace(PROTOCOL, **change), REQUIREMENTS) != PROTOCOL.sha256


def test_the_hash_can_be_worked_out_from_a_record():
    assert protocol_sha256(from_plain(Protocol, plain(PROTOCOL)), REQUIREMENTS) == PROTOCOL.sha256


def test_a_record_whose_protocol_has_another_hash_is_told():
    recorded = replace(run(seen("STO-ACK", "PASS")), protocol=PROTOCOL, requirements=REQUIREMENTS)
    assert [one.what for one in disagreements(recorded) if "protocol" in one.what] == []
    changed = replace(recorded, requirements=(replace(REQUIREMENTS[0], text="kept for a while"), REQUIREMENTS[1]))
    assert [one.recorded for one in disagreements(changed) if "protocol" in one.what] == [PROTOCOL.sha256]
