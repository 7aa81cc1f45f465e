from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

import pytest

from harness.core.plain import Misfit, from_plain, plain, to_plain


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Base:
    name: str


@dataclass(frozen=True, slots=True)
class Leaf(Base):
    colour: Colour | str
    share: Fraction
    ratio: float
    count: int
    pair: tuple[str, int]
    below: tuple[Base, ...] = ()
    other: "Leaf | None" = None
    flag: bool | None = None


LEAF = Leaf("a", Colour.RED, Fraction(1, 3), float("inf"), 2**60, ("x", 1))


def test_what_is_written_comes_back() -> None:
    whole = Leaf("b", "blue", Fraction(2), 0.5, -3, ("y", 2), (Base("c"), LEAF), LEAF, False)
    assert from_plain(Leaf, to_plain(whole)) == whole
    assert from_plain(Base, to_plain(whole)) == whole


def test_without_names_a_value_comes_back_where_its_type_is_known() -> None:
    assert from_plain(Leaf, plain(LEAF)) == LEAF


def test_what_canonical_json_cannot_hold_is_text() -> None:
    found = to_plain({"lone": "\udc80", "inf": float("inf"), "large": 2**53, "largest": 2**53 - 1})
    assert found == {"lone": "\\udc80", "inf": "inf", "large": str(2**53), "largest": 2**53 - 1}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": 1}, "leaf.name: expected text, found 1"),
        ({"count": "many"}, "leaf.count: expected a number, found 'many'"),
        ({"count": True}, "leaf.count: expected a number, found True"),
        ({"ratio": "wide"}, "leaf.ratio: expected a number"),
        ({"share": "1/0"}, "leaf.share: expected Fraction, found '1/0'"),
        ({"pair": ["x"]}, r"leaf.pair: expected a list of 2, found \['x'\]"),
        ({"below": [{"name": "x", "size": 1}]}, r"leaf.below\[0\].size: unknown field"),
        ({"other": {"kind": "Base", "name": "x"}}, "leaf.other.colour: missing"),
        ({"kind": "Twig"}, "leaf.kind: expected Leaf, found 'Twig'"),
        ({"flag": "yes"}, "leaf.flag: expected true or false"),
    ],
)
def test_a_misfit_is_named_by_its_place(change: dict[str, object], message: str) -> None:
    with pytest.raises(Misfit, match=message):
        from_plain(Leaf, to_plain(LEAF) | change, "leaf")


def test_of_a_very_long_text_the_beginning_the_length_and_the_hash_are_kept() -> None:
    long = "x" * 1_000_000
    kept = to_plain({"detail": long})["detail"]
    assert len(kept) < 5_000
    assert kept.startswith("xxx")
    assert "(1000000 characters, SHA-256 of all " in kept
    assert kept != to_plain(f"{long[:-1]}y")
    assert to_plain(kept) == kept
