"""dcm4chee-arc-light made ready by its REST services: wait for it, tell it who we are, keep its configuration.

The archive moves objects and sends storage commitment reports (PS3.4 J.3.3, on a new association) only to AE
titles of its configuration. Our receiver and our calling AE title therefore become one device with one
connection. The archive of 5.x registers the AE titles of a new device as unique by itself, and refuses those
of others; so the device comes first, and a title that is registered then is looked up: it must be ours.
"""

import json
import re
from collections.abc import Collection
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx

from harness.targets.readiness import answers_echo
from harness.targets.steps import NotYet, Started, Steps

#: Name of our device in the archive's configuration.
DEVICE = "pytest-pacs"
#: Name of the archive's own device, as the images have it.
ARCHIVE_DEVICE = "dcm4chee-arc"

_ROOT = "/dcm4chee-arc"
#: Seconds for one answer; the first after a start is slow.
_ANSWER = 60.0
_ECHO_SECONDS = 60.0
#: How much of an answer is shown.
_BODY = 300
_SECRET = re.compile(r"(pin|password|secret)$", re.IGNORECASE)
#: A property as the archive writes it, ``name=value``, whose name tells of a secret.
_SECRET_PAIR = re.compile(
    r"^([^=]*(?:pin|password|secret|credential|identity|token|auth)[^=]*)=.*", re.IGNORECASE | re.DOTALL
)

_SEE_LOG = "look at its log, or raise ready_seconds in target.toml"
_SEE_TITLE = "another device must not hold it; start with fresh containers and the images' own configuration"
_SEE_CONFIGURATION = "see that the image is the plain one, without Keycloak, and look at the log of the archive"


def set_up(started: Started) -> tuple[tuple[str, str], ...]:
    """Wait until the archive serves, register our AE titles, reload, and keep the archive's configuration.

    Raises:
        TargetUnhealthy: a step failed or a container ended; names the step, the request and its answer.
    """
    endpoint, steps = started.endpoint, Steps(started)
    titles = dict.fromkeys(title for title in (endpoint.receiver_aet, endpoint.calling_aet) if title)
    echo = partial(_echo, started)
    # Our own loopback port: no proxy of the environment may come between.
    with httpx.Client(base_url=started.http_url + _ROOT, timeout=_ANSWER, trust_env=False) as client:
        rest = _Rest(client)
        steps.take("archive started", rest.started, seconds=started.definition.ready_seconds, advice=_SEE_LOG)
        steps.take("C-ECHO answered", echo, seconds=_ECHO_SECONDS, advice=_SEE_LOG)
        device = our_device(tuple(titles), host=started.receiver_host, port=endpoint.receiver_port)
        steps.take("our device registered", partial(rest.write_device, device), advice=_SEE_CONFIGURATION)
        for title in titles:
            register = partial(rest.register_title, title)
            steps.take(f"AE title {title} registered", register, advice=_SEE_CONFIGURATION)
        steps.take("configuration reloaded", rest.reload, advice=_SEE_CONFIGURATION)
        for title in titles:
            steps.take(f"AE title {title} is ours", partial(rest.see_title, title), advice=_SEE_TITLE)
        steps.take("C-ECHO answered after the reload", echo, seconds=_ECHO_SECONDS, advice=_SEE_LOG)
        configuration = steps.take("configuration kept", rest.archive_device, advice=_SEE_CONFIGURATION)
    file = started.evidence / f"{started.id}-{ARCHIVE_DEVICE}.json"
    file.write_text(json.dumps(without_secrets(configuration), indent=2) + "\n", encoding="utf-8")
    return (
        ("AE titles made known", ", ".join(titles)),
        ("configuration", file.name),
    )


def our_device(titles: Collection[str], *, host: str, port: int | None) -> dict[str, Any]:
    """A device with one connection and the AE titles, in the JSON of the archive (names of PS3.15 H.1).

    No transfer capabilities: the archive would send only what they list. Connections come before the AE titles that
    point at them, because the archive reads once, in order.
    """
    return {
        "dicomDeviceName": DEVICE,
        "dicomInstalled": True,
        "dicomNetworkConnection": [{"cn": "dicom", "dicomHostname": host, "dicomPort": port, "dicomInstalled": True}],
        "dicomNetworkAE": [
            {
                "dicomAETitle": title,
                "dicomInstalled": True,
                "dicomAssociationInitiator": True,
                "dicomAssociationAcceptor": True,
                "dicomNetworkConnectionReference": ["/dicomNetworkConnection/0"],
            }
            for title in titles
        ],
    }


def without_secrets(value: Any) -> Any:
    """A JSON value whose pins, passwords and secrets are replaced by a word that says so."""
    if isinstance(value, dict):
        return {key: "(removed)" if _SECRET.search(key) else without_secrets(one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_secrets(one) for one in value]
    if isinstance(value, str):
        return _SECRET_PAIR.sub(r"\1=(removed)", value)
    return value


def _echo(started: Started) -> None:
    endpoint = started.endpoint
    if not answers_echo(endpoint):
        raise NotYet(f"C-ECHO to {endpoint.aet} at {endpoint.host}:{endpoint.port} was not answered with success")


class _Rest:
    """The requests; each raises :class:`~harness.targets.steps.NotYet` with the answer where it is not as wanted."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def started(self) -> None:
        """The archive says that it is started."""
        answer = self._ask("GET", "/ctrl/status", good=(200,))
        status = _json_of(answer)
        if not isinstance(status, dict) or status.get("status") != "STARTED":
            raise NotYet(_told(answer))

    def write_device(self, device: dict[str, Any]) -> None:
        """Make our device, or bring the one that is there up to date."""
        path = f"/devices/{DEVICE}"
        # Asked first: POST answers 409 for a device that is there, and also for an AE title that another one holds.
        there = self._ask("GET", path, good=(200, 404)).status_code == 200
        self._ask("PUT" if there else "POST", path, body=device, good=(200, 201, 204))

    def register_title(self, title: str) -> None:
        """Register an AE title as unique; it may be registered already, by our device."""
        self._ask("POST", f"/unique/aets/{quote(title)}", body={}, good=(200, 201, 204, 409))

    def reload(self) -> None:
        """Make the archive read its configuration again."""
        self._ask("POST", "/ctrl/reload", good=(200, 204))

    def see_title(self, title: str) -> None:
        """The AE title belongs to our device and no other."""
        answer = self._ask("GET", f"/aes?dicomAETitle={quote(title)}", good=(200,))
        found = _json_of(answer)
        if not isinstance(found, list) or [entry.get("dicomDeviceName") for entry in found] != [DEVICE]:
            raise NotYet(_told(answer))

    def archive_device(self) -> Any:
        """The configuration of the archive's own device."""
        return _json_of(self._ask("GET", f"/devices/{ARCHIVE_DEVICE}", good=(200,)))

    def _ask(
        self, method: str, path: str, *, good: Collection[int], body: dict[str, Any] | None = None
    ) -> httpx.Response:
        try:
            answer = self._client.request(method, path, json=body)
        except httpx.HTTPError as error:
            url = self._client.base_url.join(self._client.base_url.path.rstrip("/") + path)
            raise NotYet(f"{method} {url} was not answered ({type(error).__name__}: {error})") from error
        if answer.status_code not in good:
            raise NotYet(_told(answer))
        return answer


def _json_of(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise NotYet(f"{_told(answer)}, which is not JSON") from None


def _told(answer: httpx.Response) -> str:
    body = " ".join(answer.text.split())
    return f"{answer.request.method} {answer.request.url} answered {answer.status_code} {body[-_BODY:] or '(nothing)'}"
