"""A free port stays free until somebody listens on it, whatever connects in the meantime."""

import socket

import pytest

from harness.errors import PortTaken
from harness.targets.processes import free_port


def test_a_free_port_is_none_that_a_connection_is_given() -> None:
    for _ in range(50):
        port = free_port("127.0.0.1")
        assert 1024 < port < 32_768
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", port))


def test_a_port_that_is_listened_on_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        taken, free = listener.getsockname()[1], free_port("127.0.0.1")
        monkeypatch.setattr("random.SystemRandom.sample", lambda self, ports, count: [taken, free])
        assert free_port("127.0.0.1") == free


def test_an_address_of_another_machine_has_none() -> None:
    with pytest.raises(PortTaken, match=r"no port to be had on 192\.0\.2\.1"):
        free_port("192.0.2.1")
