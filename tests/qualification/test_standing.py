"""Which record of an installation or operational check counts for a run, and what is said where none does."""

from dataclasses import replace

import pytest

from harness.core.plain import plain
from harness.core.qualification.operation import answered
from harness.core.qualification.standing import Found, Kind, Qualification, Shown, shown, told, words
from tests.core.run_values import run
from tests.qualification.values import FAULT, HOST, IDENTITY, PLAN, ROWS, record


def look(*records, identity=IDENTITY, host=HOST, plan=PLAN):
    return shown([one if isinstance(one, Found) else Found(one, "ff") for one in records], identity, host, plan)


def test_a_record_of_this_harness_on_this_host_counts():
    assert look(record()) == Shown("PASS", "oq-1", "ff", "2026-01-01T00:05:00.000Z")


def test_without_a_record_nothing_is_shown():
    assert look() == Shown("NOT SHOWN", reason="not run by this user on this host")


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        (replace(IDENTITY, version="0.2.0"), "other version: 0.1.0 was checked, this is 0.2.0"),
        (replace(IDENTITY, commit="def"), "other commit: abc was checked, this is def"),
        (replace(IDENTITY, commit="", content="12"), "other commit: abc was checked, this is none"),
        (
            replace(IDENTITY, python="CPython 3.12.1"),
            "other Python: CPython 3.11.7 was checked, this is CPython 3.12.1",
        ),
        (replace(IDENTITY, modified=True), "modified checkout: files differ from the commit"),
        (replace(IDENTITY, commit="", content="12", modified=True), "modified after it was installed"),
        (
            replace(IDENTITY, libraries={"pydicom": "3.0.3", "FFmpeg": "8.1"}),
            "changed libraries: pydicom 3.0.2, now 3.0.3",
        ),
        (
            replace(IDENTITY, libraries={"FFmpeg": "8.1"}),
            "changed libraries: pydicom 3.0.2, now none",
        ),
    ],
)
def test_another_harness_is_not_covered(identity, reason):
    found = look(record(), identity=identity)
    assert (found.verdict, found.reason, found.id) == ("NOT SHOWN", reason, "oq-1")


def test_another_host_is_not_covered():
    assert look(record(), host=replace(HOST, id="h2")).reason == "it was run on another host"


def test_a_check_of_a_modified_checkout_never_counts():
    then = record(identity=replace(IDENTITY, modified=True))
    assert look(then).reason == "it was modified when it was checked"


def test_challenges_of_another_version_do_not_count():
    assert look(record(), plan="00").reason == "its challenges are not those of this version"


def test_a_partial_check_does_not_count_and_says_so():
    assert look(record(partial="partial: on request")).reason == "partial: on request"


def test_a_failed_check_counts_as_failed():
    assert look(record((*ROWS[2:], answered(FAULT, "PASS", "why")))).verdict == "FAIL"


def test_the_latest_that_counts_decides():
    good = record(id="oq-good")
    bad = record((*ROWS[2:], answered(FAULT, "PASS", "why")), id="oq-bad", finished="2026-01-02T00:00:00.000Z")
    partial = record(partial="partial", id="oq-partial", finished="2026-01-03T00:00:00.000Z")
    assert look(bad, good, partial).id == "oq-bad"
    assert look(good, partial).id == "oq-good"


def test_a_record_that_was_changed_does_not_count_and_says_so():
    assert look(Found(None, "ee", "its hash is not that of its content")) == Shown(
        "NOT SHOWN", sha256="ee", reason="its hash is not that of its content"
    )


def test_a_report_says_in_one_line_what_counts():
    line = words(Kind.OQ, Shown("PASS", "oq-1", "ff", "2026-01-01", not_challenged=(("PLY-BROWSER", "no browser"),)))
    assert line == "harness OQ: PASS, oq-1, 2026-01-01, SHA-256 ff; not challenged here: PLY-BROWSER"
    assert words(Kind.IQ, Shown("NOT SHOWN", reason="other version")) == "harness IQ: NOT SHOWN: other version"


def test_a_run_tells_what_it_recorded():
    value = plain(Qualification(Shown("PASS", "iq-1", "aa", "2026"), Shown("NOT SHOWN", reason="other host")))
    made = replace(run(), tools={"qualification": value})
    assert told(made) == ("harness IQ: PASS, iq-1, 2026, SHA-256 aa", "harness OQ: NOT SHOWN: other host")


def test_a_run_that_recorded_nothing_shows_nothing():
    assert told(run())[1] == "harness OQ: NOT SHOWN: the record of the run does not say"


def test_a_joined_run_tells_it_of_each_of_its_runs():
    value = plain(Qualification(Shown("PASS", "iq-1", "aa", "2026"), Shown("PASS", "oq-1", "bb", "2026")))
    made = replace(run(shards=("run-1", "run-2")), tools={"qualification": {"run-1": value}})
    lines = told(made)
    assert lines[1] == "run-1: harness OQ: PASS, oq-1, 2026, SHA-256 bb"
    assert lines[3] == "run-2: harness OQ: NOT SHOWN: the record of the run does not say"
