"""Mutants that answer queries wrongly."""

from pydicom import Dataset

from harness.targets.embedded.hooks import Hooks
from harness.targets.embedded.mutants.mutant import Mutant


def _find_nothing(answers: list[Dataset]) -> list[Dataset]:
    return []


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
    Mutant("query-wrong-attributes", "answers queries with one frame", Hooks(answers=_count_one_frame)),
    Mutant(
        "answers-with-another-instance",
        "answers queries with a SOP Instance UID that nobody stored",
        Hooks(answers=_name_another_instance),
    ),
)
