"""When a started PACS counts as ready: it answers C-ECHO and says its version, whatever a health flag claims.

Waiting ends at once when the PACS is seen to be gone.
"""

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

from harness.clients.dimse import DimseClient, RetryPolicy
from harness.core.endpoint import Endpoint, Timeouts
from harness.core.exchange import Ending
from harness.errors import TargetUnhealthy
from harness.targets.definition import HttpPart, TargetDefinition

_PAUSE = 0.2
_ANSWER = 5.0


def answers_echo(endpoint: Endpoint) -> bool:
    """True where a C-ECHO is answered with Success (PS3.7 9.1.5)."""
    hasty = replace(endpoint, timeouts=Timeouts(_ANSWER, _ANSWER, _ANSWER, _ANSWER))
    exchange = DimseClient(hasty, retry=RetryPolicy(attempts=1)).echo()
    return exchange.ending is Ending.ANSWERED and exchange.status == 0


def answers_web(base: str) -> bool:
    """False where nothing is at the base of a DICOMweb service, which products have as an option (PS3.18 10.6)."""
    try:
        with urllib.request.urlopen(f"{base}/studies?limit=1", timeout=_ANSWER):  # noqa: S310 - our own loopback URL
            return True
    except urllib.error.HTTPError as answer:
        return answer.code != HTTPStatus.NOT_FOUND
    except OSError:
        return False


def read_version(http: HttpPart, base_url: str) -> str | None:
    """The version that the running PACS states over HTTP; None where it does not answer with one."""
    try:
        with urllib.request.urlopen(base_url + http.version_path, timeout=_ANSWER) as answer:  # noqa: S310 - our own loopback URL
            return str(json.load(answer)[http.version_key])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def version_in(output: str) -> str | None:
    """The version that a program states on its command line; None where there is none."""
    found = re.search(r"(?<![\d.])\d+\.\d+(?:\.\d+)*", output)
    return found[0] if found else None


def wait_until_ready(
    definition: TargetDefinition,
    endpoint: Endpoint,
    version: Callable[[], str | None],
    *,
    gone: Callable[[], str | None],
    log_tail: Callable[[], str],
) -> str:
    """Wait, and return the version of the PACS.

    ``version`` asks for it, and gives None while there is no answer; ``gone`` says in words how the PACS ended,
    or None while it runs.

    Raises:
        TargetUnhealthy: it ended, or was not ready within ``definition.ready_seconds``.
    """
    limit = time.monotonic() + definition.ready_seconds
    while True:
        ended = gone()
        if ended is not None:
            raise TargetUnhealthy(f"{definition.product} ended while starting: {ended}", log_tail())
        echo = answers_echo(endpoint)
        stated = version() if echo else None
        if stated is not None:
            return stated
        if time.monotonic() > limit:
            missing = "C-ECHO answered, but no version stated" if echo else "no C-ECHO answered"
            raise TargetUnhealthy(
                f"{definition.product} at {endpoint.host}:{endpoint.port} not ready after "
                f"{definition.ready_seconds:g} s ({missing}); look at its log, or raise ready_seconds",
                log_tail(),
            )
        time.sleep(_PAUSE)
