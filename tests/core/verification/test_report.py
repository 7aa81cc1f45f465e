"""A report holds everything that its views show, follows from run and dossier alone, and promises nothing."""

import re
from dataclasses import replace

import pytest

from harness.core.endpoint import EvidenceClass
from harness.core.plain import from_plain, plain
from harness.core.results import Outcome
from harness.core.verification import texts
from harness.core.verification.dossier import Dossier, RunInfo, Source
from harness.core.verification.report import Report, compile_report
from tests.core.run_values import STORED, result, run, seen

RUN = run(*STORED, seen("PLY-FRAMES", "FAIL"), seen("PLY-SOUND", "NOT_RUN"), seen("QRY-IMAGE", "ERROR"))
FORBIDDEN = re.compile(r"certified|validated|complian|guarantee|proven|universal|diagnostic quality", re.IGNORECASE)


def test_a_report_comes_back_from_plain_values_whole():
    report = compile_report(RUN, Dossier(info=RunInfo(scope="storage")))
    assert from_plain(Report, plain(report)) == report


def test_the_counts_add_up_to_what_was_planned():
    unplanned = replace(RUN, planned=RUN.planned[1:])
    found = compile_report(unplanned, Dossier()).counts[0]
    assert (found.planned, found.unplanned) == (len(RUN.planned) - 1, 1)
    assert [outcome for outcome, _ in found.outcomes] == list(Outcome)
    assert sum(number for _, number in found.outcomes) == found.planned + found.unplanned


def test_the_same_run_and_dossier_make_the_same_report_and_another_file_another_one():
    one, again = (compile_report(RUN, Dossier()) for _ in range(2))
    other = compile_report(RUN, Dossier(sources=(Source("run-info", "a.toml", "00"),)))
    assert one == again
    assert one.uuid != other.uuid


def test_classes_of_evidence_are_told_apart_and_only_an_emulation_is_justified():
    emulated = result("played", "STO-ACK", "PASS", kind=EvidenceClass.EMULATED)
    both = replace(RUN, results=(*RUN.results, emulated), planned=(*RUN.planned, emulated.cell.id))
    found = compile_report(both, Dossier(info=RunInfo(emulation="none at hand"))).classes
    assert [(one.evidence_class, one.targets, one.justification) for one in found] == [
        (EvidenceClass.MEASURED, ("orthanc",), ""),
        (EvidenceClass.EMULATED, ("played",), "none at hand"),
    ]


@pytest.mark.parametrize("name", [name for name in vars(texts) if name.isupper()])
def test_no_text_of_a_report_promises_anything(name):
    assert FORBIDDEN.search(str(plain(getattr(texts, name)))) is None


def test_nothing_that_is_worked_out_promises_anything():
    report = compile_report(RUN, Dossier())
    for part in (report.missing, report.deviations, report.samples, report.lossy, report.anomalies):
        assert FORBIDDEN.search(str(plain(part))) is None
