"""Every fact says who tells it, what is not known has a row that says so, and nothing is guessed."""

from dataclasses import replace

import pytest

from harness.core.endpoint import EvidenceClass
from harness.core.exchange import ContextAnswer, ContextResult, Ending, Exchange
from harness.core.families.negotiation import XrayRow, XraySeen
from harness.core.observations import NegotiationSeen
from harness.core.plain import to_plain
from harness.core.results import TargetRecord
from harness.core.verification.contexts import accepted_contexts
from harness.core.verification.dossier import Dossier, RunInfo, Sender, SystemFacts
from harness.core.verification.report import compile_report
from harness.core.verification.systems import Fact, Teller, system_tables
from tests.core.run_values import result, run, seen

CLASS = "1.2.840.10008.5.1.4.1.1.77.1.1.1"
HP41 = "1.2.840.10008.1.2.4.102"
RUN = run(seen("STO-ACK", "PASS"))


def told(facts, name):
    (found,) = [one for one in facts if one.name == name]
    return found.value, found.teller


def of_target(run, info=RunInfo()):  # noqa: B008 - frozen
    return system_tables(run, Dossier(info=info)).targets[0].facts


def met(**about):
    (target,) = RUN.targets
    return replace(RUN, targets=(replace(target, **about),))


def observed(check, observation):
    return replace(RUN, results=(replace(result("orthanc", check, "PASS"), observation=to_plain(observation)),))


def test_what_the_harness_saw_and_what_people_state_are_told_apart():
    facts = of_target(met(details={"image id": "sha256:00"}), RunInfo(systems=(SystemFacts("orthanc", vendor="A"),)))
    assert told(facts, "image id") == ("sha256:00", Teller.HARNESS)
    assert told(facts, "vendor") == ("A", Teller.PEOPLE)
    assert told(facts, "modules") == ("", Teller.NOBODY)


@pytest.mark.parametrize("word", ["", "unknown", "not told", "Not known"])
def test_a_word_for_nothing_is_no_value(word):
    facts = of_target(met(details={"Implementation Class UID": word}))
    assert told(facts, "Implementation Class UID") == ("", Teller.NOBODY)


def test_what_a_site_file_tells_was_not_seen():
    facts = of_target(met(details={"product and version": "as told by the site file a.toml", "vendor": "B"}))
    assert [told(facts, name)[1] for name in ("product", "version", "vendor")] == [Teller.PEOPLE] * 3


def test_only_a_real_product_has_an_owner():
    names = {one.name for one in of_target(met(evidence_class=EvidenceClass.SELF_TEST))}
    assert not names & {"vendor", "serial number or licence", "conformance statement"}


def test_only_a_container_has_an_image():
    assert "image id" in {one.name for one in of_target(RUN)}
    assert "image id" not in {one.name for one in of_target(met(runtime="native"))}


def test_every_detail_has_a_row_and_none_has_two():
    names = [one.name for one in of_target(met(details={"aE tItLe": "X", "configuration a.json": "00", "odd": "1"}))]
    assert {"AE title", "configuration a.json", "odd"} <= set(names)
    assert len(names) == len(set(names))


def test_a_target_that_was_never_met_is_told():
    (table,) = system_tables(replace(RUN, targets=()), Dossier()).targets
    assert table.facts == (Fact("product", "", Teller.NOBODY),)


def test_how_a_target_was_left_is_told_in_bytes_and_readably():
    facts = of_target(met(ended={"memory_peak": 3 * 2**30, "restarts": 0, "exit_code": None}))
    assert told(facts, "memory peak") == ("3GiB (3221225472 bytes)", Teller.HARNESS)
    assert told(facts, "restarts") == ("0", Teller.HARNESS)
    assert "exit code" not in {one.name for one in facts}


def answered(result, syntax=HP41, answered=HP41):
    context = ContextAnswer(1, CLASS, syntax, result, answered_syntax=answered)
    return NegotiationSeen(Exchange("A-ASSOCIATE", Ending.ANSWERED, contexts=(context,)), True)


def test_accepted_contexts_are_those_that_negotiation_showed():
    accepted = observed("ASC-SYNTAX", answered(ContextResult.ACCEPTED))
    assert accepted_contexts(accepted)["orthanc"] == ((CLASS, "h264_hp41"),)
    refused = observed("ASC-SYNTAX", answered(ContextResult.TRANSFER_SYNTAXES, answered=None))
    assert told(of_target(refused), "accepted presentation contexts") == ("", Teller.NOBODY)


def test_the_table_of_all_contexts_names_classes_and_common_syntaxes():
    row = XrayRow(CLASS, "Video Endoscopic", "v", "3", "4", ("vii", "4--"))
    table = XraySeen(((HP41, "h264_hp41"), ("1.2.3", "other")), (row,), "v", "3", ())
    facts = of_target(observed("ASC-XRAY", table))
    assert told(facts, f"accepted for Video Endoscopic ({CLASS})") == ("Implicit VR LE, h264_hp41", Teller.HARNESS)


def test_the_machine_is_told_with_the_way_to_each_target_and_what_people_state():
    seen = replace(met(details={"network": "loopback"}), environment={"system": "Linux", "memory": 2**30, "ci": {}})
    (table,) = system_tables(seen, Dossier(info=RunInfo(clock="NTP, within 10 ms"))).environments
    assert told(table.facts, "system") == ("Linux", Teller.HARNESS)
    assert told(table.facts, "memory") == ("1GiB (1073741824 bytes)", Teller.HARNESS)
    assert told(table.facts, "kernel") == ("", Teller.NOBODY)
    assert told(table.facts, "ci") == ("none", Teller.HARNESS)
    assert told(table.facts, "network to orthanc") == ("loopback", Teller.HARNESS)
    assert told(table.facts, "clock, as stated") == ("NTP, within 10 ms", Teller.PEOPLE)


def test_each_joined_run_has_its_machine_and_its_targets():
    joined = run(seen("STO-ACK", "PASS"), shards=("one", "two"))
    other = TargetRecord("b", "B", "1", "native", EvidenceClass.MEASURED, "there")
    shards = (joined.shards[0], replace(joined.shards[1], targets=("b",)))
    tables = system_tables(replace(joined, targets=(*joined.targets, other), shards=shards), Dossier()).environments
    assert [table.subject for table in tables] == ["one", "two"]
    assert [one.name for one in tables[1].facts if one.name.startswith("network to")] == ["network to b"]


def test_tools_are_told_flat_and_their_qualification_elsewhere():
    tools = {"harness": {"version": "1", "modified": True}, "qualification": {"operation": {"verdict": "PASS"}}}
    facts = system_tables(replace(RUN, tools=tools), Dossier()).tools
    assert told(facts, "harness version") == ("1", Teller.HARNESS)
    assert told(facts, "harness modified") == ("yes", Teller.HARNESS)
    assert told(facts, "sbom") == ("", Teller.NOBODY)
    assert not [one for one in facts if one.name.startswith("qualification")]


def test_the_browser_is_the_one_that_played():
    played = replace(result("orthanc", "PLY-BROWSER", "PASS"), observation={"sent": {"browser": "Chromium 156"}})
    assert told(system_tables(replace(RUN, results=(played,)), Dossier()).tools, "browser")[0] == "Chromium 156"
    assert told(system_tables(RUN, Dossier()).tools, "browser")[0] == "none played a video"


def test_the_sender_is_told_by_people_alone():
    sender = system_tables(RUN, Dossier(info=RunInfo(sender=Sender(product="Camera")))).sender
    assert told(sender, "product") == ("Camera", Teller.PEOPLE)
    assert told(sender, "build") == ("", Teller.NOBODY)


def test_the_report_holds_the_tables():
    assert compile_report(RUN, Dossier()).systems == system_tables(RUN, Dossier())
