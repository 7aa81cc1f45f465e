"""A mandatory field without a value is told with its clause; what is merely useful never is."""

from dataclasses import replace

import pytest

from harness.core.endpoint import EvidenceClass
from harness.core.plain import plain
from harness.core.qualification.standing import NOT_SHOWN, Qualification, Shown
from harness.core.requirements import Kind, Level, Requirement
from harness.core.results import CheckInfo, Evidence, Outcome, Protocol, TargetRecord
from harness.core.verification.anomalies import anomaly_id
from harness.core.verification.completeness import BLOCKS, MANDATORY, missing
from harness.core.verification.dossier import (
    Approval,
    Classification,
    Dossier,
    KnownAnomaly,
    Person,
    Previous,
    Retest,
    RunInfo,
    Sender,
    SystemFacts,
)
from harness.core.verification.report import Completeness, compile_report
from tests.core.run_values import run, seen

FILE = Evidence("evidence/x.txt", "00" * 32, "transcript", "what was said")
CHECKS = (
    CheckInfo("ASC-ECHO", "association", "answered", "status 0", "SHALL", "PS3.4 A.4", ()),
    CheckInfo("STO-ACK", "store", "stored", "status 0", "SHALL", "PS3.4 B.2.3", ()),
    CheckInfo("INT-CUT", "interruption", "cut", "nothing is left", "SHALL", "PS3.4 B.2.3", ()),
)
DETAILS = {
    "Implementation Class UID": "1.2.3",
    "image id": "sha256:00",
    "container engine": "20.10",
    "network": "host-only bridge",
}
TARGET = TargetRecord(
    "orthanc", "Orthanc", "1.12.7", "container", EvidenceClass.MEASURED, "here", DETAILS, {}, (), (FILE,)
)
ENVIRONMENT = {
    "system": "Linux",
    "machine": "x86_64",
    "processor": "a",
    "memory": 1,
    "time zone": "UTC",
    "clock offset": "+0.001 s",
}
QUALIFIED = Shown("PASS", "OQ-1", "00" * 32, "2026-11-20T10:00:00Z")
TOOLS = {
    "harness": {"version": "1"},
    "python": "3.11",
    "distributions": {"av": "1"},
    "media": {"FFmpeg": "8"},
    "qualification": plain(Qualification(QUALIFIED, QUALIFIED)),
}
CLIP = {"sha256": "00", "size": 1, "recipe": {"id": "a"}, "origin": "synthetic"}
PROTOCOL = Protocol("PVT", "1", "ab" * 32, (), CHECKS)
APPROVAL = Approval("PVT", "1", "ab" * 32, Person("B. Person"), "2026-11-01T10:00:00Z")
WHOLE = Dossier(
    info=RunInfo(
        document_number="D-1",
        revision="A",
        scope="storage of video",
        intended_use="archive",
        systems=(SystemFacts("orthanc", vendor="Orthanc Team", role="archive"),),
        executed_by=Person("A. Person", "tester", "Organisation"),
    ),
    approval=APPROVAL,
)


def whole(*found):
    """A run that lacks nothing."""
    made = run(*(found or (seen("ASC-ECHO", "PASS"), seen("STO-ACK", "PASS"))), clips={"a": CLIP})
    return replace(
        made,
        results=tuple(replace(one, evidence=(FILE,)) for one in made.results),
        checks=CHECKS,
        targets=(TARGET,),
        environment=ENVIRONMENT,
        tools=TOOLS,
        protocol=PROTOCOL,
        requirements=(Requirement("R-1", "kept", Level.SHALL, "PS3.4", Kind.CONTENT, ("STO-ACK",)),),
    )


def lacking(of, dossier=WHOLE):
    return [
        " ".join((one.block, ": ".join(part for part in (one.field, one.subject) if part)))
        for one in missing(of, dossier)
    ]


def told(**about):
    return replace(WHOLE, info=replace(WHOLE.info, **about))


def test_a_run_with_everything_lacks_nothing():
    assert lacking(whole()) == []
    assert compile_report(whole(), WHOLE).completeness is Completeness.COMPLETE


def test_one_missing_field_makes_a_draft():
    assert compile_report(whole(), told(scope="")).completeness is Completeness.DRAFT


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"document_number": ""}, "1 document number"),
        ({"revision": ""}, "1 revision of the document"),
        ({"scope": ""}, "2 scope"),
        ({"intended_use": ""}, "2 intended use of what is verified"),
        ({"systems": (SystemFacts("orthanc", vendor="V"),)}, "2 role of the system under test: orthanc"),
        ({"systems": (SystemFacts("orthanc", role="archive"),)}, "5 vendor: orthanc"),
        ({"sender": Sender(product="P")}, "5b version of the sender"),
        ({"sender": Sender(version="1")}, "5b product of the sender"),
        ({"executed_by": Person(role="tester", organisation="O")}, "18 name of the tester"),
        ({"executed_by": Person("A. Person", organisation="O")}, "18 role of the tester"),
        ({"executed_by": Person("A. Person", "tester")}, "18 organisation of the tester"),
        ({"retest": Retest("run-0", "x", "y")}, "20 record of the earlier run: run-0"),
    ],
)
def test_a_field_that_people_did_not_give_is_missing(about, field):
    assert lacking(whole(), told(**about)) == [field]


@pytest.mark.parametrize(
    "about",
    [
        {"executed_by": Person(), "unattended": "CI job 7, started by A. Person"},
        {"sender": Sender(product="P", version="1")},
        {"exclusions": "", "network": "", "clock": "", "revisions": ()},
    ],
)
def test_what_is_optional_never_makes_a_draft(about):
    assert lacking(whole(), told(**about)) == []


@pytest.mark.parametrize(
    ("about", "field"),
    [
        ({"protocol": None}, "3 protocol"),
        ({"requirements": ()}, "4 requirements"),
        ({"targets": ()}, "5 system under test as it was met: orthanc"),
        ({"targets": (replace(TARGET, product=""),)}, "5 product: orthanc"),
        ({"targets": (replace(TARGET, version="not told"),)}, "5 version: orthanc"),
        ({"targets": (replace(TARGET, address=""),)}, "5 address: orthanc"),
        ({"targets": (replace(TARGET, evidence=()),)}, "5 configuration and log files: orthanc"),
        ({"environment": {**ENVIRONMENT, "memory": None}}, "6 memory"),
        ({"environment": {**ENVIRONMENT, "clock offset": "unknown"}}, "6 offset of the clock"),
        ({"tools": {**TOOLS, "media": {}}}, "7 versions of the video libraries"),
        ({"clips": {"a": {**CLIP, "sha256": ""}}}, "8 hash of the clip: a"),
        ({"clips": {"a": {**CLIP, "origin": ""}}}, "8 origin of the clip, and that it holds no patient data: a"),
        ({"finished": ""}, "9 end of the run"),
        ({"checks": CHECKS[1:]}, "9 what the check asks and expects: ASC-ECHO"),
    ],
)
def test_what_the_harness_did_not_record_is_missing(about, field):
    assert field in lacking(replace(whole(), **about))


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("Implementation Class UID", "5 Implementation Class UID as negotiated: orthanc"),
        ("image id", "5 image id of the container: orthanc"),
        ("container engine", "6 container runtime: orthanc"),
        ("network", "6 network between harness and system: orthanc"),
    ],
)
def test_a_detail_of_a_container_that_is_not_recorded_is_missing(name, field):
    details = {key: value for key, value in DETAILS.items() if key != name}
    assert lacking(replace(whole(), targets=(replace(TARGET, details=details),))) == [field]


def test_a_class_uid_is_asked_for_where_associations_were_looked_at():
    unseen = replace(TARGET, details={key: value for key, value in DETAILS.items() if "UID" not in key})
    for found in ((seen("STO-ACK", "PASS"),), (seen("STO-ACK", "PASS"), seen("ASC-ECHO", "NOT_RUN"))):
        assert lacking(replace(whole(*found), targets=(unseen,))) == []


@pytest.mark.parametrize("name", ["title", "expected", "section"])
def test_a_check_that_is_described_in_part_is_not_described(name):
    checks = (replace(CHECKS[0], **{name: ""}), *CHECKS[1:])
    assert lacking(replace(whole(), checks=checks)) == ["9 what the check asks and expects: ASC-ECHO"]


def test_a_program_needs_no_image():
    native = replace(TARGET, runtime="native", details={"implementation class UID": "1.2", "network": "n"}, evidence=())
    assert lacking(replace(whole(), targets=(native,))) == []


def test_people_can_tell_what_the_harness_could_not_see():
    bare = {key: value for key, value in DETAILS.items() if key != "network"}
    of = replace(whole(), targets=(replace(TARGET, details=bare),), environment={**ENVIRONMENT, "clock offset": ""})
    assert lacking(of, told(network="LAN", clock="NTP")) == []


OWN_CHECK = "7 result of a check of the harness itself with this version on this host"


@pytest.mark.parametrize(
    ("recorded", "which"),
    [
        (Qualification(QUALIFIED, Shown(NOT_SHOWN, reason="not run")), ["OQ"]),
        (Qualification(Shown(NOT_SHOWN), QUALIFIED), ["IQ"]),
        # What it came to is another matter: it is told, and the field has a value.
        (Qualification(QUALIFIED, replace(QUALIFIED, verdict="FAIL")), []),
        ({"operation": "yes"}, ["IQ", "OQ"]),
        (None, ["IQ", "OQ"]),
    ],
)
def test_a_harness_that_did_not_check_itself_here_is_missing(recorded, which):
    tools = {**TOOLS, "qualification": plain(recorded)}
    assert lacking(replace(whole(), tools=tools)) == [f"{OWN_CHECK}: {one}" for one in which]


def test_each_shard_of_a_joined_run_has_a_check_of_the_harness():
    joined = replace(
        run(seen("STO-ACK", "PASS"), shards=("one", "two")), tools={"qualification": {"one": TOOLS["qualification"]}}
    )
    assert [one for one in lacking(joined) if OWN_CHECK in one] == [
        f"{OWN_CHECK}: two: {kind}" for kind in ("IQ", "OQ")
    ]


def test_each_shard_of_a_joined_run_has_an_environment():
    joined = replace(
        run(seen("STO-ACK", "PASS"), shards=("one", "two")), environment={"one": ENVIRONMENT, "two": {"system": "x"}}
    )
    found = [one for one in lacking(joined) if one.startswith("6 memory")]
    assert found == ["6 memory: two"]


def test_no_approval_and_one_that_does_not_fit_are_missing():
    assert lacking(whole(), replace(WHOLE, approval=None)) == ["3 approval of the protocol"]
    late = replace(APPROVAL, approved="2026-11-23T10:00:00Z")
    assert lacking(whole(), replace(WHOLE, approval=late))[0].startswith(
        "3 approval that fits the run: it was approved"
    )


def test_executed_cells_without_evidence_are_missing_and_said_once():
    made = whole()
    bare = replace(made, results=tuple(replace(one, evidence=()) for one in made.results))
    assert lacking(bare) == ["10 evidence: 2 cells of orthanc, of ASC-ECHO, STO-ACK"]


def test_cells_that_were_not_executed_need_no_evidence():
    made = whole(seen("STO-ACK", "PASS"), seen("ASC-ECHO", "NOT_RUN"))
    assert lacking(replace(made, results=(made.results[0], replace(made.results[1], evidence=())))) == []


def test_a_run_that_executed_nothing_is_missing_its_results():
    assert "9 executed cells" in lacking(whole(seen("STO-ACK", "NOT_RUN")))


def test_a_requirement_of_users_needs_a_check_or_a_reason():
    one = Requirement("SRS-1", "kept", Level.SHALL, "SRS", Kind.CONTENT)
    field = "4 check of the requirement, or the reason why none tests it: SRS-1"
    assert lacking(whole(), replace(WHOLE, requirements=(one,))) == [field]
    assert lacking(whole(), replace(WHOLE, requirements=(replace(one, not_tested="no means"),))) == []
    for names, missed in (
        (("STO-ACK",), []),
        (("R-1",), []),
        (("STO-NEVER",), [field]),
        (("STO-NEVER", "STO-ACK"), []),
    ):
        assert lacking(whole(), replace(WHOLE, requirements=(replace(one, checks=names),))) == missed


def entry(id, expires="2026-12-31"):
    return KnownAnomaly(id, "t", Classification.PRODUCT, "low", "accepted", "why", True, expires)


def test_an_anomaly_needs_an_assessment_that_still_holds():
    id = anomaly_id("Orthanc", EvidenceClass.MEASURED, "STO-ACK", Outcome.FAIL)
    failed, acting = whole(seen("STO-ACK", "FAIL")), told(actions="none")
    assert lacking(failed, acting) == [f"12 criticality, disposition and rationale of the anomaly: {id}"]
    assert lacking(failed, replace(acting, known=(entry(id),))) == []
    again = lacking(failed, replace(acting, known=(entry(id, "2026-11-01"),)))
    assert again == [f"12 renewed assessment of the anomaly: {id}, known, and the entry has expired"]


def test_a_verdict_that_is_not_met_needs_actions():
    assert lacking(whole(seen("STO-ACK", "PASS"), seen("ASC-ECHO", "ERROR")))[-1] == "17 necessary actions"


def test_only_checks_that_depend_on_chance_need_a_rationale_of_the_sample_size():
    cut = whole(seen("STO-ACK", "PASS"), seen("INT-CUT", "PASS"))
    assert lacking(cut) == ["14 rationale of the sample size: INT-CUT"]
    assert lacking(cut, told(sample_size="one of each kind of fault")) == []


def test_an_emulation_needs_a_justification_and_its_owner_tells_nothing():
    emulated = replace(whole(), targets=(replace(TARGET, evidence_class=EvidenceClass.EMULATED),))
    assert "15 justification of the emulation: orthanc" in lacking(emulated)
    assert "15 justification of the emulation: orthanc" not in lacking(emulated, told(emulation="no product at hand"))
    assert not any("vendor" in one for one in lacking(emulated, told(systems=())))


def test_a_retest_needs_to_say_what_changed():
    earlier = Previous("run-0", "00", ())
    explained = told(retest=Retest("run-0", "x", "y"))
    assert lacking(whole(), replace(WHOLE, previous=earlier)) == ["20 what changed, and why a retest is enough"]
    assert lacking(whole(), replace(explained, previous=earlier)) == []
    another = replace(explained, previous=replace(earlier, run_id="run-9"))
    assert lacking(whole(), another) == ["20 record of the earlier run: run-0"]


def test_every_row_names_a_block_a_clause_and_where_to_supply_it():
    blocks = {block.number for block in BLOCKS}
    for row in MANDATORY:
        assert row.block in blocks
        assert row.clause
        assert row.supply
    assert len(BLOCKS) == 24
