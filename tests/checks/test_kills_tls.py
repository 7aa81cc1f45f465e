"""The kill table of what needs a PACS with TLS."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.catalogue.read import load_recipes
from harness.core.results import Outcome
from harness.core.verdicts import Verdict
from harness.plugin.bench import Bench, clip_cache
from tests.checks.kill_matrix import KILLED, SPARED
from tests.checks.kills.association import TLS_KILLS
from tests.checks.test_kills import FORMATS, TimedTarget, verdict_of
from tests.clients.authorities import Authority

Ask = Callable[[str, str | None], Verdict]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """The verdict of a check on a mutant, or on the well-behaved PACS, over TLS."""
    authority = Authority(tmp_path / "tls")
    authority.issue()

    def verdict(check_id: str, mutant: str | None) -> Verdict:
        run = tmp_path / "run"
        run.mkdir()
        with Bench(
            {"embedded": TimedTarget(mutant, tls=authority.folder)},
            run_id=f"kills-tls-{os.getpid()}-{mutant or 'none'}",
            run_folder=run,
            formats=FORMATS,
            recipes=load_recipes(),
            cache=clip_cache(),
            index_lag=(0.05,),
        ) as bench:
            found = verdict_of(bench, check_id, None)
            bench.stop("embedded")
            return found

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
