"""What is told of the clock is what the kernel says, and nothing more."""

import ctypes

import pytest

from harness.plugin import clock


class Kernel:
    def __init__(self, answer: int, status: int, maxerror: int) -> None:
        self.answer, self.status, self.maxerror = answer, status, maxerror

    def adjtimex(self, state) -> int:
        state._obj.status, state._obj.maxerror = self.status, self.maxerror
        return self.answer


@pytest.mark.parametrize(
    ("kernel", "words"),
    [
        (Kernel(0, 0x2001, 1500), "synchronised, within 1.5 ms"),
        (Kernel(5, 0x40, 16_000_000), "not synchronised"),
        (Kernel(-1, 0, 0), "unknown"),
        (object(), "unknown"),
    ],
)
def test_synchronisation_is_told_as_the_kernel_tells_it(monkeypatch, kernel, words):
    monkeypatch.setattr(clock.sys, "platform", "linux")
    monkeypatch.setattr(ctypes, "CDLL", lambda name: kernel)
    assert clock.synchronisation() == words


def test_other_systems_are_not_asked(monkeypatch):
    monkeypatch.setattr(clock.sys, "platform", "darwin")
    assert clock.synchronisation() == "unknown"


def test_the_kernel_of_this_machine_answers():
    assert clock.synchronisation().startswith(("synchronised", "not synchronised", "unknown"))
