"""Long steps are shown, short ones are not."""

import pytest

from harness.core.sizes import MIB
from harness.plugin.progress import TerminalProgress


@pytest.fixture
def watched():
    """A progress display with its lines and a clock that the test turns."""
    lines: list[str] = []
    clock = {"now": 0.0}
    progress = TerminalProgress(lines.append, first=5, interval=10, clock=lambda: clock["now"])

    def tell(at: float, what: str, done: int) -> None:
        clock["now"] = at
        progress(what, done, 64 * MIB)

    return tell, lines


def test_short_step_shows_nothing(watched):
    tell, lines = watched
    tell(0, "C-STORE", 0)
    tell(4.9, "C-STORE", 64 * MIB)
    assert lines == []


def test_long_step_is_shown_now_and_then(watched):
    tell, lines = watched
    for second in range(27):
        tell(second, "C-STORE", second * MIB)
    assert lines == [f"C-STORE: {n}MiB of 64MiB ({n * 100 // 64} %)" for n in (5, 15, 25)]


def test_each_step_starts_anew(watched):
    tell, lines = watched
    tell(0, "C-STORE", 0)
    tell(6, "C-STORE", 60 * MIB)
    tell(7, "C-STORE", 1 * MIB)
    tell(8, "C-GET", 1 * MIB)
    tell(11, "C-GET", 2 * MIB)
    assert len(lines) == 1
