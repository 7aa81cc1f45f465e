"""The files that people add to a run are read strictly: every error names file and key, nothing is ignored."""

import hashlib
from dataclasses import fields

import pytest

from harness.catalogue.dossier import dossier_files, load_dossier
from harness.catalogue.ledger import load_known
from harness.catalogue.places import dossier_template, policies_folder
from harness.catalogue.policies import load_policy
from harness.catalogue.runinfo import load_run_info, run_info_template
from harness.core.verification.dossier import (
    Classification,
    Dossier,
    Person,
    Previous,
    Retest,
    Revision,
    RunInfo,
    Sender,
    StatedDeviation,
    SystemFacts,
)
from harness.errors import DataFileError, UsageError

RUN_INFO = """\
document_number = "D-1"
revision = "B"
scope = "storage"
intended_use = "archive"
exclusions = "none"
network = "LAN"
clock = "NTP"
sample_size = "one"
emulation = "no product"
actions = "none"

[executed_by]
name = "A. Person"
role = "tester"
organisation = "O"
independence = "another team"

[sender]
vendor = "V"
product = "P"
version = "1"
build = "7"

[[systems]]
target = "orthanc"
vendor = "Orthanc Team"
role = "archive"

[[revisions]]
revision = "A"
date = "2026-01-31"
text = "first"

[[deviations]]
what = "restarted"
reason = "it hung"
person = "A. Person"

[retest]
of = "run-0"
changed = "the PACS"
rationale = "only storage changed"
"""
KNOWN = """\
[[anomalies]]
id = "A-0123abcd"
title = "t"
classification = "product"
criticality = "low"
disposition = "accepted"
rationale = "why"
residual = true
expires = "2026-12-31"
"""
POLICY = """\
title = "t"
source = "s"
no_lossy = ["MG"]
largest_ratio = "20.5"
"""


def write(folder, text, name="file.toml"):
    path = folder / name
    path.write_text(text)
    return path


def changed(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def test_run_info_is_read_with_every_table(tmp_path):
    assert load_run_info(write(tmp_path, RUN_INFO)) == RunInfo(
        document_number="D-1",
        revision="B",
        revisions=(Revision("A", "2026-01-31", "first"),),
        scope="storage",
        intended_use="archive",
        exclusions="none",
        sender=Sender("V", "P", "1", "7"),
        systems=(SystemFacts("orthanc", vendor="Orthanc Team", role="archive"),),
        executed_by=Person("A. Person", "tester", "O", "another team"),
        network="LAN",
        clock="NTP",
        sample_size="one",
        emulation="no product",
        deviations=(StatedDeviation("restarted", "it hung", "A. Person"),),
        retest=Retest("run-0", "the PACS", "only storage changed"),
        actions="none",
    )


def test_the_template_loads_and_provides_nothing():
    assert load_run_info(dossier_template("run-info.toml")) == RunInfo()


def test_the_template_names_every_field_of_every_table_and_loads_when_uncommented(tmp_path):
    text = run_info_template()
    for kind in (RunInfo, Person, Sender, SystemFacts, Revision, StatedDeviation, Retest):
        for field in fields(kind):
            assert field.name in text
    keys = [line.removeprefix("# ") for line in text.splitlines() if line.startswith(("# [", "# "))]
    tables = "\n".join(line for line in keys if line.startswith("[") or " = " in line).replace('""', '"x"')
    found = load_run_info(write(tmp_path, tables))
    assert found.retest == Retest("x", "x", "x")
    assert (len(found.systems), len(found.revisions), len(found.deviations)) == (1, 1, 1)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("scope =", "scoop =", "scoop: is not a known key; remove it or correct its spelling; known: document_number"),
        ('role = "tester"', 'rule = "tester"', "executed_by.rule: is not a known key"),
        ('build = "7"', "build = 7", "sender.build: is 7; give a text"),
        ('date = "2026-01-31"', 'date = "31.1.2026"', "revisions[0].date: is '31.1.2026'; give a day such as"),
        ('date = "2026-01-31"', "date = 2026-01-31", "revisions[0].date: is datetime.date"),
        ('person = "A. Person"', "", "deviations[0].person: is missing"),
        ('rationale = "only storage changed"', 'rationale = ""', "retest.rationale: is empty"),
        ('vendor = "Orthanc Team"', 'vendr = "x"', "systems[0].vendr: is not a known key"),
        ("[retest]", '[[systems]]\ntarget = "orthanc"\n[retest]', "systems[1].target: 'orthanc' is described twice"),
        ("[executed_by]", 'unattended = "job"\n[executed_by]', "unattended: names a job, and [executed_by] a person"),
        ('scope = "storage"', "scope = storage", "file: is not TOML"),
        ('scope = "storage"', 'scope = "CHANGE-ME"', "scope: still holds the placeholder"),
    ],
)
def test_broken_run_info_is_refused_with_file_and_key(tmp_path, old, new, problem):
    path = write(tmp_path, changed(RUN_INFO, old, new))
    with pytest.raises(DataFileError) as caught:
        load_run_info(path)
    assert f"{path}: {problem}" in str(caught.value)


def test_the_ledger_is_read(tmp_path):
    more = 'link = "https://example.org/1"\nformats = ["mjpeg"]\nversions = ["1.12.7"]\n'
    found = load_known(write(tmp_path, KNOWN + more))[0]
    assert (found.id, found.classification, found.residual) == ("A-0123abcd", Classification.PRODUCT, True)
    assert (found.link, found.formats, found.versions) == ("https://example.org/1", ("mjpeg",), ("1.12.7",))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('id = "A-0123abcd"', 'id = "7"', "anomalies[0].id: is '7'; give the one that a report prints"),
        ('"product"', '"vendor"', "anomalies[0].classification: is 'vendor'; give one of product, interface"),
        ("residual = true", 'residual = "yes"', "anomalies[0].residual: is 'yes'; give true or false"),
        ('expires = "2026-12-31"', 'expires = "never"', "anomalies[0].expires: is 'never'"),
        ('expires = "2026-12-31"', "", "anomalies[0].expires: is missing"),
        ('rationale = "why"', 'rationale = "why"\nwhy = "x"', "anomalies[0].why: is not a known key"),
        ("[[anomalies]]", "[[anomaly]]", "anomaly: is not a known key"),
        (KNOWN, "", "anomalies: is empty"),
        (KNOWN, KNOWN + KNOWN, "anomalies[1].id: A-0123abcd occurs twice"),
    ],
)
def test_a_broken_ledger_is_refused_with_file_and_key(tmp_path, old, new, problem):
    path = write(tmp_path, changed(KNOWN, old, new))
    with pytest.raises(DataFileError) as caught:
        load_known(path)
    assert f"{path}: {problem}" in str(caught.value)


def test_an_anomaly_in_two_ledgers_is_refused(tmp_path):
    paths = [write(tmp_path, KNOWN, name) for name in ("a.toml", "b.toml")]
    with pytest.raises(DataFileError, match=r"A-0123abcd is in .*a\.toml too"):
        load_dossier(known=paths)


@pytest.mark.parametrize("path", sorted(policies_folder().glob("*.toml")), ids=lambda path: path.stem)
def test_every_shipped_policy_loads_and_gives_its_source(path):
    policy = load_policy(path)
    assert policy.id == path.stem
    assert len(policy.source) > 40


def test_the_policy_on_mammography_is_about_modality_mg_and_sets_no_ratio():
    policy = load_dossier(policies=["us-mqsa"]).policies[0]
    assert (policy.no_lossy, policy.largest_ratio) == (("MG",), "")
    assert "interpretation" in policy.source


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('["MG"]', '["mammography"]', "no_lossy: holds 'mammography'"),
        ('"20.5"', '"20:1"', "largest_ratio: is '20:1'"),
        ('"20.5"', '"-1"', "largest_ratio: is '-1'"),
        ('"20.5"', '"inf"', "largest_ratio: is 'inf'"),
        ('"20.5"', "20", "largest_ratio: is 20; give a text"),
        ('no_lossy = ["MG"]\nlargest_ratio = "20.5"\n', "", "no_lossy: and largest_ratio are missing"),
        ('source = "s"', "", "source: is missing"),
        ('source = "s"', 'source = "s"\ngate = true', "gate: is not a known key"),
    ],
)
def test_a_broken_policy_is_refused_with_file_and_key(tmp_path, old, new, problem):
    path = write(tmp_path, changed(POLICY, old, new))
    with pytest.raises(DataFileError) as caught:
        load_dossier(policies=[str(path)])
    assert f"{path}: {problem}" in str(caught.value)


def test_a_policy_that_is_not_shipped_is_refused_with_those_that_are():
    with pytest.raises(UsageError, match="unknown policy 'eu'; known: example-ratio-20, us-mqsa; or give a file"):
        load_dossier(policies=["eu"])


def test_nothing_given_is_an_empty_dossier():
    assert load_dossier() == Dossier()


def test_a_dossier_names_the_files_that_it_was_read_from(tmp_path):
    info, known, policy = (
        write(tmp_path, text, name) for text, name in ((RUN_INFO, "i.toml"), (KNOWN, "k.toml"), (POLICY, "p.toml"))
    )
    given = {"run_info": info, "known": [known], "policies": [str(policy), "us-mqsa", "us-mqsa"]}
    found = load_dossier(**given, previous=Previous("run-0", "00", ()))
    assert [(one.role, one.name) for one in found.sources] == [
        ("run-info", "i.toml"),
        ("known", "k.toml"),
        ("policy", "p.toml"),
        ("policy", "us-mqsa.toml"),
    ]
    assert found.sources[0].sha256 == hashlib.sha256(RUN_INFO.encode()).hexdigest()
    assert [path.name for _, path in dossier_files(**given)] == [one.name for one in found.sources]
    assert found.previous is not None


def test_a_file_that_is_not_there_is_said_in_one_line(tmp_path):
    with pytest.raises(DataFileError) as caught:
        load_dossier(run_info=tmp_path / "none.toml")
    assert str(caught.value) == f"{tmp_path / 'none.toml'}: file: cannot be read: No such file or directory"
