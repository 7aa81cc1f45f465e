"""Mutants that answer queries wrongly."""

from pydicom import Dataset

from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.mutants.mutant import Mutant

_UNABLE_TO_PROCESS = 0xC000


def _find_nothing(answers: list[Dataset]) -> list[Dataset]:
    return []


def _fail(answers: list[Dataset]) -> list[Dataset] | int:
    return _UNABLE_TO_PROCESS


def _count_one_frame(answers: list[Dataset]) -> list[Dataset]:
    for answer in answers:
        if "NumberOfFrames" in answer:
            answer.NumberOfFrames = 1
    return answers


def _name_another_instance(answers: list[Dataset]) -> list[Dataset]:
    for answer in answers:
        if "SOPInstanceUID" in answer:
            answer.SOPInstanceUID = f"{answer.SOPInstanceUID[:62]}.1"
    return answers


MUTANTS = (
    Mutant("query-finds-nothing", "answers every query with no match", Hooks(answers=_find_nothing)),
    Mutant("fails-queries", "answers every query with 0xC000", Hooks(answers=_fail)),
    Mutant("query-wrong-attributes", "answers queries with one frame", Hooks(answers=_count_one_frame)),
    Mutant(
        "answers-with-another-instance",
        "answers queries with a SOP Instance UID that nobody stored",
        Hooks(answers=_name_another_instance),
    ),
)
