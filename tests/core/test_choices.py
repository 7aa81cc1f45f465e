"""What was chosen for a run is read back from its record, whole or of each shard."""

from dataclasses import fields, replace

import pytest

from harness.core.choices import WRITTEN, Choices, choices_of
from harness.core.plain import Misfit, plain
from tests.core.run_values import run, seen

RUN = run(seen("STO-ACK", "PASS"))


def test_choices_come_back_as_they_were_recorded():
    choices = Choices(profile="full", sizes=(1, 2), keyword="h264", deselected=3)
    assert choices_of(replace(RUN, options=plain(choices))) == (("run-1", choices),)


def test_what_an_older_record_does_not_hold_has_its_default():
    assert choices_of(replace(RUN, options={"profile": "quick"}))[0][1] == Choices(profile="quick")


def test_a_record_without_options_tells_nothing():
    assert choices_of(RUN) == ()


def test_a_joined_run_has_those_of_each_shard():
    joined = run(seen("STO-ACK", "PASS"), shards=("one", "two"))
    found = choices_of(replace(joined, options={"one": plain(Choices()), "two": plain(Choices(keep=True))}))
    assert found == (("one", Choices()), ("two", Choices(keep=True)))


def test_a_value_of_another_type_is_refused_with_its_place():
    with pytest.raises(Misfit, match=r"options of run-1\.keep"):
        choices_of(replace(RUN, options={"keep": "yes"}))


def test_options_of_which_none_is_known_are_refused():
    with pytest.raises(Misfit, match="none of run-7 is an option"):
        choices_of(replace(RUN, options={"run-7": plain(Choices())}))


def test_every_written_option_is_one():
    assert set(WRITTEN) <= {field.name for field in fields(Choices)}
