"""Values become text that is safe and readable."""

import pytest

from harness.report.wording import printable, size, tree


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain ü 漢", "plain ü 漢"),
        ("\x1b[2J\x07", "\\x1b[2J\\x07"),
        ("two\nlines\tand tab", "two\nlines\\tand tab"),
        ("half \udc80", "half \\udc80"),
        ("right-to-left \u202e", "right-to-left \\u202e"),
    ],
)
def test_control_characters_are_written_out(text: str, expected: str) -> None:
    assert printable(text) == expected


def test_very_long_text_is_cut_and_says_so() -> None:
    assert printable("x" * 2005) == "x" * 2000 + " ... (5 more characters in the record)"


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (1536, "1.5 KiB (1536 bytes)"),
        (3 * 2**40, "3072.0 GiB (3298534883328 bytes)"),
    ],
)
def test_sizes_keep_the_exact_number(count: int, expected: str) -> None:
    assert size(count) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (
            {"frame_rate": 25.0, "known": None, "ok": True},
            [("frame rate", "25"), ("known", "not known"), ("ok", "yes")],
        ),
        ([["Rows", "720"], ["Columns", "1280"]], [("Rows", "720"), ("Columns", "1280")]),
        ([{"a": 1}, {"a": 2}], [("1", [("a", "1")]), ("2", [("a", "2")])]),
        ([0, 1, 2, 3, 5, None, 7, 8], "0 to 3, 5, not known, 7, 8"),
        ([True, 2, 3], "yes, 2, 3"),
        ({}, "none"),
        ([], "none"),
        ("", "empty"),
    ],
)
def test_json_becomes_names_and_text(value: object, expected: object) -> None:
    assert tree(value) == expected


def test_deep_nesting_ends_as_text() -> None:
    value: object = "leaf"
    for _ in range(500):
        value = [{"deeper": value}]
    node = tree(value)
    depth = 0
    while not isinstance(node, str):
        node, depth = node[0][1], depth + 1
    assert depth == 12
