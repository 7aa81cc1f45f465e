"""The X-ray of a negotiation: its letters, its table, and what they come to."""

from dataclasses import replace

import pytest

from harness.core.exchange import ContextAnswer, ContextResult, Ending, Exchange
from harness.core.families.negotiation import IMPLICIT, XrayRow, XraySeen, letter, table
from harness.core.results import Outcome
from harness.core.verdicts import judge

SYNTAX, OTHER = "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.107"
WENT = Exchange("A-ASSOCIATE", Ending.ANSWERED, peer="PEER")


def row(*cells: str, implicit: str = "v", explicit: str = "v", invented: str = "4", name: str = "Video") -> XrayRow:
    return XrayRow("1.2.3", name, implicit, explicit, invented, cells)


def seen(*rows: XrayRow, sure: str = "v", unknown: str = "33", exchange: Exchange = WENT) -> XraySeen:
    return XraySeen(((SYNTAX, "h264"), (OTHER, "hevc")), rows, sure, unknown, (exchange,))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (None, "?"),
        (ContextAnswer(1, "1.2", SYNTAX, ContextResult.UNANSWERED), "-"),
        (ContextAnswer(1, "1.2", SYNTAX, ContextResult.USER_REJECTION), "1"),
        (ContextAnswer(1, "1.2", SYNTAX, ContextResult.ABSTRACT_SYNTAX), "3"),
        (ContextAnswer(1, "1.2", SYNTAX, ContextResult.TRANSFER_SYNTAXES), "4"),
        (ContextAnswer(1, "1.2", SYNTAX, ContextResult.ACCEPTED, False, SYNTAX), "v"),
        (ContextAnswer(1, "1.2", IMPLICIT, ContextResult.ACCEPTED, False, IMPLICIT), "v"),
        (ContextAnswer(1, "1.2", SYNTAX, ContextResult.ACCEPTED, False, IMPLICIT), "x"),
        (ContextAnswer(1, "1.2", SYNTAX, ContextResult.ACCEPTED, False, IMPLICIT, (IMPLICIT,)), "i"),
        (ContextAnswer(1, "1.2", IMPLICIT, ContextResult.ACCEPTED, False, SYNTAX, (SYNTAX,)), "v"),
        (ContextAnswer(1, "1.2", IMPLICIT, ContextResult.ACCEPTED, False, OTHER, (SYNTAX,)), "x"),
    ],
)
def test_each_answer_has_a_letter(answer: ContextAnswer | None, expected: str) -> None:
    assert letter(answer) == expected


@pytest.mark.parametrize("mixed", ["vv", "ii", "vi", "iv"])
def test_whichever_of_two_accepted_syntaxes_is_chosen_is_right_and_told(mixed: str) -> None:
    verdict = judge(seen(row(f"v{mixed}", "4ii")))
    assert verdict.outcome is Outcome.PASS
    assert verdict.reason.startswith("1 of 2 pairs")
    assert sum("is chosen" in note for note in verdict.notes) == 1


@pytest.mark.parametrize(
    ("cell", "implicit"),
    [
        ("v44", "v"),  # refused in company only
        ("vi4", "v"),
        ("4vi", "v"),  # accepted in company only
        ("444", "v"),  # even Implicit VR LE is refused in company
        ("vii", "4"),  # chosen is what alone is refused
        ("4ii", "4"),
    ],
)
def test_an_answer_in_company_is_one_of_those_alone(cell: str, implicit: str) -> None:
    verdict = judge(seen(row(cell, "444" if implicit == "4" else "4ii", implicit=implicit)))
    assert verdict.outcome is Outcome.FAIL
    assert "disagree" in verdict.reason


@pytest.mark.parametrize(
    ("observation", "words"),
    [
        (seen(row("v--", "4ii")), "2 proposed contexts have no answer"),
        (seen(row("xii", "4ii")), "1 contexts are accepted with a syntax that was not proposed"),
        (
            seen(row("vii", "4ii", invented="v")),
            "a transfer syntax is accepted that was made up",
        ),
    ],
)
def test_what_breaks_the_protocol_or_a_control_fails(observation: XraySeen, words: str) -> None:
    verdict = judge(observation)
    assert verdict.outcome is Outcome.FAIL
    assert words in verdict.reason


@pytest.mark.parametrize(
    "observation",
    [
        seen(row("vii", "4ii"), sure="v4"),
        seen(row("???", "???"), sure="?", exchange=replace(WENT, ending=Ending.REJECTED)),
        seen(row("v??", "4ii"), sure="v?", exchange=replace(WENT, ending=Ending.ABORTED)),
    ],
)
def test_without_the_sure_control_nothing_is_decided(observation: XraySeen) -> None:
    assert judge(observation).outcome is Outcome.INCONCLUSIVE


def test_an_archive_that_takes_any_class_passes_and_is_told() -> None:
    verdict = judge(seen(row("vii", "4ii"), unknown="3v"))
    assert verdict.outcome is Outcome.PASS
    assert "no invented syntax is" in verdict.reason
    assert "accepts any SOP class: an accepted class shows nothing" in verdict.notes


def test_no_video_at_all_is_an_open_refusal() -> None:
    assert judge(seen(row("4ii", "4ii"))).outcome is Outcome.UNSUPPORTED


@pytest.mark.parametrize("code", ["3", "4"])
def test_the_cause_of_a_refusal_comes_from_the_controls_whatever_the_code(code: str) -> None:
    known = row("vii", f"{code}ii", invented=code)
    unknown = row(*2 * [3 * code], implicit=code, explicit=code, invented=code, name="Unknown")
    notes = judge(seen(known, unknown, unknown=2 * code)).notes
    assert "Unknown is refused as a class: no syntax of it is accepted" in notes
    assert "refused as transfer syntaxes for every other class: hevc" in notes
    misleading = [note for note in notes if "answered with code" in note]
    assert len(misleading) == 1
    assert misleading[0].startswith("1 refused syntaxes" if code == "3" else "4 refused classes")


def test_codes_that_fit_are_no_note() -> None:
    assert not any("code" in note for note in judge(seen(row("vii", "4ii"))).notes)


def test_the_table_holds_every_answer_and_says_what_it_means() -> None:
    text = table(seen(row("vii", "4vi", name="Video Endoscopic"), row("333", "3ii", name="Other")))
    assert "vii 4vi" in text
    assert "333 3ii" in text
    assert "1.2.840.10008.1.2.4.107" in text
    assert "PEER" in text
    assert "PS3.8 Table 9-18" in text
