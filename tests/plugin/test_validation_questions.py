"""dciodvfy is asked once for each object, and where it is not here nothing is claimed."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.core.families.validation import SecondOpinion
from harness.core.observations import Fetched, NotMade, Undecided
from harness.core.results import Outcome
from harness.core.validation.opinion import Opinion
from harness.core.verdicts import judge
from harness.errors import MediaError
from harness.plugin.answers import Answers
from harness.plugin.questions import validation as questions
from harness.plugin.questions.validation import LiveValidation

VIDEO = cast(Any, SimpleNamespace(key="video", format="format", object=SimpleNamespace(path=Path("sent.dcm"))))
FETCHED = cast(Fetched, SimpleNamespace(service="C-GET"))


@pytest.fixture
def asking(tmp_path: Path) -> LiveValidation:
    talk = SimpleNamespace(
        answers=Answers(tmp_path, tmp_path),
        returned=SimpleNamespace(file=lambda video, service: Path("returned.dcm") if service == "C-GET" else None),
        folder=lambda name: tmp_path,
    )
    return LiveValidation(cast(Any, None), cast(Any, talk), cast(Any, None))


def test_a_missing_program_is_not_run_and_named(asking: LiveValidation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "find_dciodvfy", lambda: None)
    with pytest.raises(Undecided) as ended:
        asking.opinion_of_sent(VIDEO)
    assert isinstance(ended.value.observation, NotMade)
    verdict = judge(ended.value.observation)
    assert verdict.outcome is Outcome.NOT_RUN
    assert "dciodvfy is not here; install it by pip install 'pytest-pacs[dciodvfy]'" in verdict.reason


def test_each_object_is_shown_once(asking: LiveValidation, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def opinion(tool: Path, path: Path, format: object, scratch: Path) -> tuple[()]:
        shown.append(path.name)
        return ()

    monkeypatch.setattr(questions, "find_dciodvfy", lambda: Path("dciodvfy"))
    monkeypatch.setattr(questions, "second_opinion", opinion)
    for _ in range(2):
        assert asking.opinion_of_sent(VIDEO) == asking.opinion_of_returned(VIDEO, FETCHED) == Opinion()
    assert shown == ["sent.dcm", "returned.dcm"]


def test_a_program_that_breaks_does_not_decide(asking: LiveValidation, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> tuple[()]:
        raise MediaError("it was aborted")

    monkeypatch.setattr(questions, "find_dciodvfy", lambda: Path("dciodvfy"))
    monkeypatch.setattr(questions, "second_opinion", broken)
    assert asking.opinion_of_sent(VIDEO) == Opinion(silent="it was aborted")
    lost = cast(Fetched, SimpleNamespace(service="C-MOVE"))
    assert asking.opinion_of_returned(VIDEO, lost).silent == "the returned object is not kept"
    assert judge(SecondOpinion("dciodvfy", ())).outcome is Outcome.NOT_APPLICABLE
