"""When a started PACS counts as ready: it answers C-ECHO and says its version, whatever a health flag claims.

Waiting ends at once when the PACS is seen to be gone.
"""

import json
import time
import urllib.request
from collections.abc import Callable
from dataclasses import replace

from harness.clients.dimse import DimseClient, RetryPolicy
from harness.core.endpoint import Endpoint, Timeouts
from harness.core.exchange import Ending
from harness.errors import TargetUnhealthy
from harness.targets.definition import TargetDefinition

_PAUSE = 0.2
_ANSWER = 5.0


def answers_echo(endpoint: Endpoint) -> bool:
    """True where a C-ECHO is answered with Success (PS3.7 9.1.5)."""
    hasty = replace(endpoint, timeouts=Timeouts(_ANSWER, _ANSWER, _ANSWER, _ANSWER))
    exchange = DimseClient(hasty, retry=RetryPolicy(attempts=1)).echo()
    return exchange.ending is Ending.ANSWERED and exchange.status == 0


def read_version(definition: TargetDefinition, base_url: str) -> str | None:
    """The version that the running PACS states over HTTP; None where it does not answer with one."""
    try:
        with urllib.request.urlopen(base_url + definition.version_path, timeout=_ANSWER) as answer:  # noqa: S310 - our own loopback URL
            return str(json.load(answer)[definition.version_key])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def wait_until_ready(
    definition: TargetDefinition,
    endpoint: Endpoint,
    base_url: str,
    *,
    gone: Callable[[], str | None],
    log_tail: Callable[[], str],
) -> str:
    """Wait, and return the version of the PACS.

    ``gone`` says in words how it ended, or None while it runs.

    Raises:
        TargetUnhealthy: it ended, or was not ready within ``definition.ready_seconds``.
    """
    limit = time.monotonic() + definition.ready_seconds
    while True:
        ended = gone()
        if ended is not None:
            raise TargetUnhealthy(f"{definition.product} ended while starting: {ended}", log_tail())
        echo = answers_echo(endpoint)
        version = read_version(definition, base_url) if echo else None
        if version is not None:
            return version
        if time.monotonic() > limit:
            missing = f"no version at {base_url}{definition.version_path}" if echo else "no C-ECHO answered"
            raise TargetUnhealthy(
                f"{definition.product} at {endpoint.host}:{endpoint.port} not ready after "
                f"{definition.ready_seconds:g} s ({missing}); look at its log, or raise ready_seconds",
                log_tail(),
            )
        time.sleep(_PAUSE)
