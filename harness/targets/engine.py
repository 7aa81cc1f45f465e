"""The container engine, seen through the ``docker`` package and the compose command; its errors become ours
here.

Every call has a time limit. Nothing here knows what a PACS is.
"""

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import docker
from docker import DockerClient
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from harness.errors import DataFileError, EngineUnavailable, ImageMissing, PortTaken, TargetUnhealthy

#: Seconds that the engine may take to answer an ordinary question.
ANSWER = 30
#: Seconds for asking a registry, and for fetching an image from it.
REGISTRY = 15
PULL = 900
#: Seconds for one compose command.
COMPOSE = 180

_COMPOSE_COMMANDS = (("docker", "compose"), ("docker-compose",))
_NO_ENGINE = "install and start Docker Engine"
#: How many of the last lines of a failed compose command are looked at.
_LINES = 8


@contextmanager
def connect(*, timeout: int = ANSWER) -> Iterator[DockerClient]:
    """A client of the running engine, closed at the end. Every call through it may take ``timeout`` seconds.

    Raises:
        EngineUnavailable: none answers.
    """
    _see_socket(timeout)
    with engine_errors("asking for a container engine"):
        client = docker.from_env(timeout=timeout)
    try:
        with engine_errors("asking the container engine for an answer"):
            client.ping()
        yield client
    finally:
        client.close()


def _see_socket(timeout: float) -> None:
    """Raise early where the engine's Unix socket is dead: the docker package then leaves its own socket open."""
    host = os.environ.get("DOCKER_HOST") or DEFAULT_UNIX_SOCKET
    scheme, _, path = host.partition("://")
    if not scheme.endswith("unix"):
        return
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.settimeout(timeout)
            probe.connect(path)
    except OSError as error:
        raise EngineUnavailable(f"no container engine at {host}: {error.strerror}; {_NO_ENGINE}") from error


@contextmanager
def engine_errors(doing: str) -> Iterator[None]:
    """Errors of the engine and of the way to it, as :class:`~harness.errors.EngineUnavailable`."""
    try:
        yield
    except (DockerException, RequestException) as error:
        raise EngineUnavailable(
            f"{doing} failed: {error}; see that Docker Engine runs and that you may use it"
        ) from error


def compose_command() -> tuple[str, ...]:
    """The compose command of this machine: the plug-in where there is one, else the stand-alone program.

    Raises:
        EngineUnavailable: there is neither.
    """
    for command in _COMPOSE_COMMANDS:
        try:
            subprocess.run([*command, "version"], capture_output=True, timeout=ANSWER, check=True)
        except (OSError, subprocess.SubprocessError):
            continue
        return command
    raise EngineUnavailable("neither 'docker compose' nor 'docker-compose' works; install one of them")


def check_compose_file(command: Sequence[str], file: Path, *, environment: Mapping[str, str]) -> None:
    """See that the compose command understands the file that ``command``, as in :func:`run_compose`, names.

    Raises:
        DataFileError: it does not; with its own words.
    """
    try:
        _compose(command, "config", "--quiet", environment=environment, timeout=ANSWER)
    except _ComposeFailed as failure:
        raise DataFileError(file, "file", f"{' '.join(failure.said)}; see compose/README.md") from None


def run_compose(
    command: Sequence[str], *arguments: str, environment: Mapping[str, str], timeout: float = COMPOSE
) -> None:
    """Run the compose command, which names file and project, with arguments such as ``up``.

    Raises:
        PortTaken: a published port belongs to somebody else.
        TargetUnhealthy: any other failure, with the engine's own last word on it.
    """
    try:
        _compose(command, *arguments, environment=environment, timeout=timeout)
    except _ComposeFailed as failure:
        said, doing = failure.said, f"'compose {' '.join(arguments)}'"
        if any("port is already allocated" in line or "address already in use" in line for line in said):
            raise PortTaken(f"{failure.reason}; start the run again, or end what listens on that port") from None
        raise TargetUnhealthy(f"{failure.reason} ({doing}); look at the compose file and the image") from None


class _ComposeFailed(Exception):
    """A compose command failed; ``said`` are its last lines."""

    def __init__(self, said: Sequence[str]) -> None:
        super().__init__(said)
        self.said = said

    @property
    def reason(self) -> str:
        """The last line that calls itself an error; compose ends with a line that says nothing, such as
        "Encountered errors while bringing up the project".
        """
        errors = (line for line in reversed(self.said) if line.lower().startswith("error"))
        return next(errors, self.said[-1])


def _compose(command: Sequence[str], *arguments: str, environment: Mapping[str, str], timeout: float) -> None:
    try:
        done = subprocess.run(
            [*command, *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired:
        doing = f"'compose {' '.join(arguments)}'"
        raise TargetUnhealthy(f"{doing} did not end within {timeout:g} s; look at the engine's log") from None
    if done.returncode != 0:
        said = [" ".join(line.split()) for line in done.stderr.splitlines() if line.strip()]
        raise _ComposeFailed(said[-_LINES:] or [f"exit code {done.returncode} without a word"])


def has_image(client: DockerClient, reference: str) -> bool:
    """True where the image is on this machine; false also for what is no name of an image."""
    with engine_errors(f"looking for image {reference!r}"):
        try:
            client.images.get(reference)
        except ImageNotFound:
            return False
        except APIError as error:
            if error.status_code == HTTPStatus.BAD_REQUEST:
                return False
            raise
        return True


def can_pull(reference: str) -> bool:
    """True where the registry of the image answers that it has it; nothing is fetched."""
    return _pull_obstacle(reference) is None


def require_image(client: DockerClient, reference: str, *, hint: str) -> None:
    """See that the image is on this machine or can be pulled; nothing is fetched. ``hint`` as in :func:`fetch_image`.

    Raises:
        ImageMissing: it is not here and cannot be had.
    """
    if has_image(client, reference):
        return
    obstacle = _pull_obstacle(reference)
    if obstacle is not None:
        raise _missing(reference, obstacle, hint)


def fetch_image(client: DockerClient, reference: str, *, hint: str) -> None:
    """See that the image is on this machine, from its registry if need be.

    ``hint`` ends the message of the error: what to do without that image.

    Raises:
        ImageMissing: it is not here and cannot be had.
    """
    if has_image(client, reference):
        return
    try:
        with connect(timeout=PULL) as puller:
            puller.images.pull(reference)
    except (DockerException, RequestException) as error:
        raise _missing(reference, error, hint) from error


def _pull_obstacle(reference: str) -> Exception | None:
    try:
        with connect(timeout=REGISTRY) as client:
            client.images.get_registry_data(reference)
    except (EngineUnavailable, DockerException, RequestException) as error:
        return error
    return None


def _missing(reference: str, error: Exception, hint: str) -> ImageMissing:
    reason = (error.explanation if isinstance(error, APIError) else None) or error
    return ImageMissing(f"image {reference!r} is not here and cannot be pulled ({reason}); {hint}")


def gateway_address(client: DockerClient) -> str:
    """The address of this machine that containers reach as ``host-gateway``, or loopback.

    Loopback where this machine does not have that address: the engine then lives in a virtual machine and
    forwards to the host by itself.
    """
    with engine_errors("asking for the default network"):
        pools: list[dict[str, Any]] = client.networks.get("bridge").attrs["IPAM"]["Config"] or []
    for pool in pools:
        # An engine that was never restarted does not say the gateway; it is then the first address of the
        # subnet.
        address = pool.get("Gateway") or str(next(ip_network(pool["Subnet"]).hosts()))
        if _is_local(address):
            return address
    return "127.0.0.1"


def _is_local(address: str) -> bool:
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
            probe.bind((address, 0))
    except OSError:
        return False
    return True
