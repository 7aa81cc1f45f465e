"""No check may fail on a PACS that is merely unusual: every check on every legal variation of the embedded one.

Variations that do not hide each other are had at once, since each PACS here is asked everything. With the environment
variable ``PACS_VARIATIONS=each`` they are had one by one.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from harness.core.results import Outcome
from harness.plugin.bench import Bench
from harness.plugin.qualification.asking import TARGET, ask, bench_for, questions_for
from harness.qualification.variations import GROUPS, TOLD, allowed_for
from harness.targets.embedded.variations import VARIATIONS
from tests.checks.kill_matrix import BENIGN

NAMES = [known.name for known in VARIATIONS]
HAD = {name: (name,) for name in NAMES} if os.environ.get("PACS_VARIATIONS") == "each" else GROUPS


@pytest.fixture(scope="module", params=HAD)
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    folder = tmp_path_factory.mktemp("run")
    with bench_for(f"varied-{os.getpid()}-{request.param}", folder, variations=HAD[request.param]) as bench:
        yield bench


def test_no_check_fails_on_a_legal_variation(
    request: pytest.FixtureRequest, record_property: Callable[[str, object], None], bench: Bench
) -> None:
    names = HAD[request.node.callspec.params["bench"]]
    pacs = bench.pacs(TARGET)
    found = {
        question.name: ask(bench, pacs, question.check, question.subject, question.variant)
        for question in questions_for(names, bench.videos.formats)
    }
    wrong = {name: verdict for name, verdict in found.items() if verdict.outcome not in allowed_for(names)}
    assert not wrong, wrong
    assert Counter(verdict.outcome for verdict in found.values())[Outcome.PASS] > len(found) // 3
    for name in names:
        check, words = TOLD.get(name, ("ASC-ECHO", ""))
        assert words in found[check].reason
        record_property(BENIGN, name)


def test_every_variation_is_had_once() -> None:
    assert sorted(NAMES) == sorted(name for group in GROUPS.values() for name in group)
    assert len(NAMES) >= 25


def test_variations_say_what_they_do_and_why_it_is_legal() -> None:
    for known in VARIATIONS:
        assert any(source in known.legal for source in ("PS3.", "RFC "))
        assert known.does
