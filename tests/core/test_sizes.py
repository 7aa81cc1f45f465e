"""Sizes as people write them."""

import pytest

from harness.core.sizes import EDGES, MIB, ladder, parse_size, show_size


@pytest.mark.parametrize(
    ("text", "size"),
    [("64MiB", 64 * MIB), ("1.5 GiB", 1536 * MIB), ("1000", 1000), ("2gb", 2 * 10**9), ("3 kib", 3072)],
)
def test_sizes_are_read(text, size):
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "MiB", "-1MiB", "0", "64 parsecs", "1,5GiB"])
def test_what_is_no_size_is_refused_with_the_way_to_write_it(text):
    with pytest.raises(ValueError, match="write it like 64MiB"):
        parse_size(text)


@pytest.mark.parametrize("size", [1, 1023, 1024, 64 * MIB, 1536 * MIB, 2**40])
def test_shown_sizes_read_back(size):
    assert parse_size(show_size(size)) == size


def test_edges_are_shown_apart():
    assert [show_size(edge) for edge in EDGES] == ["2GiB-2B", "2GiB", "4GiB-2B", "4GiB"]


def test_edges_below_the_size_asked_for_are_rungs():
    assert set(EDGES) & set(ladder(2200 * MIB)) == {2**31 - 2, 2**31}
    assert set(EDGES) <= set(ladder(4200 * MIB))
    assert len(set(map(show_size, ladder(4200 * MIB)))) == len(ladder(4200 * MIB))


@pytest.mark.parametrize(
    ("limit", "rungs"),
    [
        (None, (1, 16, 64)),
        (1024, (1, 16, 64, 256, 1024)),
        (100, (1, 16, 64, 100)),
        (64, (1, 16, 64)),
        (2, (1, 2)),
        (0.5, (0.5,)),
    ],
)
def test_ladder_ends_at_the_size_asked_for(limit, rungs):
    assert ladder(None if limit is None else int(limit * MIB)) == tuple(int(rung * MIB) for rung in rungs)
