"""The catalogue of requirements is read strictly, and what was reviewed is read as it was written."""

import pytest

from harness.catalogue.required import load_protocol_name, load_requirements, load_reviewed, save_reviewed
from harness.core.coverage import Link, Reviewed
from harness.core.requirements import Kind, Level, Requirement
from harness.errors import DataFileError, UsageError

TEXT = """\
[[requirements]]
id = "R-RET-GET"
text = "C-GET brings it."
level = "SHALL"
source = "PS3.4 C.4.3"
kind = "content"

[[requirements]]
id = "R-SEE-NOTICE"
text = "A reader sees it."
level = "SHOULD"
source = "house rule"
kind = "disclosure"
not_tested = "a person must look"
"""
REVIEWED = Reviewed("1.0", "ab" * 32, {"R-RET-GET": Link("cd" * 32, ("RET-GET", "RET-MOVE")), "R-SEE": Link("ef", ())})


def folder_with(path, *texts):
    for number, text in enumerate(texts):
        (path / f"{number}.toml").write_text(text)
    return path


def test_requirements_are_read(tmp_path):
    assert load_requirements(folder_with(tmp_path, TEXT)) == (
        Requirement("R-RET-GET", "C-GET brings it.", Level.SHALL, "PS3.4 C.4.3", Kind.CONTENT),
        Requirement(
            "R-SEE-NOTICE",
            "A reader sees it.",
            Level.SHOULD,
            "house rule",
            Kind.DISCLOSURE,
            not_tested="a person must look",
        ),
    )


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('"SHALL"', '"MUST"', "requirements[0].level: is 'MUST'"),
        ('"disclosure"', '"label"', "requirements[1].kind: is 'label'"),
        ("source", "sauce", "requirements[0].source: is missing"),
        ('"R-RET-GET"', '"RET-GET"', "requirements[0].id: is 'RET-GET'"),
        ('"R-RET-GET"', '"R-SEE-NOTICE"', "requirements[1].id: R-SEE-NOTICE occurs twice"),
        ("kind", 'checks = ["RET-GET"]\nkind', "requirements[0].checks: is not a known key"),
        ("[[requirements]]", "[[requirement]]", "requirement: is not a known key"),
    ],
)
def test_broken_files_are_refused_with_file_and_key(tmp_path, old, new, problem):
    with pytest.raises(DataFileError) as caught:
        load_requirements(folder_with(tmp_path, TEXT.replace(old, new, 1)))
    assert f"{tmp_path / '0.toml'}: {problem}" in str(caught.value)


def test_an_id_in_two_files_is_refused(tmp_path):
    with pytest.raises(DataFileError, match=r"1.toml: requirements\[0\].id: R-RET-GET occurs twice"):
        load_requirements(folder_with(tmp_path, TEXT, TEXT))


def test_a_folder_without_requirements_is_refused(tmp_path):
    with pytest.raises(DataFileError, match="requirements: no file"):
        load_requirements(tmp_path)


def test_the_protocol_has_a_name():
    id, version = load_protocol_name()
    assert id == "PVT-VIDEO"
    assert version


def test_what_was_reviewed_is_read_as_it_was_written(tmp_path):
    assert load_reviewed(save_reviewed(REVIEWED, tmp_path / "lock.toml")) == REVIEWED


def test_a_record_of_reviews_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be written"):
        save_reviewed(REVIEWED, tmp_path / "missing" / "lock.toml")


def test_a_broken_record_of_reviews_is_told(tmp_path):
    path = save_reviewed(REVIEWED, tmp_path / "lock.toml")
    path.write_text(path.read_text().replace("fingerprint", "finger", 1))
    with pytest.raises(DataFileError, match=r"requirements.R-RET-GET.fingerprint: is missing"):
        load_reviewed(path)
