"""The files that people complete for a report can be had from the command line, and load once they are complete."""

import pytest

from harness.catalogue.ledger import load_known
from harness.catalogue.runinfo import load_run_info
from harness.core.verification.anomalies import Known, anomalies
from harness.core.verification.dossier import Dossier, RunInfo
from harness.errors import DataFileError
from harness.plugin.command import main
from harness.report.record import RecordWriter
from tests.core.run_values import run, seen

HOSTILE = '"""\n[[anomalies]]\nid = "\x1b[31m\u202e' + "x" * 5000


@pytest.fixture
def recorded(tmp_path):
    """Write the record of an invented run; returns its folder."""

    def recorded(made):
        RecordWriter(tmp_path / "run", made).finish("NOT MET", made.finished)
        return tmp_path / "run"

    return recorded


def test_the_template_of_run_info_loads_as_printed(tmp_path, capsys):
    assert main(["run-info"]) == 0
    path = tmp_path / "info.toml"
    path.write_text(capsys.readouterr().out)
    assert load_run_info(path) == RunInfo()


def test_entries_of_a_run_are_refused_until_they_are_complete_and_then_know_its_anomalies(tmp_path, capsys, recorded):
    made = run(seen("RET-GET", "FAIL", reason=HOSTILE), seen("STO-ACK", "ERROR"), product='O"\\\n', version=HOSTILE)
    assert main(["known", str(recorded(made))]) == 0
    text = capsys.readouterr().out
    assert text.isascii()
    path = tmp_path / "known.toml"
    path.write_text(text)
    with pytest.raises(DataFileError, match="still holds the placeholder"):
        load_known(path)
    path.write_text(text.replace('expires = "CHANGE-ME"', 'expires = "2027-01-01"').replace('"CHANGE-ME"', '"told"'))
    entries = load_known(path)
    found = anomalies(made, Dossier(known=entries))
    assert [one.entry for one in found] == list(entries)
    assert {one.standing for one in found} <= {Known.KNOWN, Known.WIDER}


def test_a_run_without_anomaly_has_no_entry(capsys, recorded):
    assert main(["known", str(recorded(run(seen("RET-GET", "PASS"))))]) == 0
    assert "[[anomalies]]" not in capsys.readouterr().out
