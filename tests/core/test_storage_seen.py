"""A format is stored where it is acknowledged and comes back, and an acknowledgement alone shows nothing."""

import pytest

from harness.core.claims import Service
from harness.core.conclusion import settle
from harness.core.results import Outcome
from harness.core.storage_seen import storage_seen
from tests.core.run_values import CLASSES, REFUSED_THERE, STORED, run, seen


def found(*cells):
    return {
        (one.cell.service, one.cell.sop_class): one for one in storage_seen("h264_hp41", CLASSES, settle(run(*cells)))
    }


def by_store(*cells):
    return found(*cells)[Service.STORE, CLASSES[0]].outcome


def test_acknowledged_and_come_back_is_stored_in_every_class():
    assert {one.outcome for one in found(*STORED).values()} == {Outcome.PASS}
    assert set(found(*STORED)) == {(Service.STORE, one) for one in CLASSES}


def test_acknowledgement_alone_decides_nothing():
    assert by_store(seen("STO-ACK", "PASS", variant=CLASSES[0])) is Outcome.INCONCLUSIVE


def test_acknowledged_and_changed_on_every_way_back_is_a_failure():
    cells = (seen("STO-ACK", "PASS", variant=CLASSES[0]), seen("RET-GET", "FAIL"), seen("RET-MOVE", "FAIL"))
    assert by_store(*cells) is Outcome.FAIL


def test_one_way_back_that_works_shows_that_it_was_kept():
    cells = (seen("STO-ACK", "PASS", variant=CLASSES[0]), seen("RET-GET", "FAIL"), seen("RET-MOVE", "PASS"))
    assert by_store(*cells) is Outcome.PASS


def test_what_another_class_brings_back_fails_no_class_that_was_not_looked_at():
    cells = [*(seen("STO-ACK", "PASS", variant=one) for one in CLASSES), seen("RET-GET", "FAIL")]
    outcomes = found(*cells)
    assert outcomes[Service.STORE, CLASSES[0]].outcome is Outcome.FAIL
    assert outcomes[Service.STORE, CLASSES[1]].outcome is Outcome.INCONCLUSIVE


def test_refusal_is_kept_with_its_reason():
    assert found(*REFUSED_THERE)[Service.STORE, CLASSES[1]].reason == "abstract syntax"


@pytest.mark.parametrize(("negotiated", "outcome"), [("PASS", Outcome.NOT_RUN), ("UNSUPPORTED", Outcome.UNSUPPORTED)])
def test_negotiation_shows_a_refusal_and_no_storing(negotiated, outcome):
    cells = (
        seen("ASC-SYNTAX", negotiated, variant=CLASSES[0]),
        seen("STO-ACK", "NOT_RUN", variant=CLASSES[0]),
    )
    assert by_store(*cells) is outcome


def test_web_is_a_service_of_its_own():
    both = found(*REFUSED_THERE, seen("STO-STOW", "PASS"))
    assert both[Service.STOW, CLASSES[0]].outcome is Outcome.PASS
    assert both[Service.STORE, CLASSES[0]].outcome is Outcome.UNSUPPORTED


def test_wrong_media_type_breaks_no_storage():
    assert by_store(*STORED, seen("WEB-TYPE", "FAIL")) is Outcome.PASS


def test_what_was_not_part_of_the_run_has_no_finding():
    assert found(seen("SIZ-LADDER", "PASS", variant="1MiB")) == {}
