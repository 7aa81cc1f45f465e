"""The container engine, seen through the ``docker`` package and the compose command; its errors become ours
here.

Every call has a time limit. Nothing here knows what a PACS is.
"""

import os
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from ipaddress import ip_network
from typing import Any

import docker
from docker import DockerClient
from docker.constants import DEFAULT_UNIX_SOCKET
from docker.errors import APIError, DockerException, ImageNotFound
from requests.exceptions import RequestException

from harness.errors import EngineUnavailable, ImageMissing, PortTaken, TargetUnhealthy

#: Seconds that the engine may take to answer an ordinary question.
ANSWER = 30
#: Seconds for asking a registry, and for fetching an image from it.
REGISTRY = 15
PULL = 900
#: Seconds for one compose command.
COMPOSE = 180

_COMPOSE_COMMANDS = (("docker", "compose"), ("docker-compose",))
_NO_ENGINE = "install and start Docker Engine, or run the PACS without container by --pacs-runtime=native"


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
        raise EngineUnavailable(f"{doing} failed: {error}; {_NO_ENGINE}") from error


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
    raise EngineUnavailable(f"neither 'docker compose' nor 'docker-compose' works; install one, or {_NO_ENGINE}")


def run_compose(command: Sequence[str], *, environment: Mapping[str, str], timeout: float = COMPOSE) -> str:
    """Run one complete compose command line and return what it printed.

    Raises:
        PortTaken: a published port belongs to somebody else.
        TargetUnhealthy: any other failure, with the last lines of what the command said.
    """
    shown = " ".join(command)
    try:
        done = subprocess.run(
            command,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise TargetUnhealthy(f"{shown!r} did not end within {timeout:g} s; look at the engine's log") from error
    if done.returncode == 0:
        return done.stdout
    said = "\n".join(done.stderr.splitlines()[-20:])
    if "port is already allocated" in said or "address already in use" in said:
        raise PortTaken(f"{shown!r}: a published port is taken; end its owner, or start again: {said}")
    raise TargetUnhealthy(f"{shown!r} failed with exit code {done.returncode}", said)


def has_image(client: DockerClient, reference: str) -> bool:
    """True where the image is on this machine."""
    with engine_errors(f"looking for image {reference!r}"):
        try:
            client.images.get(reference)
        except ImageNotFound:
            return False
        return True


def can_pull(reference: str) -> bool:
    """True where the registry of the image answers that it has it; nothing is fetched."""
    try:
        with connect(timeout=REGISTRY) as client:
            client.images.get_registry_data(reference)
    except (EngineUnavailable, DockerException, RequestException):
        return False
    return True


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
        reason = error.explanation if isinstance(error, APIError) else error
        raise ImageMissing(f"image {reference!r} is not here and cannot be pulled ({reason}); {hint}") from error


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
