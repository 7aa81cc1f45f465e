"""Every class of observation comes back from a record as it was, so that it can be judged again."""

from dataclasses import fields, is_dataclass
from enum import Enum
from fractions import Fraction
from types import NoneType, UnionType
from typing import Union, get_args, get_origin, get_type_hints

import pytest

from harness.core.observations import EchoSeen, Observation, StoreSeen
from harness.core.plain import Misfit, to_plain
from harness.core.recorded import as_recorded, observation_classes, observation_from_plain
from harness.core.verdicts import judge

CLASSES = observation_classes()
SCALARS = {str: "text", int: 7, float: 0.25, bool: True, Fraction: Fraction(1, 3), NoneType: None}


def examples(kind) -> list[object]:
    """Values of a type: one for each branch of a union, so that no branch is left out."""
    origin = get_origin(kind)
    if origin in (UnionType, Union):
        return [value for option in get_args(kind) for value in examples(option)]
    if origin is tuple:
        items = [one for one in get_args(kind) if one is not Ellipsis]
        if len(get_args(kind)) == 2 and get_args(kind)[1] is Ellipsis:
            return [tuple(examples(items[0])), ()]
        return [tuple(examples(item)[0] for item in items)]
    if kind is Observation:
        return [StoreSeen(exchange) for exchange in examples(get_type_hints(StoreSeen)["exchange"])[:1]]
    if is_dataclass(kind):
        return instances(kind)
    if issubclass(kind, Enum):
        return list(kind)[:1]
    return [SCALARS[kind]]


def instances(kind) -> list[object]:
    hints = get_type_hints(kind)
    choices = {field.name: examples(hints[field.name]) for field in fields(kind)}
    rounds = max((len(values) for values in choices.values()), default=1)
    return [
        kind(**{name: values[min(turn, len(values) - 1)] for name, values in choices.items()}) for turn in range(rounds)
    ]


@pytest.mark.parametrize("name", sorted(CLASSES))
def test_an_observation_comes_back_from_its_record(name: str) -> None:
    for one in instances(CLASSES[name]):
        assert observation_from_plain(to_plain(one)) == one


def test_every_observation_has_a_rule() -> None:
    default = judge.dispatch(Observation)
    assert [name for name, kind in CLASSES.items() if judge.dispatch(kind) is default] == []


def test_what_no_record_holds_is_gone_before_it_is_judged() -> None:
    (seen,) = instances(EchoSeen)[:1]
    strange = to_plain(seen) | {}
    strange["exchange"]["detail"] = "half a \udc80 character"
    assert as_recorded(observation_from_plain(strange)).exchange.detail == "half a \\udc80 character"


def test_an_observation_of_another_version_is_refused() -> None:
    with pytest.raises(Misfit, match="'Smelled' is no observation"):
        observation_from_plain({"kind": "Smelled"})
