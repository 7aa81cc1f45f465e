"""How a target is reached from here, in words."""

import socket
import time
from ipaddress import ip_address
from urllib.parse import urlsplit

from harness.core.endpoint import Runtime
from harness.targets.pool import StartedTarget

#: How long one connection may take in seconds, and how many are opened to find the shortest time.
_LIMIT, _TRIES = 2.0, 3


def network_path(started: StartedTarget) -> str:
    """From which address to which, whether that leaves this machine, and how long a connection takes at least.

    The connections are opened and closed without a word, which every server takes.
    """
    host, port = _address(started)
    if not host:
        return "not known: no address is known"
    shortest, here = None, ""
    for _ in range(_TRIES):
        begun = time.perf_counter()
        try:
            with socket.create_connection((host, port), timeout=_LIMIT) as connection:
                seconds = time.perf_counter() - begun
                here = connection.getsockname()[0]
        except OSError as error:
            return f"to {host}, which could not be reached: {error.strerror or error}"
        shortest = seconds if shortest is None else min(shortest, seconds)
    if not ip_address(here.partition("%")[0]).is_loopback:
        way = f"from {here} to {host} over the network"
    elif started.target.runtime is Runtime.CONTAINER:
        way = "loopback of this machine to a published port, then the container bridge"
    else:
        way = "loopback of this machine"
    return f"{way}; a connection opens in {1000 * (shortest or 0):.2f} ms"


def _address(started: StartedTarget) -> tuple[str, int]:
    if started.endpoint is not None:
        return started.endpoint.host, started.endpoint.port
    if started.target.web is None:
        return "", 0
    url = urlsplit(started.target.web.base)
    return url.hostname or "", url.port or (443 if url.scheme == "https" else 80)
