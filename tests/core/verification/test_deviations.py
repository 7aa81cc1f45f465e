"""Whatever a run did otherwise than its protocol is told, once for all cells that share it."""

from dataclasses import replace

import pytest

from harness.core.choices import Choices
from harness.core.endpoint import EvidenceClass
from harness.core.plain import plain
from harness.core.results import Outcome, TargetRecord
from harness.core.verification.anomalies import anomaly_id
from harness.core.verification.deviations import deviations
from harness.core.verification.dossier import (
    Approval,
    Classification,
    Dossier,
    KnownAnomaly,
    Person,
    RunInfo,
    StatedDeviation,
)
from tests.core.run_values import FORMATS, protocol, result, run, seen

LEFT_OUT = {"kind": "LeftOut", "profile": "quick", "asked_by": "standard"}


def chosen(**about):
    return plain(Choices(catalogue=tuple(FORMATS), **about))


def usual(*found, **about):
    """A run as the protocol wants it."""
    made = run(*(found or (seen("STO-ACK", "PASS"),)), **about)
    return replace(made, options=chosen(), protocol=protocol(("STO-ACK",)))


def told(of, dossier=None):
    return [one.what for one in deviations(of, dossier or Dossier())]


def test_a_run_as_the_protocol_wants_it_has_no_deviation():
    assert told(usual()) == []


def test_an_interrupted_run_is_told():
    assert told(replace(usual(), finished="")) == ["the run was interrupted and never closed"]


def test_planned_cells_without_result_are_said_once():
    of = replace(usual(), planned=("orthanc--h264_hp41--STO-ACK", "orthanc--h264_hp41--RET-GET", "orthanc--RET-GET"))
    assert told(of) == ["2 cells planned and without a result: targets orthanc; checks RET-GET; formats h264_hp41"]


def test_cells_that_were_not_planned_are_told():
    assert told(replace(usual(), planned=())) == [
        "1 cell executed without being planned: targets orthanc; checks STO-ACK; formats h264_hp41"
    ]


def test_checks_of_the_protocol_that_were_not_selected_are_told_with_how():
    three = protocol(("STO-ACK", "RET-GET", "RET-MOVE"))
    of = replace(usual(), protocol=three, options=chosen(keyword="store", deselected=4))
    found = deviations(of, Dossier())
    assert [one.what for one in found] == [
        "2 of 3 checks of the protocol were not selected: RET-GET, RET-MOVE",
        "4 cells were deselected before run run-1 started",
    ]
    assert {one.reason for one in found} == {"selected by -k store"}


def test_formats_that_were_not_chosen_are_told():
    options = {**chosen(formats=("h264_hp41",)), "catalogue": ["h264_hp41", "mjpeg"]}
    found = deviations(replace(usual(), options=options), Dossier())
    assert [(one.what, one.reason) for one in found] == [
        ("1 of 2 formats were left out of run run-1: mjpeg", "--pacs-format h264_hp41")
    ]


def test_cells_that_the_profile_left_out_are_said_once():
    of = usual(seen("STO-ACK", "NOT_RUN", format="a"), seen("STO-ACK", "NOT_RUN", format="b"))
    of = replace(of, results=tuple(replace(one, observation=LEFT_OUT) for one in of.results))
    found = deviations(of, Dossier())
    assert [(one.what, one.reason, len(one.cells)) for one in found] == [
        (
            "2 cells left out: targets orthanc; checks STO-ACK; formats a, b",
            "the profile quick does not ask them",
            2,
        )
    ]


def test_cells_that_were_not_executed_are_said_once_for_each_reason():
    of = usual(
        seen("STO-ACK", "NOT_RUN", format="a", reason="no clip"),
        seen("STO-ACK", "NOT_RUN", format="b", reason="no clip"),
        seen("STO-ACK", "NOT_RUN", format="c", reason="not allowed"),
    )
    assert [(one.reason, len(one.cells)) for one in deviations(of, Dossier())] == [("no clip", 2), ("not allowed", 1)]


@pytest.mark.parametrize(
    ("about", "what"),
    [
        ({"profile": "full"}, "--pacs-profile was full in run run-1"),
        ({"sizes": (2**20,)}, "--pacs-max-size was 1MiB in run run-1"),
        ({"ceiling": 2**30}, "--pacs-find-ceiling was 1GiB in run run-1"),
        ({"required": ("h264_hp41",)}, "--require was h264_hp41 in run run-1"),
        ({"runtime": "native"}, "--pacs-runtime was native in run run-1"),
        ({"keep": True}, "--pacs-keep was on in run run-1"),
        ({"emulate_unknown": "refuse"}, "--emulate-unknown was refuse in run run-1"),
    ],
)
def test_an_option_other_than_the_default_is_told(about, what):
    assert told(replace(usual(), options=chosen(**about))) == [what]


def test_a_run_without_recorded_options_says_so():
    assert told(replace(usual(), options={})) == ["which options were chosen is not known"]


def test_options_that_cannot_be_read_are_told_and_stop_nothing():
    found = deviations(replace(usual(), options={"keep": "yes"}), Dossier())
    assert found[0].reason == "options of run-1.keep: expected true or false, found 'yes'"


def test_the_options_of_each_shard_are_looked_at():
    joined = usual(shards=("one", "two"))
    of = replace(joined, options={"one": chosen(), "two": chosen(keep=True)})
    assert told(of) == ["--pacs-keep was on in run two"]


def test_cells_that_were_tried_again_are_told():
    once = usual()
    assert told(replace(once, results=once.results * 2))[0].startswith(
        "1 cell executed more than once, 2 times together"
    )
    retried = replace(once.results[0], observation={"exchange": {"earlier": [{"ending": "connection lost"}]}})
    assert told(replace(once, results=(retried,)))[0].startswith("1 cell with an exchange that was tried again")


def test_a_target_that_never_came_up_is_told_with_the_first_reason():
    broke = (
        result("other", "STO-ACK", "ERROR", reason="no image"),
        result("other", "RET-GET", "ERROR", reason="again"),
    )
    of = replace(usual(), results=broke, planned=tuple(one.cell.id for one in broke))
    found = deviations(of, Dossier())[0]
    assert (found.what, found.reason, len(found.cells)) == ("the target other never came up", "no image", 2)


def test_a_target_that_was_set_to_misbehave_is_told():
    mutant = TargetRecord("orthanc", "P", "1", "embedded", EvidenceClass.SELF_TEST, "", {"mutant": "cuts"})
    assert told(replace(usual(), targets=(mutant,))) == ["the target orthanc was set to mutant cuts"]


def test_a_changed_harness_is_told():
    tools = {"harness": {"commit": "abc", "modified": True}}
    assert told(replace(usual(), tools=tools)) == ["the harness differed from its commit abc"]
    assert told(replace(usual(), tools={"harness": {"commit": "abc", "modified": False}})) == []


def test_a_known_anomaly_that_did_not_appear_is_told():
    id = anomaly_id("Orthanc", EvidenceClass.MEASURED, "STO-ACK", Outcome.FAIL)
    entry = KnownAnomaly(id, "refuses", Classification.PRODUCT, "low", "accepted", "why", True, "2027-01-01")
    assert told(usual(), Dossier(known=(entry,))) == [f"the known anomaly {id} (refuses) did not appear on orthanc"]
    assert told(usual(seen("STO-ACK", "FAIL")), Dossier(known=(entry,))) == []


def test_an_approval_that_does_not_fit_is_told():
    approval = Approval("PVT", "2", "ab", Person("A. Person"), "2026-11-01T00:00:00Z")
    assert "the version '2'" in told(usual(), Dossier(approval=approval))[0]


def test_what_people_state_comes_last_and_with_their_name():
    info = RunInfo(deviations=(StatedDeviation("restarted by hand", "it hung", "A. Person"),))
    found = deviations(replace(usual(), finished=""), Dossier(info=info))
    assert [one.person for one in found] == ["", "A. Person"]
