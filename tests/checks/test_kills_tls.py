"""The kill table of what needs a PACS with TLS."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.core.results import Outcome
from harness.core.verdicts import Verdict
from harness.plugin.qualification.asking import bench_for, verdict_of
from harness.qualification.kills.association import TLS_KILLS
from harness.targets.embedded.authority import Authority
from tests.checks.kill_matrix import KILLED, SPARED

Ask = Callable[[str, str | None], Verdict]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """The verdict of a check on a mutant, or on the well-behaved PACS, over TLS."""
    authority = Authority(tmp_path / "tls")
    authority.issue()

    def verdict(check_id: str, mutant: str | None) -> Verdict:
        run = tmp_path / "run"
        run.mkdir()
        run_id = f"kills-tls-{os.getpid()}-{mutant or 'none'}"
        with bench_for(run_id, run, mutant=mutant, tls=authority.folder) as bench:
            return verdict_of(bench, check_id, None)

    return verdict


@pytest.mark.parametrize(("check_id", "mutant", "format_id"), TLS_KILLS)
def test_check_fails_on_its_mutant(
    record_property: Callable[[str, str], None], ask: Ask, check_id: str, mutant: str, format_id: None
) -> None:
    verdict = ask(check_id, mutant)
    assert verdict.outcome is Outcome.FAIL, verdict
    record_property(KILLED, f"{check_id} {mutant}")


def test_well_behaved_pacs_passes(record_property: Callable[[str, str], None], ask: Ask) -> None:
    verdict = ask("ASC-TLS", None)
    assert verdict.outcome is Outcome.PASS, verdict
    assert len(verdict.notes) == 4  # how each of the callers was turned away
    record_property(SPARED, "ASC-TLS")
