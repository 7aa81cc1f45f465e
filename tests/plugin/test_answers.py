"""Every answer of a target is written down as it came, and every cell that rests on it leads there."""

import hashlib
import json

import pytest

from harness.core.exchange import Ending, Exchange
from harness.core.observations import Blocked, Undecided
from harness.plugin.answers import TRANSCRIPT, Answers

ANSWERED = Exchange("C-ECHO", Ending.ANSWERED, status=0, detail="all well", peer="NAME 1.2.3")


@pytest.fixture
def answers(tmp_path):
    return Answers(tmp_path / "evidence" / "a", tmp_path, target="a", evidence_class="EMULATED")


def transcripts(answers, tmp_path):
    return [json.loads((tmp_path / one.path).read_text()) for one in answers.touched if one.role == TRANSCRIPT]


def test_an_answer_is_written_down_with_what_it_is_evidence_of_and_who_asked_first(answers, tmp_path):
    answers.begin_cell("a--ASC-ECHO")
    answers.once("echo", lambda: ANSWERED)
    (told,) = transcripts(answers, tmp_path)
    assert (told["target"], told["evidence_class"], told["cell"]) == ("a", "EMULATED", "a--ASC-ECHO")
    assert (told["answer"]["peer"], told["answer"]["status"]) == ("NAME 1.2.3", 0)
    assert told["started"] <= told["ended"]


def test_a_later_cell_leads_to_the_same_file_by_its_hash(answers, tmp_path):
    answers.begin_cell("first")
    answers.once("echo", lambda: ANSWERED)
    before = list(answers.touched)
    answers.begin_cell("second")
    answers.once("echo", lambda: pytest.fail("asked twice"))
    assert answers.touched == before
    (one,) = before
    assert one.sha256 == hashlib.sha256((tmp_path / one.path).read_bytes()).hexdigest()


def test_a_cell_leads_also_to_the_answers_behind_its_answer(answers, tmp_path):
    answers.once("outer", lambda: (answers.once("inner", lambda: ANSWERED), ANSWERED)[1])
    assert [told["asked"] for told in transcripts(answers, tmp_path)] == [["inner"], ["outer"]]


def test_an_answer_that_decides_nothing_is_written_down_too(answers, tmp_path):
    def ask():
        raise Undecided(Blocked("store", "refused"))

    with pytest.raises(Undecided):
        answers.once("store", ask)
    (told,) = transcripts(answers, tmp_path)
    assert told["answer"]["kind"] == "Blocked"


def test_no_text_of_a_target_fills_the_disk(answers, tmp_path):
    answers.once("echo", lambda: Exchange("C-ECHO", Ending.ANSWERED, detail="x" * 1_000_000))
    (one,) = answers.touched
    assert (tmp_path / one.path).stat().st_size < 10_000
